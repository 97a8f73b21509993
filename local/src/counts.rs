//! What a stack has done since its start or the last reset: requests and capacity units of tables, publishes, queue
//! requests, and invocations, by context and operation. Owns the counting of invocations and the putting together; the
//! services count their own requests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sam_template::{EventSource, Template};
use serde::{Deserialize, Serialize};

use crate::invoke::Trigger;

/// All counts of a stack. The outer key is the context (the function's binary) that owns the table, topic or queue; what
/// belongs to none stands under its own name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Requests and units by context and DynamoDB operation.
    pub tables: BTreeMap<String, BTreeMap<String, TableUse>>,
    /// Requests by context and SNS operation.
    pub topics: BTreeMap<String, BTreeMap<String, u64>>,
    /// Requests by context and SQS operation. `Poll` is the event source mapping's own receiving.
    pub queues: BTreeMap<String, BTreeMap<String, u64>>,
    /// Invocations by context and trigger.
    pub invocations: BTreeMap<String, BTreeMap<String, Invocations>>,
}

/// What one operation did to a context's table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct TableUse {
    /// Requests.
    pub requests: u64,
    /// Read request units, as billed on demand.
    pub read_units: f64,
    /// Write request units, as billed on demand.
    pub write_units: f64,
}

/// Invocations of one function by one trigger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocations {
    /// All of them.
    pub total: u64,
    /// Those that failed as a whole.
    pub failed: u64,
}

impl Counts {
    /// Write units of all tables.
    pub fn write_units(&self) -> f64 {
        self.table_uses().map(|table| table.write_units).sum()
    }

    /// Read units of all tables.
    pub fn read_units(&self) -> f64 {
        self.table_uses().map(|table| table.read_units).sum()
    }

    /// Invocations of all functions by all triggers.
    pub fn invocations(&self) -> u64 {
        let triggers = self.invocations.values().flat_map(BTreeMap::values);
        triggers.map(|count| count.total).sum()
    }

    /// Requests to SNS that publish, a batch being one.
    pub fn publishes(&self) -> u64 {
        let operations = self.topics.values().flatten();
        operations
            .filter(|(name, _)| name.starts_with("Publish"))
            .map(|(_, count)| count)
            .sum()
    }

    /// What one context did.
    #[must_use]
    pub fn of_context(&self, context: &str) -> Self {
        fn own<T: Clone>(all: &BTreeMap<String, T>, context: &str) -> BTreeMap<String, T> {
            let own = all.get_key_value(context).into_iter();
            own.map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        }
        Self {
            tables: own(&self.tables, context),
            topics: own(&self.topics, context),
            queues: own(&self.queues, context),
            invocations: own(&self.invocations, context),
        }
    }

    fn table_uses(&self) -> impl Iterator<Item = &TableUse> {
        self.tables.values().flat_map(BTreeMap::values)
    }
}

/// Invocations of one function.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: [AtomicU64; Trigger::ALL.len()],
    failed: [AtomicU64; Trigger::ALL.len()],
}

impl Tally {
    pub(crate) fn invoked(&self, trigger: Trigger) {
        self.total[trigger as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, trigger: Trigger) {
        self.failed[trigger as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> BTreeMap<String, Invocations> {
        Trigger::ALL
            .into_iter()
            .map(|trigger| {
                let count = Invocations {
                    total: self.total[trigger as usize].load(Ordering::Relaxed),
                    failed: self.failed[trigger as usize].load(Ordering::Relaxed),
                };
                (trigger.name().to_owned(), count)
            })
            .filter(|(_, count)| count.total > 0)
            .collect()
    }

    fn reset(&self) {
        for count in self.total.iter().chain(&self.failed) {
            count.store(0, Ordering::Relaxed);
        }
    }
}

/// Puts the counts of all parts together.
pub(crate) struct Bookkeeping {
    dynamodb: local_dynamodb::DynamoDb,
    messaging: local_messaging::Messaging,
    tallies: BTreeMap<String, std::sync::Arc<Tally>>,
    /// The context that owns a table, topic or queue, by its name.
    table_owners: BTreeMap<String, String>,
    topic_owners: BTreeMap<String, String>,
    queue_owners: BTreeMap<String, String>,
    /// The messaging service counts from its start; this is what it had at the last reset.
    messaging_before: Mutex<BTreeMap<(String, String), u64>>,
}

impl Bookkeeping {
    pub(crate) fn new(
        template: &Template,
        dynamodb: local_dynamodb::DynamoDb,
        messaging: local_messaging::Messaging,
        tallies: BTreeMap<String, std::sync::Arc<Tally>>,
    ) -> Self {
        let mut owners = [BTreeMap::new(), BTreeMap::new(), BTreeMap::new()];
        let [tables, topics, queues] = &mut owners;
        for function in &template.functions {
            let holds = |value: &str| function.environment.values().any(|known| known == value);
            for table in template.tables.iter().filter(|table| holds(&table.name)) {
                tables.insert(table.name.clone(), function.binary.clone());
            }
            for topic in template.topics.iter().filter(|topic| holds(&topic.arn)) {
                topics.insert(topic.name.clone(), function.binary.clone());
            }
            for source in &function.event_sources {
                if let EventSource::Queue { queue_arn, .. } = source
                    && let Some(queue) = template.queue_by_arn(queue_arn)
                {
                    queues.insert(queue.name.clone(), function.binary.clone());
                }
            }
        }
        // The name of a topic may be that of a queue; the operation tells them apart.
        let [table_owners, topic_owners, queue_owners] = owners;
        let messaging_before = Mutex::new(messaging.counts());
        Self {
            dynamodb,
            messaging,
            tallies,
            table_owners,
            topic_owners,
            queue_owners,
            messaging_before,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for ((table, operation), usage) in self.dynamodb.counts() {
            let owner = owner(&self.table_owners, &table);
            let entry = counts.tables.entry(owner).or_default();
            let entry = entry.entry(operation).or_default();
            entry.requests += usage.requests;
            entry.read_units += usage.read_units;
            entry.write_units += usage.write_units;
        }
        let before = self.messaging_before.lock();
        for (key, count) in self.messaging.counts() {
            let count = count.saturating_sub(before.get(&key).copied().unwrap_or_default());
            if count == 0 {
                continue;
            }
            let (resource, operation) = key;
            let (part, owners) = if is_of_topics(&operation) {
                (&mut counts.topics, &self.topic_owners)
            } else {
                (&mut counts.queues, &self.queue_owners)
            };
            let entry = part.entry(owner(owners, &resource)).or_default();
            *entry.entry(operation).or_default() += count;
        }
        drop(before);
        for (function, tally) in &self.tallies {
            let invocations = tally.read();
            if !invocations.is_empty() {
                counts.invocations.insert(function.clone(), invocations);
            }
        }
        counts
    }

    pub(crate) fn reset(&self) {
        self.dynamodb.reset_counts();
        *self.messaging_before.lock() = self.messaging.counts();
        for tally in self.tallies.values() {
            tally.reset();
        }
    }
}

fn owner(owners: &BTreeMap<String, String>, resource: &str) -> String {
    owners
        .get(resource)
        .cloned()
        .unwrap_or_else(|| resource.to_owned())
}

fn is_of_topics(operation: &str) -> bool {
    operation.starts_with("Publish") || operation.contains("Topic") || operation.contains("Subscri")
}
