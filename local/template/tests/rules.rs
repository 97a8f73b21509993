//! The rules that a template can break: held by the project's own, and each shown to catch a broken copy.
//!
//! Not here: that a filter policy lists what the code declares it hears. That comparison needs the functions.

mod rule;
mod shop;

use std::collections::{BTreeMap, BTreeSet};

use rule::{BREAKS, RULES, broken};
use sam_template::{EventSource, Template};

#[test]
fn the_template_keeps_every_rule() {
    assert_eq!(broken(&shop::template()), BTreeMap::new());
}

#[test]
fn the_longest_batching_window_keeps_every_rule() {
    let mut parameters = shop::parameters();
    for (name, value) in [
        ("QueueBatchingWindowSeconds", "30"),
        ("InsightsBatchingWindowSeconds", "30"),
        ("StreamRetryAttempts", "1000"),
    ] {
        parameters
            .overrides
            .insert(name.to_owned(), value.to_owned());
    }
    let template =
        Template::parse(&shop::text(), &parameters).expect("values that the template allows");
    assert_eq!(broken(&template), BTreeMap::new());
}

/// What tells of each way in which work stops, however little is watched.
const ESSENTIAL: [&str; 5] = [
    "ApiAlarm",
    "DeadLettersAlarm",
    "DeclinesAlarm",
    "FailedMessagesAlarm",
    "StreamsAlarm",
];

/// Every combination of switches loads, and keeps the rules that do not ask for what was switched off.
#[test]
fn what_is_switched_off_breaks_nothing_else() {
    let watching = ["dead_letters_watched", "functions_watched", "alarms_heard"];
    for (alarms, metrics) in [("off", 0), ("essential", 19), ("all", 60)] {
        let mut parameters = shop::parameters();
        parameters.overrides = [
            ("TokenIssuer", shop::ISSUER),
            ("Pages", "off"),
            ("Alarms", alarms),
            ("Metrics", "all"),
            ("Tracing", "Active"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let template =
            Template::parse(&shop::text(), &parameters).expect("values that the template allows");
        let watched: usize = template
            .alarms
            .iter()
            .map(|alarm| alarm.metrics.len())
            .sum();
        assert_eq!(
            watched, metrics,
            "the metrics of {alarms}, which are billed"
        );
        let named = template
            .alarms
            .iter()
            .map(|alarm| alarm.logical_id.as_str());
        let named: BTreeSet<&str> = named.collect();
        if alarms != "off" {
            assert!(named.is_superset(&ESSENTIAL.into()), "{alarms}: {named:?}");
        }
        let broken = broken(&template);
        let broken: Vec<_> = broken
            .keys()
            .filter(|rule| alarms == "all" || !watching.contains(rule))
            .collect();
        assert!(broken.is_empty(), "{alarms}: {broken:?}");
    }
}

/// A deployment that may be rolled back has the alarms that roll it back, whatever else is watched. One that takes over at
/// once asks none, or it could not mend what an alarm goes off for.
#[test]
fn a_canary_has_its_alarms() {
    for (deployment, alarms, wanted, asked) in [
        ("AllAtOnce", "essential", 0, 0),
        ("Canary10Percent5Minutes", "off", 0, 0),
        ("Canary10Percent5Minutes", "essential", 9, 2),
        ("Canary10Percent5Minutes", "all", 9, 2),
        ("AllAtOnce", "all", 9, 0),
    ] {
        let mut parameters = shop::parameters();
        parameters
            .overrides
            .insert("DeploymentType".to_owned(), deployment.to_owned());
        parameters
            .overrides
            .insert("Alarms".to_owned(), alarms.to_owned());
        let template = Template::parse(&shop::text(), &parameters).expect("allowed values");
        let errors = template
            .alarms
            .iter()
            .filter(|alarm| alarm.logical_id.ends_with("Errors"))
            .count();
        assert_eq!(errors, wanted, "{deployment}, {alarms}");
        for function in &template.functions {
            assert_eq!(
                function.rollback_alarms.len(),
                asked,
                "{}: {deployment}, {alarms}",
                function.logical_id
            );
        }
    }
}

#[test]
fn each_rule_catches_a_broken_template() {
    for (rule, anchor, from, to) in BREAKS {
        let template = shop::changed(anchor, from, to).unwrap_or_else(|error| {
            panic!("{rule}: {from:?} -> {to:?} must load, so that the rule is tried: {error}")
        });
        let broken = broken(&template);
        assert!(
            broken.contains_key(rule),
            "{rule} does not notice {from:?} -> {to:?}: {broken:#?}"
        );
    }
}

#[test]
fn no_rule_is_without_a_broken_template() {
    for (rule, _) in RULES {
        assert!(
            BREAKS.iter().any(|(broken, ..)| broken == rule),
            "{rule} was never shown to catch anything"
        );
    }
}

#[test]
fn a_route_given_twice_is_refused() {
    let twice = [
        ("/api/products/{product_id}", "/api/products"),
        ("/api/products/{product_id}", "/api/stock/{which}"),
    ];
    for (from, to) in twice {
        let error =
            shop::changed("        GetProduct:", from, to).expect_err("one route, two functions");
        assert!(error.to_string().contains("is routed twice"), "{error}");
    }
}

/// The filter is tried on records as DynamoDB Streams would hand them over.
#[test]
fn streams_pass_what_no_queue_will_retry() {
    let record = |name: &str, origin: Option<&str>| {
        let mut image = serde_json::json!({ "pk": { "S": "order#1" }, "sk": { "S": "order" } });
        if let Some(origin) = origin {
            image["origin"] = serde_json::json!({ "S": origin });
        }
        serde_json::json!({ "eventName": name, "eventSource": "aws:dynamodb", "dynamodb": { "NewImage": image } })
    };
    let template = shop::template();
    for source in template
        .functions
        .iter()
        .flat_map(|function| &function.event_sources)
    {
        let EventSource::Stream { filters, .. } = source else {
            continue;
        };
        assert!(filters.matches(&record("INSERT", Some("http"))));
        assert!(filters.matches(&record("MODIFY", Some("schedule"))));
        assert!(!filters.matches(&record("MODIFY", Some("queue"))));
        assert!(!filters.matches(&record("MODIFY", None)));
        assert!(!filters.matches(&record("REMOVE", Some("http"))));
    }
}
