//! An order as insights knows it: a fold of all that was said about it.
//!
//! Pure. Each part keeps what stands last by the publishing aggregate's own version, or what is furthest, so that neither a
//! repeated event nor one that comes late changes what the order is.

use identifiers::{CustomerId, MessageId, Sku, Timestamp};
use money::Money;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::Fact;
use crate::timeline::{Entry, Timeline};

/// How an order stands, in orders' own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "InsightOrderStatus")]
pub enum OrderStatus {
    /// Waits for its stock.
    Placed,
    /// Waits for its payment.
    AwaitingPayment,
    /// Sure; is being shipped.
    Confirmed,
    /// Waits to hear whether anything of it has left.
    Cancelling,
    /// Delivered and paid.
    Completed,
    /// Off.
    Cancelled,
}

/// How an order's payment stands, in orders' own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "InsightPaymentStatus")]
pub enum PaymentStatus {
    /// Nothing was asked for.
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
    /// Some of it went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
}

/// How far an order's parcels are. Later is further.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "InsightFulfilmentStatus")]
pub enum FulfilmentStatus {
    /// Nothing has left.
    #[default]
    Unfulfilled,
    /// Some of it has left.
    PartiallyDispatched,
    /// All of it has left.
    Dispatched,
    /// All of it has arrived.
    Delivered,
}

/// A quantity of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(Sku, u32)", into = "(Sku, u32)")]
pub struct Line {
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
}

impl From<(Sku, u32)> for Line {
    fn from((sku, quantity): (Sku, u32)) -> Self {
        Self { sku, quantity }
    }
}

impl From<Line> for (Sku, u32) {
    fn from(line: Line) -> Self {
        (line.sku, line.quantity)
    }
}

/// What an order was placed as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// When.
    #[serde(rename = "t")]
    pub at: Timestamp,
    /// What the customer pays, tax and shipping included.
    #[serde(rename = "m")]
    pub total: Money,
    /// What was ordered: each SKU once.
    #[serde(rename = "l")]
    pub lines: Vec<Line>,
}

/// A value with the place of the event that said it among those of its aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Latest<T>((u64, u32), T);

/// What payments said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct PaymentNews(PaymentStatus, u32);

/// An order, as far as it was heard of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Order {
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    placed: Option<Placed>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    status: Option<Latest<OrderStatus>>,
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    payment: Option<Latest<PaymentNews>>,
    /// The last attempt that a payment was asked for; 0 for none.
    #[serde(rename = "a", default, skip_serializing_if = "is_zero")]
    requested_attempt: u32,
    #[serde(rename = "k", default, skip_serializing_if = "is_nothing")]
    captured_minor: i64,
    #[serde(rename = "r", default, skip_serializing_if = "is_nothing")]
    refunded_minor: i64,
    #[serde(rename = "f", default)]
    fulfilment: FulfilmentStatus,
    #[serde(rename = "h")]
    timeline: Timeline,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_nothing(amount_minor: &i64) -> bool {
    *amount_minor == 0
}

impl Order {
    /// Takes in an event, and tells whether it is new.
    pub fn hear(&mut self, entry: Entry, fact: Fact) -> bool {
        let place = (entry.version, position_of(&entry.id));
        let at = entry.time;
        if let Some(customer_id) = fact.customer_id()
            && self.customer_id.is_none()
        {
            self.customer_id = Some(customer_id.clone());
        }
        match fact {
            Fact::Placed { total, lines, .. } => {
                self.placed.get_or_insert(Placed { at, total, lines });
                keep_latest(&mut self.status, place, OrderStatus::Placed);
            }
            Fact::PaymentRequested { attempt, .. } => {
                self.requested_attempt = self.requested_attempt.max(attempt);
                keep_latest(&mut self.status, place, OrderStatus::AwaitingPayment);
            }
            Fact::Status { status, .. } => keep_latest(&mut self.status, place, status),
            Fact::Payment { status, attempt } => {
                keep_latest(&mut self.payment, place, PaymentNews(status, attempt));
            }
            Fact::Captured(amount) => {
                self.captured_minor = self.captured_minor.max(amount.amount_minor);
                let news = PaymentNews(PaymentStatus::Captured, 0);
                keep_latest(&mut self.payment, place, news);
            }
            Fact::Refunded { total, .. } => {
                self.refunded_minor = self.refunded_minor.max(total.amount_minor);
                let news = PaymentNews(PaymentStatus::Refunded, 0);
                keep_latest(&mut self.payment, place, news);
            }
            Fact::Fulfilled { status, .. } => self.fulfilment = self.fulfilment.max(status),
            Fact::Mentioned { .. } => {}
        }
        self.timeline.add(entry)
    }

