//! The kinds of event the provider records and sends.

/// What happened, in the order it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    IntentCreated,
    RequiresAction,
    Processing,
    CapturableUpdated,
    IntentSucceeded,
    PaymentFailed,
    IntentCanceled,
    ChargeSucceeded,
    ChargeFailed,
    ChargeCaptured,
    ChargeExpired,
    ChargeRefunded,
    RefundCreated,
}

impl Happening {
    /// The event's `type` (<https://docs.stripe.com/api/events/types>).
    pub fn event_type(self) -> &'static str {
        match self {
            Self::IntentCreated => "payment_intent.created",
            Self::RequiresAction => "payment_intent.requires_action",
            Self::Processing => "payment_intent.processing",
            Self::CapturableUpdated => "payment_intent.amount_capturable_updated",
            Self::IntentSucceeded => "payment_intent.succeeded",
            Self::PaymentFailed => "payment_intent.payment_failed",
            Self::IntentCanceled => "payment_intent.canceled",
            Self::ChargeSucceeded => "charge.succeeded",
            Self::ChargeFailed => "charge.failed",
            Self::ChargeCaptured => "charge.captured",
            Self::ChargeExpired => "charge.expired",
            Self::ChargeRefunded => "charge.refunded",
            Self::RefundCreated => "refund.created",
        }
    }
}
