//! What rings when the stack is not well, and calls a new version back.

use std::collections::{BTreeMap, BTreeSet};

use sam_template::{EventSource, Function, Metric, Template};

fn metric(namespace: &str, name: &str, dimension: &str, value: &str) -> Metric {
    Metric {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: BTreeMap::from([(dimension.to_owned(), value.to_owned())]),
    }
}

pub fn watched(template: &Template) -> BTreeSet<&Metric> {
    let alarms = template.alarms.iter();
    alarms.flat_map(|alarm| &alarm.metrics).collect()
}

/// Every queue where failed work ends is watched by its own depth, or, if a topic fills it, by what that topic redrives.
pub fn dead_letters_watched(template: &Template) -> Vec<String> {
    let watched = watched(template);
    let mut how = Vec::new();
    let consumed: BTreeSet<&String> = template
        .functions
        .iter()
        .flat_map(|function| &function.event_sources)
        .filter_map(|source| match source {
            EventSource::Queue { queue_arn, .. } => Some(queue_arn),
            EventSource::Stream { .. }
            | EventSource::Schedule { .. }
            | EventSource::Http { .. } => None,
        })
        .collect();
    for queue in template
        .queues
        .iter()
        .filter(|queue| !consumed.contains(&queue.arn))
    {
        let depth = metric(
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            "QueueName",
            &queue.name,
        );
        let filled = template
            .subscriptions
            .iter()
            .filter(|one| one.dead_letter_queue_arn.as_ref() == Some(&queue.arn))
            .filter_map(|one| template.topic_by_arn(&one.topic_arn))
            .any(|topic| {
                let redriven = metric(
                    "AWS/SNS",
                    "NumberOfNotificationsRedrivenToDlq",
                    "TopicName",
                    &topic.name,
                );
                watched.contains(&redriven)
            });
        if !watched.contains(&depth) && !filled {
            how.push(format!("nobody notices what lies in {}", queue.logical_id));
        }
    }
    how
}

/// Errors, throttles and the age of commits of every function, and the age of messages of every queue.
pub fn functions_watched(template: &Template) -> Vec<String> {
    let watched = watched(template);
    let mut how = Vec::new();
    let mut want = |metric: Metric| {
        if !watched.contains(&metric) {
            how.push(format!("{} of {:?}", metric.name, metric.dimensions));
        }
    };
    for function in &template.functions {
        let mut names = vec!["Errors", "Throttles"];
        for source in &function.event_sources {
            match source {
                EventSource::Stream { .. } => names.push("IteratorAge"),
                EventSource::Queue { queue_arn, .. } => {
                    if let Some(queue) = template.queue_by_arn(queue_arn) {
                        let name = "ApproximateAgeOfOldestMessage";
                        want(metric("AWS/SQS", name, "QueueName", &queue.name));
                    }
                }
                EventSource::Schedule { .. } | EventSource::Http { .. } => {}
            }
        }
        for name in names {
            want(metric("AWS/Lambda", name, "FunctionName", &function.name));
        }
    }
    how
}

/// Every alarm tells the topic for alarms, and nothing else hears of it or publishes there.
pub fn alarms_heard(template: &Template) -> Vec<String> {
    let topic = template
        .topics
        .iter()
        .find(|topic| topic.logical_id == "AlarmTopic");
    let Some(topic) = topic else {
        return vec!["there is no topic for alarms".to_owned()];
    };
    let unheard = template
        .alarms
        .iter()
        .filter(|alarm| alarm.topic_arns != [topic.arn.as_str()]);
    unheard
        .map(|alarm| format!("{} tells {:?}", alarm.logical_id, alarm.topic_arns))
        .collect()
}

/// Where alarms call new versions back, those of each function are its own errors and what functions do not handle.
pub fn canaries(template: &Template) -> Vec<String> {
    let asked = |function: &Function, wanted: &dyn Fn(&Metric) -> bool| {
        let asked = template.alarms.iter();
        let mut asked = asked.filter(|alarm| function.rollback_alarms.contains(&alarm.name));
        asked.any(|alarm| alarm.metrics.iter().any(wanted))
    };
    let mut functions = template.functions.iter();
    if functions.all(|function| function.rollback_alarms.is_empty()) {
        return Vec::new();
    }
    let mut how = Vec::new();
    for function in &template.functions {
        let id = &function.logical_id;
        let errors = metric("AWS/Lambda", "Errors", "FunctionName", &function.name);
        if !asked(function, &|metric| *metric == errors) {
            how.push(format!("a version of {id} that panics is not called back"));
        }
        if !asked(function, &|metric| metric.name == "Unhandled") {
            how.push(format!(
                "a version of {id} that answers 500 is not called back"
            ));
        }
    }
    how
}

/// What happens once and stays unseen if nothing rings at the first.
const FAILURES: [&str; 5] = [
    "ApproximateNumberOfMessagesVisible",
    "Errors",
    "FailedMessages",
    "NumberOfNotificationsRedrivenToDlq",
    "Throttles",
];
/// A stream of DynamoDB's keeps a commit so long.
const STREAM_RETENTION_MS: f64 = 24.0 * 60.0 * 60.0 * 1000.0;

/// Every alarm rings for much and not for little; for a failure at the first, and for what waits while it can still be saved:
/// before half of the time is over for which a queue or a stream keeps it.
pub fn alarms_ring(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for alarm in &template.alarms {
        let id = &alarm.logical_id;
        let at_first = match alarm.comparison.as_str() {
            "GreaterThanThreshold" => alarm.threshold == 0.0,
            "GreaterThanOrEqualToThreshold" => alarm.threshold > 0.0 && alarm.threshold <= 1.0,
            other => {
                how.push(format!("{id} rings by {other}"));
                continue;
            }
        };
        let statistics = alarm.statistics.iter();
        let weak = statistics.filter(|one| !["Maximum", "Sum"].contains(&one.as_str()));
        how.extend(weak.map(|one| format!("{id} is of the {one}")));
        if alarm
            .metrics
            .iter()
            .any(|one| FAILURES.contains(&one.name.as_str()))
            && !at_first
        {
            how.push(format!("{id} rings at {} only", alarm.threshold));
        }
        for metric in &alarm.metrics {
            let kept = kept_for(template, metric);
            if kept.is_some_and(|kept| alarm.threshold > kept / 2.0) {
                how.push(format!("{id} rings when {:?} is lost", metric.dimensions));
            }
        }
    }
    how
}

/// How long what the metric is the age of is kept, in the metric's unit.
fn kept_for(template: &Template, metric: &Metric) -> Option<f64> {
    match metric.name.as_str() {
        "IteratorAge" => Some(STREAM_RETENTION_MS),
        "ApproximateAgeOfOldestMessage" => {
            let name = metric.dimensions.get("QueueName")?;
            let queue = template.queues.iter().find(|queue| queue.name == *name)?;
            Some(f64::from(queue.message_retention_seconds))
        }
        _ => None,
    }
}
