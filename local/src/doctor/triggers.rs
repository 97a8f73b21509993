//! Whether functions take what lies in queues and what is committed to tables. Of schedules it knows nothing.

use std::collections::BTreeSet;

use super::finding::{Finding, note, well, wrong};
use crate::functions::Mapping;

/// What was found of the queues and tables that a function must take from, by the mappings there are, each with its
/// source's logical id. A mapping of another source is none of this stack's.
pub(super) fn of_triggers(
    wanted: &BTreeSet<String>,
    mappings: &[(String, Mapping)],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in wanted {
        let mut own = mappings.iter().filter(|(mapped, _)| mapped == source);
        match own.next() {
            Some((_, mapping)) => findings.extend(of_mapping(source, mapping)),
            None => findings.push(wrong(
                source,
                "no function takes from it: its trigger is not there",
            )),
        }
    }
    if findings.is_empty() {
        let count = wanted.len();
        let words = format!("{count} of queues and tables, all switched on");
        findings.push(well("triggers", words));
    }
    findings
}

/// What is to be said of one, if anything is.
fn of_mapping(source: &str, mapping: &Mapping) -> Option<Finding> {
    let reason = mapping.state_transition_reason.as_deref();
    let reason = reason.unwrap_or("nothing says why");
    match mapping.state.as_str() {
        "Enabled" => {}
        state @ ("Creating" | "Enabling" | "Updating") => {
            return Some(note(source, format!("its trigger is {state}")));
        }
        state => {
            let words = format!("its trigger is {state} ({reason}): nothing is taken from it");
            return Some(wrong(source, words));
        }
    }
    // It stands until the next batch, which may be hours away where little is committed, and may have gone well since.
    // What was given up lies in the queue of stream failures, which is looked at as well.
    let last = mapping.last_processing_result.as_deref()?;
    let failed = last.starts_with("PROBLEM");
    failed.then(|| note(source, format!("the last batch of it failed: {last}")))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    fn mapping(source: &str, state: &str, last: Option<&str>) -> (String, Mapping) {
        let mapping = Mapping {
            state: state.to_owned(),
            state_transition_reason: Some("User action".to_owned()),
            last_processing_result: last.map(str::to_owned),
            ..Mapping::default()
        };
        (source.to_owned(), mapping)
    }

    #[test]
    fn a_source_needs_a_trigger_that_works() {
        let wanted = ["OrdersQueue", "OrdersTable"]
            .map(str::to_owned)
            .into_iter()
            .collect();
        let found = |mappings: &[(String, Mapping)]| -> Vec<(Verdict, String)> {
            let findings = of_triggers(&wanted, mappings).into_iter();
            findings
                .map(|finding| (finding.verdict, finding.about))
                .collect()
        };
        let one = |verdict, about: &str| vec![(verdict, about.to_owned())];
        let queue = mapping("OrdersQueue", "Enabled", None);
        let table = mapping("OrdersTable", "Enabled", Some("OK"));
        let foreign = mapping("OthersQueue", "Disabled", None);
        let all_well = one(Verdict::Well, "triggers");
        assert_eq!(found(&[queue.clone(), table.clone(), foreign]), all_well);
        assert_eq!(
            found(std::slice::from_ref(&queue)),
            one(Verdict::Wrong, "OrdersTable")
        );
        let disabled = mapping("OrdersQueue", "Disabled", None);
        assert_eq!(
            found(&[disabled, table.clone()]),
            one(Verdict::Wrong, "OrdersQueue")
        );
        let changing = mapping("OrdersQueue", "Updating", None);
        assert_eq!(found(&[changing, table]), one(Verdict::Note, "OrdersQueue"));
        let failing = mapping(
            "OrdersTable",
            "Enabled",
            Some("PROBLEM: Function call failed"),
        );
        assert_eq!(found(&[queue, failing]), one(Verdict::Note, "OrdersTable"));
    }
}
