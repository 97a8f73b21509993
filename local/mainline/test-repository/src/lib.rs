//! A repository of git that a test makes, for those that ask `mainline` what is published.
//!
//! Owns its folder and running git in it, which panics where git refuses. Does not own what its files hold. No more than a
//! dev-dependency of anything.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Git signs nothing here and asks nobody who they are, whatever the machine's own settings say.
const SETTINGS: [&str; 6] = [
    "-c",
    "user.name=a",
    "-c",
    "user.email=a@example.com",
    "-c",
    "commit.gpgsign=false",
];

/// A repository with a branch `main`, gone when it is dropped.
pub struct Repository {
    directory: TempDir,
}

impl Repository {
    /// One without a commit.
    pub fn new() -> Self {
        let repository = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// A clone of it, made with these options of `git clone`, whose remote `origin` it is.
    pub fn cloned(&self, options: &[&str]) -> Self {
        let clone = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        // By a URL: git takes all of a path's history, whatever depth it is asked for.
        let url = format!("file://{}", self.path().display());
        clone.git(&[&["clone", "--quiet"], options, &[&url, "."]].concat());
        clone
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where in the file system a file of it stands.
    pub fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file, and the folders that it stands in.
    pub fn write(&self, path: &str, text: &str) {
        std::fs::create_dir_all(self.file(path).parent().unwrap()).unwrap();
        std::fs::write(self.file(path), text).unwrap();
    }

    /// Commits all that stands in the folder, were it nothing new, and says which commit that is.
    pub fn commit_all(&self) -> String {
        self.git(&["add", "--all", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "."]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// What git answers, without the end of the last line.
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.path())
            .args(SETTINGS)
            .args(arguments)
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Default for Repository {
    fn default() -> Self {
        Self::new()
    }
}
