//! What happens to a payment. Pure data.

use identifiers::{CustomerId, MessageId, OrderId, Timestamp};
use money::Money;
use serde::{Deserialize, Serialize};

use crate::call::{Call, CallName};

/// Why a hold, or a payment that waited for the customer, is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The order is off.
    #[serde(rename = "o")]
    OrderCancelled,
    /// The customer did not confirm in time.
    #[serde(rename = "n")]
    ActionNotCompleted,
    /// The provider let go of the hold.
    #[serde(rename = "l")]
    Lapsed,
    /// The attempt had been given up before its hold was found.
    #[serde(rename = "g")]
    GivenUp,
}

impl Ending {
    /// The reason as the ledger words it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderCancelled => "order_cancelled",
            Self::ActionNotCompleted => "action_not_completed",
            Self::Lapsed => "lapsed",
            Self::GivenUp => "given_up",
        }
    }
}

/// What happened to a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentEvent {
    /// The order is off.
    OrderCancelled {
        /// Which.
        order_id: OrderId,
        /// Whose it was.
        customer_id: CustomerId,
    },
    /// A payment was asked for.
    Requested {
        /// For which order.
        order_id: OrderId,
        /// Who pays.
        customer_id: CustomerId,
        /// Which attempt.
        attempt: u32,
        /// How much.
        amount: Money,
        /// The provider's token of the payment method.
        payment_method: String,
        /// Until when an authorisation may be sought.
        pay_until: Timestamp,
    },
    /// A call shall be made; recorded before it is.
    CallBegan(Call),
    /// A call brought no result; it is made again later.
    CallParked {
        /// Which call.
        call: CallName,
        /// When it is due again.
        next_at: Timestamp,
        /// The provider's id of the payment, where it is known by now.
        intent_id: Option<String>,
    },
    /// A failure is stored under the call's key, and whether something was done does not show yet.
    KeyBurnt {
        /// Which call.
        call: CallName,
        /// When the key was first known to be burnt.
        at: Timestamp,
        /// When it is sure what was done.
        next_at: Timestamp,
    },
    /// A failure is stored under the call's key and nothing was done: it is made again with another key.
    CallRenewed {
        /// Which call.
        call: CallName,
        /// When it is due again.
        next_at: Timestamp,
        /// Since when the new key counts.
        since: Timestamp,
    },
    /// A call need not be made any more.
    CallDropped(CallName),
    /// The provider holds the amount.
    Authorized {
        /// The attempt.
        attempt: u32,
        /// The provider's id of the payment.
        intent_id: String,
        /// Until when.
        until: Timestamp,
        /// When it was learnt.
        at: Timestamp,
    },
    /// A hold was found of an attempt that had been given up.
    HoldFound {
        /// The attempt.
        attempt: u32,
        /// The provider's id of the payment.
        intent_id: String,
        /// When it was learnt.
        at: Timestamp,
    },
    /// The customer must confirm.
    ActionRequired {
        /// The attempt.
        attempt: u32,
        /// The provider's id of the payment.
        intent_id: String,
        /// Where.
        action_url: Option<String>,
        /// Until when.
        act_until: Timestamp,
    },
    /// The attempt came to nothing.
    Declined {
        /// The attempt.
        attempt: u32,
        /// Why: the provider's code, or one of ours.
        reason: String,
        /// When it was learnt.
        at: Timestamp,
    },
    /// The provider still holds the amount.
    HoldStands {
        /// Until when, or when it is asked again.
        until: Timestamp,
    },
    /// The money is ours.
    Captured {
        /// The attempt.
        attempt: u32,
        /// When it was learnt.
        at: Timestamp,
    },
    /// The hold has ended.
    Voided {
        /// The attempt.
        attempt: u32,
        /// The provider's id of the payment.
        intent_id: Option<String>,
        /// Why.
        ending: Ending,
        /// When it was learnt.
        at: Timestamp,
    },
    /// Money shall go back.
    RefundBegan {
        /// How much, in minor units.
        amount_minor: i64,
        /// The wish that asked for it.
        wish: MessageId,
    },
    /// Money went back.
    Refunded {
        /// Which refund, from 1.
        number: u32,
        /// The provider's id of it.
        refund_id: String,
        /// When it was learnt.
        at: Timestamp,
    },
    /// The provider refused a refund.
    RefundRefused {
        /// Which refund, from 1.
        number: u32,
        /// The provider's code for why.
        code: String,
    },
    /// The same was asked again, and is answered again, where there is an answer by now.
    AskedAgain,
    /// A message's call, where one is pending, is the sweep's.
    LeftToSweep,
}
