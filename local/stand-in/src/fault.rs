//! What a test or a simulation may make go wrong with a request.

use std::sync::Arc;

/// Decides a request's fate before it runs.
pub type OnRequest = Arc<dyn Fn(&RequestSummary<'_>) -> Verdict + Send + Sync>;

/// The request as a fault hook sees it.
#[derive(Clone, Copy, Debug)]
pub struct RequestSummary<'a> {
    /// `GET`, `POST` or `DELETE`.
    pub method: &'a str,
    /// The path, such as `/v1/payment_intents`.
    pub path: &'a str,
    /// The `Idempotency-Key`, if one was sent.
    pub idempotency_key: Option<&'a str>,
}

/// A request's fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It runs and is answered.
    Proceed,
    /// It runs and its result is stored under its key, but the caller gets a 504 and no result.
    TimeOutAfterDoing,
    /// As above, but the caller never gets an answer at all and must give up by itself.
    HangAfterDoing,
    /// It runs, then a 500 is answered and stored under its key: a retry with that key gets the 500 again although the
    /// payment was made.
    Fail500,
    /// Nothing is done, a 500 is answered and stored under its key.
    Fail500WithoutDoing,
    /// Nothing is done or stored; the caller gets a 500 and may retry with the same key.
    Fail500BeforeDoing,
    /// Nothing is done or stored; the caller gets a 503.
    Down,
}
