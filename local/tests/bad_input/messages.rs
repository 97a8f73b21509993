//! Bad messages of the queues: each goes to the dead-letter queue with the reason, and the rest of its batch is done.

use serde_json::{Value, json};

use crate::hard_json;
use crate::mutation::{Wrong, missing_fields, strange_texts, with, wrong_numbers, wrong_types};
use crate::world::{self, CONTEXTS, World, about, example};

/// How many bad messages stand between two good ones.
const BAD_IN_A_BATCH: usize = 8;

/// Contexts that have a queue.
pub fn hearing() -> impl Iterator<Item = &'static str> {
    CONTEXTS
        .into_iter()
        .filter(|context| !World::empty(context).hears.is_empty())
}

/// A message that the context takes, the like of which it has not had before.
pub fn good(context: &str, serial: usize) -> String {
    let event_type = match context {
        "insights" | "inventory" => "orders.OrderPlaced.v1",
        "notifications" | "shipping" => "orders.OrderConfirmed.v1",
        "carts" | "orders" => {
            let mut event = example("catalog.ProductPublished.v1");
            let product = format!("good-{serial}");
            event["id"] = json!(format!("catalog.{product}.1.0"));
            event["subject"] = json!(product);
            event["data"]["product_id"] = json!(product);
            event["data"]["variants"][0]["sku"] = json!(format!("SKU-{serial}"));
            // Of one variant each: a SKU is one product's.
            let variants = event["data"]["variants"].as_array_mut();
            variants.unwrap().truncate(1);
            return event.to_string();
        }
        "payments" => "orders.PaymentRequested.v1",
        other => panic!("{other} has no queue"),
    };
    let mut event = about(&example(event_type), &format!("good-{serial}"));
    if context == "inventory" {
        event["data"]["lines"] = json!([{ "sku": "SENCHA-100G", "quantity": 1 }]);
    }
    event.to_string()
}

/// Delivers bad messages between good ones to the context, and the good ones alone to another: both must then hold the
/// same, and each bad one must be a dead letter with a reason.
async fn judge(context: &'static str, bad: &[(String, String)]) -> Vec<String> {
    let (world, control) = (World::of(context).await, World::of(context).await);
    let mut broken = Vec::new();
    for (number, chunk) in bad.chunks(BAD_IN_A_BATCH).enumerate() {
        let (first, last) = (good(context, 2 * number), good(context, 2 * number + 1));
        let mut batch = vec![first.clone()];
        batch.extend(chunk.iter().map(|(_, body)| body.clone()));
        batch.push(last.clone());
        let delivered = world.deliver(&batch).await;
        for position in &delivered.failed {
            let what = chunk
                .get(position.wrapping_sub(1))
                .map_or("a good message", |(what, _)| what);
            broken.push(format!("{context}: {what}: comes again"));
        }
        for (what, body) in chunk {
            let reason = delivered.dead.iter().find(|(dead, _)| dead == body);
            match reason {
                Some((_, reason)) if !reason.trim().is_empty() => {}
                Some(_) => broken.push(format!("{context}: {what}: no reason is given")),
                None => broken.push(format!("{context}: {what}: is no dead letter: {body:.200}")),
            }
        }
        let excess = delivered.dead.len().saturating_sub(chunk.len());
        if excess > 0 {
            broken.push(format!(
                "{context}: {excess} good messages are dead letters"
            ));
        }
        control.deliver(&[first, last]).await;
    }
    if world.state() != control.state() {
        broken.push(format!(
            "{context}: what stands is not what the good messages make alone"
        ));
    }
    broken
}

pub fn close(what: &str, cases: usize, at_least: usize, broken: &[String]) {
    eprintln!("{what}: {cases} cases");
    let shown = &broken[..broken.len().min(40)];
    assert!(
        broken.is_empty(),
        "{} of {cases} broken:\n{}",
        broken.len(),
        shown.join("\n")
    );
    assert!(cases >= at_least, "only {cases} cases of {what}");
}

