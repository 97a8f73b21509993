//! How files are named.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

use std::path::{Path, PathBuf};

/// What is made, not written.
const MADE: &[&str] = &[
    "target",
    ".git",
    ".noren",
    ".aws-sam",
    "node_modules",
    "paraglide",
    "generated",
];

/// Everything that is written, by its path from the workspace's root.
fn written() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            if MADE.contains(&&*name) {
                continue;
            }
            match path.is_dir() {
                true => walk(&path, found),
                false => found.push(path),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    walk(root, &mut found);
    let found = found.iter().map(|path| path.strip_prefix(root).unwrap());
    found.map(Path::to_owned).collect()
}

#[test]
fn no_module_is_a_drawer_for_everything() {
    let found = written();
    let is_source = |path: &&PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("rs" | "ts" | "tsx" | "py"))
    };
    let sources: Vec<&PathBuf> = found.iter().filter(is_source).collect();
    assert!(sources.len() > 100);
    for path in sources {
        let named_so = path.components().any(|part| {
            let name = part.as_os_str().to_string_lossy();
            let stem = name.split('.').next().unwrap_or_default();
            matches!(
                stem,
                "utils" | "util" | "helpers" | "helper" | "common" | "misc"
            )
        });
        assert!(!named_so, "{} has a name that says nothing", path.display());
    }
}

/// What a shell reads as something else is there by mistake, and no system takes all of it.
#[test]
fn each_file_has_a_plain_name() {
    let is_plain = |path: &Path| {
        path.to_str().is_some_and(|path| {
            path.chars()
                .all(|character| character.is_ascii_alphanumeric() || "._-/".contains(character))
        })
    };
    let found = written();
    let odd: Vec<_> = found.iter().filter(|path| !is_plain(path)).collect();
    assert!(odd.is_empty(), "{odd:?}");
}
