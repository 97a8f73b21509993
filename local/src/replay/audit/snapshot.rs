//! What the stores hold once all is quiet: the tables by the AWS endpoint, the provider's ledger and the inbox by theirs.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use decider::{Loaded, Stored};
use http::Method;
use identifiers::OrderId;
use inventory::reservation::Reservation;
use orders::order::Order;
use payment_stand_in::LedgerEntry;
use payments::payment::Payment;
use serde::Deserialize;
use shipping::shipment::{Shipment, ShipmentState};
use store::{Attribute, Record};

use super::super::aws::Aws;
use super::super::target::Target;
use crate::shop::{Call, Caller};

/// Everything, by order where it is an order's.
#[derive(Default)]
pub(in crate::replay) struct Snapshot {
    pub(super) orders: HashMap<String, Kept<Order>>,
    pub(super) reservations: HashMap<String, Kept<Reservation>>,
    pub(super) shipments: HashMap<String, Kept<ShipmentState>>,
    pub(super) payments: HashMap<String, Kept<Payment>>,
    /// The counters of each SKU.
    pub(super) stock: Vec<StockLevel>,
    pub(super) ledger: Vec<LedgerEntry>,
    pub(super) mails: Vec<Mail>,
}

/// A state, and what its item says about how it came to be.
pub(super) struct Kept<T> {
    pub(super) state: T,
    pub(super) version: u64,
    pub(super) handled: Vec<Handled>,
}

/// A message that an item remembers.
#[derive(Debug, Deserialize)]
pub(super) struct Handled {
    #[serde(rename = "m")]
    pub(super) message_id: String,
    #[serde(rename = "v")]
    pub(super) version: u64,
}

/// An item's document, without the state, which its own context reads.
#[derive(Deserialize)]
struct Document {
    #[serde(rename = "h")]
    handled: Vec<Handled>,
}

/// The counters of a SKU at a location.
pub(super) struct StockLevel {
    pub(super) sku: String,
    pub(super) location: String,
    pub(super) available: i64,
    pub(super) received: i64,
}

/// A mail, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Mail {
    pub(super) to: Vec<String>,
    pub(super) subject: String,
    #[serde(default)]
    pub(super) text: Option<String>,
    #[serde(default)]
    pub(super) tags: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Mails {
    messages: Vec<Mail>,
    before: Option<String>,
}

#[derive(Deserialize)]
struct LedgerPage {
    data: Vec<LedgerEntry>,
    after: Option<String>,
}

impl Snapshot {
    /// Reads all of it.
    pub(in crate::replay) async fn take(aws: &Aws, target: &Target) -> anyhow::Result<Self> {
        let (orders, stock_and_reservations, shipments, payments, ledger, mails) = tokio::try_join!(
            scan(aws, "OrdersTable", &["order"]),
            scan(aws, "InventoryTable", &["stock", "reservation"]),
            scan(aws, "ShippingTable", &["shipment"]),
            scan(aws, "PaymentsTable", &["payment"]),
            ledger(target),
            mails(target),
        )?;
        let (stock, reservations): (Vec<Record>, Vec<Record>) = stock_and_reservations
            .into_iter()
            .partition(|record| record.key.sk == "stock");
        Ok(Self {
            orders: read_all::<Order>(orders)?,
            reservations: read_all::<Reservation>(reservations)?,
            shipments: read_all::<Shipment>(shipments)?,
            payments: read_all::<Payment>(payments)?,
            stock: stock.iter().flat_map(levels).collect(),
            ledger,
            mails,
        })
    }
}

/// All items of a table with one of the sort keys.
async fn scan(aws: &Aws, table: &str, sort_keys: &[&str]) -> anyhow::Result<Vec<Record>> {
    let name = aws.table(table).await?;
    let values = (0..).zip(sort_keys);
    let values: HashMap<String, AttributeValue> = values
        .map(|(number, sk)| (format!(":sk{number}"), AttributeValue::S((*sk).to_owned())))
        .collect();
    let mut names: Vec<&str> = values.keys().map(String::as_str).collect();
    names.sort_unstable();
    let filter = format!("sk IN ({})", names.join(","));
    let mut pages = aws
        .dynamodb
        .scan()
        .table_name(&name)
        .consistent_read(true)
        .filter_expression(filter)
        .set_expression_attribute_values(Some(values))
        .into_paginator()
        .send();
    let mut records = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.with_context(|| format!("{name} cannot be read"))?;
        for item in page.items.unwrap_or_default() {
            let attributes: Result<Vec<_>, anyhow::Error> = item
                .into_iter()
                .map(|(name, value)| Ok((name, attribute(value)?)))
                .collect();
            records.push(store::from_attributes(attributes?)?);
        }
    }
    Ok(records)
}

fn attribute(value: AttributeValue) -> anyhow::Result<Attribute> {
    Ok(match value {
        AttributeValue::S(text) => Attribute::S(text),
        AttributeValue::N(number) => Attribute::N(number.parse()?),
        AttributeValue::B(bytes) => Attribute::B(bytes.into_inner()),
        other => bail!("an attribute is of a kind that the stored form does not have: {other:?}"),
    })
}

/// Reads aggregates by the types of their own contexts.
fn read_all<A>(records: Vec<Record>) -> anyhow::Result<HashMap<String, Kept<A::State>>>
where
    A: Stored<Id = OrderId>,
{
    let mut read = HashMap::with_capacity(records.len());
    for record in records {
        let id = order_id(&record)?;
        let Document { handled } = serde_json::from_str(&record.document)
            .with_context(|| format!("{} cannot be read", record.key))?;
        let loaded = Loaded::<A>::from_record(&id, Some(record))?;
        let version = loaded.version();
        let state = loaded.into_state().context("an item has no state")?;
        let kept = Kept {
            state,
            version,
            handled,
        };
        read.insert(id.as_str().to_owned(), kept);
    }
    Ok(read)
}

fn order_id(record: &Record) -> anyhow::Result<OrderId> {
    let (_, id) = record
        .key
        .pk
        .split_once('#')
        .context("a key names no order")?;
    Ok(OrderId::new(id)?)
}

fn levels(record: &Record) -> Vec<StockLevel> {
    let sku = record.key.pk.trim_start_matches("stock#");
    let locations: std::collections::BTreeSet<&str> = record
        .counters
        .keys()
        .filter_map(|name| {
            name.strip_prefix("available:")
                .or(name.strip_prefix("received:"))
        })
        .collect();
    let level = |location: &str| StockLevel {
        sku: sku.to_owned(),
        location: location.to_owned(),
        available: record.counter(&format!("available:{location}")),
        received: record.counter(&format!("received:{location}")),
    };
    locations.into_iter().map(level).collect()
}

async fn ledger(target: &Target) -> anyhow::Result<Vec<LedgerEntry>> {
    let mut entries = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/stand-in/ledger?limit=1000{after}");
        let call = Call::new(Method::GET, &path, Caller::Nobody);
        let page: LedgerPage = target.payments.get(&call).await?;
        entries.extend(page.data);
        match page.after {
            Some(last) => after = format!("&after={last}"),
            None => return Ok(entries),
        }
    }
}

async fn mails(target: &Target) -> anyhow::Result<Vec<Mail>> {
    let mut mails = Vec::new();
    let mut before = String::new();
    loop {
        let path = format!("/inbox.json?limit=1000{before}");
        let call = Call::new(Method::GET, &path, Caller::Nobody);
        let page: Mails = target.mail.get(&call).await?;
        mails.extend(page.messages);
        match page.before {
            Some(last) => before = format!("&before={last}"),
            None => return Ok(mails),
        }
    }
}
