//! What git is asked of the published document, in repositories made for it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use api_reference::artefact::PUBLISHED;
use api_reference::document;
use api_reference::gate::{self, Unjudged};
use api_reference::history::{Pardon, broken};
use mainline::GitError;
use serde_json::{Value, json};
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

    fn git(&self, arguments: &[&str]) -> String {
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
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn file(&self) -> PathBuf {
        self.path().join(PUBLISHED)
    }

    fn write(&self, document: &Value) {
        std::fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        std::fs::write(self.file(), document.to_string()).unwrap();
    }

    fn commit_all(&self) -> String {
        self.git(&["add", "--all", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "."]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn commit(&self, document: &Value) -> String {
        self.write(document);
        self.commit_all()
    }

    fn found(&self, reference: Option<&str>, code: &Value) -> Vec<String> {
        found(self.path(), reference, code)
    }
}

fn found(root: &Path, reference: Option<&str>, code: &Value) -> Vec<String> {
    let found = broken(root, reference, code, &[]).unwrap();
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
    repository.commit(&shop(&["name"]));
    repository.commit(&shop(&["name", "price"]));
    let grown = shop(&["name", "price", "grade"]);
    repository.write(&grown);
    assert_eq!(repository.found(None, &grown), [""; 0]);
    repository.commit_all();
    assert_eq!(repository.found(None, &grown), [""; 0]);
}

#[test]
fn a_breaking_change_is_refused_though_the_document_was_edited_with_the_code() {
    let repository = Repository::new();
    repository.commit(&shop(&["name", "price"]));
    let less = shop(&["name"]);
    repository.write(&less);
    let refused = repository.found(None, &less);
    assert!(
        refused.len() == 1 && refused[0].contains("GET /api/tea: answer 200 price was removed"),
        "{refused:?}"
    );
    assert!(refused[0].contains("the working tree"), "{refused:?}");
    let commit = repository.commit_all();
    let refused = repository.found(None, &less);
    assert!(
        refused.len() == 1 && refused[0].contains(&commit),
        "{refused:?}"
    );
    // Nor is it forgotten when more is put on top.
    let more = shop(&["name", "grade"]);
    repository.commit(&more);
    assert_eq!(repository.found(None, &more).len(), 1);
}

#[test]
fn what_was_published_as_deprecated_may_go_in_the_next_step_and_not_in_the_same() {
    let repository = Repository::new();
    repository.commit(&shop(&["name", "price"]));
    repository.write(&shop(&["name", "price-"]));
    let refused = repository.found(None, &shop(&["name"]));
    assert!(
        refused.len() == 1 && refused[0].contains("the code"),
        "{refused:?}"
    );
    repository.commit_all();
    repository.write(&shop(&["name"]));
    assert_eq!(repository.found(None, &shop(&["name"])), [""; 0]);
}

#[test]
fn a_document_that_was_deleted_is_refused_before_and_after_that_is_committed() {
    let repository = Repository::new();
    let whole = shop(&["name", "price"]);
    repository.commit(&whole);
    std::fs::remove_file(repository.file()).unwrap();
    let refused = repository.found(None, &whole);
    assert_eq!(
        refused,
        [format!("{PUBLISHED} was taken away by the working tree")]
    );
    let missing = gate::against_committed(repository.path()).unwrap_err();
    assert!(matches!(missing, Unjudged::Missing), "{missing}");
    let commit = repository.commit_all();
    let refused = repository.found(None, &whole);
    assert_eq!(
        refused,
        [
            format!("{PUBLISHED} was taken away by {commit}"),
            format!("{PUBLISHED} was taken away by the working tree"),
        ]
    );
    // What comes back with less is held against what was there before it was gone.
    repository.commit(&shop(&["name"]));
    assert_eq!(repository.found(None, &shop(&["name"])).len(), 2);
}

#[test]
fn where_neither_folder_nor_git_has_a_document_nothing_is_published() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(gate::against_committed(folder.path()).unwrap(), []);
    let repository = Repository::new();
    assert_eq!(gate::against_committed(repository.path()).unwrap(), []);
    repository.commit_all();
    assert_eq!(gate::against_committed(repository.path()).unwrap(), []);
    repository.write(&document());
    assert_eq!(repository.found(None, &document()), [""; 0]);
}

/// A revision that never left its branch was never published.
#[test]
fn a_branch_may_take_back_what_it_has_not_brought_in() {
    let repository = Repository::new();
    repository.commit(&shop(&["name"]));
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.commit(&shop(&["name", "first-try"]));
    let second = shop(&["name", "second-try"]);
    repository.commit(&second);
    assert_eq!(repository.found(Some("main"), &second), [""; 0]);
    let without = shop(&["second-try"]);
    repository.commit(&without);
    assert_eq!(repository.found(Some("main"), &without).len(), 1);
}

#[test]
fn what_was_merged_in_is_one_step() {
    let repository = Repository::new();
    repository.commit(&shop(&["name", "price"]));
    repository.git(&["checkout", "--quiet", "-b", "feature"]);
    repository.commit(&shop(&["name", "price", "first-try"]));
    let merged = shop(&["name", "second-try"]);
    repository.commit(&merged);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--message", ".", "feature"]);
    let refused = repository.found(None, &merged);
    assert!(
        refused.len() == 1 && refused[0].contains("price") && !refused[0].contains("first-try"),
        "{refused:?}"
    );
}

#[test]
fn a_breach_of_the_past_is_let_stand_by_its_commit_and_its_words_only() {
    let repository = Repository::new();
    repository.commit(&shop(&["name", "price", "grade"]));
    let now = shop(&["name"]);
    let commit = repository.commit(&now);
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
    origin.commit(&shop(&[]));
    origin.commit(&shop(&["name"]));
    assert!(matches!(
        asked(origin.path(), Some("nonesuch")),
        GitError::Refused { .. }
    ));
    let clone = nowhere.path().join("clone");
    let url = format!("file://{}", origin.path().display());
    origin.git(&[
        "clone",
        "--quiet",
        "--depth=1",
        &url,
        clone.to_str().unwrap(),
    ]);
    assert!(matches!(asked(&clone, None), GitError::Shallow));
}

#[test]
fn in_a_clone_the_remotes_branch_is_what_is_published() {
    let origin = Repository::new();
    origin.commit(&shop(&["name"]));
    let folder = tempfile::tempdir().unwrap();
    let clone = folder.path().join("clone");
    let url = format!("file://{}", origin.path().display());
    origin.git(&["clone", "--quiet", &url, clone.to_str().unwrap()]);
    assert_eq!(found(&clone, None, &shop(&["name"])), [""; 0]);
    std::fs::write(clone.join(PUBLISHED), shop(&[]).to_string()).unwrap();
    assert_eq!(found(&clone, None, &shop(&[])).len(), 1);
}
