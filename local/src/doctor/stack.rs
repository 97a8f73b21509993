//! Whether a running stack is well.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use contracts::CloudEvent;
use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::alarms::of_alarms;
use super::finding::{Finding, note, well, wrong};
use super::queues::depths;
use super::triggers::of_triggers;
use crate::deployment::{Deployment, Silent};
use crate::ending::in_words;
use crate::tail::Ear;
use crate::which_stack::Place;

/// Every context has a table and a topic; all but [`HEAR_NOBODY`] have a queue besides.
const CONTEXTS: &[&str] = &[
    "Carts",
    "Catalog",
    "Customers",
    "Insights",
    "Inventory",
    "Notifications",
    "Orders",
    "Payments",
    "Shipping",
];
const HEAR_NOBODY: &[&str] = &["Customers", "Catalog"];

/// What was found at the place. What cannot be looked at is a finding as well, and the rest is looked at all the same.
pub(super) async fn examine(place: Place, listen_seconds: u64) -> Vec<Finding> {
    let deployment = match Deployment::at(place).await {
        Ok(deployment) => deployment,
        Err(error) => return vec![wrong("stack", in_words(&error))],
    };
    let looks: [(&str, BoxFuture<'_, anyhow::Result<Vec<Finding>>>); 6] = [
        ("tables", tables(&deployment).boxed()),
        ("topics", topics(&deployment).boxed()),
        ("queues", queues(&deployment).boxed()),
        ("triggers", triggers(&deployment).boxed()),
        ("alarms", alarms(&deployment).boxed()),
        ("events", events(&deployment, listen_seconds).boxed()),
    ];
    let mut findings = Vec::new();
    for (about, look) in looks {
        match look.await {
            Ok(found) => findings.extend(found),
            Err(error) if error.is::<Silent>() => {
                findings.push(wrong("stack", in_words(&error)));
                break;
            }
            Err(error) => findings.push(wrong(about, in_words(&error))),
        }
    }
    findings
}

async fn tables(deployment: &Deployment) -> anyhow::Result<Vec<Finding>> {
    let tables = deployment.tables().await?;
    let mut findings = missing(&tables, of_each("Table"), "table");
    let mut items = 0;
    for (logical_id, name) in &tables {
        let described = deployment
            .dynamodb
            .describe_table()
            .table_name(name)
            .send()
            .await
            .with_context(|| format!("{logical_id} cannot be described"));
        let table = match described {
            Ok(described) => described.table,
            Err(error) => {
                findings.push(wrong(logical_id, in_words(&error)));
                continue;
            }
        };
        let status = table.as_ref().and_then(|table| table.table_status.clone());
        items += table.and_then(|table| table.item_count).unwrap_or_default();
        match status.as_ref().map(|status| status.as_str()) {
            Some("ACTIVE") => {}
            Some(other) => findings.push(wrong(logical_id, format!("the table is {other}"))),
            None => findings.push(wrong(logical_id, "the table says nothing of its state")),
        }
    }
    let count = tables.len();
    let about = format!("{count} can be reached, with about {items} items in all");
    findings.push(well("tables", about));
    Ok(findings)
}

async fn topics(deployment: &Deployment) -> anyhow::Result<Vec<Finding>> {
    let topics = deployment.topics().await?;
    let mut findings = missing(&topics, of_each("Topic"), "topic");
    let mut subscriptions = 0;
    for (logical_id, arn) in &topics {
        let listed = deployment
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(arn)
            .send()
            .await
            .with_context(|| format!("{logical_id} cannot be looked at"));
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => {
                findings.push(wrong(logical_id, in_words(&error)));
                continue;
            }
        };
        let count = listed.subscriptions().len();
        subscriptions += count;
        if count == 0 && says_something(logical_id) {
            findings.push(wrong(
                logical_id,
                "nobody is subscribed: what it says is lost",
            ));
        }
    }
    let count = topics.len();
    findings.push(well(
        "topics",
        format!("{count}, with {subscriptions} subscriptions"),
    ));
    Ok(findings)
}

/// Whether the published language has an event that the topic's context says. Insights hears all of them.
fn says_something(topic: &str) -> bool {
    let says = |event_type: &str| {
        let context = event_type.split('.').next().unwrap_or_default();
        topic.to_lowercase() == format!("{context}topic")
    };
    contracts::all_event_types()
        .iter()
        .any(|event_type| says(event_type.name))
}

