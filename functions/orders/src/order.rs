//! The order: its state, what may be asked of it, what happens to it. Pure.
//!
//! What happens when, and what is said to other contexts about it, stands in `process.rs`.

use identifiers::{AddressId, CustomerId, OrderId, Region, Sku, Timestamp};
use money::{Currency, Money, TaxClass, TaxLine};
use serde::{Deserialize, Serialize};

pub use contracts::orders::CancellationReason;

use crate::returning::Return;

/// An order. Names are short because every kilobyte of the item counts on each of its writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its identifier.
    pub order_id: OrderId,
    /// Who placed it.
    #[serde(rename = "cust")]
    pub customer_id: CustomerId,
    /// The digest of the request that placed it, so that a reused key with another wish is noticed.
    #[serde(rename = "req")]
    pub request_digest: String,
    /// What was ordered: each SKU once, at the price of that moment.
    pub lines: Vec<OrderLine>,
    /// The currency of every amount of the order.
    #[serde(rename = "cur")]
    pub currency: Currency,
    /// What shipping costs, tax included, in minor units.
    #[serde(rename = "fee")]
    pub shipping_fee_minor: i64,
    /// Tax, once per rate.
    pub tax: Vec<TaxLine>,
    /// What the customer pays, in minor units.
    #[serde(rename = "total")]
    pub total_minor: i64,
    /// Where it goes.
    pub region: Region,
    /// The address in the customer's address book that it goes to, where one was named.
    #[serde(rename = "to", default, skip_serializing_if = "Option::is_none")]
    pub delivery_address_id: Option<AddressId>,
    /// The provider's token of the payment method.
    #[serde(rename = "pm")]
    pub payment_method: String,
    /// When it was placed.
    #[serde(rename = "at")]
    pub placed_at: Timestamp,
    /// Until when stock and payment may be got.
    #[serde(rename = "until")]
    pub obtain_until: Timestamp,
    /// How the order stands.
    #[serde(rename = "st")]
    pub status: OrderStatus,
    /// How its payment stands.
    #[serde(rename = "pay")]
    pub payment: PaymentStatus,
    /// How its fulfilment stands.
    #[serde(rename = "ful")]
    pub fulfilment: FulfilmentStatus,
    /// Counts the payment methods tried, from 1; 0 before the first.
    #[serde(rename = "try")]
    pub attempt: u32,
    /// What has been captured, in minor units.
    #[serde(rename = "cap", default, skip_serializing_if = "is_zero")]
    pub captured_minor: i64,
    /// What has been refunded, in minor units.
    #[serde(rename = "ref", default, skip_serializing_if = "is_zero")]
    pub refunded_minor: i64,
    /// When a reply that it waits for has been too long in coming.
    #[serde(rename = "due", default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// How often it has asked again for that reply.
    #[serde(rename = "asked", default, skip_serializing_if = "is_none_asked")]
    pub asked_again: u32,
    /// Why it is, or is about to be, cancelled.
    #[serde(rename = "why", default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<CancellationReason>,
    /// Why it was off from the start, in words: what was checked out could not be placed.
    #[serde(rename = "no", default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What its customer wishes to send back.
    #[serde(rename = "ret", default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<Return>,
}

fn is_zero(amount_minor: &i64) -> bool {
    *amount_minor == 0
}

fn is_none_asked(asked_again: &u32) -> bool {
    *asked_again == 0
}

/// A quantity of one SKU at a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// What.
    pub sku: Sku,
    /// How many, at least one.
    #[serde(rename = "q")]
    pub quantity: u32,
    /// The price of one, in minor units.
    #[serde(rename = "p")]
    pub unit_price_minor: i64,
    /// The tax rate it falls under.
    #[serde(rename = "t")]
    pub tax_class: TaxClass,
    /// The weight of one, in grams.
    #[serde(rename = "w")]
    pub weight_grams: u32,
}

/// The weight of lines, in grams.
pub(crate) fn weight_of<'a>(lines: impl IntoIterator<Item = &'a OrderLine>) -> u64 {
    let weight = |line: &OrderLine| u64::from(line.quantity) * u64::from(line.weight_grams);
    lines.into_iter().map(weight).sum()
}

/// The first axis: where the order is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Waits for its stock.
    Placed,
    /// Its stock is set aside; waits for its payment.
    AwaitingPayment,
    /// Sure; is being shipped.
    Confirmed,
    /// Was confirmed; waits to hear whether anything of it has left.
    Cancelling,
    /// Delivered and paid. Terminal.
    Completed,
    /// Off. Terminal.
    Cancelled,
}

