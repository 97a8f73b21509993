//! A test's say over each publish: how it makes a function die, or see a failure, between its commit and its publish.

/// A publish that has been checked and not yet done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishAttempt<'a> {
    /// ARN of the topic.
    pub topic_arn: &'a str,
    /// Messages in it: one, or those of the batch.
    pub entries: usize,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishVerdict {
    /// It is done.
    Proceed,
    /// The entries at these places (from 0) fail with `InternalError`; the others are published. A single `Publish`
    /// whose entry 0 fails is answered with status 500.
    FailEntries(Vec<usize>),
    /// All of it fails with status 500, and nothing is published.
    Refuse,
    /// It is never answered, and nothing is published.
    Hang,
}

/// Decides on a publish.
pub type PublishHook = dyn Fn(&PublishAttempt<'_>) -> PublishVerdict + Send + Sync;
