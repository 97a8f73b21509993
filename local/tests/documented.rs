//! What another project may use of the shared crates is shown by examples that the compiler reads: each public item of
//! [`CRATES`] has one of its own, and each of those crates a README with a whole one.
//!
//! Whether the examples are right, `cargo test --doc` tells.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "documented/surface.rs"]
mod surface;

use std::path::{Path, PathBuf};

use surface::{Sources, public_items};

/// The crates that another project could take along. Of those in `shared/`, two are not among them: `contracts` is the
/// shop's own published language, each type of which has a golden example of its own; and `harness` is for this
/// workspace's tests, which are its examples.
const CRATES: &[&str] = &[
    "dead-letters",
    "decider",
    "door",
    "identifiers",
    "logs",
    "metrics",
    "money",
    "openapi",
    "publisher",
    "store",
    "strict-json",
    "trace",
];

/// The others of `shared/`.
const NOT_TAKEN_ALONG: &[&str] = &["contracts", "harness"];

/// Files that many examples of a crate include: its README shows the same, with nothing hidden.
const SHARED_EXAMPLES: &[(&str, &str)] = &[
    ("decider", "decider/doc/course.rs"),
    ("door", "door/doc/courses.rs"),
];

/// Whether the text has a block that the compiler reads.
fn has_example(text: &str) -> bool {
    let compiled = |word: &str| matches!(word, "" | "rust" | "no_run" | "should_panic");
    let mut fences = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("```"));
    let mut found = false;
    while let Some(words) = fences.next() {
        found |= words.split(',').all(|word| compiled(word.trim()));
        // Where the block ends.
        fences.next();
    }
    found
}

/// How many public items the crate has, and the names of those without an example.
fn without_example(sources: &Sources) -> (usize, Vec<String>) {
    let all = public_items(sources);
    let lacking = all.iter().filter(|one| !has_example(&one.documentation));
    (all.len(), lacking.map(|one| one.name.clone()).collect())
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(name)
}

fn sources(folder: &Path, prefix: &str, found: &mut Sources) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            sources(&path, &format!("{prefix}{name}/"), found);
        } else if name.ends_with(".rs") {
            found.insert(
                format!("{prefix}{name}"),
                std::fs::read_to_string(&path).unwrap(),
            );
        }
    }
}

#[test]
fn each_shared_crate_is_for_other_projects_or_is_not() {
    let mut named = [CRATES, NOT_TAKEN_ALONG].concat();
    named.sort_unstable();
    let found = std::fs::read_dir(folder("")).unwrap();
    let mut found: Vec<_> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(named, found);
}

#[test]
fn each_public_item_for_other_projects_has_an_example() {
    let mut lacking = Vec::new();
    for name in CRATES {
        let mut found = Sources::new();
        sources(&folder(name).join("src"), "", &mut found);
        let (all, without) = without_example(&found);
        assert!(all > 2, "{name} was not read: it has {all} public items");
        lacking.extend(without.iter().map(|item| format!("{name}::{item}")));
    }
    assert!(lacking.is_empty(), "without an example: {lacking:#?}");
}

#[test]
fn each_crate_for_other_projects_has_a_readme_with_an_example() {
    for name in CRATES {
        let readme = std::fs::read_to_string(folder(name).join("README.md")).unwrap();
        assert!(has_example(&readme), "the README of {name} has none");
        let root = std::fs::read_to_string(folder(name).join("src/lib.rs")).unwrap();
        let included = root.starts_with("#![doc = include_str!(\"../README.md\")]");
        assert!(included, "no compiler reads the README of {name}");
    }
}

/// What stands in a file of examples, without the comment at its head.
fn shared_example(file: &str) -> String {
    let text = std::fs::read_to_string(folder(file)).unwrap();
    text.split_once("\n\n").unwrap().1.trim_end().to_owned()
}

#[test]
fn the_readmes_show_what_the_examples_share() {
    for (name, file) in SHARED_EXAMPLES {
        let readme = std::fs::read_to_string(folder(name).join("README.md")).unwrap();
        assert!(
            readme.contains(&shared_example(file)),
            "the README of {name} has another {file}"
        );
    }
}

#[test]
fn an_item_without_example_is_found_wherever_it_stands() {
    let shown = "/// It is.\n///\n/// ```\n/// assert!(true);\n/// ```\n";
    let untested = "/// It is.\n///\n/// ```ignore\n/// no\n/// ```\n/// ```text\n/// ```\n";
    let lib = format!(
        "mod a; pub mod b; pub use a::{{Shown, Bare, bare}}; pub use std::fmt;
        {untested} pub const UNTESTED: u8 = 1; const OWN: u8 = 2;
        #[cfg(test)] mod tests {{ pub fn t() {{}} }}"
    );
    let a = format!(
        "{shown} pub struct Shown(pub u8); pub(crate) struct Own; pub struct Hidden; pub trait Bare {{ fn f(); }}
        /// Said in words.
        pub fn bare() {{}}
        impl Shown {{ {shown} pub fn shown() {{}} pub fn told() {{}} pub(crate) fn own() {{}} fn mine() {{}} }}
        impl Own {{ pub fn f() {{}} }} impl Bare for Shown {{ fn f() {{}} }} impl Hidden {{ pub fn f() {{}} }}"
    );
    let b = format!(
        "pub enum Kind {{ One }} impl Kind {{ {shown} pub const K: u8 = 1; }} {shown} pub fn shown() {{}}"
    );
    let files = [("lib.rs", lib), ("a.rs", a), ("b/mod.rs", b)];
    let sources = files.map(|(file, text)| (file.to_owned(), text)).into();
    let (all, lacking) = without_example(&sources);
    assert_eq!(
        lacking,
        ["b::Kind", "Bare", "bare", "UNTESTED", "Shown::told"]
    );
    assert_eq!(all, lacking.len() + 4);
}
