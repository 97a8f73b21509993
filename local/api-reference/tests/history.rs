//! What git is asked of the published document, in repositories made for it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use api_reference::artefact::PUBLISHED;
use api_reference::document;
use api_reference::gate::{self, Unjudged};
use api_reference::history::{Pardon, broken};
use mainline::GitError;
use serde_json::{Value, json};
use test_repository::Repository;

fn write(repository: &Repository, document: &Value) {
    repository.write(PUBLISHED, &document.to_string());
}

fn publish(repository: &Repository, document: &Value) -> String {
    write(repository, document);
    repository.commit_all()
}

fn found(repository: &Repository, reference: Option<&str>, code: &Value) -> Vec<String> {
    let found = broken(repository.path(), reference, code, &[]).unwrap();
    found.iter().map(ToString::to_string).collect()
}

/// A shop whose one answer has those members; a member that ends in `-` is deprecated.
fn shop(members: &[&str]) -> Value {
    let member = |name: &&str| match name.strip_suffix('-') {
        Some(name) => (
            name.to_owned(),
            json!({ "type": "string", "deprecated": true }),
        ),
        None => ((*name).to_owned(), json!({ "type": "string" })),
    };
    let properties: serde_json::Map<String, Value> = members.iter().map(member).collect();
    let schema = json!({ "type": "object", "properties": properties });
    let answers = json!({ "200": { "content": { "application/json": { "schema": schema } } } });
    json!({ "paths": { "/api/tea": { "get": { "operationId": "showTea", "responses": answers } } } })
}

#[test]
fn a_compatible_change_is_let_through() {
    let repository = Repository::new();
    publish(&repository, &shop(&["name"]));
    publish(&repository, &shop(&["name", "price"]));
    let grown = shop(&["name", "price", "grade"]);
    write(&repository, &grown);
    assert_eq!(found(&repository, None, &grown), [""; 0]);
    repository.commit_all();
    assert_eq!(found(&repository, None, &grown), [""; 0]);
}

#[test]
fn a_breaking_change_is_refused_though_the_document_was_edited_with_the_code() {
    let repository = Repository::new();
    publish(&repository, &shop(&["name", "price"]));
    let less = shop(&["name"]);
    write(&repository, &less);
    let refused = found(&repository, None, &less);
    assert!(
        refused.len() == 1 && refused[0].contains("GET /api/tea: answer 200 price was removed"),
        "{refused:?}"
    );
    assert!(refused[0].contains("the working tree"), "{refused:?}");
    let commit = repository.commit_all();
    let refused = found(&repository, None, &less);
    assert!(
        refused.len() == 1 && refused[0].contains(&commit),
        "{refused:?}"
    );
    // Nor is it forgotten when more is put on top.
    let more = shop(&["name", "grade"]);
    publish(&repository, &more);
    assert_eq!(found(&repository, None, &more).len(), 1);
}

#[test]
fn what_was_published_as_deprecated_may_go_in_the_next_step_and_not_in_the_same() {
    let repository = Repository::new();
    publish(&repository, &shop(&["name", "price"]));
    write(&repository, &shop(&["name", "price-"]));
    let refused = found(&repository, None, &shop(&["name"]));
    assert!(
        refused.len() == 1 && refused[0].contains("the code"),
        "{refused:?}"
    );
    repository.commit_all();
    write(&repository, &shop(&["name"]));
    assert_eq!(found(&repository, None, &shop(&["name"])), [""; 0]);
}

#[test]
fn a_document_that_was_deleted_is_refused_before_and_after_that_is_committed() {
    let repository = Repository::new();
    let whole = shop(&["name", "price"]);
    publish(&repository, &whole);
    std::fs::remove_file(repository.file(PUBLISHED)).unwrap();
    let refused = found(&repository, None, &whole);
    assert_eq!(
        refused,
        [format!("{PUBLISHED} was taken away by the working tree")]
    );
    let missing = gate::against_committed(repository.path()).unwrap_err();
    assert!(matches!(missing, Unjudged::Missing), "{missing}");
    let commit = repository.commit_all();
    let refused = found(&repository, None, &whole);
    assert_eq!(
        refused,
        [
            format!("{PUBLISHED} was taken away by {commit}"),
            format!("{PUBLISHED} was taken away by the working tree"),
        ]
    );
    // What comes back with less is held against what was there before it was gone.
    publish(&repository, &shop(&["name"]));
    assert_eq!(found(&repository, None, &shop(&["name"])).len(), 2);
}

