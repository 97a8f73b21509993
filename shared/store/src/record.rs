//! An item as the rest of Noren sees it.

use std::collections::BTreeMap;
use std::fmt;

/// An item's primary key: partition `pk` and sort `sk`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    /// A key of the two texts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

/// Which kind of trigger a commit came from, and so who publishes its events: the function itself before it
/// acknowledges a queue's message, or the table's stream for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// An HTTP request or a webhook. The stream publishes.
    Http,
    /// A schedule's tick. The stream publishes.
    Schedule,
    /// A queue's message. The function publishes before it acknowledges.
    #[default]
    Queue,
}

impl Origin {
    /// The value of the item's `origin` attribute; the filter of the stream's event source mapping reads it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Schedule => "schedule",
            Self::Queue => "queue",
        }
    }

    /// Reads the attribute's value.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Http, Self::Schedule, Self::Queue]
            .into_iter()
            .find(|origin| origin.as_str() == text)
    }
}

/// The value of an attribute that an index sorts or partitions by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indexed {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Its primary key.
    pub key: Key,
    /// Counts its commits, from 1. A copy of another context's facts has the version of what it copies.
    pub version: u64,
    /// Which kind of trigger the last commit came from.
    pub origin: Origin,
    /// What it holds, as JSON. Empty for an item that has counters only.
    pub document: String,
    /// The attributes that indexes use.
    pub indexed: BTreeMap<String, Indexed>,
    /// Numbers that are changed in place, without reading the item.
    pub counters: BTreeMap<String, i64>,
    /// When DynamoDB may delete it, in seconds since the Unix epoch; it does so late, or not at all.
    pub expires_at_seconds: Option<i64>,
}

impl Default for Key {
    fn default() -> Self {
        Self::new("", "")
    }
}

impl Record {
    /// A counter's value; one that was never written counts as nothing.
    pub fn counter(&self, name: &str) -> i64 {
        self.counters.get(name).copied().unwrap_or(0)
    }
}
