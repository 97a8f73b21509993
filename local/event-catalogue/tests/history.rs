//! What git is asked of the published revisions, in repositories made for it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use event_catalogue::artefact::PUBLISHED;
use event_catalogue::history::taken_away;
use mainline::GitError;
use test_repository::Repository;

/// The published revisions of one event type.
fn file() -> String {
    format!("{PUBLISHED}/orders.OrderPlaced.v1.jsonl")
}

fn write(repository: &Repository, lines: &[&str]) {
    repository.write(&file(), &(lines.join("\n") + "\n"));
}

fn publish(repository: &Repository, lines: &[&str]) {
    write(repository, lines);
    repository.commit_all();
}

fn taken(repository: &Repository, reference: Option<&str>) -> Vec<String> {
    taken_away(repository.path(), reference).unwrap()
}

#[test]
fn added_lines_are_let_through() {
    let repository = Repository::new();
    publish(&repository, &["1"]);
    publish(&repository, &["1", "2"]);
    write(&repository, &["1", "2", "3"]);
    assert_eq!(taken(&repository, None), [""; 0]);
}

#[test]
fn a_changed_line_is_found_before_and_after_it_is_committed() {
    let repository = Repository::new();
    publish(&repository, &["1", "2"]);
    write(&repository, &["1", "other"]);
    let found = taken(&repository, None);
    assert!(
        found.len() == 1 && found[0].contains("orders.OrderPlaced.v1.jsonl"),
        "{found:?}"
    );
    publish(&repository, &["1", "other"]);
    assert_eq!(taken(&repository, None).len(), 1);
    // Nor is it forgotten when more is put on top.
    publish(&repository, &["1", "other", "3"]);
    assert_eq!(taken(&repository, None).len(), 1);
}

#[test]
fn a_deleted_and_a_moved_file_are_found() {
    let repository = Repository::new();
    publish(&repository, &["1"]);
    let elsewhere = repository.file(&file()).with_extension("old");
    std::fs::rename(repository.file(&file()), elsewhere).unwrap();
    repository.git(&["add", "--all", "."]);
    assert_eq!(taken(&repository, None).len(), 1);
    repository.git(&["commit", "--quiet", "--message", "."]);
    assert_eq!(taken(&repository, None).len(), 1);
}

/// A revision that never left its branch was never published.
#[test]
fn a_branch_may_take_back_what_it_has_not_brought_in() {
    let repository = Repository::new();
    publish(&repository, &["1"]);
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    publish(&repository, &["1", "first try"]);
    publish(&repository, &["1", "second try"]);
    assert_eq!(taken(&repository, Some("main")), [""; 0]);
    publish(&repository, &["other", "second try"]);
    assert_eq!(taken(&repository, Some("main")).len(), 1);
}

#[test]
fn without_all_the_history_there_is_no_answer() {
    let nowhere = tempfile::tempdir().unwrap();
    let error = taken_away(nowhere.path(), None).unwrap_err();
    assert!(matches!(error, GitError::Refused { .. }), "{error}");

    let origin = Repository::new();
    publish(&origin, &["1"]);
    publish(&origin, &["1", "2"]);
    let clone = origin.cloned(&["--depth=1"]);
    let error = taken_away(clone.path(), None).unwrap_err();
    assert!(matches!(error, GitError::Shallow), "{error}");
    assert!(matches!(
        taken_away(origin.path(), Some("nonesuch")).unwrap_err(),
        GitError::Refused { .. }
    ));
}

#[test]
fn in_a_clone_the_remotes_branch_is_what_is_published() {
    let origin = Repository::new();
    publish(&origin, &["1"]);
    let clone = origin.cloned(&[]);
    assert_eq!(taken(&clone, None), [""; 0]);
    write(&clone, &["other"]);
    let found = taken(&clone, None);
    assert!(
        found.len() == 1 && found[0].contains("origin/HEAD"),
        "{found:?}"
    );
}
