//! A timeline as people read it.

use std::fmt::Write as _;

use serde_json::Value;

use super::Timeline;
use super::line::{Cause, Kind, Line};

pub(super) fn text(timeline: &Timeline) -> String {
    let mut text = String::new();
    write(timeline, &mut text).expect("writing into a text cannot fail");
    text
}

fn write(timeline: &Timeline, text: &mut String) -> std::fmt::Result {
    writeln!(text, "Order {}", timeline.order_id)?;
    if let Some(trace_id) = &timeline.trace_id {
        writeln!(text, "Trace {trace_id}")?;
    }
    writeln!(text)?;
    for part in &timeline.contexts {
        writeln!(text, "  {:14} {}", part.context, summary(&part.state))?;
    }
    if timeline.incomplete {
        writeln!(
            text,
            "\n(The beginning is missing: a context remembers its last messages only.)"
        )?;
    }
    writeln!(text)?;
    let first = timeline.timeline.first().map(|line| line.at.milliseconds());
    for line in &timeline.timeline {
        let since = line.at.milliseconds() - first.unwrap_or_default();
        writeln!(
            text,
            "{}  {:>9}  {:14} {}",
            line.at,
            format!("+{}", span(since)),
            line.context,
            handled(&line.cause)
        )?;
        if let Some(trace_id) = &line.trace_id
            && line.trace_id != timeline.trace_id
        {
            writeln!(text, "{:52}in trace {trace_id}", "")?;
        }
        said(line, text)?;
    }
    Ok(())
}

fn handled(cause: &Cause) -> String {
    let event = cause.event_type.as_deref();
    let delay = cause.delay_ms.map(span).unwrap_or_default();
    match (cause.kind, event) {
        (Kind::Event, Some(event)) => format!("{event}, {delay} after it was said"),
        (Kind::Step, Some(event)) => {
            format!("a step on the way of {event}, {delay} after it was said")
        }
        (Kind::Event | Kind::Step, None) => format!("a step of its own, {}", cause.id),
        (Kind::Request, _) => format!("a request, {}", cause.id),
        (Kind::Deadline, _) => format!("a deadline, {}", cause.id),
        (Kind::Unknown, _) => format!("{}, forgotten by who said it", cause.id),
    }
}

fn said(line: &Line, text: &mut String) -> std::fmt::Result {
    for emitted in &line.emitted {
        let heard = match emitted.heard_by.as_slice() {
            [] => "nobody acted on it".to_owned(),
            hearers => format!("heard by {}", hearers.join(", ")),
        };
        let indent = "";
        writeln!(text, "{indent:52}says {}; {heard}", emitted.event_type)?;
    }
    Ok(())
}

/// Milliseconds, in the unit in which they are easy to read.
fn span(milliseconds: i64) -> String {
    match milliseconds {
        ..10_000 => format!("{milliseconds} ms"),
        10_000..600_000 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        600_000..86_400_000 => format!("{:.1} min", milliseconds as f64 / 60_000.0),
        86_400_000.. => format!("{:.1} days", milliseconds as f64 / 86_400_000.0),
    }
}

/// How it stands, and then what else there is to say.
fn summary(state: &Value) -> String {
    let entries = state.as_object().into_iter().flatten();
    let mut entries: Vec<(&String, &Value)> = entries.collect();
    entries.sort_by_key(|(name, _)| *name != "status");
    let words = entries.into_iter().filter_map(|(name, value)| {
        let name = name.replace('_', " ");
        match value {
            Value::Null => None,
            Value::String(text) if name == "status" => Some(text.clone()),
            Value::String(text) => Some(format!("{name} {text}")),
            Value::Array(list) if list.is_empty() => None,
            Value::Array(list) => Some(listed(&name, list)),
            Value::Object(amount) if amount.contains_key("amount_minor") => {
                let currency = amount["currency"].as_str().unwrap_or_default();
                Some(format!("{name} {} {currency}", amount["amount_minor"]))
            }
            other => Some(format!("{name} {other}")),
        }
    });
    words.collect::<Vec<String>>().join(", ")
}

/// A ledger, attempts, parcels or notices: what each is called, in their order.
fn listed(name: &str, list: &[Value]) -> String {
    let called = |entry: &Value| {
        let keys = ["entry", "notice", "tracking_number", "status"];
        let name = keys.iter().find_map(|key| entry[key].as_str());
        name.map(str::to_owned)
    };
    let called: Option<Vec<String>> = list.iter().map(called).collect();
    match called {
        Some(called) => format!("{name}: {}", called.join(" ")),
        None => format!("{} {name}", list.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_a_unit_that_fits() {
        let said = [0, 9_999, 12_340, 600_000, 172_800_000].map(span);
        assert_eq!(said, ["0 ms", "9999 ms", "12.3 s", "10.0 min", "2.0 days"]);
    }

    #[test]
    fn a_state_is_summed_up_in_a_line() {
        let state = serde_json::json!({
            "status": "captured",
            "amount": { "amount_minor": 300, "currency": "JPY" },
            "ledger": [{ "entry": "authorized" }, { "entry": "captured" }],
            "refunds": [],
            "attempts": [{ "attempt": 1 }],
        });
        assert_eq!(
            summary(&state),
            "captured, amount 300 JPY, 1 attempts, ledger: authorized captured"
        );
    }
}
