//! Orders over HTTP: a list of them, and what was heard of one.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use door::{Arrival, Operator, Parameters, Problem};
use identifiers::{CustomerId, MessageId, OrderId, Sku, Timestamp};
use money::Money;
use serde::{Deserialize, Serialize};
use store::{Consistency, Store, read_copy};

use super::{MAX_LIMIT, limit};
use crate::Insights;
use crate::day::Day;
use crate::order::{FulfilmentStatus, Order, OrderStatus, PaymentStatus};
use crate::orders::{self, MAX_DAYS, Position, Wanted};
use crate::store::order_key;
use crate::timeline::Entry;
use crate::title::{Title, titles};

const DEFAULT_LIMIT: usize = 50;
/// How many days are listed where none are named.
const DEFAULT_DAYS: i32 = 31;
/// The longest text that is looked for, in characters.
const MAX_TEXT_CHARACTERS: usize = 64;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParameters {
    /// The earliest day, in the shop's time zone; thirty days before the latest if not said.
    from: Option<Day>,
    /// The latest day; today if not said.
    to: Option<Day>,
    /// Only orders that stand so.
    status: Option<OrderStatus>,
    /// Only those whose payment stands so.
    payment_status: Option<PaymentStatus>,
    /// Only those whose parcels are that far.
    fulfilment_status: Option<FulfilmentStatus>,
    /// Only those whose own or whose customer's id begins so, or that have a line whose SKU or title has it in it.
    #[schemars(length(min = 1, max = MAX_TEXT_CHARACTERS))]
    text: Option<String>,
    /// How many orders a page has at most; 50 if not said.
    #[schemars(range(min = 1, max = MAX_LIMIT))]
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// An order in a list.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "InsightOrder")]
pub(super) struct OrderView {
    order_id: OrderId,
    /// Whose it is; left out where nobody has said.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    /// Left out where its placing was not heard of.
    #[serde(skip_serializing_if = "Option::is_none")]
    placed_at: Option<Timestamp>,
    /// Left out where orders has said nothing of it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<OrderStatus>,
    payment_status: PaymentStatus,
    fulfilment_status: FulfilmentStatus,
    /// Tax and shipping included.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<Money>,
    line_count: usize,
    unit_count: u64,
    /// When the last event about it was committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_at: Option<Timestamp>,
}

impl OrderView {
    fn of(order_id: OrderId, order: &Order) -> Self {
        let placed = order.placed();
        Self {
            order_id,
            customer_id: order.customer_id().cloned(),
            placed_at: placed.map(|placed| placed.at),
            status: order.status(),
            payment_status: order.payment_status(),
            fulfilment_status: order.fulfilment_status(),
            total: placed.map(|placed| placed.total),
            line_count: order.lines().len(),
            unit_count: order.unit_count(),
            last_event_at: order.timeline().last_at(),
        }
    }
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "InsightOrderPage")]
pub(super) struct ListView {
    orders: Vec<OrderView>,
    /// Where to go on, if there may be more. A page may be short, or empty, and not the last.
    next: Option<String>,
}

pub(super) async fn list<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Arrival(now): Arrival,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<ListView>, Problem> {
    let limit = limit(parameters.limit, DEFAULT_LIMIT)?;
    let to = parameters.to;
    let to = to.unwrap_or_else(|| Day::at(now, &insights.config.time_zone));
    let from = parameters.from.unwrap_or_else(|| to.plus(1 - DEFAULT_DAYS));
    if !(1..=MAX_DAYS).contains(&from.count_to(to)) {
        let rule = format!(
            "must be the latest day, or up to {} days earlier",
            MAX_DAYS - 1
        );
        return Err(Problem::field("from", rule));
    }
    let text = parameters.text.as_deref();
    if text.is_some_and(|text| !(1..=MAX_TEXT_CHARACTERS).contains(&text.chars().count())) {
        let rule = format!("must be 1 to {MAX_TEXT_CHARACTERS} characters");
        return Err(Problem::field("text", rule));
    }
    let wanted = Wanted {
        from,
        to,
        status: parameters.status,
        payment_status: parameters.payment_status,
        fulfilment_status: parameters.fulfilment_status,
        text: parameters.text,
    };
    let position = match parameters.cursor.as_deref() {
        Some(text) => Position::from_text(text, &wanted)?,
        None => Position::at(to),
    };
    let listed = orders::list(&insights.store, &wanted, limit, position).await?;
    let orders = listed.orders.into_iter();
    Ok(Json(ListView {
        orders: orders
            .map(|(id, order)| OrderView::of(id, &order))
            .collect(),
        next: listed.next.as_ref().map(Position::to_text),
    }))
}

/// A quantity of one SKU.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "InsightOrderLine")]
struct LineView {
    sku: Sku,
    quantity: u32,
    /// What it is called, by language; left out where catalog has not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Title>,
}

/// An order with its lines.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "InsightOrderWithLines")]
struct WholeOrderView {
    #[serde(flatten)]
    order: OrderView,
    lines: Vec<LineView>,
}

/// An event about an order.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "InsightOrderEvent")]
struct EventView {
    id: MessageId,
    /// `<context>.<EventName>.v<major>`.
    #[serde(rename = "type")]
    event_type: String,
    /// The context that said it.
    source: String,
    subject: String,
    /// When it was committed.
    time: Timestamp,
    /// When insights heard it first.
    heard_at: Timestamp,
    /// From the one to the other; below nothing where clocks differ.
    delay_ms: i64,
    /// The id of the event, or of the request or tick, that caused it.
    causation_id: MessageId,
    /// The publishing aggregate's version.
    version: u64,
}

impl EventView {
    fn of(entry: &Entry) -> Self {
        Self {
            id: entry.id.clone(),
            event_type: entry.event_type.clone(),
            source: entry.publisher().to_owned(),
            subject: entry.subject.clone(),
            time: entry.time,
            heard_at: entry.heard_at,
            delay_ms: entry.delay_ms(),
            causation_id: entry.causation_id.clone(),
            version: entry.version,
        }
    }
}

#[derive(Serialize, schemars::JsonSchema)]
#[schemars(rename = "InsightOrderTimeline")]
pub(super) struct TimelineView {
    order: WholeOrderView,
    /// In the order of time, and after what caused them.
    events: Vec<EventView>,
    /// Whether there were more events than are kept: those in the middle are missing.
    left_out: bool,
}

pub(super) async fn timeline<S: Store + Clone>(
    State(insights): State<Insights<S>>,
    _: Operator,
    Path(id): Path<String>,
) -> Result<Json<TimelineView>, Problem> {
    let order_id = OrderId::new(id).map_err(|_| Problem::not_found("this order"))?;
    let key = order_key(&order_id);
    let record = insights.store.load(&key, Consistency::Eventual).await?;
    let Some(record) = record else {
        return Err(Problem::not_found(format!("order {order_id}")));
    };
    let order: Order = read_copy(&record)?;
    let skus = order.lines().iter().map(|line| &line.sku);
    let mut titles: BTreeMap<Sku, Title> = titles(&insights.store, skus).await?;
    let lines = order.lines().iter().map(|line| LineView {
        sku: line.sku.clone(),
        quantity: line.quantity,
        title: titles.remove(&line.sku),
    });
    let lines = lines.collect();
    let events = order.timeline().in_order_of_cause();
    Ok(Json(TimelineView {
        events: events.into_iter().map(EventView::of).collect(),
        left_out: order.timeline().is_shortened(),
        order: WholeOrderView {
            order: OrderView::of(order_id, &order),
            lines,
        },
    }))
}
