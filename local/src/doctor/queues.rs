//! Whether queues are worked off, and whether anything lies in those of failed messages.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use aws_sdk_sqs::types::QueueAttributeName;

use super::finding::{Finding, note, well, wrong};
use crate::deployment::Deployment;
use crate::ending::in_words;
use crate::failed::queues_of_failures;

/// Messages in a queue are looked at twice, so long apart: what is being worked off has become less.
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);
/// More than that at both looks is a backlog.
const BACKLOG: u64 = 100;

/// What is found in the queues, by logical id.
pub(super) async fn depths(
    deployment: &Deployment,
    all: &BTreeMap<String, String>,
) -> anyhow::Result<Vec<Finding>> {
    let failures = queues_of_failures(all);
    let mut findings = Vec::new();
    let mut lying = 0;
    for (logical_id, url) in &failures {
        match depth(deployment, url).await {
            Ok(Depth { visible, in_flight }) if visible + in_flight > 0 => {
                lying += visible + in_flight;
                let words = format!(
                    "{} lie in it: `noren failed list --queue {logical_id}`",
                    visible + in_flight
                );
                findings.push(wrong(logical_id, words));
            }
            Ok(_) => {}
            Err(error) => findings.push(wrong(logical_id, in_words(&error))),
        }
    }
    if lying == 0 && findings.is_empty() {
        let words = format!("nothing lies in any of {} queues", failures.len());
        findings.push(well("failed messages", words));
    }
    let mut working = Vec::new();
    for (logical_id, url) in all.iter().filter(|(name, _)| !failures.contains_key(*name)) {
        match depth(deployment, url).await {
            Ok(depth) => working.push((logical_id, url, depth)),
            Err(error) => findings.push(wrong(logical_id, in_words(&error))),
        }
    }
    let anything = working.iter().any(|(_, _, depth)| depth.visible > 0);
    if anything {
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    for (logical_id, url, before) in working {
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

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

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
