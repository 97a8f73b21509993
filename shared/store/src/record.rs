//! An item as the rest of Noren sees it.

use std::collections::BTreeMap;
use std::fmt;

/// An item's primary key: partition `pk` and sort `sk`.
///
/// ```
/// use store::Key;
///
/// // What is read together stands in one partition.
/// let (course, day) = (Key::new("course#rust", "course"), Key::new("course#rust", "day#2"));
/// assert_eq!(course.pk, day.pk);
/// assert!(course < day);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    /// A key of the two texts.
    ///
    /// ```
    /// let key = store::Key::new(format!("course#{}", "rust"), "course");
    /// assert_eq!(key.to_string(), "course#rust/course");
    /// ```
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
///
/// ```
/// use store::Origin;
///
/// // The filter of the stream's mapping lets these through.
/// let published_by_the_stream = [Origin::Http, Origin::Schedule].map(Origin::as_str);
/// assert!(!published_by_the_stream.contains(&Origin::default().as_str()));
/// ```
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
    ///
    /// ```
    /// assert_eq!(store::Origin::Queue.as_str(), "queue");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Schedule => "schedule",
            Self::Queue => "queue",
        }
    }

    /// Reads the attribute's value.
    ///
    /// ```
    /// use store::Origin;
    ///
    /// assert_eq!(Origin::from_text("schedule"), Some(Origin::Schedule));
    /// assert_eq!(Origin::from_text("hearsay"), None);
    /// ```
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Http, Self::Schedule, Self::Queue]
            .into_iter()
            .find(|origin| origin.as_str() == text)
    }
}

/// The value of an attribute that an index sorts or partitions by.
///
/// ```
/// use store::{Indexed, Record};
///
/// let order = Record { indexed: [("due_at".to_owned(), Indexed::Number(1_795_512_600))].into(), ..Record::default() };
/// assert!(order.indexed["due_at"] <= Indexed::Number(1_795_512_660), "it is due");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Indexed {
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

/// An item.
///
/// ```
/// use store::{Key, Origin, Record};
///
/// let read = Record {
///     key: Key::new("course#rust", "course"),
///     version: 4,
///     document: r#"{"students":["mia"]}"#.to_owned(),
///     ..Record::default()
/// };
/// // The next step of the same item: its condition will be `Expected::Version(read.version)`.
/// let next = Record {
///     version: read.version + 1,
///     origin: Origin::Http,
///     document: r#"{"students":["mia","ken"]}"#.to_owned(),
///     ..read.clone()
/// };
/// assert_eq!((next.key, next.version), (read.key, 5));
/// ```
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
    ///
    /// ```
    /// use store::Record;
    ///
    /// let seats = Record { counters: [("free".to_owned(), 12)].into(), ..Record::default() };
    /// assert_eq!((seats.counter("free"), seats.counter("waiting")), (12, 0));
    /// ```
    pub fn counter(&self, name: &str) -> i64 {
        self.counters.get(name).copied().unwrap_or(0)
    }
}
