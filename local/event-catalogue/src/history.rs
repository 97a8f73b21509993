//! What git says of the published revisions: that no line of them was ever taken away or changed.
//!
//! The gate compares the code with files beside it, and whoever changes both passes it. So the files themselves are held
//! against what is published already: the branch that others build on, and all that led to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::artefact::PUBLISHED;

/// Why the history does not tell.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// git could not be run.
    #[error("git cannot be run in {path}: {source}")]
    NoGit {
        /// Where.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// git refused.
    #[error("git {arguments}: {message}")]
    Refused {
        /// What it was asked.
        arguments: String,
        /// What it said.
        message: String,
    },
    /// A part of the history was left out when the repository was cloned.
    #[error(
        "the clone is shallow, and what it left out may be what was changed; git fetch --unshallow brings it"
    )]
    Shallow,
}

/// Lines of published revisions that were taken away, each described; none is as it should be.
///
/// `reference` is the branch that counts as published. Without one it is `origin/HEAD`, or `HEAD` in a repository with no
/// such remote. Every step of that branch is looked at, and then what the working tree has made of it.
///
/// # Errors
/// When `root` is no git repository with all its history, or there is no such branch.
pub fn taken_away(root: &Path, reference: Option<&str>) -> Result<Vec<String>, HistoryError> {
    let git = Git { root };
    if git.run(&["rev-parse", "--is-shallow-repository"])?.trim() == "true" {
        return Err(HistoryError::Shallow);
    }
    let reference = match reference {
        Some(given) => given.to_owned(),
        None => match git.run(&["rev-parse", "--verify", "--quiet", "origin/HEAD"]) {
            Ok(_) => "origin/HEAD".to_owned(),
            Err(HistoryError::Refused { .. }) => "HEAD".to_owned(),
            Err(error) => return Err(error),
        },
    };
    let base = git.run(&["merge-base", "HEAD", &reference])?;
    let base = base.trim();
    let log = [
        "log",
        "--first-parent",
        "-m",
        "--no-renames",
        "--numstat",
        "--format=%h",
        base,
        "--",
        PUBLISHED,
    ];
    let mut found = Vec::new();
    let mut commit = String::new();
    for line in git.run(&log)?.lines() {
        match removed(line) {
            Some((count, file)) if count > 0 => {
                found.push(format!("{file}: {count} line(s) taken away by {commit}"));
            }
            Some(_) => {}
            None if line.is_empty() => {}
            None => commit = line.to_owned(),
        }
    }
    let now = git.run(&["diff", "--no-renames", "--numstat", base, "--", PUBLISHED])?;
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

struct Git<'a> {
    root: &'a Path,
}

impl Git<'_> {
    fn run(&self, arguments: &[&str]) -> Result<String, HistoryError> {
        let output = Command::new("git")
            .current_dir(self.root)
            .args(arguments)
            .output()
            .map_err(|source| HistoryError::NoGit {
                path: self.root.to_owned(),
                source,
            })?;
        if !output.status.success() {
            return Err(HistoryError::Refused {
                arguments: arguments.join(" "),
                message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
