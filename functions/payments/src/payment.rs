//! The payment of one order: its state, and what each event makes of it. Pure.
//!
//! What happens when stands in `decision.rs` and `reply.rs`; what is said to other contexts in `announcement.rs`.

use identifiers::{CustomerId, OrderId, Timestamp};
use money::{Currency, Money};
use serde::{Deserialize, Serialize};

use crate::call::{Call, CallName, Step};
use crate::ledger::{Entry, EntryKind, Refund, RefundOutcome};
use crate::payment_event::{Ending, PaymentEvent};

/// The most payment methods that may be tried for one order.
pub const MAX_ATTEMPTS: u32 = 20;

/// The payment of one order. Names are short because every kilobyte of the item counts on each of its writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The order.
    #[serde(rename = "o")]
    pub order_id: OrderId,
    /// Whose it is.
    #[serde(rename = "c")]
    pub customer_id: CustomerId,
    /// How the payment stands.
    #[serde(rename = "st")]
    pub status: Status,
    /// The attempt it stands at: counts the payment methods tried, from 1; 0 where none was asked for.
    #[serde(rename = "n")]
    pub attempt: u32,
    /// What was asked for.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The provider's token of the payment method; kept only until the provider has answered.
    #[serde(rename = "pm", default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// Until when an authorisation may be sought.
    #[serde(rename = "pu", default, skip_serializing_if = "Option::is_none")]
    pub pay_until: Option<Timestamp>,
    /// The provider's id of the attempt's payment.
    #[serde(rename = "pi", default, skip_serializing_if = "Option::is_none")]
    pub intent_id: Option<String>,
    /// Where the customer confirms the payment, while that is needed.
    #[serde(rename = "url", default, skip_serializing_if = "Option::is_none")]
    pub action_url: Option<String>,
    /// Until when the customer may confirm it; once authorised, until when the provider holds the amount.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Whether the order is off: nothing may be charged for it any more.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub order_cancelled: bool,
    /// The calls of which no result is known yet.
    #[serde(rename = "ca", default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Call>,
    /// What has come of it so far, oldest first. Nothing in it ever changes.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub ledger: Vec<Entry>,
    /// The refunds that were asked for, in their order.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub refunds: Vec<Refund>,
}

/// How a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// The order was called off before a payment was asked for. A tombstone: a request that comes late is declined.
    #[serde(rename = "x")]
    Cancelled,
    /// Asked for; the provider has not answered yet.
    #[serde(rename = "r")]
    Requested,
    /// The customer must confirm it.
    #[serde(rename = "q")]
    ActionRequired,
    /// The provider holds the amount.
    #[serde(rename = "a")]
    Authorized,
    /// The attempt came to nothing.
    #[serde(rename = "d")]
    Declined,
    /// The hold has ended without a capture.
    #[serde(rename = "v")]
    Voided,
    /// The money is ours, as far as it was not refunded.
    #[serde(rename = "c")]
    Captured,
}

impl Payment {
    fn new(order_id: OrderId, customer_id: CustomerId) -> Self {
        Self {
            order_id,
            customer_id,
            status: Status::Cancelled,
            attempt: 0,
            amount: None,
            payment_method: None,
            pay_until: None,
            intent_id: None,
            action_url: None,
            until: None,
            order_cancelled: false,
            calls: Vec::new(),
            ledger: Vec::new(),
            refunds: Vec::new(),
        }
    }

    /// The state that the first event of a payment makes.
    pub(crate) fn begin(event: &PaymentEvent) -> Self {
        let (PaymentEvent::Requested {
            order_id,
            customer_id,
            ..
        }
        | PaymentEvent::OrderCancelled {
            order_id,
            customer_id,
        }) = event
        else {
            unreachable!("decide lets a payment begin with its request or its order's end only")
        };
        Self::new(order_id.clone(), customer_id.clone()).after(event)
    }

