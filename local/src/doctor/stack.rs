//! Whether a running stack is well.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use aws_sdk_sqs::types::QueueAttributeName;
use contracts::CloudEvent;

use super::finding::{Finding, note, well, wrong};
use crate::deployment::Deployment;
use crate::ending::in_words;
use crate::failed::queues_of_failures;
use crate::tail::Ear;
use crate::which_stack::Place;

/// Every context has a table and a topic; those that hear others have a queue besides.
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
/// Messages in a queue are looked at twice, so long apart: what is being worked off has become less.
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);
/// More than that at both looks is a backlog.
const BACKLOG: u64 = 100;

/// What was found at the place. A part that cannot be looked at is a finding as well, and the last one.
pub(super) async fn examine(place: Place, listen_seconds: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(error) = look(place, listen_seconds, &mut findings).await {
        findings.push(wrong("stack", in_words(&error)));
    }
    findings
}

async fn look(
    place: Place,
    listen_seconds: u64,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    let deployment = Deployment::at(place).await?;
    findings.extend(tables(&deployment).await?);
    findings.extend(topics(&deployment).await?);
    findings.extend(queues(&deployment).await?);
    if listen_seconds > 0 {
        findings.push(events(&deployment, listen_seconds).await?);
    }
    Ok(())
}

async fn tables(deployment: &Deployment) -> anyhow::Result<Vec<Finding>> {
    let tables = deployment.tables().await?;
    let mut findings = missing(&tables, "Table", "table");
    let mut items = 0;
    for (logical_id, name) in &tables {
        let described = deployment
            .dynamodb
            .describe_table()
            .table_name(name)
            .send()
            .await;
        let described = described.with_context(|| format!("{logical_id} cannot be described"))?;
        let table = described.table;
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
    let mut findings = missing(&topics, "Topic", "topic");
    let mut subscriptions = 0;
    for (logical_id, arn) in &topics {
        let listed = deployment
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(arn)
            .send()
            .await;
        let listed = listed.with_context(|| format!("{logical_id} cannot be looked at"))?;
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

fn missing(found: &BTreeMap<String, String>, suffix: &str, what: &str) -> Vec<Finding> {
    let names = CONTEXTS.iter().map(|context| format!("{context}{suffix}"));
    names
        .filter(|name| !found.contains_key(name))
        .map(|name| wrong(&name, format!("there is no such {what}")))
        .collect()
}

/// What a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Depth {
    visible: u64,
    in_flight: u64,
}

async fn depth(deployment: &Deployment, url: &str) -> anyhow::Result<Depth> {
    let names = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    ];
    let asked = deployment
        .sqs
        .get_queue_attributes()
        .queue_url(url)
        .set_attribute_names(Some(names.to_vec()))
        .send()
        .await
        .with_context(|| format!("{url} cannot be looked at"))?;
    let [visible, in_flight] = names.map(|name| {
        let value = asked
            .attributes()
            .and_then(|attributes| attributes.get(&name));
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or_default()
    });
    Ok(Depth { visible, in_flight })
}

async fn queues(deployment: &Deployment) -> anyhow::Result<Vec<Finding>> {
    let all = deployment.queues().await?;
    let failures = queues_of_failures(&all);
    let mut findings = Vec::new();
    let mut lying = 0;
    for (logical_id, url) in &failures {
        let Depth { visible, in_flight } = depth(deployment, url).await?;
        if visible + in_flight > 0 {
            lying += visible + in_flight;
            let words = format!(
                "{} lie in it: `noren failed list --queue {logical_id}`",
                visible + in_flight
            );
            findings.push(wrong(logical_id, words));
        }
    }
    if lying == 0 {
        let words = format!("nothing lies in any of {} queues", failures.len());
        findings.push(well("failed messages", words));
    }
    let working: Vec<(&String, &String)> = all
        .iter()
        .filter(|(logical_id, _)| !failures.contains_key(*logical_id))
        .collect();
    let mut first = Vec::new();
    for (_, url) in &working {
        first.push(depth(deployment, url).await?);
    }
    let anything = first.iter().any(|depth| depth.visible > 0);
    if anything {
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    for ((logical_id, url), before) in working.iter().zip(first) {
        let now = match anything {
            true => depth(deployment, url).await?,
            false => before,
        };
        findings.push(of_queue(logical_id, before, now));
    }
    Ok(findings)
}

fn of_queue(logical_id: &str, before: Depth, now: Depth) -> Finding {
    let seconds = BETWEEN_LOOKS.as_secs();
    let Depth { visible, in_flight } = now;
    if now.visible == 0 {
        return match in_flight {
            0 => well(logical_id, "empty"),
            _ => well(
                logical_id,
                format!("{in_flight} messages are being handled"),
            ),
        };
    }
    if before.visible == 0 {
        return well(logical_id, format!("{visible} messages have just come"));
    }
    let words = format!(
        "{visible} messages wait ({} before {seconds} s), {in_flight} are being handled",
        before.visible
    );
    match (now.visible < before.visible, now.visible >= BACKLOG) {
        (true, _) => note(logical_id, format!("{words}: it is being worked off")),
        (false, true) => wrong(logical_id, format!("{words}: more come than are handled")),
        (false, false) if in_flight == 0 => wrong(
            logical_id,
            format!("{words}: nobody takes them; is its function failing or switched off?"),
        ),
        (false, false) => note(logical_id, words),
    }
}

async fn events(deployment: &Deployment, seconds: u64) -> anyhow::Result<Finding> {
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
    Ok(match last {
        Some((time, event_type)) => well(
            "events",
            format!("{heard} in {seconds} s, the last {event_type} of {time}"),
        ),
        None => note(
            "events",
            format!("none in {seconds} s; that may be as quiet as it is"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    #[test]
    fn a_topic_needs_hearers_if_its_context_has_something_to_say() {
        for context in CONTEXTS {
            let says = says_something(&format!("{context}Topic"));
            assert_eq!(says, *context != "Insights", "{context}");
        }
    }

    #[test]
    fn a_queue_is_judged_by_what_becomes_of_its_messages() {
        let depth = |visible, in_flight| Depth { visible, in_flight };
        let verdict = |before, now| of_queue("OrdersQueue", before, now).verdict;
        assert_eq!(verdict(depth(0, 0), depth(0, 0)), Verdict::Well);
        assert_eq!(verdict(depth(5, 0), depth(0, 5)), Verdict::Well);
        assert_eq!(verdict(depth(0, 0), depth(9, 0)), Verdict::Well);
        assert_eq!(verdict(depth(900, 5), depth(500, 5)), Verdict::Note);
        assert_eq!(verdict(depth(500, 5), depth(900, 5)), Verdict::Wrong);
        assert_eq!(verdict(depth(3, 0), depth(3, 0)), Verdict::Wrong);
        assert_eq!(verdict(depth(3, 1), depth(3, 1)), Verdict::Note);
    }
}
