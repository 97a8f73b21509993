//! A context's queue: standard, at least once, in any order.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::dice::Dice;

/// How many messages an invocation gets at most; the template's `QueueBatchSize`.
const BATCH: usize = 10;
/// How long a received message is hidden, in milliseconds; the template's `VisibilityTimeout`.
pub const VISIBILITY_MS: i64 = 90_000;
/// How often a message is received before it is a dead letter; the template's `maxReceiveCount`.
const MAX_RECEIVE_COUNT: u32 = 10;

/// A message in a queue.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its body.
    pub body: Arc<str>,
    /// The event in it, by its number; none if it is poison.
    pub event: Option<u32>,
    /// How often it was received.
    pub received: u32,
    /// Whether it is gone: acknowledged.
    pub is_done: bool,
    /// Whether it is in the dead-letter queue.
    pub is_dead: bool,
    /// Why, if the function put it there.
    pub reason: Option<String>,
    /// Whether every invocation that gets it is throttled, until it is redriven.
    pub is_unlucky: bool,
    /// Whether it is a copy that comes when everything is long over.
    pub is_late: bool,
    /// Whether it is a copy that a function put in the dead-letter queue.
    pub is_letter: bool,
    /// Whether a function put such a copy there.
    pub is_buried: bool,
    /// In how many invocations it is just now.
    pub in_flight: u32,
    is_ready: bool,
}

impl Message {
    /// A message that has not arrived yet.
    pub fn new(body: Arc<str>, event: Option<u32>, is_unlucky: bool) -> Self {
        Self {
            body,
            event,
            received: 0,
            is_done: false,
            is_dead: false,
            reason: None,
            is_unlucky,
            is_late: false,
            is_letter: false,
            is_buried: false,
            in_flight: 0,
            is_ready: false,
        }
    }
}

/// A queue with its dead-letter queue. Messages keep their places, so a place is a message's id.
#[derive(Debug, Default)]
pub struct Queue {
    /// Every message there ever was.
    pub messages: Vec<Message>,
    ready: Vec<u32>,
    /// When its poller looks next, if that is put down already.
    pub polls_at: Option<i64>,
}

/// What a poll brought.
#[derive(Debug, Default)]
pub struct Received {
    /// The messages of the batch.
    pub batch: Vec<u32>,
    /// Those that had been received too often and are dead letters now.
    pub died: Vec<u32>,
    /// Whether more are waiting.
    pub more: bool,
}

impl Queue {
    /// Takes in a message that will arrive.
    pub fn add(&mut self, message: Message) -> u32 {
        self.messages.push(message);
        (self.messages.len() - 1) as u32
    }

    /// A message becomes visible; whether it does.
    pub fn arrive(&mut self, id: u32) -> bool {
        let message = &mut self.messages[id as usize];
        if message.is_done || message.is_dead || message.is_ready {
            return false;
        }
        message.is_ready = true;
        self.ready.push(id);
        true
    }

    /// Receives a batch, in any order.
    /// `gives_up`: what was received too often dies.
    pub fn receive(&mut self, dice: &mut Dice, gives_up: bool) -> Received {
        let mut received = Received::default();
        while received.batch.len() < BATCH && !self.ready.is_empty() {
            let id = self.ready.swap_remove(dice.position(self.ready.len()));
            let message = &mut self.messages[id as usize];
            message.is_ready = false;
            if message.is_done {
                continue;
            }
            message.received += 1;
            if gives_up && message.received > MAX_RECEIVE_COUNT {
                message.is_dead = true;
                received.died.push(id);
                continue;
            }
            message.in_flight += 1;
            received.batch.push(id);
        }
        received.more = !self.ready.is_empty();
        received
    }

    /// Brings a dead letter back.
    pub fn redrive(&mut self, id: u32) {
        let message = &mut self.messages[id as usize];
        message.is_dead = false;
        message.is_unlucky = false;
        message.reason = None;
        message.received = 0;
    }

    /// The messages that are delayed, but for late copies.
    pub fn delayed(&self) -> Vec<u32> {
        let is_delayed = |message: &Message| {
            !(message.is_done || message.is_dead || message.is_ready || message.is_late)
                && message.in_flight == 0
        };
        let messages = (0_u32..).zip(&self.messages);
        messages
            .filter(|(_, message)| is_delayed(message))
            .map(|(id, _)| id)
            .collect()
    }

    /// The dead letters.
    pub fn dead(&self) -> Vec<u32> {
        let messages = (0_u32..).zip(&self.messages);
        messages
            .filter(|(_, message)| message.is_dead)
            .map(|(id, _)| id)
            .collect()
    }

    /// How many messages wait or are under way, but for late copies.
    pub fn pending_in_time(&self) -> usize {
        let waits = |message: &&Message| !(message.is_done || message.is_dead || message.is_late);
        self.messages.iter().filter(waits).count()
    }

    /// How many messages wait or are under way.
    pub fn pending(&self) -> usize {
        self.messages
            .iter()
            .filter(|message| !message.is_done && !message.is_dead)
            .count()
    }
}

/// Lambda's payload of a batch.
pub fn batch_payload(
    queue: &Queue,
    batch: &[u32],
    mut change: impl FnMut(&str) -> Option<String>,
) -> String {
    let length: usize = batch
        .iter()
        .map(|id| queue.messages[*id as usize].body.len())
        .sum();
    let mut payload = String::with_capacity(length * 5 / 4 + 400 * batch.len() + 20);
    payload.push_str("{\"Records\":[");
    for (position, id) in batch.iter().enumerate() {
        let message = &queue.messages[*id as usize];
        let changed = change(&message.body);
        let body = changed.as_deref().unwrap_or(&message.body);
        let comma = if position == 0 { "" } else { "," };
        let _ = write!(
            payload,
            "{comma}{{\"messageId\":\"m-{id}\",\"receiptHandle\":\"r-{id}\",\"body\":"
        );
        payload.push_str(&quoted(body));
        let _ = write!(
            payload,
            ",\"attributes\":{{\"ApproximateReceiveCount\":\"{}\"}},\"messageAttributes\":{{}},\"md5OfBody\":\"\",\
             \"eventSource\":\"aws:sqs\",\"eventSourceARN\":\"arn:aws:sqs:ap-northeast-1:000000000000:queue\",\
             \"awsRegion\":\"ap-northeast-1\"}}",
            message.received
        );
    }
    payload.push_str("]}");
    payload
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}
