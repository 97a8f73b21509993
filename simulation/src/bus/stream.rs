//! A table's stream: what requests and ticks committed, in each item's order, by shards.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use store::{Attribute, to_attributes};

use crate::dice::Dice;

/// How many shards a stream has.
pub const SHARDS: u8 = 2;
/// How many records an invocation gets at most; the template's `StreamBatchSize`.
const BATCH: usize = 100;
/// How often a failing batch is tried again; the template's `StreamRetryAttempts`.
const RETRY_ATTEMPTS: u32 = 20;
/// After how long a record is no longer tried, in milliseconds; the template's `StreamRecordAgeSeconds`.
const RECORD_AGE_MS: i64 = 86_400 * 1000;
/// How long a stream keeps a record, in milliseconds.
const RETENTION_MS: i64 = 24 * 60 * 60 * 1000;

/// A record of a stream.
#[derive(Debug, Clone)]
pub struct Record {
    /// The image; none of a poison record.
    pub image: Option<Arc<store::Record>>,
    /// Its sequence number.
    pub sequence: u64,
    /// When it was written.
    pub at: i64,
}

/// Records that are tried together.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// The records.
    pub records: Vec<Record>,
    /// How often they have failed.
    pub failures: u32,
}

/// What came of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All are done.
    Done,
    /// Those before that sequence number are done.
    FailedFrom(u64),
    /// Nothing is known.
    Failed,
}

/// One shard's records, and how far its poller is.
#[derive(Debug, Default)]
pub struct Shard {
    waiting: VecDeque<Record>,
    retried: VecDeque<Batch>,
    /// What is with the function just now.
    pub under_way: Option<Batch>,
    /// When its poller looks next, if that is put down already.
    pub polls_at: Option<i64>,
}

/// A table's stream.
#[derive(Debug, Default)]
pub struct Stream {
    shards: [Shard; SHARDS as usize],
    sequence: u64,
    /// Records that were given up: tried too often, or too old. The function's on-failure destination tells of them.
    pub given_up: Vec<Record>,
    /// Records that were lost, being too old when the relay was back.
    pub lost: Vec<Record>,
    /// Until when it invokes nothing.
    pub dead_until: i64,
}

impl Stream {
    /// A shard.
    pub fn shard(&mut self, shard: u8) -> &mut Shard {
        &mut self.shards[usize::from(shard)]
    }

    /// Takes in a record; returns the shard it falls in.
    pub fn add(&mut self, image: Option<Arc<store::Record>>, at: i64) -> u8 {
        self.sequence += 1;
        let shard = match &image {
            // An item's records stay in one shard, and so in their order.
            Some(image) => image.key.pk.bytes().fold(0_u8, u8::wrapping_add) % SHARDS,
            None => (self.sequence % u64::from(SHARDS)) as u8,
        };
        let record = Record {
            image,
            sequence: self.sequence,
            at,
        };
        self.shards[usize::from(shard)].waiting.push_back(record);
        shard
    }

    /// Takes the next batch of a shard, and gives up what is too old.
    pub fn take(&mut self, shard: u8, now: i64, most: usize) -> Option<&Batch> {
        let Self { shards, lost, .. } = self;
        let shard = &mut shards[usize::from(shard)];
        if shard.under_way.is_some() {
            return None;
        }
        let mut batch = match shard.retried.pop_front() {
            Some(batch) => batch,
            None => {
                let count = shard.waiting.len().min(most.clamp(1, BATCH));
                Batch {
                    records: shard.waiting.drain(..count).collect(),
                    failures: 0,
                }
            }
        };
        let is_lost = |record: &Record| now - record.at > RECORD_AGE_MS.min(RETENTION_MS);
        lost.extend(batch.records.extract_if(.., |record| is_lost(record)));
        if batch.records.is_empty() {
            return None;
        }
        shard.under_way = Some(batch);
        shard.under_way.as_ref()
    }

    /// Notes what came of the batch under way; returns after how many milliseconds the shard goes on.
    pub fn settle(&mut self, shard: u8, verdict: Verdict) -> i64 {
        let Self {
            shards, given_up, ..
        } = self;
        let shard = &mut shards[usize::from(shard)];
        let Some(mut batch) = shard.under_way.take() else {
            return 0;
        };
        let rest = match verdict {
            Verdict::Done => return 0,
            Verdict::FailedFrom(sequence) => {
                let position = batch
                    .records
                    .iter()
                    .position(|record| record.sequence == sequence);
                let done = position.unwrap_or(0);
                batch.records.split_off(done)
            }
            Verdict::Failed => std::mem::take(&mut batch.records),
        };
        let failures = batch.failures + 1;
        if failures > RETRY_ATTEMPTS {
            if rest.len() == 1 || batch.failures > 2 * RETRY_ATTEMPTS {
                given_up.extend(rest);
            } else {
                bisect(shard, rest, RETRY_ATTEMPTS - 2);
            }
            return 0;
        }
        let bisects = rest.len() > 1 && matches!(verdict, Verdict::Failed);
        if bisects {
            bisect(shard, rest, failures);
        } else if let (Verdict::FailedFrom(_), true) = (verdict, rest.len() > 1) {
            // Bisected at the number that was reported: it is tried alone, and the others do not wait for its end.
            let mut rest = rest;
            let others = rest.split_off(1);
            shard.retried.push_front(Batch {
                records: others,
                failures: 0,
            });
            shard.retried.push_front(Batch {
                records: rest,
                failures,
            });
        } else {
            shard.retried.push_front(Batch {
                records: rest,
                failures,
            });
        }
        (1_000_i64 << failures.min(6)).min(60_000)
    }

