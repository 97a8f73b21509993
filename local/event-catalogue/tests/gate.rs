//! The gate refuses what would break a consumer, and names it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use event_catalogue::gate::{Refusal, judge};
use event_catalogue::published::Published;
use event_catalogue::{Catalogue, artefact, load_template, schema};
use serde_json::{Value, json};

const CONFIRMED: &str = "orders.OrderConfirmed.v1";

fn catalogue() -> Catalogue {
    Catalogue::of(&load_template(&artefact::workspace().join("template.yaml")).unwrap())
}

/// Everything published as the code says it now.
fn published(folder: &std::path::Path) -> Published {
    let mut published = Published::read(folder).unwrap();
    for (name, schema) in schema::all() {
        assert!(published.add(folder, &name, &schema).unwrap());
        assert!(!published.add(folder, &name, &schema).unwrap());
    }
    Published::read(folder).unwrap()
}

/// The current schemas with one changed.
fn with(name: &str, change: impl Fn(&mut Value)) -> Vec<(String, Value)> {
    let mut current = schema::all();
    let (_, schema) = current.iter_mut().find(|(one, _)| one == name).unwrap();
    change(schema);
    current
}

fn contexts(refusal: &Refusal) -> Vec<&str> {
    refusal
        .consumers
        .iter()
        .map(|one| one.context.as_str())
        .collect()
}

#[test]
fn nothing_changed_is_nothing_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        judge(&published(folder.path()), &schema::all(), &catalogue()),
        []
    );
}

#[test]
fn a_removed_field_names_each_consumer() {
    let folder = tempfile::tempdir().unwrap();
    let current = with(CONFIRMED, |schema| {
        schema["properties"]
            .as_object_mut()
            .unwrap()
            .remove("region");
        let required = schema["required"].as_array_mut().unwrap();
        required.retain(|name| name != "region");
    });
    let refused = judge(&published(folder.path()), &current, &catalogue());
    let [refusal] = refused.as_slice() else {
        panic!("{refused:?}");
    };
    assert_eq!(refusal.name, CONFIRMED);
    assert_eq!(contexts(refusal), ["shipping", "notifications", "insights"]);
    let text = refusal.to_string();
    for part in [
        CONFIRMED,
        "region was removed: older readers fail on newer events",
        "would break shipping (by ShippingFromOrders), notifications (by NotificationsFromOrders), insights (by InsightsFromOrders)",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn an_event_that_nobody_here_hears_is_kept_for_those_outside() {
    let folder = tempfile::tempdir().unwrap();
    // Insights hears all that is said; but for it, some events are for others alone.
    let mut catalogue = catalogue();
    let subscriptions = &mut catalogue.subscriptions;
    subscriptions.retain(|one| one.consumer != "insights");
    let unheard = catalogue
        .events
        .iter()
        .map(|event| &event.event_type)
        .find(|event_type| catalogue.consumers(event_type).is_empty());
    let unheard = unheard.expect("some events are for others");
    let current = with(unheard, |schema| schema["type"] = "string".into());
    let refused = judge(&published(folder.path()), &current, &catalogue);
    assert_eq!(refused.len(), 1);
    assert_eq!(contexts(&refused[0]), [""; 0]);
    assert!(
        refused[0].to_string().contains("outside this template"),
        "{}",
        refused[0]
    );
}

#[test]
fn the_envelope_is_everybodys() {
    let folder = tempfile::tempdir().unwrap();
    let current = with(schema::ENVELOPE, |schema| {
        schema["properties"]
            .as_object_mut()
            .unwrap()
            .remove("correlationid");
    });
    let refused = judge(&published(folder.path()), &current, &catalogue());
    let named = contexts(&refused[0]).join(" ");
    for context in [
        "inventory",
        "notifications",
        "orders",
        "payments",
        "shipping",
    ] {
        assert!(named.contains(context), "{named}");
    }
}

#[test]
fn a_type_that_is_gone_is_refused_until_it_is_retired() {
    let folder = tempfile::tempdir().unwrap();
    let mut published = published(folder.path());
    let mut current = schema::all();
    current.retain(|(name, _)| name != CONFIRMED);
    let refused = judge(&published, &current, &catalogue());
    assert_eq!(refused.len(), 1);
    assert!(contexts(&refused[0]).contains(&"shipping"), "{refused:?}");
    assert!(
        published
            .add(folder.path(), CONFIRMED, &Value::Null)
            .unwrap()
    );
    let published = Published::read(folder.path()).unwrap();
    assert_eq!(judge(&published, &current, &catalogue()), []);
}

/// A field that came in one revision and went in the next breaks readers of the revision between.
#[test]
fn every_revision_counts_and_not_only_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let mut published = published(folder.path());
    let with_note = with(CONFIRMED, |schema| {
        schema["properties"]["gift_note"] = json!({ "type": "string" });
    });
    assert_eq!(judge(&published, &with_note, &catalogue()), []);
    for (name, schema) in &with_note {
        published.add(folder.path(), name, schema).unwrap();
    }
    let refused = judge(&published, &schema::all(), &catalogue());
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].breaches[0].property, "gift_note");
    // Putting the older revision on top makes it no better.
    let (_, without) = schema::all()
        .into_iter()
        .find(|(name, _)| name == CONFIRMED)
        .unwrap();
    published.add(folder.path(), CONFIRMED, &without).unwrap();
    assert_eq!(judge(&published, &schema::all(), &catalogue()).len(), 1);
}
