//! Facts of the right shape that make no sense. What comes of them is each context's to say, and a test of its own says
//! it; here, that nothing breaks: each is done, a dead letter, or comes again, and its neighbours are done.

use serde_json::{Value, json};

use crate::messages::{close, good, hearing};
use crate::mutation::{at, places, with};
use crate::routes;
use crate::world::{World, example};

const NUMBERS: [i64; 6] = [0, -1, 1, u32::MAX as i64, i64::MAX, i64::MIN];

/// The event with one thing of it senseless, each with what that is.
fn senseless(event: &Value) -> Vec<(String, Value)> {
    let mut senseless: Vec<(String, Value)> = Vec::new();
    let mut add = |what: String, value: Value| senseless.push((what, value));
    for path in places(event) {
        let value = at(event, &path);
        match value {
            Value::Number(_) => {
                for number in NUMBERS {
                    add(
                        format!("{path} is {number}"),
                        with(event, &path, json!(number)),
                    );
                }
                add(
                    format!("{path} is {}", u64::MAX),
                    with(event, &path, json!(u64::MAX)),
                );
            }
            Value::Array(values) if !values.is_empty() => {
                add(format!("{path} is empty"), with(event, &path, json!([])));
                let twice = [values.clone(), values.clone()].concat();
                add(
                    format!("{path} is there twice"),
                    with(event, &path, json!(twice)),
                );
                let many = vec![values[0].clone(); 5000];
                add(
                    format!("{path} is 5000 times the same"),
                    with(event, &path, json!(many)),
                );
                if let Some(quantity) = values[0].get("quantity") {
                    assert!(quantity.is_number());
                    let mut most = values[0].clone();
                    most["quantity"] = json!(u32::MAX);
                    add(
                        format!("{path} is twice the most"),
                        with(event, &path, json!([most, most])),
                    );
                }
            }
            Value::String(text) if text == "JPY" => {
                for currency in ["USD", "XXX", "BHD"] {
                    add(
                        format!("{path} is {currency}"),
                        with(event, &path, json!(currency)),
                    );
                }
            }
            Value::String(text) if text.ends_with('Z') && text.starts_with("20") => {
                for time in [
                    "-009999-01-02T01:59:59Z",
                    "9999-12-30T22:00:00Z",
                    "1970-01-01T00:00:00Z",
                ] {
                    add(format!("{path} is {time}"), with(event, &path, json!(time)));
                }
            }
            Value::String(_) if path.ends_with("_id") || path == "subject" => {
                add(
                    format!("{path} is long"),
                    with(event, &path, json!("x".repeat(64))),
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
        with(event, "id", json!("x".repeat(160))),
    );
    add(
        "a subject that is empty".to_owned(),
        with(event, "subject", json!("")),
    );
    add(
        "a subject of another".to_owned(),
        with(event, "subject", json!("茶\u{0}")),
    );
    senseless
}

/// Each event type has a world of its own: reads of what piles up on one day would grow with every case.
#[tokio::test]
async fn senseless_facts_break_nothing() {
    let (mut cases, mut broken) = (0, Vec::new());
    for context in hearing() {
        for event_type in World::empty(context).hears {
            cases += tried(context, event_type, &mut broken).await;
        }
    }
    close("senseless facts", cases, 600, &broken);
}

/// How many cases an event type had; what broke is added.
async fn tried(context: &'static str, event_type: &str, broken: &mut Vec<String>) -> usize {
    let (world, control) = (World::of(context).await, World::of(context).await);
    let mut routes = routes::all();
    routes.retain(|route| route.context == context);
    let mut serial = 0;
    for (what, mut event) in senseless(&example(event_type)) {
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
    }
    serial
}
