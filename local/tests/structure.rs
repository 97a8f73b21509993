//! The structure of the workspace, held by tests: who may depend on whom, who hears what, where things stand.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod trigger_samples;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use door::Context;
use sam_template::{EventSource, Parameters, Template};
use serde_json::Value;
use store::MemoryStore;

const CONTEXTS: &[&str] = &[
    "carts",
    "catalog",
    "customers",
    "insights",
    "inventory",
    "notifications",
    "orders",
    "payments",
    "shipping",
];
/// What a context may use of this workspace. Not another context, and nothing that is for local use.
const SHARED: &[&str] = &[
    "contracts",
    "dead-letters",
    "decider",
    "door",
    "identifiers",
    "money",
    "openapi",
    "publisher",
    "store",
    "strict-json",
    "logs",
    "metrics",
    "trace",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The dependencies of each package of the workspace on others of it, as (package, dependency, kind).
fn dependencies() -> Vec<(String, String, String)> {
    let cargo = std::process::Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        cargo.status.success(),
        "{}",
        String::from_utf8_lossy(&cargo.stderr)
    );
    let metadata: Value = serde_json::from_slice(&cargo.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    let mut found = Vec::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = dependency["name"].as_str().unwrap();
            if names.contains(name) {
                let kind = dependency["kind"].as_str().unwrap_or("normal");
                found.push((
                    package["name"].as_str().unwrap().to_owned(),
                    name.to_owned(),
                    kind.to_owned(),
                ));
            }
        }
    }
    assert!(
        found.len() > 30,
        "the workspace's dependencies were not read: {found:?}"
    );
    found
}

#[test]
fn contexts_share_the_kernel_and_nothing_else() {
    for (package, dependency, kind) in dependencies() {
        if CONTEXTS.contains(&package.as_str()) && kind == "normal" {
            assert!(
                SHARED.contains(&dependency.as_str()),
                "{package} depends on {dependency}"
            );
        }
        if CONTEXTS.contains(&package.as_str()) {
            assert!(
                !CONTEXTS.contains(&dependency.as_str()),
                "{package} knows {dependency}, if only in tests"
            );
        }
    }
}

#[test]
fn the_kernel_knows_no_context_and_no_local_stand_in() {
    for (package, dependency, kind) in dependencies() {
        if SHARED.contains(&package.as_str()) && kind == "normal" {
            assert!(
                SHARED.contains(&dependency.as_str()),
                "{package} depends on {dependency}"
            );
        }
    }
}

#[test]
fn what_stands_in_for_aws_knows_nothing_of_the_shop() {
    let stand_ins = [
        "local-dynamodb",
        "local-mail",
        "local-messaging",
        "payment-stand-in",
        "sam-template",
    ];
    for (package, dependency, kind) in dependencies() {
        let shops =
            SHARED.contains(&dependency.as_str()) || CONTEXTS.contains(&dependency.as_str());
        assert!(
            !(stand_ins.contains(&package.as_str()) && shops && kind == "normal"),
            "{package} uses {dependency}"
        );
    }
}

fn template() -> Template {
    let overrides = [
        ("TokenIssuer", "http://127.0.0.1"),
        ("Pages", "off"),
        ("Metrics", "all"),
    ];
    let parameters = Parameters::overriding(overrides);
    Template::load(root().join("template.yaml"), &parameters).unwrap()
}

/// What the contexts declare that they hear, by the name of their binary.
fn declared() -> BTreeMap<&'static str, BTreeSet<String>> {
    fn hears<C: Context>() -> BTreeSet<String> {
        C::HEARS
            .iter()
            .map(|event_type| (*event_type).to_owned())
            .collect()
    }
    BTreeMap::from([
        ("carts", hears::<carts::Carts<MemoryStore>>()),
        ("catalog", hears::<catalog::Catalog<MemoryStore>>()),
        ("customers", hears::<customers::Customers<MemoryStore>>()),
        ("insights", hears::<insights::Insights<MemoryStore>>()),
        ("inventory", hears::<inventory::Inventory<MemoryStore>>()),
        (
            "notifications",
            hears::<notifications::Notifications<MemoryStore, notifications::SesMailer>>(),
        ),
        ("orders", hears::<orders::Orders<MemoryStore>>()),
        (
            "payments",
            hears::<payments::Payments<MemoryStore, payments::Stripe>>(),
        ),
        ("shipping", hears::<shipping::Shipping<MemoryStore>>()),
    ])
}

