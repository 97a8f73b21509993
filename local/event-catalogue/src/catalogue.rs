//! The catalogue: contexts, the events that each says, and the subscriptions that carry them.

use std::collections::BTreeSet;

use sam_template::{EventSource, Queue, Template, Topic};
use serde::Serialize;
use serde_json::Value;

use crate::schema;

/// Everything that is said and heard.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The template's functions, in the order of their names.
    pub contexts: Vec<Context>,
    /// The whole published language, context by context.
    pub events: Vec<Event>,
    /// What carries events from topics to queues, in the template's order.
    pub subscriptions: Vec<Subscription>,
}

/// A context: one function with the topic that it publishes to and the queue that it consumes.
#[derive(Debug, Clone)]
pub struct Context {
    /// The function's binary.
    pub name: String,
    /// Where it publishes.
    pub topic: Option<Topic>,
    /// What it consumes; none for a context that hears nobody.
    pub queue: Option<Queue>,
    /// Where messages go that it failed to handle.
    pub dead_letters: Option<Queue>,
}

/// An event type.
#[derive(Debug, Clone, Serialize)]
pub struct Event {
    /// `<context>.<EventName>.v<major>`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The context that alone publishes it.
    pub producer: String,
    /// The producer's topic, by its name in the template; none in a stack without that context.
    pub topic: Option<String>,
    /// What it means, in a sentence or two.
    pub description: String,
    /// Who hears it.
    pub consumers: Vec<Consumer>,
    /// The JSON Schema of its data.
    pub schema: Value,
    /// A whole event, envelope included.
    pub example: Value,
    /// The same as it is written, in the order that people read it in.
    #[serde(skip)]
    pub example_text: &'static str,
}

/// Who hears an event, and by which subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumer {
    /// The context.
    pub context: String,
    /// The subscription, by its name in the template.
    pub subscription: String,
    /// The queue, by its name in the template.
    pub queue: String,
}

/// A queue's subscription to a topic, with both its ends.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// The subscription as the template has it.
    pub declared: sam_template::Subscription,
    /// Who publishes to the topic.
    pub producer: String,
    /// The topic.
    pub topic: Topic,
    /// Who consumes the queue.
    pub consumer: String,
    /// The queue.
    pub queue: Queue,
    /// Where a message goes that could not be handed to the queue.
    pub undelivered: Option<Queue>,
    /// The event types that get through.
    pub event_types: Vec<String>,
}

impl Event {
    /// The name without context and version: `OrderPlaced`.
    pub fn name(&self) -> &str {
        self.event_type.split('.').nth(1).unwrap_or_default()
    }

    /// Whether the context says it or hears it.
    pub fn is_of(&self, context: &str) -> bool {
        self.producer == context || self.consumers.iter().any(|one| one.context == context)
    }
}

impl Catalogue {
    /// Joins the published language with a template. A template without some of the contexts is no error: their events
    /// have no topic there.
    pub fn of(template: &Template) -> Self {
        let mut contexts: Vec<Context> = template
            .functions
            .iter()
            .map(|function| context(template, function))
            .collect();
        contexts.sort_by(|one, other| one.name.cmp(&other.name));
        let language: Vec<_> = contracts::all_event_types();
        let said_by = |context: &str| -> Vec<String> {
            let said = language
                .iter()
                .filter(|one| producer(one.name) == context)
                .map(|one| one.name.to_owned());
            said.collect()
        };
        let subscriptions = subscriptions(template, &contexts, said_by);
        let events = language
            .iter()
            .map(|one| event(one, &contexts, &subscriptions))
            .collect();
        Self {
            contexts,
            events,
            subscriptions,
        }
    }

    /// The event of that type.
    pub fn event(&self, event_type: &str) -> Option<&Event> {
        self.events
            .iter()
            .find(|event| event.event_type == event_type)
    }

    /// The names of all contexts that say or hear something.
    pub fn context_names(&self) -> BTreeSet<&str> {
        let said = self.events.iter().map(|event| event.producer.as_str());
        let heard = self.subscriptions.iter().map(|one| one.consumer.as_str());
        said.chain(heard).collect()
    }

    /// Who hears events of that type, whether or not any code still says it.
    pub fn consumers(&self, event_type: &str) -> Vec<Consumer> {
        consumers(&self.subscriptions, event_type)
    }
}

/// The context that an event type belongs to.
fn producer(event_type: &str) -> &str {
    event_type.split('.').next().unwrap_or_default()
}

fn context(template: &Template, function: &sam_template::Function) -> Context {
    let topic = template.topics.iter().find(|topic| {
        let mut values = function.environment.values();
        values.any(|value| *value == topic.arn)
    });
    let queue = function.event_sources.iter().find_map(|source| {
        let EventSource::Queue { queue_arn, .. } = source else {
            return None;
        };
        template.queue_by_arn(queue_arn)
    });
    let dead_letters = queue
        .and_then(|queue| queue.redrive.as_ref())
        .and_then(|redrive| template.queue_by_arn(&redrive.dead_letter_queue_arn));
    Context {
        name: function.binary.clone(),
        topic: topic.cloned(),
        queue: queue.cloned(),
        dead_letters: dead_letters.cloned(),
    }
}

fn subscriptions(
    template: &Template,
    contexts: &[Context],
    said_by: impl Fn(&str) -> Vec<String>,
) -> Vec<Subscription> {
    let joined = template.subscriptions.iter().filter_map(|declared| {
        let has_topic = |context: &&Context| {
            let topic = context.topic.as_ref();
            topic.is_some_and(|topic| topic.arn == declared.topic_arn)
        };
        let has_queue = |context: &&Context| {
            let queue = context.queue.as_ref();
            queue.is_some_and(|queue| queue.arn == declared.queue_arn)
        };
        let producer = contexts.iter().find(has_topic)?;
        let consumer = contexts.iter().find(has_queue)?;
        let undelivered = declared.dead_letter_queue_arn.as_deref();
        Some(Subscription {
            // A filter by something else than types may let any of the topic's types through.
            event_types: declared
                .event_types()
                .unwrap_or_else(|| said_by(&producer.name)),
            producer: producer.name.clone(),
            topic: producer.topic.clone()?,
            consumer: consumer.name.clone(),
            queue: consumer.queue.clone()?,
            undelivered: undelivered
                .and_then(|arn| template.queue_by_arn(arn))
                .cloned(),
            declared: declared.clone(),
        })
    });
    joined.collect()
}

fn consumers(subscriptions: &[Subscription], event_type: &str) -> Vec<Consumer> {
    subscriptions
        .iter()
        .filter(|one| one.event_types.iter().any(|heard| heard == event_type))
        .map(|one| Consumer {
            context: one.consumer.clone(),
            subscription: one.declared.logical_id.clone(),
            queue: one.queue.logical_id.clone(),
        })
        .collect()
}

fn event(
    event_type: &contracts::EventType,
    contexts: &[Context],
    subscriptions: &[Subscription],
) -> Event {
    let producer = producer(event_type.name);
    let topic = contexts
        .iter()
        .find(|context| context.name == producer)
        .and_then(|context| context.topic.as_ref());
    let schema = schema::of(event_type);
    let description = schema["description"].as_str().unwrap_or_default();
    Event {
        event_type: event_type.name.to_owned(),
        producer: producer.to_owned(),
        topic: topic.map(|topic| topic.logical_id.clone()),
        description: description.to_owned(),
        consumers: consumers(subscriptions, event_type.name),
        example: serde_json::from_str(event_type.example)
            .expect("the golden examples are JSON, which the tests of the published language hold"),
        example_text: event_type.example,
        schema,
    }
}
