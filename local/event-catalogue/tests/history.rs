//! What git is asked of the published revisions, in repositories made for it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use event_catalogue::artefact::PUBLISHED;
use event_catalogue::history::taken_away;
use mainline::GitError;
use tempfile::TempDir;

struct Repository {
    directory: TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn git(&self, arguments: &[&str]) {
        let who = [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "-c",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .current_dir(self.path())
            .args(who)
            .args(arguments)
            .output();
        let output = output.unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn file(&self) -> PathBuf {
        self.path()
            .join(PUBLISHED)
            .join("orders.OrderPlaced.v1.jsonl")
    }

    fn write(&self, lines: &[&str]) {
        std::fs::create_dir_all(self.path().join(PUBLISHED)).unwrap();
        std::fs::write(self.file(), lines.join("\n") + "\n").unwrap();
    }

    fn commit(&self, lines: &[&str]) {
        self.write(lines);
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "."]);
    }

    fn found(&self, reference: Option<&str>) -> Vec<String> {
        taken_away(self.path(), reference).unwrap()
    }
}

#[test]
fn added_lines_are_let_through() {
    let repository = Repository::new();
    repository.commit(&["1"]);
    repository.commit(&["1", "2"]);
    repository.write(&["1", "2", "3"]);
    assert_eq!(repository.found(None), [""; 0]);
}

#[test]
fn a_changed_line_is_found_before_and_after_it_is_committed() {
    let repository = Repository::new();
    repository.commit(&["1", "2"]);
    repository.write(&["1", "other"]);
    let found = repository.found(None);
    assert!(
        found.len() == 1 && found[0].contains("orders.OrderPlaced.v1.jsonl"),
        "{found:?}"
    );
    repository.commit(&["1", "other"]);
    assert_eq!(repository.found(None).len(), 1);
    // Nor is it forgotten when more is put on top.
    repository.commit(&["1", "other", "3"]);
    assert_eq!(repository.found(None).len(), 1);
}

#[test]
fn a_deleted_and_a_moved_file_are_found() {
    let repository = Repository::new();
    repository.commit(&["1"]);
    let elsewhere = repository.file().with_extension("old");
    std::fs::rename(repository.file(), elsewhere).unwrap();
    repository.git(&["add", "--all", "."]);
    assert_eq!(repository.found(None).len(), 1);
    repository.git(&["commit", "--quiet", "--message", "."]);
    assert_eq!(repository.found(None).len(), 1);
}

/// A revision that never left its branch was never published.
#[test]
fn a_branch_may_take_back_what_it_has_not_brought_in() {
    let repository = Repository::new();
    repository.commit(&["1"]);
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.commit(&["1", "first try"]);
    repository.commit(&["1", "second try"]);
    assert_eq!(repository.found(Some("main")), [""; 0]);
    repository.commit(&["other", "second try"]);
    assert_eq!(repository.found(Some("main")).len(), 1);
}

#[test]
fn without_all_the_history_there_is_no_answer() {
    let nowhere = tempfile::tempdir().unwrap();
    let error = taken_away(nowhere.path(), None).unwrap_err();
    assert!(matches!(error, GitError::Refused { .. }), "{error}");

    let origin = Repository::new();
    origin.commit(&["1"]);
    origin.commit(&["1", "2"]);
    let clone = nowhere.path().join("clone");
    let url = format!("file://{}", origin.path().display());
    origin.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        &url,
        clone.to_str().unwrap(),
    ]);
    let error = taken_away(&clone, None).unwrap_err();
    assert!(matches!(error, GitError::Shallow), "{error}");
    assert!(matches!(
        taken_away(origin.path(), Some("nonesuch")).unwrap_err(),
        GitError::Refused { .. }
    ));
}

#[test]
fn in_a_clone_the_remotes_branch_is_what_is_published() {
    let origin = Repository::new();
    origin.commit(&["1"]);
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    let url = format!("file://{}", origin.path().display());
    origin.git(&["clone", "--quiet", &url, clone.to_str().unwrap()]);
    assert_eq!(taken_away(&clone, None).unwrap(), [""; 0]);
    let file = clone.join(PUBLISHED).join("orders.OrderPlaced.v1.jsonl");
    std::fs::write(file, "other\n").unwrap();
    let found = taken_away(&clone, None).unwrap();
    assert!(
        found.len() == 1 && found[0].contains("origin/HEAD"),
        "{found:?}"
    );
}