/// The second axis: the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OrderPaymentStatus")]
pub enum PaymentStatus {
    /// Nothing has been asked of the provider.
    None,
    /// An authorisation is being sought.
    Requested,
    /// The customer must act.
    ActionRequired,
    /// The amount is held.
    Authorized,
    /// The money is ours.
    Captured,
    /// The provider refused.
    Declined,
    /// The hold has ended.
    Voided,
    /// Some of the money went back.
    PartiallyRefunded,
    /// All of the money went back.
    Refunded,
}

/// The third axis: the goods.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FulfilmentStatus {
    /// Nothing has left.
    Unfulfilled,
    /// Some of it has left.
    PartiallyDispatched,
    /// All of it has left.
    Dispatched,
    /// All of it has arrived.
    Delivered,
}

/// What may be asked of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderCommand {
    /// Place it, as priced by the server.
    Place(Box<Order>),
    /// Have it there as off from the start: what was checked out cannot be placed.
    Refuse(Box<Order>),
    /// Cancel it, on behalf of its customer (who must be the one named) or of an operator.
    Cancel {
        /// The customer who asks; none for an operator.
        customer_id: Option<CustomerId>,
        /// Why.
        reason: CancellationReason,
        /// By when an answer is to be expected.
        reply_by: Timestamp,
    },
    /// Take note of its customer's wish to send some of it back.
    RequestReturn {
        /// The customer who asks.
        customer_id: CustomerId,
        /// What, and why.
        wish: Return,
    },
    /// Take note that the stock is set aside.
    NoteStockReserved,
    /// Take note that the stock could not be set aside.
    NoteReservationFailed {
        /// Why the order is off.
        reason: CancellationReason,
    },
    /// Take note that the amount is held.
    NotePaymentAuthorized {
        /// For which attempt.
        attempt: u32,
    },
    /// Take note that the provider refused.
    NotePaymentDeclined {
        /// Which attempt.
        attempt: u32,
    },
    /// Take note that the customer must act.
    NoteActionRequired {
        /// In which attempt.
        attempt: u32,
        /// When a reply has been too long in coming.
        reply_by: Timestamp,
    },
    /// Take note that the money is ours.
    NotePaymentCaptured {
        /// How much, in minor units.
        amount_minor: i64,
    },
    /// Take note that the hold has ended.
    NotePaymentVoided {
        /// Whether it lapsed by itself, rather than by our cancellation.
        lapsed: bool,
        /// By when an answer about the shipment is to be expected.
        reply_by: Timestamp,
    },
    /// Take note that money went back.
    NotePaymentRefunded {
        /// How much in all, in minor units.
        refunded_total_minor: i64,
    },
    /// Take note that a parcel has left.
    NoteDispatched {
        /// Whether all of the order has now left.
        complete: bool,
    },
    /// Take note that a parcel has arrived.
    NoteDelivered {
        /// Whether all of the order has now arrived.
        complete: bool,
    },
    /// Take note that nothing has left and nothing will.
    NoteShipmentCancelled,
    /// See to the deadline, if it has come.
    MeetDeadline {
        /// The present instant.
        now: Timestamp,
        /// By when the next answer is to be expected.
        reply_by: Timestamp,
    },
}

/// What happens to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// It was placed.
    Placed(Box<Order>),
    /// It was off from the start. Nothing is said of it: nobody was asked for anything.
    Refused(Box<Order>),
    /// Its payment was requested, its stock being set aside.
    PaymentRequested,
    /// Its customer must act.
    ActionRequired {
        /// When a reply has been too long in coming.
        reply_by: Timestamp,
    },
    /// It is sure.
    Confirmed,
    /// The provider refused.
    PaymentDeclined,
    /// The money is ours.
    PaymentCaptured {
        /// How much, in minor units.
        amount_minor: i64,
    },
    /// The hold has ended.
    PaymentVoided,
    /// Money went back.
    PaymentRefunded {
        /// How much in all, in minor units.
        refunded_total_minor: i64,
    },
    /// Some or all of it has left, or arrived.
    Fulfilled(FulfilmentStatus),
    /// It shall be cancelled, if nothing has left.
    CancellationRequested {
        /// Why.
        reason: CancellationReason,
        /// By when an answer is to be expected.
        reply_by: Timestamp,
    },
    /// Something had left: it goes on.
    CancellationWithdrawn,
    /// A reply did not come; it was asked for again.
    AskedAgain {
        /// By when an answer is to be expected now.
        reply_by: Timestamp,
    },
    /// It is off.
    Cancelled {
        /// Why.
        reason: CancellationReason,
    },
    /// It is delivered and paid.
    Completed,
    /// Its customer wishes to send some of it back.
    ReturnRequested(Return),
}

