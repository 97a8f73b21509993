//! Reads what each context keeps about an order.

use anyhow::Context as _;
use decider::{HandledMessage, Loaded, Stored, history};
use identifiers::OrderId;
use inventory::reservation::Reservation;
use notifications::told::{Progress, Told};
use orders::order::Order;
use payments::ledger::EntryKind;
use payments::payment::{Payment, Status};
use serde::Serialize;
use serde_json::{Value, json};
use shipping::shipment::{Shipment, ShipmentState};
use store::{Consistency, DynamoDbStore, Record, Store as _};

use crate::deployment::Deployment;

/// What one context keeps about the order.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    pub(super) context: &'static str,
    /// Commits so far.
    pub(super) version: u64,
    /// How it stands there, in the context's own words.
    pub(super) state: Value,
}

/// What one context has handled about the order.
pub(super) struct History {
    pub(super) context: &'static str,
    pub(super) messages: Vec<HandledMessage>,
}

impl History {
    /// Whether the first commit is not among what is remembered.
    pub(super) fn has_forgotten(&self) -> bool {
        self.messages
            .first()
            .is_some_and(|oldest| oldest.version > 1)
    }
}

/// Reads all contexts that have a table.
pub(super) async fn all(
    deployment: &Deployment,
    order_id: &OrderId,
) -> anyhow::Result<(Vec<Part>, Vec<History>)> {
    let tables = deployment.tables().await?;
    let one = async |context, table: &str, key| -> anyhow::Result<Option<Record>> {
        let name = tables
            .get(table)
            .with_context(|| format!("{} has no table {table}", deployment.place()))?;
        let store = DynamoDbStore::new(deployment.dynamodb.clone(), name);
        let record = store.load(&key, Consistency::Strong).await;
        record.with_context(|| format!("the table of {context} cannot be read"))
    };
    let (order, reservation, payment, shipment, told) = tokio::try_join!(
        one("orders", "OrdersTable", Order::key(order_id)),
        one("inventory", "InventoryTable", Reservation::key(order_id)),
        one("payments", "PaymentsTable", Payment::key(order_id)),
        one("shipping", "ShippingTable", Shipment::key(order_id)),
        one("notifications", "NotificationsTable", Told::key(order_id)),
    )?;
    let mut found = Found::default();
    found.add::<Order>("orders", order_id, order, of_order)?;
    found.add::<Reservation>("inventory", order_id, reservation, of_reservation)?;
    found.add::<Payment>("payments", order_id, payment, of_payment)?;
    found.add::<Shipment>("shipping", order_id, shipment, of_shipment)?;
    found.add::<Told>("notifications", order_id, told, of_told)?;
    Ok((found.parts, found.histories))
}

#[derive(Default)]
struct Found {
    parts: Vec<Part>,
    histories: Vec<History>,
}

impl Found {
    fn add<A: Stored<Id = OrderId>>(
        &mut self,
        context: &'static str,
        order_id: &OrderId,
        record: Option<Record>,
        describe: fn(&A::State) -> Value,
    ) -> anyhow::Result<()> {
        let Some(record) = record else {
            return Ok(());
        };
        let messages = history(&record)?;
        let loaded = Loaded::<A>::from_record(order_id, Some(record))?;
        self.parts.push(Part {
            context,
            version: loaded.version(),
            state: loaded.state().map(describe).unwrap_or_default(),
        });
        self.histories.push(History { context, messages });
        Ok(())
    }
}

fn of_order(order: &Order) -> Value {
    let mut state = json!({
        "status": order.status,
        "payment_status": order.payment,
        "fulfilment_status": order.fulfilment,
        "lines": order.lines.len(),
        "total": order.money(order.total_minor),
        "placed_at": order.placed_at,
    });
    if let Some(deadline) = order.deadline {
        state["waits_until"] = json!(deadline);
        state["asked_again"] = json!(order.asked_again);
    }
    if let Some(reason) = &order.cancellation {
        state["cancellation_reason"] = json!(reason);
    }
    state
}

fn of_reservation(reservation: &Reservation) -> Value {
    json!({ "status": reservation.status, "lines": reservation.lines.len() })
}

fn of_payment(payment: &Payment) -> Value {
    let status = match payment.status {
        Status::Cancelled => "cancelled",
        Status::Requested => "requested",
        Status::ActionRequired => "action_required",
        Status::Authorized => "authorized",
        Status::Declined => "declined",
        Status::Voided => "voided",
        Status::Captured => "captured",
    };
    let ledger = payment.ledger.iter().map(|entry| {
        let kind = match entry.kind {
            EntryKind::Authorized => "authorized",
            EntryKind::Declined => "declined",
            EntryKind::Voided => "voided",
            EntryKind::Captured => "captured",
            EntryKind::Refunded => "refunded",
        };
        json!({
            "entry": kind,
            "attempt": entry.attempt,
            "amount_minor": entry.amount_minor,
            "provider_id": entry.provider_id,
            "reason": entry.reason,
            "at": entry.at,
        })
    });
    json!({
        "status": status,
        "amount": payment.amount,
        "attempt": payment.attempt,
        "calls_under_way": payment.calls.len(),
        "ledger": ledger.collect::<Vec<Value>>(),
    })
}

fn of_shipment(shipment: &ShipmentState) -> Value {
    let parcels = match shipment {
        ShipmentState::CancelledUnconfirmed { .. } => Vec::new(),
        ShipmentState::Confirmed(shipment) => shipment
            .parcels
            .iter()
            .map(|parcel| {
                json!({
                    "carrier": parcel.carrier,
                    "tracking_number": parcel.tracking_number,
                    "dispatched_at": parcel.dispatched_at,
                    "delivered_at": parcel.delivered_at,
                })
            })
            .collect(),
    };
    json!({ "status": shipment.status(), "parcels": parcels })
}

fn of_told(told: &Told) -> Value {
    let notices = told.entries.iter().map(|entry| {
        let (progress, at) = match entry.progress {
            Progress::Claimed { at } => ("being sent", at),
            Progress::Sent { at, .. } => ("sent", at),
            Progress::Skipped { at, .. } => ("skipped", at),
        };
        json!({ "notice": entry.kind, "number": entry.number, "progress": progress, "at": at })
    });
    json!({ "notices": notices.collect::<Vec<Value>>() })
}
