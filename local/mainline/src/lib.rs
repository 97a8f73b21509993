//! What git knows of the branch that others build on, and so of what is published already.
//!
//! A gate that compares the code with files beside it is passed by whoever changes both. So the gates of events and of the
//! API hold the files against the steps of this branch as well. Owns which branch that is and how it is read; not what is
//! asked of a file.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Why git does not tell.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
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

/// The branch that counts as published, up to where the working tree leaves it.
#[derive(Debug)]
pub struct Mainline<'a> {
    root: &'a Path,
    reference: String,
    base: String,
}

impl<'a> Mainline<'a> {
    /// That branch, in the repository that `root` is the folder of. Without a `reference` it is `origin/HEAD`, or `HEAD` in
    /// a repository with no such remote.
    ///
    /// # Errors
    /// When `root` is no git repository with all its history, or there is no such branch.
    pub fn of(root: &'a Path, reference: Option<&str>) -> Result<Self, GitError> {
        if git(root, &["rev-parse", "--is-shallow-repository"])?.trim() == "true" {
            return Err(GitError::Shallow);
        }
        let reference = match reference {
            Some(given) => given.to_owned(),
            None => match git(root, &["rev-parse", "--verify", "--quiet", "origin/HEAD"]) {
                Ok(_) => "origin/HEAD".to_owned(),
                Err(GitError::Refused { .. }) => "HEAD".to_owned(),
                Err(error @ (GitError::NoGit { .. } | GitError::Shallow)) => return Err(error),
            },
        };
        let base = git(root, &["merge-base", "HEAD", &reference])?;
        let base = base.trim().to_owned();
        Ok(Self {
            root,
            reference,
            base,
        })
    }

    /// What the branch is called.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The commit that the working tree and the branch have in common; all that led to it is published.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The commits of the branch up to its base that changed something at that path, the oldest first. What was merged in
    /// counts as the one step that it was merged by.
    ///
    /// # Errors
    /// When git cannot be run or refuses.
    pub fn steps(&self, path: &str) -> Result<Vec<String>, GitError> {
        let log = [
            "log",
            "--first-parent",
            "--no-renames",
            "--reverse",
            "--format=%H",
            &self.base,
            "--",
            path,
        ];
        Ok(self.git(&log)?.lines().map(str::to_owned).collect())
    }

    /// What git answers to other questions about the repository.
    ///
    /// # Errors
    /// When git cannot be run or refuses.
    pub fn git(&self, arguments: &[&str]) -> Result<String, GitError> {
        git(self.root, arguments)
    }

    /// The text of a file as a commit has it; nothing where it has no such file.
    ///
    /// # Errors
    /// When git cannot be run, or knows no such commit.
    pub fn text(&self, commit: &str, path: &str) -> Result<Option<String>, GitError> {
        text(self.root, commit, path)
    }
}

/// The text of a file as a commit has it, in the repository that `root` is the folder of; nothing where it has no such file.
///
/// # Errors
/// When git cannot be run, or `root` is no repository or has no such commit.
pub fn text(root: &Path, commit: &str, path: &str) -> Result<Option<String>, GitError> {
    if git(root, &["ls-tree", "--name-only", commit, "--", path])?.is_empty() {
        return Ok(None);
    }
    git(root, &["show", &format!("{commit}:./{path}")]).map(Some)
}

fn git(root: &Path, arguments: &[&str]) -> Result<String, GitError> {
    let output = Command::new("git")
        .current_dir(root)
        .args(arguments)
        .output()
        .map_err(|source| GitError::NoGit {
            path: root.to_owned(),
            source,
        })?;
    if !output.status.success() {
        return Err(GitError::Refused {
            arguments: arguments.join(" "),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