    /// Whether nothing waits, is tried again or is under way.
    pub fn is_idle(&self) -> bool {
        let mut shards = self.shards.iter();
        shards.all(|shard| {
            shard.waiting.is_empty() && shard.retried.is_empty() && shard.under_way.is_none()
        })
    }
}

impl Shard {
    /// Whether there is something to take.
    pub fn waits(&self) -> bool {
        self.under_way.is_none() && !(self.waiting.is_empty() && self.retried.is_empty())
    }

    /// Doubles a record that waits.
    pub fn double(&mut self, dice: &mut Dice) {
        if !self.waiting.is_empty() {
            let position = dice.position(self.waiting.len());
            let record = self.waiting[position].clone();
            self.waiting.insert(position + 1, record);
        }
    }

    /// Lets two neighbours of different items change places; whether it did.
    pub fn reorder(&mut self, dice: &mut Dice) -> bool {
        if self.waiting.len() < 2 {
            return false;
        }
        let position = dice.position(self.waiting.len() - 1);
        let key = |record: &Record| record.image.as_ref().map(|image| image.key.clone());
        let (one, other) = (
            key(&self.waiting[position]),
            key(&self.waiting[position + 1]),
        );
        if one == other {
            return false;
        }
        self.waiting.swap(position, position + 1);
        true
    }

    /// How many records wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

fn bisect(shard: &mut Shard, mut records: Vec<Record>, failures: u32) {
    let half = records.split_off(records.len() / 2);
    shard.retried.push_front(Batch {
        records: half,
        failures,
    });
    if !records.is_empty() {
        shard.retried.push_front(Batch { records, failures });
    }
}

/// Lambda's payload of a batch, in the view `NEW_IMAGE`.
pub fn batch_payload(batch: &Batch) -> String {
    let mut payload = String::with_capacity(2048 * batch.records.len() + 20);
    payload.push_str("{\"Records\":[");
    for (position, record) in batch.records.iter().enumerate() {
        let comma = if position == 0 { "" } else { "," };
        let is_first = record
            .image
            .as_ref()
            .is_some_and(|image| image.version == 1);
        let name = if is_first { "INSERT" } else { "MODIFY" };
        let _ = write!(
            payload,
            "{comma}{{\"eventID\":\"{0}\",\"eventName\":\"{name}\",\"eventVersion\":\"1.1\",\
             \"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"ap-northeast-1\",\"dynamodb\":{{\
             \"ApproximateCreationDateTime\":{1},\"Keys\":{{}},\"SequenceNumber\":\"{0}\",\"SizeBytes\":100,\
             \"StreamViewType\":\"NEW_IMAGE\",\"NewImage\":",
            record.sequence,
            record.at / 1000
        );
        match &record.image {
            Some(image) => push_image(&mut payload, image),
            None => payload.push_str(POISON),
        }
        payload.push_str("},\"eventSourceARN\":\"arn:aws:dynamodb:ap-northeast-1:000000000000:table/t/stream/s\"}");
    }
    payload.push_str("]}");
    payload
}

/// An image that nobody can read.
const POISON: &str = "{\"pk\":{\"S\":\"poison#1\"},\"sk\":{\"S\":\"poison\"},\"version\":{\"N\":\"1\"},\
    \"origin\":{\"S\":\"http\"},\"document\":{\"S\":\"not a document\"}}";

fn push_image(payload: &mut String, image: &store::Record) {
    payload.push('{');
    for (position, (name, attribute)) in to_attributes(image).into_iter().enumerate() {
        if position > 0 {
            payload.push(',');
        }
        let _ = write!(payload, "\"{name}\":");
        let _ = match attribute {
            Attribute::S(text) => {
                payload.push_str("{\"S\":");
                payload.push_str(&serde_json::to_string(&text).expect("a text is JSON"));
                payload.push('}');
                Ok(())
            }
            Attribute::N(number) => write!(payload, "{{\"N\":\"{number}\"}}"),
            Attribute::B(bytes) => write!(payload, "{{\"B\":\"{}\"}}", STANDARD.encode(bytes)),
        };
    }
    payload.push('}');
}

/// What a function answered about a batch of its stream.
impl Verdict {
    /// Reads the sequence number that an answer reports, if any.
    pub fn of_answer(answer: &[u8]) -> Self {
        if answer == b"{\"batchItemFailures\":[]}" {
            return Self::Done;
        }
        let text = String::from_utf8_lossy(answer);
        let number = text
            .split("\"itemIdentifier\":\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        match number.and_then(|number| number.parse().ok()) {
            Some(sequence) => Self::FailedFrom(sequence),
            None => Self::Failed,
        }
    }
}
