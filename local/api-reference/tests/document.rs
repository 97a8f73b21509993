//! What is committed is what the code says, breaks nobody, and is true of the template; examples are what they say.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use api_reference::{CONTEXTS, artefact, document, gate};
use openapi::Operation;
use sam_template::{EventSource, Parameters, Template};
use serde_json::{Value, json};

#[test]
fn the_committed_document_breaks_no_caller() {
    let breaches = gate::against_committed(&artefact::workspace()).unwrap();
    let breaches: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    assert!(
        breaches.is_empty(),
        "callers would break:\n{}",
        breaches.join("\n")
    );
}

#[test]
fn the_committed_documents_are_what_the_code_says() {
    for (path, text) in artefact::all() {
        let committed =
            std::fs::read_to_string(artefact::workspace().join(&path)).unwrap_or_default();
        assert!(
            committed == text,
            "{path} is stale: write it with `{}`",
            artefact::COMMAND
        );
    }
}

/// Whom a route lets in: the scopes of which one is enough, or nobody's token.
type Routes = BTreeMap<Operation, Option<BTreeSet<String>>>;

fn routes_of_template() -> BTreeMap<String, Routes> {
    let overrides = [("TokenIssuer", "http://127.0.0.1"), ("Pages", "off")];
    let parameters = Parameters::overriding(overrides);
    let template =
        Template::load(artefact::workspace().join("template.yaml"), &parameters).unwrap();
    let routes = |function: &sam_template::Function| {
        let sources = function.event_sources.iter();
        let routes = sources.filter_map(|source| match source {
            EventSource::Http {
                method,
                path,
                authorizer,
                scopes,
                ..
            } => {
                let operation = Operation {
                    method: method.clone(),
                    path: path.clone(),
                };
                let scopes = authorizer
                    .as_ref()
                    .map(|_| scopes.iter().cloned().collect());
                Some((operation, scopes))
            }
            EventSource::Queue { .. }
            | EventSource::Stream { .. }
            | EventSource::Schedule { .. } => None,
        });
        (function.binary.clone(), routes.collect())
    };
    template.functions.iter().map(routes).collect()
}

fn routes_described(name: &str) -> Routes {
    let document = api_reference::document_of(|context| context == name);
    let mut found = Routes::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].as_array().unwrap();
            let schemes = security
                .iter()
                .flat_map(|way| way.as_object().unwrap().values());
            let scopes = schemes.flat_map(|scopes| scopes.as_array().unwrap());
            let scopes: BTreeSet<String> = scopes
                .map(|scope| scope.as_str().unwrap().to_owned())
                .collect();
            let operation = Operation {
                method: method.to_ascii_uppercase(),
                path: path.clone(),
            };
            // A guest's token is checked by the function, and the gateway lets everybody through to it.
            let guests = security.iter().any(|way| way.get("guest").is_some());
            let demanded = !security.is_empty() && !guests;
            found.insert(operation, demanded.then_some(scopes));
        }
    }
    found
}

#[test]
fn the_template_routes_what_is_described_and_lets_in_whom_it_says() {
    let template = routes_of_template();
    assert_eq!(template.len(), CONTEXTS.len());
    for context in CONTEXTS {
        assert_eq!(
            template[context.name],
            routes_described(context.name),
            "{}: template, and description",
            context.name
        );
    }
}

#[test]
fn examples_are_what_they_are_examples_of() {
    let document = document();
    let mut held = 0;
    for (place, schema, example) in examples(&document) {
        let whole = json!({ "components": document["components"], "allOf": [schema] });
        let validator = jsonschema::validator_for(&whole).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&example)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{place}: {wrong:?}: {example}");
        held += 1;
    }
    assert!(held > 300, "only {held} examples were found");
}

/// Every example with its place and the schema that it must fit.
fn examples(document: &Value) -> Vec<(String, Value, Value)> {
    let mut found = Vec::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            for parameter in operation["parameters"].as_array().unwrap() {
                if parameter["example"].is_null() {
                    assert_eq!(parameter["name"], "cursor", "{id}: {}", parameter["name"]);
                    continue;
                }
                let place = format!("{id} {}", parameter["name"]);
                found.push((
                    place,
                    parameter["schema"].clone(),
                    parameter["example"].clone(),
                ));
            }
            let answers = operation["responses"].as_object().unwrap().values();
            for one in std::iter::once(&operation["requestBody"]).chain(answers) {
                for media in one["content"]
                    .as_object()
                    .into_iter()
                    .flat_map(serde_json::Map::values)
                {
                    let examples = media["examples"].as_object().unwrap();
                    assert!(!examples.is_empty(), "{id} has a body without an example");
                    for (name, example) in examples {
                        found.push((
                            format!("{id} {name}"),
                            media["schema"].clone(),
                            example["value"].clone(),
                        ));
                    }
                }
            }
        }
    }
    found
}

#[test]
fn every_operation_has_a_name_of_its_own_and_says_what_it_does() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                ids.insert(id.to_owned()),
                "{id} is the name of two operations"
            );
            assert_ne!(operation["description"], "", "{path} says nothing");
            let refusals = operation["responses"].as_object().unwrap();
            assert!(refusals.contains_key("503"), "{id} never fails");
            let ways = operation["security"].as_array().unwrap();
            // There is nothing that one guest may and another may not.
            let guests = ways.iter().any(|way| way.get("guest").is_some());
            assert_eq!(!ways.is_empty(), refusals.contains_key("401"), "{id}");
            assert_eq!(
                !ways.is_empty() && !guests,
                refusals.contains_key("403"),
                "{id}"
            );
        }
    }
    assert!(ids.len() >= 37, "{}", ids.len());
}
