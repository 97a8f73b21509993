//! Where the rest of the workspace knows of each context by name.

use anyhow::{Context as _, ensure};

use super::name::Names;

/// A place that gets a line for the new context, by the line that it has for `catalog`.
pub(super) struct Joint {
    pub(super) path: &'static str,
    /// The lines for `catalog`, without what stands before the first of them.
    sibling: &'static str,
}

const fn joint(path: &'static str, sibling: &'static str) -> Joint {
    Joint { path, sibling }
}

/// All of them.
pub(super) const JOINTS: &[Joint] = &[
    joint("Cargo.toml", r#"catalog = { path = "functions/catalog" }"#),
    joint("local/Cargo.toml", "catalog.workspace = true"),
    joint(
        "local/src/contexts.rs",
        r#"("catalog", start(catalog::start)),"#,
    ),
    joint("local/tests/structure.rs", r#""catalog","#),
    joint(
        "local/tests/structure.rs",
        r#"("catalog", hears::<catalog::Catalog<MemoryStore>>()),"#,
    ),
    joint("local/template/tests/deployed.rs", r#""Catalog","#),
    joint("local/api-reference/Cargo.toml", "catalog.workspace = true"),
    // What may move the function's alias to a new version.
    joint(
        "template.yaml",
        "- !GetAtt CatalogFunction.Arn\n                  - !Sub ${CatalogFunction.Arn}:live",
    ),
    joint(
        "local/api-reference/src/contexts.rs",
        "Context {\n        name: \"catalog\",\n        description: catalog::Catalog::<MemoryStore>::description,\n    },",
    ),
];

impl Joint {
    /// The file's text with the new context in it.
    pub(super) fn join(&self, text: &str, names: &Names) -> anyhow::Result<String> {
        let at = text.lines().scan(0, |begin, line| {
            let found = *begin;
            *begin += line.len() + 1;
            Some((found, line))
        });
        let mut found = at.filter(|(begin, line)| {
            let indent = line.len() - line.trim_start().len();
            text[begin + indent..].starts_with(self.sibling)
        });
        let (begin, line) = found
            .next()
            .with_context(|| format!("{} has no line {}", self.path, self.sibling))?;
        ensure!(
            found.next().is_none(),
            "{} has the line {} more than once",
            self.path,
            self.sibling
        );
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = begin + indent.len() + self.sibling.len();
        let new = names.sibling(self.sibling);
        ensure!(
            !text.contains(&new),
            "{} knows {} already",
            self.path,
            names.context
        );
        Ok(format!("{}\n{indent}{new}{}", &text[..end], &text[end..]))
    }
}

/// The template with a section more, before its outputs.
pub(super) fn with_section(template: &str, section: &str) -> anyhow::Result<String> {
    let at = template
        .find("\nOutputs:\n")
        .context("template.yaml has no Outputs, before which a section could stand")?;
    let (before, after) = template.split_at(at);
    Ok(format!(
        "{}\n\n{}\n{after}",
        before.trim_end(),
        section.trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_more_stands_behind_its_sibling_and_is_as_deep() {
        let names = Names::new("wishlists", None).unwrap();
        let joint = joint("x.rs", r#""catalog","#);
        let joined = joint
            .join("a(\n    \"catalog\",\n    \"orders\",\n)\n", &names)
            .unwrap();
        assert_eq!(
            joined,
            "a(\n    \"catalog\",\n    \"wishlists\",\n    \"orders\",\n)\n"
        );
        assert!(
            joint
                .join(&joined, &names)
                .unwrap_err()
                .to_string()
                .contains("already")
        );
        assert!(
            joint
                .join("nothing\n", &names)
                .unwrap_err()
                .to_string()
                .contains("x.rs has no line")
        );
    }

    #[test]
    fn the_section_stands_before_the_outputs() {
        let template = "Resources:\n  A: {}\n\nOutputs:\n  B: {}\n";
        let joined = with_section(template, "  C: {}\n").unwrap();
        assert_eq!(
            joined,
            "Resources:\n  A: {}\n\n  C: {}\n\nOutputs:\n  B: {}\n"
        );
    }
}
