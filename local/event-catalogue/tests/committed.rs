//! What is committed is what the code says, and nothing that was ever published is broken by it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use event_catalogue::artefact::{self, COMMAND, PUBLISHED};
use event_catalogue::published::Published;
use event_catalogue::{Catalogue, gate, load_template, schema};

fn catalogue() -> Catalogue {
    Catalogue::of(&load_template(&artefact::workspace().join("template.yaml")).unwrap())
}

fn published() -> Published {
    Published::read(&artefact::workspace().join(PUBLISHED)).unwrap()
}

#[test]
fn no_change_breaks_a_consumer() {
    let refusals = gate::judge(&published(), &schema::all(), &catalogue());
    let refusals: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    assert!(
        refusals.is_empty(),
        "a breaking change is a new event type beside the old one:\n{}",
        refusals.join("\n")
    );
}

#[test]
fn what_the_code_says_is_published() {
    let published = published();
    for (name, schema) in schema::all() {
        assert!(
            published.is_newest(&name, &schema),
            "{name}: run `{COMMAND}`"
        );
    }
}

#[test]
fn schemas_and_asyncapi_document_are_those_of_the_code() {
    let artefacts = artefact::all(&artefact::workspace(), &catalogue());
    assert!(artefacts.len() > 20);
    for file in artefacts {
        assert!(!file.is_stale(), "{}: run `{COMMAND}`", file.path.display());
    }
}

#[test]
fn every_event_has_a_topic_and_every_type_heard_is_said() {
    let catalogue = catalogue();
    for event in &catalogue.events {
        assert!(event.topic.is_some(), "{} has no topic", event.event_type);
    }
    for subscription in &catalogue.subscriptions {
        for event_type in &subscription.event_types {
            let event = catalogue.event(event_type);
            let producer = event.map(|event| event.producer.as_str());
            let id = &subscription.declared.logical_id;
            assert_eq!(
                producer,
                Some(subscription.producer.as_str()),
                "{id}: {event_type}"
            );
        }
    }
}