/// Why an order refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderRejection {
    /// There is no such order, or none of that customer's.
    #[error("the order is not known")]
    Unknown,
    /// The order exists, and was placed by another request.
    #[error("the key was used for another order")]
    KeyReused,
    /// A parcel has left: it can be returned and refunded, not cancelled.
    #[error("a parcel has left already")]
    AlreadyDispatched,
    /// What has not arrived cannot be sent back.
    #[error("the order has not been delivered")]
    NotDelivered,
    /// More than was delivered and not asked to be taken back before.
    #[error("more than what is left of the order to send back")]
    NotReturnable,
    /// The order keeps no more wishes to send back.
    #[error("too many returns were asked for; ask the shop")]
    TooManyReturns,
}

impl Order {
    /// An amount in the order's currency.
    pub fn money(&self, amount_minor: i64) -> Money {
        Money::new(amount_minor, self.currency)
    }

    /// The weight of all of it, in grams.
    pub fn weight_grams(&self) -> u64 {
        weight_of(&self.lines)
    }

    /// Whether nothing can happen to it any more but refunds.
    pub fn is_terminal(&self) -> bool {
        matches!(self.status, OrderStatus::Completed | OrderStatus::Cancelled)
    }

    pub(crate) fn after(mut self, event: &OrderEvent) -> Self {
        match event {
            OrderEvent::Placed(order) | OrderEvent::Refused(order) => return (**order).clone(),
            OrderEvent::PaymentRequested => {
                self.status = OrderStatus::AwaitingPayment;
                self.payment = PaymentStatus::Requested;
                self.attempt += 1;
                self.asked_again = 0;
            }
            OrderEvent::ActionRequired { reply_by } => {
                self.payment = PaymentStatus::ActionRequired;
                self.deadline = Some(*reply_by);
            }
            OrderEvent::Confirmed => {
                self.status = OrderStatus::Confirmed;
                self.payment = PaymentStatus::Authorized;
                self.settle();
            }
            OrderEvent::PaymentDeclined => self.payment = PaymentStatus::Declined,
            OrderEvent::PaymentCaptured { amount_minor } => {
                self.captured_minor = *amount_minor;
                self.payment = self.payment_after_money();
            }
            OrderEvent::PaymentVoided => self.payment = PaymentStatus::Voided,
            OrderEvent::PaymentRefunded {
                refunded_total_minor,
            } => {
                self.refunded_minor = *refunded_total_minor;
                self.payment = self.payment_after_money();
            }
            OrderEvent::Fulfilled(status) => self.fulfilment = self.fulfilment.max(*status),
            OrderEvent::CancellationRequested { reason, reply_by } => {
                self.status = OrderStatus::Cancelling;
                self.cancellation = Some(*reason);
                self.deadline = Some(*reply_by);
                self.asked_again = 0;
            }
            OrderEvent::CancellationWithdrawn => {
                self.status = OrderStatus::Confirmed;
                self.cancellation = None;
                self.settle();
            }
            OrderEvent::AskedAgain { reply_by } => {
                self.deadline = Some(*reply_by);
                self.asked_again += 1;
            }
            OrderEvent::Cancelled { reason } => {
                self.status = OrderStatus::Cancelled;
                self.cancellation = Some(*reason);
                self.settle();
            }
            OrderEvent::Completed => {
                self.status = OrderStatus::Completed;
                self.settle();
            }
            OrderEvent::ReturnRequested(wish) => self.returns.push(wish.clone()),
        }
        self
    }

    fn settle(&mut self) {
        self.deadline = None;
        self.asked_again = 0;
    }

    fn payment_after_money(&self) -> PaymentStatus {
        if self.refunded_minor == 0 {
            PaymentStatus::Captured
        } else if self.refunded_minor < self.captured_minor {
            PaymentStatus::PartiallyRefunded
        } else {
            PaymentStatus::Refunded
        }
    }
}