    /// Whose it is.
    pub fn customer_id(&self) -> Option<&CustomerId> {
        self.customer_id.as_ref()
    }

    /// What it was placed as; none where that was not heard.
    pub fn placed(&self) -> Option<&Placed> {
        self.placed.as_ref()
    }

    /// How it stands; none where orders was not heard of it yet.
    pub fn status(&self) -> Option<OrderStatus> {
        let Latest(_, status) = self.status.as_ref()?;
        match status {
            // A cancellation that was asked for is withdrawn once something has left, which nobody says in words.
            OrderStatus::Cancelling if self.fulfilment > FulfilmentStatus::Unfulfilled => {
                Some(OrderStatus::Confirmed)
            }
            OrderStatus::Placed
            | OrderStatus::AwaitingPayment
            | OrderStatus::Confirmed
            | OrderStatus::Cancelling
            | OrderStatus::Completed
            | OrderStatus::Cancelled => Some(*status),
        }
    }

    /// How its payment stands.
    pub fn payment_status(&self) -> PaymentStatus {
        let Some(Latest(_, PaymentNews(status, attempt))) = &self.payment else {
            return match self.requested_attempt {
                0 => PaymentStatus::None,
                _ => PaymentStatus::Requested,
            };
        };
        match status {
            PaymentStatus::Declined if self.requested_attempt > *attempt => {
                PaymentStatus::Requested
            }
            PaymentStatus::Captured
            | PaymentStatus::Refunded
            | PaymentStatus::PartiallyRefunded => self.after_capture(),
            PaymentStatus::None
            | PaymentStatus::Requested
            | PaymentStatus::ActionRequired
            | PaymentStatus::Authorized
            | PaymentStatus::Declined
            | PaymentStatus::Voided => *status,
        }
    }

    fn after_capture(&self) -> PaymentStatus {
        if self.refunded_minor == 0 {
            PaymentStatus::Captured
        } else if self.refunded_minor < self.captured_minor {
            PaymentStatus::PartiallyRefunded
        } else {
            PaymentStatus::Refunded
        }
    }

    /// How far its parcels are.
    pub fn fulfilment_status(&self) -> FulfilmentStatus {
        self.fulfilment
    }

    /// What was ordered; nothing where that was not heard.
    pub fn lines(&self) -> &[Line] {
        self.placed.as_ref().map_or(&[], |placed| &placed.lines)
    }

    /// How many pieces were ordered in all.
    pub fn unit_count(&self) -> u64 {
        self.lines()
            .iter()
            .map(|line| u64::from(line.quantity))
            .sum()
    }

    /// What was heard of it.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }
}

/// Keeps the value that stands last among those of its aggregate.
fn keep_latest<T>(kept: &mut Option<Latest<T>>, place: (u64, u32), value: T) {
    if kept.as_ref().is_none_or(|Latest(at, _)| *at < place) {
        *kept = Some(Latest(place, value));
    }
}

/// Where an event stands among those of one commit: the last part of its id. Several of one commit are told apart by it.
fn position_of(id: &MessageId) -> u32 {
    let last = id.as_str().rsplit('.').next();
    last.and_then(|text| text.parse().ok()).unwrap_or_default()
}
