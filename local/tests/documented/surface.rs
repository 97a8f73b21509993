//! What can be named from outside a crate, by its syntax trees.
//!
//! Variants, fields and what stands in a trait belong to the enum, the struct and the trait. What it cannot read it refuses by
//! a panic, and never leaves out.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, Expr, ImplItem, Item, ItemUse, Lit, Meta, Type, UseTree, Visibility};

/// The files of a crate, by their paths below `src`.
pub type Sources = BTreeMap<String, String>;

/// A module with those within it. Tests are left out.
struct Module {
    items: Vec<Item>,
    within: BTreeMap<String, Module>,
}

/// Something that can be named from outside the crate.
pub struct Named {
    pub name: String,
    /// What is said of it, line by line.
    pub documentation: String,
    is_type: bool,
}

/// The public items of a crate.
pub fn public_items(sources: &Sources) -> Vec<Named> {
    let root = syn::parse_file(&sources["lib.rs"]).unwrap().items;
    let root = Module::of(root, "", sources);
    let mut found = root.surface(&root, "");
    let types = found.iter().filter(|one| one.is_type);
    let last = |name: &str| name.rsplit("::").next().unwrap().to_owned();
    let types = types.map(|one| last(&one.name)).collect();
    root.methods(&types, &mut found);
    found
}

impl Module {
    /// The module of these items, whose submodules stand in that folder.
    fn of(items: Vec<Item>, folder: &str, sources: &Sources) -> Self {
        let mut within = BTreeMap::new();
        for item in &items {
            let Item::Mod(module) = item else { continue };
            if module.attrs.iter().any(|one| one.path().is_ident("cfg")) {
                continue;
            }
            let name = module.ident.to_string();
            let path = format!("{folder}{name}");
            let inner = match &module.content {
                Some((_, items)) => items.clone(),
                None => {
                    let files = [format!("{path}.rs"), format!("{path}/mod.rs")];
                    let text = files.iter().find_map(|file| sources.get(file));
                    let text = text.unwrap_or_else(|| panic!("module {path} has no file"));
                    syn::parse_file(text).unwrap().items
                }
            };
            let inner = Self::of(inner, &format!("{path}/"), sources);
            within.insert(name, inner);
        }
        Self { items, within }
    }

    /// What can be named through this module, under those names.
    fn surface(&self, root: &Self, prefix: &str) -> Vec<Named> {
        let mut found = Vec::new();
        for item in &self.items {
            match item {
                Item::Use(import) if is_public(&import.vis) => {
                    found.extend(self.reexported(root, import, prefix));
                }
                Item::Mod(module) if is_public(&module.vis) => {
                    let name = module.ident.to_string();
                    let prefix = format!("{prefix}{name}::");
                    found.extend(self.within[&name].surface(root, &prefix));
                }
                Item::Macro(one) if one.attrs.iter().any(|a| a.path().is_ident("macro_export")) => {
                    found.extend(one.ident.as_ref().map(|name| Named {
                        name: format!("{prefix}{name}!"),
                        is_type: false,
                        documentation: documentation(&one.attrs),
                    }));
                }
                other => found.extend(named(other, prefix)),
            }
        }
        found
    }

    fn reexported(&self, root: &Self, import: &ItemUse, prefix: &str) -> Vec<Named> {
        let mut paths = Vec::new();
        leaves(&import.tree, &mut Vec::new(), &mut paths);
        let mut found = Vec::new();
        for path in paths {
            let (last, modules) = path.split_last().unwrap();
            let mut module = Some(self);
            for name in modules {
                module = match name.as_str() {
                    "crate" => Some(root),
                    "self" => module,
                    name => module.and_then(|module| module.within.get(name)),
                };
            }
            // Another crate's item has its documentation there.
            let Some(module) = module else { continue };
            let of_module = module.surface(root, prefix).into_iter();
            let wanted = format!("{prefix}{last}");
            let these: Vec<_> = of_module
                .filter(|one| last == "*" || one.name == wanted)
                .collect();
            assert!(
                !these.is_empty(),
                "{} is nothing that was found",
                path.join("::")
            );
            found.extend(these);
        }
        found
    }

    /// The public functions and constants of those types, wherever their `impl` stands.
    fn methods(&self, types: &BTreeSet<String>, found: &mut Vec<Named>) {
        for item in &self.items {
            let Item::Impl(block) = item else { continue };
            let Type::Path(of) = &*block.self_ty else {
                continue;
            };
            let of = of.path.segments.last().unwrap().ident.to_string();
            if block.trait_.is_some() || !types.contains(&of) {
                continue;
            }
            for part in &block.items {
                let (visibility, name, attributes) = match part {
                    ImplItem::Fn(one) => (&one.vis, &one.sig.ident, &one.attrs),
                    ImplItem::Const(one) => (&one.vis, &one.ident, &one.attrs),
                    ImplItem::Type(one) => (&one.vis, &one.ident, &one.attrs),
                    _ => panic!("an impl of {of} has a part that this test does not read"),
                };
                if is_public(visibility) {
                    found.push(Named {
                        name: format!("{of}::{name}"),
                        is_type: false,
                        documentation: documentation(attributes),
                    });
                }
            }
        }
        for module in self.within.values() {
            module.methods(types, found);
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn named(item: &Item, prefix: &str) -> Option<Named> {
    let (visibility, name, attributes) = match item {
        Item::Const(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Static(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Fn(one) => (&one.vis, &one.sig.ident, &one.attrs),
        Item::Enum(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Struct(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Union(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Trait(one) => (&one.vis, &one.ident, &one.attrs),
        Item::Type(one) => (&one.vis, &one.ident, &one.attrs),
        _ => return None,
    };
    is_public(visibility).then(|| Named {
        name: format!("{prefix}{name}"),
        is_type: matches!(item, Item::Enum(_) | Item::Struct(_) | Item::Union(_)),
        documentation: documentation(attributes),
    })
}

/// The paths that a `use` names. A renamed one is refused: its name would not be found in the module it comes from.
fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            leaves(&part.tree, path, found);
            path.pop();
        }
        UseTree::Name(name) => found.push([&path[..], &[name.ident.to_string()]].concat()),
        UseTree::Glob(_) => found.push([&path[..], &["*".to_owned()]].concat()),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| leaves(tree, path, found)),
        UseTree::Rename(renamed) => panic!("{} is made public by another name", renamed.ident),
    }
}

fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(line) => Some(line.value() + "\n"),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        });
    lines.collect()
}
