//! A context that `noren contexts new` has just made holds what holds of the others, before a word of it is changed.
//!
//! The command runs in a copy of the files that it reads and writes; what it makes is read, not built: that it builds and
//! passes its own tests is `local/scaffold/check.sh`'s.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

#[path = "../template/tests/rule/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the broken templates that show the rules to work are tried beside them"
)]
mod rule;
mod trigger_samples;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use sam_template::{Parameters, Template};

const NAME: &str = "wishlists";

/// Where the rules look for the functions' manifests.
mod shop {
    use std::path::PathBuf;
    use std::sync::OnceLock;

    static ROOT: OnceLock<PathBuf> = OnceLock::new();

    pub fn root() -> PathBuf {
        ROOT.get_or_init(super::with_a_fresh_context).clone()
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}

/// A copy of what the command and the rules read, in which the command has run.
fn with_a_fresh_context() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fresh-context");
    // What an earlier run has left.
    if root.exists() {
        std::fs::remove_dir_all(&root).unwrap();
    }
    let known = [
        "Cargo.toml",
        "template.yaml",
        "local/Cargo.toml",
        "local/src/contexts.rs",
        "local/src/doctor/stack.rs",
        "local/tests/structure.rs",
        "local/template/tests/deployed.rs",
        "local/api-reference/Cargo.toml",
        "local/api-reference/src/contexts.rs",
    ];
    for file in known {
        copy(&workspace().join(file), &root.join(file));
    }
    let functions = PathBuf::from("functions");
    for context in names(&functions) {
        let manifest = functions.join(context).join("Cargo.toml");
        if workspace().join(&manifest).is_file() {
            copy(&workspace().join(&manifest), &root.join(&manifest));
        }
    }
    let events = PathBuf::from("events");
    for context in names(&events) {
        let folder = events.join(context);
        for sample in names(&folder) {
            let sample = folder.join(sample);
            copy(&workspace().join(&sample), &root.join(&sample));
        }
    }
    let made = Command::new(env!("CARGO_BIN_EXE_noren"))
        .args(["contexts", "new", NAME, "--json", "--root"])
        .arg(&root)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let said: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(said["context"], NAME);
    for file in said["files"].as_array().unwrap() {
        assert!(root.join(file.as_str().unwrap()).is_file(), "{file}");
    }
    root
}

/// What a folder of the workspace holds.
fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    let files = std::fs::read_dir(workspace().join(folder)).unwrap();
    files.map(|file| file.unwrap().file_name()).collect()
}

fn template() -> Template {
    parsed(&shop::root(), "all", "Canary10Percent5Minutes")
}

fn parsed(root: &Path, alarms: &str, deployment: &str) -> Template {
    let overrides = [
        ("TokenIssuer", "http://127.0.0.1"),
        ("Pages", "off"),
        ("Alarms", alarms),
        ("DeploymentType", deployment),
        ("Metrics", "all"),
        ("Tracing", "Active"),
    ];
    let parameters = Parameters::overriding(overrides);
    Template::load(root.join("template.yaml"), &parameters).unwrap()
}

#[test]
fn it_breaks_no_rule_of_the_template() {
    let template = template();
    assert!(template.function("WishlistsFunction").is_some());
    assert_eq!(rule::broken(&template), BTreeMap::new());
}

#[test]
fn it_has_a_sample_for_each_of_its_triggers() {
    let amiss = trigger_samples::amiss(&template(), &shop::root());
    assert!(amiss.is_empty(), "{amiss:#?}");
}

#[test]
fn insights_is_told_of_its_queues() {
    let template = template();
    let insights = template.function("InsightsFunction").unwrap();
    let told: BTreeSet<&str> = insights.environment["FAILED_QUEUES"].split(',').collect();
    let queues = template.queues.iter();
    let queues = queues.map(|queue| queue.logical_id.as_str());
    assert_eq!(told, queues.collect());
    assert!(told.contains("WishlistsQueue"));
}

/// The numbers that docs/adding-a-context.md says are to be written down: a new context's alarms are billed.
#[test]
fn its_alarms_watch_as_many_metrics_as_is_said() {
    let watched = |template: Template| -> usize {
        let alarms = template.alarms.iter();
        alarms.map(|alarm| alarm.metrics.len()).sum()
    };
    for (alarms, more) in [("off", 0), ("essential", 2), ("all", 6)] {
        let before = watched(parsed(&workspace(), alarms, "AllAtOnce"));
        let fresh = watched(parsed(&shop::root(), alarms, "AllAtOnce"));
        assert_eq!(fresh, before + more, "{alarms}");
    }
}
