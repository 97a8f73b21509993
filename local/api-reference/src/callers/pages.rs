//! Calls by generated functions: which modules of the pages come to one, by their imports.
//!
//! A module that both programs share is looked through: who uses what of it that calls the function. It reads what the
//! formatter writes: a declaration of a module begins in the first column.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Regex;

/// A module: what it imports, and what its declarations mention.
pub(super) struct Module {
    imports: Vec<Import>,
    /// What is declared, in order, with the text of it.
    declarations: Vec<(String, String)>,
}

struct Import {
    /// Where from, as written: `../api/generated`.
    from: String,
    /// The name there.
    name: String,
    /// The name here.
    local: String,
}

impl Module {
    pub(super) fn read(text: &str) -> Self {
        let expression = |text| Regex::new(text).expect("it is an expression");
        let import = expression(r"(?m)^import\s+(?:\w+,\s*)?\{([^}]*)\}\s+from\s+'([^']+)'");
        let mut imports = Vec::new();
        for found in import.captures_iter(text) {
            for word in found[1].split(',').map(str::trim) {
                // Types break nobody who runs, and go with the functions that answer them.
                if word.is_empty() || word.starts_with("type ") {
                    continue;
                }
                let (name, local) = word.split_once(" as ").unwrap_or((word, word));
                imports.push(Import {
                    from: found[2].to_owned(),
                    name: name.trim().to_owned(),
                    local: local.trim().to_owned(),
                });
            }
        }
        let declaration = expression(
            r"(?m)^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|const|let|class)\s+(\w+)",
        );
        let starts: Vec<(usize, &str)> = declaration
            .captures_iter(text)
            .filter_map(|found| Some((found.get(0)?.start(), found.get(1)?.as_str())))
            .collect();
        let ends = starts.iter().skip(1).map(|(start, _)| *start);
        let declarations = starts
            .iter()
            .zip(ends.chain([text.len()]))
            .map(|((start, name), end)| ((*name).to_owned(), text[*start..end].to_owned()))
            .collect();
        Self {
            imports,
            declarations,
        }
    }

    /// What is declared here and comes to one of those names, by itself or by another declaration.
    fn reaching(&self, names: BTreeSet<String>) -> BTreeSet<String> {
        let mut reached = names;
        loop {
            let more: Vec<String> = self
                .declarations
                .iter()
                .filter(|(name, _)| !reached.contains(name))
                .filter(|(_, text)| reached.iter().any(|name| mentions(text, name)))
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                return reached;
            }
            reached.extend(more);
        }
    }
}

/// The modules that call the generated function of that name, as near to it as one program's own: a module that is shared
/// counts only where no program comes to it.
pub(super) fn users(
    modules: &BTreeMap<String, Module>,
    generated: &str,
    name: &str,
    is_own: impl Fn(&str) -> bool,
) -> BTreeSet<String> {
    let mut users = BTreeSet::new();
    let mut shared = BTreeSet::new();
    // What is called, by the module that has it.
    let mut sought = vec![(generated.to_owned(), BTreeSet::from([name.to_owned()]))];
    let mut done = BTreeSet::new();
    while let Some((target, names)) = sought.pop() {
        for (path, module) in modules {
            let imported = module.imports.iter().filter(|import| {
                names.contains(&import.name) && is_at(path, &import.from, &target)
            });
            let imported: BTreeSet<String> = imported.map(|import| import.local.clone()).collect();
            if imported.is_empty() {
                continue;
            }
            if is_own(path) {
                users.insert(path.clone());
                continue;
            }
            shared.insert(path.clone());
            let reaching = module.reaching(imported);
            if done.insert((path.clone(), reaching.clone())) {
                sought.push((path.clone(), reaching));
            }
        }
    }
    if users.is_empty() { shared } else { users }
}

/// Whether what the module at `path` imports `from` is the target: a module, or a folder with an index.
fn is_at(path: &str, from: &str, target: &str) -> bool {
    let mut place: Vec<&str> = path.split('/').collect();
    let _ = place.pop();
    for part in from.split('/') {
        match part {
            "." => {}
            ".." => {
                let _ = place.pop();
            }
            part => place.push(part),
        }
    }
    let place = place.join("/");
    target == place
        || target == format!("{place}.ts")
        || target == format!("{place}.tsx")
        || target == format!("{place}/index.ts")
}

/// Whether the word stands in the text by itself.
fn mentions(text: &str, word: &str) -> bool {
    let is_of_name =
        |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    text.match_indices(word).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(is_of_name) && !after.is_some_and(is_of_name)
    })
}
