//! Whether functions take what lies in queues and what is committed to tables.

use std::collections::BTreeSet;

use super::finding::{Finding, well, wrong};
use crate::functions::Mapping;

/// The queues and tables that a function must take from, and the mappings there are, by the source's logical id.
pub(super) fn of_triggers(
    wanted: &BTreeSet<String>,
    mappings: &[(String, Mapping)],
) -> Vec<Finding> {
    let has_one = |source: &String| mappings.iter().any(|(mapped, _)| mapped == source);
    let untouched = wanted.iter().filter(|source| !has_one(source));
    let mut findings: Vec<Finding> = untouched
        .map(|source| {
            wrong(
                source,
                "no function takes from it: its trigger is not there",
            )
        })
        .collect();
    findings.extend(
        mappings
            .iter()
            .filter_map(|(source, mapping)| of_mapping(source, mapping)),
    );
    if findings.is_empty() {
        let count = mappings.len();
        findings.push(well(
            "triggers",
            format!("{count} of queues and tables, all switched on"),
        ));
    }
    findings
}

/// What is wrong with one, if anything is.
fn of_mapping(source: &str, mapping: &Mapping) -> Option<Finding> {
    let reason = mapping.state_transition_reason.as_deref();
    let reason = reason.unwrap_or("nothing says why");
    match mapping.state.as_str() {
        "Enabled" | "Creating" | "Enabling" | "Updating" => {}
        state => {
            let words = format!("its trigger is {state} ({reason}): nothing is taken from it");
            return Some(wrong(source, words));
        }
    }
    let last = mapping.last_processing_result.as_deref()?;
    let failed = last.starts_with("PROBLEM");
    failed.then(|| {
        wrong(
            source,
            format!("the last batch of it could not be handled: {last}"),
        )
    })
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
        let queue = mapping("OrdersQueue", "Enabled", None);
        let table = mapping("OrdersTable", "Enabled", Some("OK"));
        let wrong = |about: &str| vec![(Verdict::Wrong, about.to_owned())];
        let all_well = vec![(Verdict::Well, "triggers".to_owned())];
        assert_eq!(found(&[queue.clone(), table.clone()]), all_well);
        assert_eq!(found(std::slice::from_ref(&queue)), wrong("OrdersTable"));
        let disabled = mapping("OrdersQueue", "Disabled", None);
        assert_eq!(found(&[disabled, table]), wrong("OrdersQueue"));
        let failing = mapping(
            "OrdersTable",
            "Enabled",
            Some("PROBLEM: Function call failed"),
        );
        assert_eq!(found(&[queue, failing]), wrong("OrdersTable"));
    }
}