#[test]
fn filter_policies_let_through_just_what_the_code_hears() {
    let template = template();
    let declared = declared();
    assert_eq!(declared.len(), template.functions.len());
    for function in &template.functions {
        let subscribed = template.hears(&function.logical_id).unwrap();
        let subscribed: BTreeSet<String> = subscribed.into_values().flatten().collect();
        assert_eq!(
            subscribed,
            declared[function.binary.as_str()],
            "{}",
            function.binary
        );
    }
}

#[test]
fn what_is_heard_is_said_by_the_topic_it_is_heard_from() {
    let said: BTreeSet<&str> = contracts::all_event_types()
        .iter()
        .map(|event_type| event_type.name)
        .collect();
    let template = template();
    for function in &template.functions {
        for (topic, types) in template.hears(&function.logical_id).unwrap() {
            for event_type in types {
                assert!(
                    said.contains(event_type.as_str()),
                    "{event_type} is not in the published language"
                );
                let context = event_type.split('.').next().unwrap();
                assert!(
                    topic.to_lowercase().starts_with(context),
                    "{event_type} is heard from {topic}"
                );
            }
        }
    }
}

#[test]
fn insights_hears_all_that_is_said() {
    let said: BTreeSet<String> = contracts::all_event_types()
        .iter()
        .map(|event_type| event_type.name.to_owned())
        .collect();
    assert_eq!(declared()["insights"], said);
}

#[test]
fn each_context_stands_together_and_is_explained() {
    for context in CONTEXTS {
        let folder = root().join("functions").join(context);
        for file in [
            "README.md",
            "Cargo.toml",
            "src/main.rs",
            "src/lib.rs",
            "src/store.rs",
        ] {
            assert!(folder.join(file).is_file(), "{context} has no {file}");
        }
        let routes = ["src/http.rs", "src/http/mod.rs"].map(|file| folder.join(file).is_file());
        assert!(routes.contains(&true), "{context} has no src/http.rs");
        let events = root().join("events").join(context);
        let samples = std::fs::read_dir(&events).map(Iterator::count).unwrap_or(0);
        assert!(samples > 0, "{} has no sample payloads", events.display());
    }
}

/// And no sample is of a trigger that the template does not give its function; an operator may invoke each with a wish.
#[test]
fn each_trigger_of_a_function_has_a_sample() {
    let amiss = trigger_samples::amiss(&template(), &root());
    assert!(amiss.is_empty(), "{amiss:#?}");
}

#[test]
fn each_event_type_has_its_schema_and_its_example() {
    let contracts = root().join("shared/contracts");
    for event_type in contracts::all_event_types() {
        for folder in ["schemas", "examples"] {
            let file = contracts
                .join(folder)
                .join(format!("{}.json", event_type.name));
            assert!(file.is_file(), "{} is missing", file.display());
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Each metric that a function may write is billed, in what is said of the cost at least, and shown on a dashboard as if it
/// were none where it is never written.
#[test]
fn each_metric_that_a_function_names_is_one_that_it_writes() {
    let declared = declared();
    for function in &template().functions {
        let context = function.binary.as_str();
        let mut files = Vec::new();
        sources(
            &root().join("functions").join(context).join("src"),
            &mut files,
        );
        let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
        let source: String = files.iter().map(read).collect();
        let has_aggregate = source.contains("Stored for");
        let is_written = |name: &str| match name {
            // What steps of an aggregate count, in the decider and the door.
            "Commits" | "Duplicates" | "Published" => has_aggregate,
            "Conflicts" => has_aggregate || source.contains("pause_before("),
            "Rejected" | "Failed" => {
                let mut sources = function.event_sources.iter();
                sources.any(|source| matches!(source, EventSource::Http { .. }))
            }
            "Unhandled" => true,
            name => match name.strip_prefix("LagFrom") {
                Some(publisher) => {
                    let publisher = format!("{}.", publisher.to_lowercase());
                    let mut heard = declared[context].iter();
                    heard.any(|event_type| event_type.starts_with(&publisher))
                }
                None => {
                    let said = format!("{context}.{name}.v");
                    let event_types = contracts::all_event_types();
                    let mut event_types = event_types.iter();
                    event_types.any(|event_type| event_type.name.starts_with(&said))
                        || source.contains(&format!("\"{name}\""))
                }
            },
        };
        let named = &function.environment["METRICS"];
        let unwritten: Vec<&str> = named.split(',').filter(|name| !is_written(name)).collect();
        assert!(unwritten.is_empty(), "{context} never writes {unwritten:?}");
    }
}