#[test]
fn where_neither_folder_nor_git_has_a_document_nothing_is_published() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(gate::against_committed(folder.path()).unwrap(), []);
    let repository = Repository::new();
    assert_eq!(gate::against_committed(repository.path()).unwrap(), []);
    repository.commit_all();
    assert_eq!(gate::against_committed(repository.path()).unwrap(), []);
    write(&repository, &document());
    assert_eq!(found(&repository, None, &document()), [""; 0]);
}

/// A revision that never left its branch was never published.
#[test]
fn a_branch_may_take_back_what_it_has_not_brought_in() {
    let repository = Repository::new();
    publish(&repository, &shop(&["name"]));
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    publish(&repository, &shop(&["name", "first-try"]));
    let second = shop(&["name", "second-try"]);
    publish(&repository, &second);
    assert_eq!(found(&repository, Some("main"), &second), [""; 0]);
    let without = shop(&["second-try"]);
    publish(&repository, &without);
    assert_eq!(found(&repository, Some("main"), &without).len(), 1);
}

#[test]
fn what_was_merged_in_is_one_step() {
    let repository = Repository::new();
    publish(&repository, &shop(&["name", "price"]));
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    publish(&repository, &shop(&["name", "price", "first-try"]));
    let merged = shop(&["name", "second-try"]);
    publish(&repository, &merged);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--message", ".", "feature"]);
    let refused = found(&repository, None, &merged);
    assert!(
        refused.len() == 1 && refused[0].contains("price") && !refused[0].contains("first-try"),
        "{refused:?}"
    );
}

#[test]
fn a_breach_of_the_past_is_let_stand_by_its_commit_and_its_words_only() {
    let repository = Repository::new();
    publish(&repository, &shop(&["name", "price", "grade"]));
    let now = shop(&["name"]);
    let commit = publish(&repository, &now);
    let price = Pardon {
        commit: &commit,
        breach: "GET /api/tea: answer 200 price was removed",
    };
    let grade = Pardon {
        breach: "GET /api/tea: answer 200 grade was removed",
        ..price
    };
    let left = |pardons: &[Pardon<'_>]| {
        let found = broken(repository.path(), None, &now, pardons).unwrap();
        found.iter().map(ToString::to_string).collect::<String>()
    };
    assert!(left(&[price]).contains("grade") && !left(&[price]).contains("price"));
    assert_eq!(left(&[price, grade]), "");
    let elsewhere = Pardon {
        commit: &commit[..8],
        ..price
    };
    assert!(left(&[elsewhere, grade]).contains("price"));
}

#[test]
fn without_all_the_history_there_is_no_answer() {
    let nowhere = tempfile::tempdir().unwrap();
    let asked = |root: &Path, reference| match broken(root, reference, &shop(&[]), &[]) {
        Err(Unjudged::Git(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        asked(nowhere.path(), None),
        GitError::Refused { .. }
    ));
    let origin = Repository::new();
    publish(&origin, &shop(&[]));
    publish(&origin, &shop(&["name"]));
    assert!(matches!(
        asked(origin.path(), Some("nonesuch")),
        GitError::Refused { .. }
    ));
    let clone = origin.cloned(&["--depth=1"]);
    assert!(matches!(asked(clone.path(), None), GitError::Shallow));
}

#[test]
fn in_a_clone_the_remotes_branch_is_what_is_published() {
    let origin = Repository::new();
    publish(&origin, &shop(&["name"]));
    let clone = origin.cloned(&[]);
    assert_eq!(found(&clone, None, &shop(&["name"])), [""; 0]);
    write(&clone, &shop(&[]));
    assert_eq!(found(&clone, None, &shop(&[])).len(), 1);
}