    /// The state after the event.
    pub(crate) fn after(mut self, event: &PaymentEvent) -> Self {
        match event {
            PaymentEvent::OrderCancelled { .. } => self.order_cancelled = true,
            PaymentEvent::Requested {
                attempt,
                amount,
                payment_method,
                pay_until,
                ..
            } => {
                self.status = Status::Requested;
                self.attempt = *attempt;
                self.amount = Some(*amount);
                self.payment_method = Some(payment_method.clone());
                self.pay_until = Some(*pay_until);
                self.intent_id = None;
                self.until = None;
            }
            PaymentEvent::CallBegan(call) => self.calls.push(call.clone()),
            PaymentEvent::CallParked {
                call,
                next_at,
                intent_id,
            } => {
                for pending in self.calls.iter_mut().filter(|pending| pending.is(*call)) {
                    pending.tries += 1;
                    pending.next_at = Some(*next_at);
                    if intent_id.is_some() {
                        pending.intent_id.clone_from(intent_id);
                    }
                }
            }
            PaymentEvent::CallRenewed {
                call,
                next_at,
                since,
            } => {
                for pending in self.calls.iter_mut().filter(|pending| pending.is(*call)) {
                    pending.key_number += 1;
                    pending.since = *since;
                    pending.burnt_at = None;
                    pending.next_at = Some(*next_at);
                }
            }
            PaymentEvent::KeyBurnt { call, at, next_at } => {
                for pending in self.calls.iter_mut().filter(|pending| pending.is(*call)) {
                    pending.burnt_at = Some(*at);
                    pending.tries += 1;
                    pending.next_at = Some(*next_at);
                }
            }
            PaymentEvent::CallDropped(call) => self.drop_call(*call),
            PaymentEvent::Authorized {
                attempt,
                intent_id,
                until,
                at,
            } => {
                self.drop_authorising(*attempt);
                self.settle(Status::Authorized);
                self.intent_id = Some(intent_id.clone());
                self.until = Some(*until);
                self.book(EntryKind::Authorized, *attempt, Some(intent_id), None, *at);
            }
            PaymentEvent::HoldFound {
                attempt,
                intent_id,
                at,
            } => {
                self.drop_authorising(*attempt);
                self.book(EntryKind::Authorized, *attempt, Some(intent_id), None, *at);
            }
            PaymentEvent::ActionRequired {
                attempt,
                intent_id,
                action_url,
                act_until,
            } => {
                self.drop_authorising(*attempt);
                self.settle(Status::ActionRequired);
                self.intent_id = Some(intent_id.clone());
                self.action_url.clone_from(action_url);
                self.until = Some(*act_until);
            }
            PaymentEvent::Declined {
                attempt,
                reason,
                at,
            } => {
                self.drop_authorising(*attempt);
                self.calls.retain(|call| call.attempt != *attempt);
                self.settle(Status::Declined);
                let intent_id = self.intent_id.clone();
                self.book(
                    EntryKind::Declined,
                    *attempt,
                    intent_id.as_ref(),
                    Some(reason),
                    *at,
                );
            }
            PaymentEvent::HoldStands { until } => self.until = Some(*until),
            PaymentEvent::Captured { attempt, at } => {
                self.calls.retain(|call| call.attempt != *attempt);
                self.settle(Status::Captured);
                let intent_id = self.intent_id.clone();
                self.book(EntryKind::Captured, *attempt, intent_id.as_ref(), None, *at);
            }
            PaymentEvent::Voided {
                attempt,
                intent_id,
                ending: Ending::GivenUp,
                at,
            } => {
                let step = Step::Void {
                    ending: Ending::GivenUp,
                };
                self.drop_call(CallName {
                    step,
                    attempt: *attempt,
                });
                let reason = Ending::GivenUp.as_str().to_owned();
                self.book(
                    EntryKind::Voided,
                    *attempt,
                    intent_id.as_ref(),
                    Some(&reason),
                    *at,
                );
            }
            PaymentEvent::Voided {
                attempt,
                intent_id,
                ending,
                at,
            } => {
                self.calls.retain(|call| call.attempt != *attempt);
                self.settle(Status::Voided);
                let reason = ending.as_str().to_owned();
                self.book(
                    EntryKind::Voided,
                    *attempt,
                    intent_id.as_ref(),
                    Some(&reason),
                    *at,
                );
            }
            PaymentEvent::RefundBegan { amount_minor, wish } => self.refunds.push(Refund {
                amount_minor: *amount_minor,
                wish: wish.clone(),
                outcome: RefundOutcome::Pending,
            }),
            PaymentEvent::Refunded {
                number,
                refund_id,
                at,
            } => {
                let amount_minor = self.end_refund(*number, RefundOutcome::Done);
                self.ledger.push(Entry {
                    kind: EntryKind::Refunded,
                    attempt: self.attempt,
                    amount_minor,
                    provider_id: Some(refund_id.clone()),
                    reason: None,
                    at: *at,
                });
            }
            PaymentEvent::RefundRefused { number, code } => {
                self.end_refund(*number, RefundOutcome::Refused(code.clone()));
            }
            PaymentEvent::AskedAgain | PaymentEvent::LeftToSweep => {}
        }
        self
    }

    /// The attempt's outcome is known: what was kept for finding it out is not needed any more.
    fn settle(&mut self, status: Status) {
        self.status = status;
        self.payment_method = None;
        self.action_url = None;
        self.until = None;
    }

