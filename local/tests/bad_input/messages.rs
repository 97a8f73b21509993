//! Bad messages of the queues: each goes to the dead-letter queue with the reason, and the rest of its batch is done.

use serde_json::{Value, json};

use crate::hard_json;
use crate::mutation::{
    Wrong, missing_fields, places, strange_texts, with, wrong_numbers, wrong_types,
};
use crate::routes;
use crate::world::{self, CONTEXTS, World, about, example};

/// How many bad messages stand between two good ones.
const BAD_IN_A_BATCH: usize = 8;

/// Contexts that have a queue.
fn hearing() -> impl Iterator<Item = &'static str> {
    CONTEXTS
        .into_iter()
        .filter(|context| !World::empty(context).hears.is_empty())
}

/// A message that the context takes, the like of which it has not had before.
fn good(context: &str, serial: usize) -> String {
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

fn close(what: &str, cases: usize, at_least: usize, broken: &[String]) {
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

/// Facts of the right shape that make no sense. What comes of them is each context's to say, and a test of its own
/// says it; here, that nothing breaks: each is done, a dead letter, or comes again, and its neighbours are done.
#[tokio::test]
async fn senseless_facts_break_nothing() {
    let numbers = [0_i64, -1, 1, i64::from(u32::MAX), i64::MAX, i64::MIN];
    let (mut cases, mut broken) = (0, Vec::new());
    for context in hearing() {
        let (world, control) = (World::of(context).await, World::of(context).await);
        let mut routes = routes::all();
        routes.retain(|route| route.context == context);
        let mut serial = 0;
        for event_type in World::empty(context).hears {
            let event = example(event_type);
            let mut senseless: Vec<(String, Value)> = Vec::new();
            let mut add = |what: String, value: Value| senseless.push((what, value));
            for path in places(&event) {
                let value = crate::mutation::at(&event, &path);
                match value {
                    Value::Number(_) => {
                        for number in numbers {
                            add(
                                format!("{path} is {number}"),
                                with(&event, &path, json!(number)),
                            );
                        }
                        add(
                            format!("{path} is {}", u64::MAX),
                            with(&event, &path, json!(u64::MAX)),
                        );
                    }
                    Value::Array(values) if !values.is_empty() => {
                        add(format!("{path} is empty"), with(&event, &path, json!([])));
                        let twice = [values.clone(), values.clone()].concat();
                        add(
                            format!("{path} is there twice"),
                            with(&event, &path, json!(twice)),
                        );
                        let many = vec![values[0].clone(); 5000];
                        add(
                            format!("{path} is 5000 times the same"),
                            with(&event, &path, json!(many)),
                        );
                        if let Some(quantity) = values[0].get("quantity") {
                            assert!(quantity.is_number());
                            let mut most = values[0].clone();
                            most["quantity"] = json!(u32::MAX);
                            add(
                                format!("{path} is twice the most"),
                                with(&event, &path, json!([most, most])),
                            );
                        }
                    }
                    Value::String(text) if text == "JPY" => {
                        for currency in ["USD", "XXX", "BHD"] {
                            add(
                                format!("{path} is {currency}"),
                                with(&event, &path, json!(currency)),
                            );
                        }
                    }
                    Value::String(text) if text.ends_with('Z') && text.starts_with("20") => {
                        for time in [
                            "-009999-01-02T01:59:59Z",
                            "9999-12-30T22:00:00Z",
                            "1970-01-01T00:00:00Z",
                        ] {
                            add(
                                format!("{path} is {time}"),
                                with(&event, &path, json!(time)),
                            );
                        }
                    }
                    Value::String(_) if path.ends_with("_id") || path == "subject" => {
                        add(
                            format!("{path} is long"),
                            with(&event, &path, json!("x".repeat(64))),
                        );
                    }
                    Value::Null
                    | Value::Bool(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_) => {}
                }
            }
            add(
                "an id of the longest".to_owned(),
                with(&event, "id", json!("x".repeat(160))),
            );
            add(
                "a subject that is empty".to_owned(),
                with(&event, "subject", json!("")),
            );
            add(
                "a subject of another".to_owned(),
                with(&event, "subject", json!("茶\u{0}")),
            );
            for (what, mut event) in senseless {
                serial += 1;
                // Each is a message of its own.
                if !what.starts_with("an id") {
                    event["id"] = json!(format!("senseless.{serial}"));
                }
                let (first, last) = (good(context, 2 * serial), good(context, 2 * serial + 1));
                let delivered = world
                    .deliver(&[first.clone(), event.to_string(), last.clone()])
                    .await;
                let neighbours = delivered.failed.iter().any(|position| *position != 1);
                if neighbours || delivered.dead.len() > 1 {
                    broken.push(format!(
                        "{context}: {event_type}: {what}: its neighbours suffer: {delivered:?}"
                    ));
                }
                // What it has made of it can be read again.
                for route in routes.iter().filter(|route| route.method == "GET") {
                    if let Err(fault) = world.send(&route.call()).await.holds() {
                        let name = route.name();
                        broken.push(format!("{context}: {event_type}: {what}: {name}: {fault}"));
                    }
                }
                let good_alone = control.deliver(&[first, last]).await;
                assert!(good_alone.failed.is_empty() && good_alone.dead.is_empty());
                cases += 1;
            }
        }
    }
    close("senseless facts", cases, 600, &broken);
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
