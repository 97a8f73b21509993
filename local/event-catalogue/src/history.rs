//! What git says of the published revisions: that no line of them was ever taken away or changed.
//!
//! The gate compares the code with files beside it, and whoever changes both passes it. So the files themselves are held
//! against what is published already: the branch that others build on, and all that led to it.

use std::path::Path;

use mainline::{GitError, Mainline};

use crate::artefact::PUBLISHED;

/// Lines of published revisions that were taken away, each described; none is as it should be.
///
/// `reference` is the branch that counts as published. Without one it is `origin/HEAD`, or `HEAD` in a repository with no
/// such remote. Every step of that branch is looked at, and then what the working tree has made of it.
///
/// # Errors
/// When `root` is no git repository with all its history, or there is no such branch.
pub fn taken_away(root: &Path, reference: Option<&str>) -> Result<Vec<String>, GitError> {
    let mainline = Mainline::of(root, reference)?;
    let log = [
        "log",
        "--first-parent",
        "-m",
        "--no-renames",
        "--numstat",
        "--format=%h",
        mainline.base(),
        "--",
        PUBLISHED,
    ];
    let mut found = Vec::new();
    let mut commit = String::new();
    for line in mainline.git(&log)?.lines() {
        match removed(line) {
            Some((count, file)) if count > 0 => {
                found.push(format!("{file}: {count} line(s) taken away by {commit}"));
            }
            Some(_) => {}
            None if line.is_empty() => {}
            None => commit = line.to_owned(),
        }
    }
    let diff = [
        "diff",
        "--no-renames",
        "--numstat",
        mainline.base(),
        "--",
        PUBLISHED,
    ];
    let now = mainline.git(&diff)?;
    let reference = mainline.reference();
    for (count, file) in now.lines().filter_map(removed) {
        if count > 0 {
            found.push(format!(
                "{file}: {count} line(s) of {reference} taken away or changed"
            ));
        }
    }
    Ok(found)
}

/// The number of removed lines and the file of one line of `--numstat`.
fn removed(line: &str) -> Option<(u64, &str)> {
    let mut columns = line.splitn(3, '\t');
    let (_added, removed, file) = (columns.next()?, columns.next()?, columns.next()?);
    // A dash stands for a file that git holds to be binary: whatever was done to it, it is no longer lines of JSON.
    Some((removed.parse().unwrap_or(1), file))
}
