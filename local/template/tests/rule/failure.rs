//! What becomes of failed work.

use std::collections::BTreeMap;

use sam_template::{EventSource, Function, Queue, StartingPosition, Template};
use serde_json::Value;

/// The longest that SQS keeps a message.
const LONGEST_RETENTION_SECONDS: u32 = 1_209_600;

/// Queues with the functions that consume them and the batching window.
fn consumed(template: &Template) -> Vec<(&Queue, &Function, u32)> {
    let mut found = Vec::new();
    for function in &template.functions {
        for source in &function.event_sources {
            if let EventSource::Queue {
                queue_arn,
                window_seconds,
                ..
            } = source
            {
                found.extend(
                    template
                        .queue_by_arn(queue_arn)
                        .map(|queue| (queue, function, *window_seconds)),
                );
            }
        }
    }
    found
}

/// AWS: six times the function's time-out, and the batching window.
pub fn visibility(template: &Template) -> Vec<String> {
    let short = |(queue, function, window): &(&Queue, &Function, u32)| {
        u64::from(queue.visibility_timeout_seconds)
            < 6 * function.timeout.as_secs() + u64::from(*window)
    };
    consumed(template)
        .into_iter()
        .filter(short)
        .map(|(queue, ..)| queue.logical_id.clone())
        .collect()
}

/// AWS: five or more, or throttling alone fills the dead-letter queue.
pub fn receive_count(template: &Template) -> Vec<String> {
    let few = |queue: &&Queue| {
        queue
            .redrive
            .as_ref()
            .is_some_and(|redrive| redrive.max_receive_count < 5)
    };
    template
        .queues
        .iter()
        .filter(few)
        .map(|queue| queue.logical_id.clone())
        .collect()
}

/// Every consumed queue and every subscription has a dead-letter queue of its own, which nobody consumes and which
/// keeps a message longer than the queue it stands behind, since a message keeps its first timestamp.
pub fn dead_letters(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    let mut used = BTreeMap::<&str, u32>::new();
    let mut check = |who: &str, dead: Option<&str>, retention: u32| match dead
        .and_then(|arn| template.queue_by_arn(arn))
    {
        None => how.push(format!("{who} has no dead-letter queue")),
        Some(dead) => {
            *used.entry(&dead.logical_id).or_default() += 1;
            if dead.message_retention_seconds <= retention {
                how.push(format!(
                    "{} keeps a message no longer than {who}",
                    dead.logical_id
                ));
            }
            if consumed(template)
                .iter()
                .any(|(queue, ..)| queue.arn == dead.arn)
            {
                how.push(format!("{} is consumed", dead.logical_id));
            }
        }
    };
    for (queue, ..) in consumed(template) {
        let dead = queue
            .redrive
            .as_ref()
            .map(|redrive| redrive.dead_letter_queue_arn.as_str());
        check(&queue.logical_id, dead, queue.message_retention_seconds);
    }
    for subscription in &template.subscriptions {
        let retention = template
            .queue_by_arn(&subscription.queue_arn)
            .map_or(0, |queue| queue.message_retention_seconds);
        check(
            &subscription.logical_id,
            subscription.dead_letter_queue_arn.as_deref(),
            retention,
        );
    }
    how.extend(
        used.into_iter()
            .filter(|(_, times)| *times > 1)
            .map(|(id, _)| format!("{id} stands behind two")),
    );
    how
}

/// One failed message must not make its batch fail.
pub fn partial_failures(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for function in &template.functions {
        for source in &function.event_sources {
            match source {
                EventSource::Queue {
                    name,
                    report_failures: false,
                    ..
                }
                | EventSource::Stream {
                    name,
                    report_failures: false,
                    ..
                } => {
                    how.push(format!("{}.{name}", function.logical_id));
                }
                EventSource::Queue { .. }
                | EventSource::Stream { .. }
                | EventSource::Schedule { .. }
                | EventSource::Http { .. } => {}
            }
        }
    }
    how
}

/// A poison commit is narrowed down, given up after a bound, and told of; nothing written before the mapping existed is
/// skipped.
pub fn stream_failures(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for function in &template.functions {
        let context = function.logical_id.trim_end_matches("Function");
        for source in &function.event_sources {
            let EventSource::Stream {
                bisect,
                max_retries,
                max_age_seconds,
                on_failure_queue_arn,
                starting_position,
                ..
            } = source
            else {
                continue;
            };
            if !bisect {
                how.push(format!("{context} does not bisect"));
            }
            if max_retries.is_none() || max_age_seconds.is_none() {
                how.push(format!("{context} retries without bound"));
            }
            if *starting_position != StartingPosition::TrimHorizon {
                how.push(format!("{context} skips commits made before its mapping"));
            }
            match on_failure_queue_arn
                .as_deref()
                .and_then(|arn| template.queue_by_arn(arn))
            {
                None => how.push(format!("{context} tells nobody of commits given up")),
                Some(queue) if queue.logical_id != format!("{context}StreamFailures") => {
                    how.push(format!(
                        "{context} tells {} of commits given up",
                        queue.logical_id
                    ));
                }
                Some(queue) if queue.message_retention_seconds < LONGEST_RETENTION_SECONDS => {
                    how.push(format!("{} forgets early", queue.logical_id));
                }
                Some(_) => {}
            }
        }
    }
    how
}

/// Only commits of an origin without a retry of its own pass, and never a deletion.
pub fn stream_filters(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for function in &template.functions {
        for source in &function.event_sources {
            let EventSource::Stream { filters, .. } = source else {
                continue;
            };
            if filters.patterns().is_empty() {
                how.push(format!("{} publishes every commit", function.logical_id));
            }
            for pattern in filters.patterns() {
                let listed = |pointer: &str, allowed: &[&str]| {
                    pattern
                        .source()
                        .pointer(pointer)
                        .and_then(Value::as_array)
                        .is_some_and(|values| {
                            values.iter().all(|value| {
                                value.as_str().is_some_and(|text| allowed.contains(&text))
                            })
                        })
                };
                if !listed("/dynamodb/NewImage/origin/S", &["http", "schedule"]) {
                    how.push(format!("{} does not filter on origin", function.logical_id));
                }
                if !listed("/eventName", &["INSERT", "MODIFY"]) {
                    how.push(format!("{} takes deletions", function.logical_id));
                }
            }
        }
    }
    how
}
