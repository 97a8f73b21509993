//! The provider port: what payments needs of a payment service provider, in the words of neither.
//!
//! Every call that changes something carries an idempotency key and may be repeated with it. Owns no I/O: `stripe.rs`
//! does that, and `fake.rs` for tests and simulation.

use std::future::Future;

use identifiers::{OrderId, Timestamp};
use money::Money;

/// A payment service provider.
pub trait Provider: Send + Sync + 'static {
    /// Makes a payment and has its amount held. The answer says what came of it, a decline included.
    fn authorise(
        &self,
        wish: &Authorisation<'_>,
    ) -> impl Future<Output = Result<Intent, ProviderFailure>> + Send;

    /// Takes the whole held amount.
    fn capture(
        &self,
        intent_id: &str,
        key: &str,
    ) -> impl Future<Output = Result<Intent, ProviderFailure>> + Send;

    /// Lets go of the hold, or of a payment that waits for its customer.
    fn void(
        &self,
        intent_id: &str,
        key: &str,
    ) -> impl Future<Output = Result<Intent, ProviderFailure>> + Send;

    /// Gives money back; returns the provider's id of the refund.
    fn refund(
        &self,
        wish: &RefundWish<'_>,
    ) -> impl Future<Output = Result<String, ProviderFailure>> + Send;

    /// The payment's own state, as of now.
    fn look(
        &self,
        intent_id: &str,
    ) -> impl Future<Output = Result<Option<Intent>, ProviderFailure>> + Send;

    /// The payment of an attempt, by what was written on it. May miss one made within the last minute.
    fn find(
        &self,
        order_id: &OrderId,
        attempt: u32,
    ) -> impl Future<Output = Result<Option<Intent>, ProviderFailure>> + Send;

    /// The provider's id of a payment's refund, by the number that was written on it. Sees every one that was made.
    fn find_refund(
        &self,
        intent_id: &str,
        number: u32,
    ) -> impl Future<Output = Result<Option<String>, ProviderFailure>> + Send;
}

/// What is to be authorised.
#[derive(Debug, Clone, Copy)]
pub struct Authorisation<'a> {
    /// For which order; written on the payment.
    pub order_id: &'a OrderId,
    /// Which attempt; written on the payment.
    pub attempt: u32,
    /// How much.
    pub amount: Money,
    /// The provider's token of the payment method.
    pub payment_method: &'a str,
    /// The idempotency key.
    pub key: &'a str,
}

/// What is to be refunded.
#[derive(Debug, Clone, Copy)]
pub struct RefundWish<'a> {
    /// Of which payment.
    pub intent_id: &'a str,
    /// Which refund of the order, from 1; written on the refund.
    pub number: u32,
    /// How much.
    pub amount: Money,
    /// The idempotency key.
    pub key: &'a str,
}

/// A payment as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The provider's id of it.
    pub intent_id: String,
    /// The order written on it.
    pub order_id: Option<OrderId>,
    /// The attempt written on it.
    pub attempt: Option<u32>,
    /// How much it is about.
    pub amount: Money,
    /// How it stands.
    pub phase: Phase,
}

/// How a payment stands with the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The amount is held.
    Held {
        /// Until when.
        until: Timestamp,
    },
    /// The customer must act.
    ActionRequired {
        /// Where, if there is an address for it.
        url: Option<String>,
    },
    /// The provider does not know yet.
    Processing,
    /// It came to nothing, and holds nothing.
    Failed {
        /// The provider's code for why.
        code: String,
    },
    /// It was ended, and holds nothing.
    Cancelled,
    /// The amount was taken.
    Captured,
}

impl Phase {
    /// One word for it, for logs and message ids.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Held { .. } => "held",
            Self::ActionRequired { .. } => "action_required",
            Self::Processing => "processing",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
            Self::Captured => "captured",
        }
    }
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFailure {
    /// The provider understood, refuses, and did nothing.
    #[error("the provider refuses: {code}: {message}")]
    Refused {
        /// Its code.
        code: String,
        /// Its words.
        message: String,
    },
    /// The provider failed at the first request with this key and stored that: it answers the same for as long as it
    /// keeps the key. Whether anything was done must be looked up; only another key can do it.
    #[error("a failure is stored under the idempotency key")]
    KeyBurnt,
    /// No usable answer. The call may have been done.
    #[error("the provider gave no usable answer: {0}")]
    Unreachable(String),
}