fn missing(
    found: &BTreeMap<String, String>,
    wanted: impl IntoIterator<Item = String>,
    what: &str,
) -> Vec<Finding> {
    wanted
        .into_iter()
        .filter(|name| !found.contains_key(name))
        .map(|name| wrong(&name, format!("there is no such {what}")))
        .collect()
}

/// The logical ids of what every context has.
fn of_each(suffix: &str) -> impl Iterator<Item = String> {
    CONTEXTS
        .iter()
        .map(move |context| format!("{context}{suffix}"))
}

fn queues_of_hearers() -> impl Iterator<Item = String> {
    let hearing = CONTEXTS
        .iter()
        .filter(|context| !HEAR_NOBODY.contains(context));
    hearing.map(|context| format!("{context}Queue"))
}

async fn queues(deployment: &Deployment) -> anyhow::Result<Vec<Finding>> {
    let queues = deployment.queues().await?;
    let mut findings = missing(&queues, queues_of_hearers(), "queue");
    findings.extend(depths(deployment, &queues).await?);
    Ok(findings)
}

async fn triggers(deployment: &Deployment) -> anyhow::Result<Vec<Finding>> {
    Ok(of_triggers(&sources(), &deployment.mappings().await?))
}

/// What functions must take from: the queue of each context that hears others, and each table whose commits are announced.
fn sources() -> BTreeSet<String> {
    let announcing = CONTEXTS
        .iter()
        .filter(|context| says_something(&format!("{context}Topic")));
    let tables = announcing.map(|context| format!("{context}Table"));
    queues_of_hearers().chain(tables).collect()
}

/// The local stack has none: nothing there measures what an alarm could watch.
async fn alarms(deployment: &Deployment) -> anyhow::Result<Vec<Finding>> {
    match deployment.endpoint {
        Some(_) => Ok(Vec::new()),
        None => Ok(of_alarms(&deployment.alarms().await?)),
    }
}

/// What is heard in so many seconds.
async fn events(deployment: &Deployment, seconds: u64) -> anyhow::Result<Vec<Finding>> {
    if seconds == 0 {
        return Ok(Vec::new());
    }
    let ear = Ear::open(deployment, &[]).await?;
    let begun = Instant::now();
    let mut heard = 0;
    let mut last = None;
    let mut failed = None;
    while begun.elapsed() < Duration::from_secs(seconds) && failed.is_none() {
        match ear.next().await {
            Ok(bodies) => {
                heard += bodies.len();
                let events = bodies.iter().filter_map(|body| CloudEvent::read(body).ok());
                last = events
                    .map(|event| (event.time, event.event_type))
                    .max()
                    .or(last);
            }
            Err(error) => failed = Some(error),
        }
    }
    ear.close().await;
    if let Some(error) = failed {
        return Err(error);
    }
    Ok(vec![match last {
        Some((time, event_type)) => well(
            "events",
            format!("{heard} in {seconds} s, the last {event_type} of {time}"),
        ),
        None => note(
            "events",
            format!("none in {seconds} s; that may be as quiet as it is"),
        ),
    }])
}

#[cfg(test)]
mod tests {
    use sam_template::{Parameters, Template};

    use super::*;

    #[test]
    fn every_context_of_the_template_is_looked_for() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
        let overrides = [("TokenIssuer", "http://127.0.0.1"), ("Pages", "off")];
        let parameters = Parameters::overriding(overrides);
        let template = Template::load(file, &parameters).unwrap();
        let tables: BTreeSet<String> = template
            .tables
            .iter()
            .map(|table| table.logical_id.clone())
            .collect();
        assert_eq!(of_each("Table").collect::<BTreeSet<_>>(), tables);
        let queues = template.queues.iter().map(|queue| &queue.logical_id);
        let queues: BTreeSet<&String> = queues.filter(|name| name.ends_with("Queue")).collect();
        let wanted: Vec<String> = queues_of_hearers().collect();
        assert_eq!(wanted.iter().collect::<BTreeSet<_>>(), queues);
    }

    #[test]
    fn a_topic_needs_hearers_if_its_context_has_something_to_say() {
        for context in CONTEXTS {
            let says = says_something(&format!("{context}Topic"));
            assert_eq!(says, *context != "Insights", "{context}");
        }
    }
}