    fn drop_call(&mut self, name: CallName) {
        self.calls.retain(|call| !call.is(name));
    }

    fn drop_authorising(&mut self, attempt: u32) {
        self.calls
            .retain(|call| !(call.attempt == attempt && call.is_authorising()));
    }

    fn book(
        &mut self,
        kind: EntryKind,
        attempt: u32,
        provider_id: Option<&String>,
        reason: Option<&String>,
        at: Timestamp,
    ) {
        self.ledger.push(Entry {
            kind,
            attempt,
            amount_minor: self.amount.map_or(0, |amount| amount.amount_minor),
            provider_id: provider_id.cloned(),
            reason: reason.cloned(),
            at,
        });
    }

    fn end_refund(&mut self, number: u32, outcome: RefundOutcome) -> i64 {
        self.drop_call(CallName {
            step: Step::Refund { number },
            attempt: self.attempt,
        });
        let position = usize::try_from(number)
            .unwrap_or(usize::MAX)
            .wrapping_sub(1);
        match self.refunds.get_mut(position) {
            Some(refund) => {
                refund.outcome = outcome;
                refund.amount_minor
            }
            None => 0,
        }
    }

    /// Whether the end of that payment's hold is booked.
    pub fn has_voided(&self, intent_id: &str) -> bool {
        self.ledger.iter().any(|entry| {
            entry.kind == EntryKind::Voided && entry.provider_id.as_deref() == Some(intent_id)
        })
    }

    /// The currency of all its amounts.
    pub fn currency(&self) -> Option<Currency> {
        self.amount.map(|amount| amount.currency)
    }

    /// What was captured, in minor units.
    pub fn captured_minor(&self) -> i64 {
        self.booked_minor(EntryKind::Captured)
    }

    /// What has gone back, in minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.booked_minor(EntryKind::Refunded)
    }

    /// What may still be refunded, in minor units: captured, less what has gone back, less what is about to.
    pub fn refundable_minor(&self) -> i64 {
        let pending = self
            .refunds
            .iter()
            .filter(|refund| refund.outcome == RefundOutcome::Pending);
        let pending_minor: i64 = pending.map(|refund| refund.amount_minor).sum();
        self.captured_minor() - self.refunded_minor() - pending_minor
    }

    fn booked_minor(&self, kind: EntryKind) -> i64 {
        self.ledger
            .iter()
            .filter(|entry| entry.kind == kind)
            .map(|entry| entry.amount_minor)
            .sum()
    }

    /// The pending call of that name.
    pub fn call(&self, name: CallName) -> Option<&Call> {
        self.calls.iter().find(|call| call.is(name))
    }

    /// The pending call that finds out the attempt's outcome.
    pub fn authorising(&self, attempt: u32) -> Option<&Call> {
        self.calls
            .iter()
            .find(|call| call.attempt == attempt && call.is_authorising())
    }

    /// The pending call that ends the attempt which the payment stands at. Another hold that was found and is let go of
    /// is not meant.
    pub fn voiding(&self) -> Option<&Call> {
        self.calls.iter().find(|call| match call.step {
            Step::Void {
                ending: Ending::GivenUp,
            } => false,
            Step::Void {
                ending: Ending::OrderCancelled | Ending::ActionNotCompleted | Ending::Lapsed,
            } => call.attempt == self.attempt,
            Step::Authorise | Step::Find | Step::Capture | Step::Refund { .. } => false,
        })
    }

    /// The pending call that takes the held amount.
    pub fn capturing(&self) -> Option<&Call> {
        self.call(CallName {
            step: Step::Capture,
            attempt: self.attempt,
        })
    }

    /// Why the attempt that it stands at came to nothing, if it did.
    pub fn last_reason(&self) -> Option<&str> {
        let of_attempt = |entry: &&Entry| entry.attempt == self.attempt && entry.reason.is_some();
        self.ledger.iter().rev().find(of_attempt)?.reason.as_deref()
    }

    /// When something is to be done about it without being asked: a call is due again, the customer has not acted, or
    /// the provider lets go of the hold.
    pub fn due_at(&self) -> Option<Timestamp> {
        let waits = match self.status {
            Status::ActionRequired | Status::Authorized if self.voiding().is_none() => self.until,
            Status::ActionRequired
            | Status::Authorized
            | Status::Cancelled
            | Status::Requested
            | Status::Declined
            | Status::Voided
            | Status::Captured => None,
        };
        self.calls
            .iter()
            .filter_map(|call| call.next_at)
            .chain(waits)
            .min()
    }
}
