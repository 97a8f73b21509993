//! What a test or a simulation may make go wrong with a mail.

use std::sync::Arc;

/// Decides a mail's fate before it is kept.
pub type OnSend = Arc<dyn Fn(&SendSummary<'_>) -> Verdict + Send + Sync>;

/// The mail as a fault hook sees it.
#[derive(Clone, Copy, Debug)]
pub struct SendSummary<'a> {
    /// Bare addresses of every recipient.
    pub recipients: &'a [String],
    /// The subject.
    pub subject: &'a str,
}

/// A mail's fate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is kept and answered.
    Proceed,
    /// It is kept, but the caller gets a 504 and no message id.
    TimeOutAfterDoing,
    /// It is not kept; the caller gets SES's `TooManyRequestsException`.
    Throttle,
    /// It is not kept; the caller gets SES's `MessageRejected`.
    Reject,
    /// It is not kept; the caller gets a 500.
    Fail500,
    /// It is not kept; the caller gets a 503.
    Down,
}
