//! As much of each stored document as the audit looks at. Written anew here, so that a field that a context forgets or
//! renames is noticed.

use identifiers::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A document: what it is about, the state, and the messages handled.
#[derive(Debug, Deserialize)]
pub struct Document<'a, State> {
    /// The subject of its events.
    #[serde(borrow)]
    pub id: &'a str,
    /// The state.
    pub s: State,
    /// The messages handled.
    #[serde(borrow)]
    pub h: Vec<Handled<'a>>,
}

/// A message that was handled.
#[derive(Debug, Deserialize)]
pub struct Handled<'a> {
    /// The version that it led to.
    pub v: u64,
    /// What was announced.
    #[serde(borrow, default)]
    pub e: Vec<Announced<'a>>,
}

/// Something announced.
#[derive(Debug, Deserialize)]
pub struct Announced<'a> {
    /// The event type.
    pub t: &'a str,
    /// The facts.
    #[serde(borrow)]
    pub d: &'a RawValue,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Order {
    /// How it stands.
    pub st: String,
    /// How its fulfilment stands.
    pub ful: String,
    /// Whose it is.
    pub cust: String,
    /// What it costs.
    pub total: i64,
    /// What was captured.
    #[serde(default)]
    pub cap: i64,
    /// What was refunded.
    #[serde(default, rename = "ref")]
    pub refunded: i64,
    /// Until when it waits for a reply.
    pub due: Option<Timestamp>,
    /// Why it was off from the start, if it was.
    pub no: Option<String>,
}

impl Order {
    /// Whether it is at its end.
    pub fn is_terminal(&self) -> bool {
        matches!(self.st.as_str(), "completed" | "cancelled")
    }
}

/// A reservation.
#[derive(Debug, Default, Deserialize)]
pub struct Reservation {
    /// How far it is.
    pub st: serde_json::Value,
    /// Its lines.
    #[serde(default)]
    pub l: Vec<ReservedLine>,
    /// The parcels that left.
    #[serde(default)]
    pub p: Vec<u32>,
}

/// A line of a reservation.
#[derive(Debug, Deserialize)]
pub struct ReservedLine {
    /// What.
    pub s: String,
    /// Where from: location, held, consumed.
    #[serde(default)]
    pub p: Vec<(String, u64, u64)>,
}

/// A movement of stock.
#[derive(Debug, Deserialize)]
pub struct Movement {
    /// What.
    pub sku: String,
    /// By how many.
    pub by: i64,
}

/// A shipment, whether its order was confirmed or not.
#[derive(Debug, Deserialize)]
pub enum Shipping {
    /// Cancelled before it was known.
    #[serde(rename = "u")]
    Unconfirmed(serde::de::IgnoredAny),
    /// Known.
    #[serde(rename = "c")]
    Confirmed(Shipment),
}

/// The shipment of a confirmed order.
#[derive(Debug, Deserialize)]
pub struct Shipment {
    /// Whether the order is off.
    #[serde(default)]
    pub x: bool,
    /// What is to be shipped.
    pub l: Vec<ShippedLine>,
    /// What has left.
    #[serde(default)]
    pub p: Vec<Parcel>,
    /// What came back.
    #[serde(default)]
    pub b: Vec<Return>,
}

/// A line of a shipment.
#[derive(Debug, Deserialize)]
pub struct ShippedLine {
    /// What.
    pub k: String,
    /// How many.
    pub q: u32,
}

/// A parcel.
#[derive(Debug, Deserialize)]
pub struct Parcel {
    /// What is in it, by line.
    pub l: Vec<(usize, u32)>,
    /// When it arrived.
    pub d: Option<String>,
}

/// Goods that came back.
#[derive(Debug, Deserialize)]
pub struct Return {
    /// What came back, by line.
    pub l: Vec<(usize, u32)>,
    /// Whether it can be sold again.
    pub r: bool,
}

impl Shipment {
    /// How many of a line have left.
    pub fn dispatched(&self, line: usize) -> u32 {
        let parcels = self.p.iter().flat_map(|parcel| &parcel.l);
        parcels
            .filter(|(at, _)| *at == line)
            .map(|(_, quantity)| quantity)
            .sum()
    }

    /// Whether all of it has left.
    pub fn is_complete(&self) -> bool {
        self.l
            .iter()
            .enumerate()
            .all(|(at, line)| self.dispatched(at) >= line.q)
    }

    /// Whether all of it has arrived.
    pub fn is_delivered(&self) -> bool {
        self.is_complete() && self.p.iter().all(|parcel| parcel.d.is_some())
    }
}

/// What was told about an order.
#[derive(Debug, Deserialize)]
pub struct Told {
    /// The notices.
    pub n: Vec<Notice>,
}

/// A notice.
#[derive(Debug, Deserialize)]
pub struct Notice {
    /// Of which kind.
    pub k: String,
    /// Which parcel or refund.
    pub i: u32,
    /// How far it is: c, s, x.
    pub p: String,
}

/// A cart.
#[derive(Debug, Deserialize)]
pub struct Cart {
    /// Whose it is.
    pub c: String,
    /// Its last checkouts.
    #[serde(default)]
    pub o: Vec<CheckedOut>,
}

impl Cart {
    /// The number of its customer.
    pub fn owner(&self) -> Option<u32> {
        self.c.strip_prefix("customer-")?.parse().ok()
    }
}

/// A checkout of a cart.
#[derive(Debug, Deserialize)]
pub struct CheckedOut {
    /// The order that it became.
    pub o: String,
}

/// A price that carts copied.
#[derive(Debug, Deserialize)]
pub struct CartPrice {
    /// What.
    pub sku: String,
    /// At which price, if it can be bought.
    pub price: Option<money::Money>,
}

/// A price that orders copied.
#[derive(Debug, Deserialize)]
pub struct Price {
    /// What.
    pub sku: String,
    /// At which price.
    pub price: money::Money,
    /// Whether it can be bought.
    pub on_sale: bool,
}

/// A product.
#[derive(Debug, Deserialize)]
pub struct Product {
    /// Whether it can be bought.
    pub t: String,
    /// What can be bought of it.
    pub v: Vec<Variant>,
}

/// A variant of a product.
#[derive(Debug, Deserialize)]
pub struct Variant {
    /// What.
    pub k: String,
    /// At which price.
    pub p: money::Money,
}
