//! The names of a new context, and the pattern's names replaced by them.

use anyhow::{bail, ensure};

/// The longest name: the stack's name and the longest of a context's queues must fit into SQS's 80 characters.
const MAX_CHARACTERS: usize = 20;

/// A context's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// Of the context, such as `wishlists`.
    pub(super) context: String,
    /// Of one of what it owns, such as `wishlist`.
    aggregate: String,
}

impl Names {
    pub(super) fn new(context: &str, aggregate: Option<&str>) -> anyhow::Result<Self> {
        check(context)?;
        let singular = context
            .strip_suffix('s')
            .filter(|rest| !rest.ends_with('s'));
        let Some(aggregate) = aggregate.or(singular) else {
            bail!("what is one of {context} called? Say it with --aggregate");
        };
        check(aggregate)?;
        ensure!(
            aggregate != context,
            "the context and one of what it owns need two names"
        );
        Ok(Self {
            context: context.to_owned(),
            aggregate: aggregate.to_owned(),
        })
    }

    /// The pattern's text with these names in it.
    pub(super) fn replace(&self, pattern: &str) -> String {
        // The longer word first: it begins with the shorter.
        let words = [
            ("guestbooks", self.context.clone()),
            ("Guestbooks", capitalised(&self.context)),
            ("guestbook", self.aggregate.clone()),
            ("Guestbook", capitalised(&self.aggregate)),
        ];
        words.iter().fold(pattern.to_owned(), |text, (word, name)| {
            text.replace(word, name)
        })
    }

    /// A line that knows the context `catalog`, as it knows this one.
    pub(super) fn sibling(&self, line: &str) -> String {
        line.replace("catalog", &self.context)
            .replace("Catalog", &capitalised(&self.context))
    }
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn check(name: &str) -> anyhow::Result<()> {
    let is_lower = |character: char| character.is_ascii_lowercase();
    let is_fit = name.starts_with(is_lower)
        && name
            .chars()
            .all(|character| is_lower(character) || character.is_ascii_digit())
        && (3..=MAX_CHARACTERS).contains(&name.len());
    ensure!(
        is_fit,
        "\"{name}\" is no name for it: 3 to {MAX_CHARACTERS} lower-case letters and digits, a letter first"
    );
    const KEYWORDS: &[&str] = &[
        "abstract",
        "async",
        "await",
        "become",
        "box",
        "break",
        "const",
        "continue",
        "crate",
        "dyn",
        "else",
        "enum",
        "extern",
        "false",
        "final",
        "fn",
        "for",
        "gen",
        "impl",
        "let",
        "loop",
        "macro",
        "match",
        "mod",
        "move",
        "mut",
        "override",
        "priv",
        "pub",
        "ref",
        "return",
        "self",
        "static",
        "struct",
        "super",
        "trait",
        "true",
        "try",
        "type",
        "typeof",
        "union",
        "unsafe",
        "unsized",
        "use",
        "virtual",
        "where",
        "while",
        "yield",
        // Modules that a context has, and packages that it uses.
        "axum",
        "common",
        "consumer",
        "contracts",
        "core",
        "decider",
        "door",
        "harness",
        "helpers",
        "http",
        "identifiers",
        "money",
        "noren",
        "openapi",
        "publisher",
        "schemars",
        "serde",
        "std",
        "store",
        "test",
        "thiserror",
        "tokio",
        "tracing",
        "utils",
    ];
    ensure!(
        !KEYWORDS.contains(&name),
        "\"{name}\" means something else already"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_in_all_their_forms() {
        let names = Names::new("wishlists", None).unwrap();
        let pattern = "Guestbooks has guestbooks; a Guestbook is one guestbook of GuestbooksTable";
        let expected = "Wishlists has wishlists; a Wishlist is one wishlist of WishlistsTable";
        assert_eq!(names.replace(pattern), expected);
        let line = r#"("catalog", hears::<catalog::Catalog<MemoryStore>>()),"#;
        let expected = r#"("wishlists", hears::<wishlists::Wishlists<MemoryStore>>()),"#;
        assert_eq!(names.sibling(line), expected);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in [
            "",
            "ab",
            "Wish",
            "wish_lists",
            "1wish",
            "type",
            "http",
            "averyveryverylongname1",
        ] {
            assert!(Names::new(name, Some("wish")).is_err(), "{name}");
        }
        // One of `loyalty` or `glass` is not told by the word.
        for name in ["loyalty", "glass"] {
            assert!(Names::new(name, None).is_err(), "{name}");
            assert!(Names::new(name, Some("account")).is_ok(), "{name}");
            assert!(Names::new(name, Some(name)).is_err(), "{name}");
        }
    }
}