#[tokio::test]
async fn every_event_type_that_is_heard_has_an_example_that_is_taken() {
    for context in hearing() {
        for event_type in World::empty(context).hears {
            let event = example(event_type);
            assert_eq!(event["type"], *event_type);
            let world = World::of(context).await;
            let delivered = world.deliver(&[event.to_string()]).await;
            assert!(
                delivered.dead.is_empty(),
                "{context}: {event_type}: {delivered:?}"
            );
            // Fields are only ever added to an event: one that we do not know yet is no reason to refuse it.
            let newer = with(
                &with(&event, "data.added", json!({ "a": [1] })),
                "added",
                json!(7),
            );
            let world = World::of(context).await;
            let delivered = world.deliver(&[newer.to_string()]).await;
            assert!(
                delivered.dead.is_empty(),
                "{context}: a newer {event_type}: {delivered:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_message_that_is_no_event_is_a_dead_letter() {
    let (mut cases, mut broken) = (0, Vec::new());
    for context in hearing() {
        let event = good(context, 9999);
        let mut bad: Vec<(String, String)> = hard_json::texts()
            .into_iter()
            .map(|hard| (hard.name, hard.text))
            .collect();
        let more = [
            ("nothing", String::new()),
            ("an event in a list", format!("[{event}]")),
            ("two events", format!("{event}{event}")),
            (
                "an event as a text",
                Value::from(event.as_str()).to_string(),
            ),
            ("an event cut short", event[..event.len() - 1].to_owned()),
            ("an event and more", format!("{event} x")),
            ("a byte order mark", format!("\u{feff}{event}")),
            // What a topic sends without raw delivery.
            (
                "a notification",
                json!({ "Type": "Notification", "Message": event }).to_string(),
            ),
            ("300 KiB", "x".repeat(300 * 1024)),
        ];
        bad.extend(more.map(|(what, text)| (what.to_owned(), text)));
        cases += bad.len();
        broken.extend(judge(context, &bad).await);
    }
    close("messages that are no events", cases, 1400, &broken);
}

#[tokio::test]
async fn an_event_whose_envelope_is_wrong_is_a_dead_letter() {
    let (mut cases, mut broken) = (0, Vec::new());
    for context in hearing() {
        let event: Value = serde_json::from_str(&good(context, 9999)).unwrap();
        let of_envelope = |wrong: &Wrong| !wrong.path.starts_with("data.") && wrong.path != "data";
        let mut bad: Vec<(String, String)> = [
            wrong_types(&event, &["traceparent"]),
            missing_fields(&event, &["traceparent"]),
            wrong_numbers(&event),
        ]
        .concat()
        .into_iter()
        .filter(of_envelope)
        .map(|wrong| (format!("{}: {}", wrong.path, wrong.what), wrong.text))
        .collect();
        for name in [
            "id",
            "correlationid",
            "causationid",
            "time",
            "specversion",
            "type",
        ] {
            for text in strange_texts() {
                let what = format!("{name}: {text:.40?}");
                bad.push((what, with(&event, name, Value::from(text)).to_string()));
            }
        }
        for (name, text) in [
            ("specversion", "0.3"),
            ("specversion", "1.0.0"),
            ("specversion", "2"),
            ("type", "orders.OrderPlaced"),
            ("type", "orders.OrderPlaced.v2"),
            ("type", "Orders.OrderPlaced.v1"),
            ("type", " orders.OrderPlaced.v1"),
            ("type", "nobody.SaidThis.v1"),
            ("time", "yesterday"),
            ("time", "2026-13-01T00:00:00Z"),
            ("time", "2026-11-24"),
            ("time", "99999-11-24T00:00:00Z"),
        ] {
            let what = format!("{name}: {text}");
            bad.push((what, with(&event, name, json!(text)).to_string()));
        }
        cases += bad.len();
        broken.extend(judge(context, &bad).await);
    }
    close("wrong envelopes", cases, 1500, &broken);
}

/// Fields that an event may do without, as its committed schema says.
fn optional(event_type: &str) -> Vec<String> {
    let event = example(event_type);
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/contracts/schemas");
    let schema = std::fs::read_to_string(folder.join(format!("{event_type}.json"))).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let fields = event["data"].as_object().unwrap().keys();
    fields
        .filter(|name| !required.contains(&name.as_str()))
        .map(|name| format!("data.{name}"))
        .collect()
}

#[tokio::test]
async fn an_event_whose_facts_are_wrong_is_a_dead_letter() {
    let (mut cases, mut broken) = (0, Vec::new());
    for context in hearing() {
        let mut bad: Vec<(String, String)> = Vec::new();
        for event_type in World::empty(context).hears {
            let event = example(event_type);
            let optional = optional(event_type);
            let optional: Vec<&str> = optional.iter().map(String::as_str).collect();
            let languages = ["data.title.en", "data.title.ja"];
            // A title has as many languages as it has.
            let may_lack = [&optional[..], &languages].concat();
            let of_data = |wrong: &Wrong| wrong.path.starts_with("data");
            let wrong = [
                wrong_types(&event, &optional),
                missing_fields(&event, &may_lack),
                wrong_numbers(&event),
            ]
            .concat();
            bad.extend(wrong.into_iter().filter(of_data).map(|wrong| {
                let what = format!("{event_type}: {}: {}", wrong.path, wrong.what);
                (what, wrong.text)
            }));
            for hard in hard_json::texts()
                .into_iter()
                .filter(|hard| hard.text.len() < 20_000)
            {
                let text = crate::mutation::with_text(&event, "data", &hard.text);
                bad.push((format!("{event_type}: data: {}", hard.name), text));
            }
        }
        cases += bad.len();
        broken.extend(judge(context, &bad).await);
    }
    close("wrong facts", cases, 8000, &broken);
}

#[tokio::test]
async fn a_context_without_a_queue_loses_no_message() {
    let mut worlds = world::all().await;
    worlds.retain(|_, world| world.hears.is_empty());
    assert_eq!(
        worlds.keys().collect::<Vec<_>>(),
        [&"catalog", &"customers"]
    );
    for world in worlds.values() {
        let before = world.state();
        let event = example("orders.OrderPlaced.v1").to_string();
        let delivered = world.deliver(&[event, String::new()]).await;
        assert_eq!(
            delivered.failed,
            [0, 1],
            "they stay with whoever brought them"
        );
        assert!(world.state() == before);
    }
}
