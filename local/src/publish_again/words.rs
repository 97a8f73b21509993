//! What came of publishing again, for people.

use std::fmt::Write as _;

use super::{OfContext, Outcome};

pub(super) fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    for context in &outcome.contexts {
        let OfContext {
            context,
            items,
            events,
            forgetful,
            unreadable,
            failed,
        } = context;
        let _ = writeln!(text, "{context:14} {events:>8} events of {items} items");
        for key in forgetful {
            let _ = writeln!(text, "  {key} has forgotten some of what it announced");
        }
        for key in unreadable {
            let _ = writeln!(text, "  {key} cannot be read");
        }
        if let Some(failed) = failed {
            let _ = writeln!(text, "  ended early: {failed}");
        }
    }
    let events: usize = outcome.contexts.iter().map(|context| context.events).sum();
    let verb = match outcome.dry_run {
        true => "would be published again",
        false => "published again",
    };
    let _ = writeln!(
        text,
        "{events} events {verb}, announced since {}",
        outcome.since
    );
    text
}

#[cfg(test)]
mod tests {
    use identifiers::Timestamp;

    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let shipping = OfContext {
            context: "shipping".to_owned(),
            items: 12,
            events: 3,
            forgetful: vec!["shipment#1/shipment".to_owned()],
            unreadable: Vec::new(),
            failed: Some("the stack is gone".to_owned()),
        };
        let outcome = Outcome {
            since: Timestamp::from_milliseconds(0),
            dry_run: true,
            contexts: vec![shipping],
        };
        assert_eq!(
            text(&outcome),
            "shipping              3 events of 12 items\n  \
             shipment#1/shipment has forgotten some of what it announced\n  \
             ended early: the stack is gone\n\
             3 events would be published again, announced since 1970-01-01T00:00:00.000Z\n"
        );
    }
}
