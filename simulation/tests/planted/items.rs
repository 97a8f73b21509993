//! Mistakes with items: conditions, versions, guards, tombstones, deadlines, whose is what.

use std::collections::HashMap;

use parking_lot::Mutex;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use simulation::Site;
use simulation::planted::{Committed, Plant};
use store::{
    Adjustment, CommitFailure, CounterChange, Expected, Indexed, Key, Origin, Record,
    TransactFailure, Write,
};

use crate::lie::{edit, is, puts, state, strikes};

/// Stock is drawn without asking whether it is there.
#[derive(Debug)]
pub struct StockUnconditional;

impl Plant for StockUnconditional {
    fn on_transact(&self, _: Site, writes: &mut Vec<Write>) -> Committed {
        for_each_change(writes, |change| change.before = None);
        Committed::Really
    }
}

fn for_each_change(writes: &mut [Write], mut edit: impl FnMut(&mut CounterChange)) {
    for write in writes {
        if let Write::Adjust(adjustment) = write {
            adjustment.changes.iter_mut().for_each(&mut edit);
        }
    }
}

/// An item is read, changed and written back whatever stands there by then.
#[derive(Debug)]
pub struct VersionUnconditional;

impl Plant for VersionUnconditional {
    fn on_commit(&self, _: Site, _: &mut Record, expected: &mut Expected) -> Committed {
        match expected {
            Expected::Version(_) => Committed::Unconditionally,
            Expected::Absent | Expected::AbsentOrOlder => Committed::Really,
        }
    }
}

/// A copy of another's facts is overwritten by whatever arrives last.
#[derive(Debug)]
pub struct CopyUnconditional;

impl Plant for CopyUnconditional {
    fn on_commit(&self, _: Site, _: &mut Record, expected: &mut Expected) -> Committed {
        match expected {
            Expected::AbsentOrOlder => Committed::Unconditionally,
            Expected::Absent | Expected::Version(_) => Committed::Really,
        }
    }
}

/// An error of a write is logged, and the work goes on.
#[derive(Debug)]
pub struct WriteErrorSwallowed;

impl Plant for WriteErrorSwallowed {
    fn on_commit_failure(
        &self,
        _: Site,
        _: &Record,
        failure: CommitFailure,
    ) -> Result<(), CommitFailure> {
        match failure {
            CommitFailure::Store(_) => Ok(()),
            CommitFailure::Conflict | CommitFailure::TooLarge { .. } => Err(failure),
        }
    }

    fn on_transact_failure(
        &self,
        _: Site,
        failure: TransactFailure,
    ) -> Result<(), TransactFailure> {
        match failure {
            TransactFailure::Store(_) => Ok(()),
            TransactFailure::Refused(_) | TransactFailure::TooLarge { .. } => Err(failure),
        }
    }
}

/// A conflict is taken for "somebody else has done it".
#[derive(Debug)]
pub struct ConflictSwallowed;

impl Plant for ConflictSwallowed {
    fn on_commit_failure(
        &self,
        _: Site,
        _: &Record,
        failure: CommitFailure,
    ) -> Result<(), CommitFailure> {
        match failure {
            CommitFailure::Conflict => Ok(()),
            CommitFailure::Store(_) | CommitFailure::TooLarge { .. } => Err(failure),
        }
    }
}

/// The version is raised by who evolves and by who writes.
#[derive(Debug)]
pub struct VersionByTwo;

impl Plant for VersionByTwo {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if is(site, Site::Shipping, record, "shipment") {
            record.version += 1;
        }
        Committed::Really
    }
}

/// One piece is taken for a line, however many it orders.
#[derive(Debug)]
pub struct OnePerLine;

impl Plant for OnePerLine {
    fn on_transact(&self, _: Site, writes: &mut Vec<Write>) -> Committed {
        for_each_change(writes, |change| {
            if change.counter.starts_with("available:") {
                change.by = change.by.max(-1);
            }
        });
        Committed::Really
    }
}

/// The writes of a transaction are made one after another, and one time in ten the process dies in between.
#[derive(Debug)]
pub struct WritesOneByOne;

impl Plant for WritesOneByOne {
    fn on_transact(&self, _: Site, writes: &mut Vec<Write>) -> Committed {
        let unlucky = puts(writes)
            .next()
            .is_some_and(|record| strikes(&record.key.pk, record.version, 10));
        if unlucky {
            writes.truncate(writes.len().div_ceil(2));
        }
        Committed::Really
    }
}

/// A cancel that comes before its order leaves nothing behind, in inventory.
#[derive(Debug)]
pub struct NoReservationTombstone;

impl Plant for NoReservationTombstone {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        let is_tombstone = is(site, Site::Inventory, record, "reservation")
            && record.version == 1
            && state(record)["st"] == json!({ "ended": "released" });
        if is_tombstone {
            Committed::NotAtAll
        } else {
            Committed::Really
        }
    }
}

/// A cancel that comes before the request for its payment leaves nothing behind, in payments.
#[derive(Debug)]
pub struct NoPaymentTombstone;

impl Plant for NoPaymentTombstone {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        let is_tombstone =
            is(site, Site::Payments, record, "payment") && state(record)["st"] == "x";
        if is_tombstone {
            Committed::NotAtAll
        } else {
            Committed::Really
        }
    }
}

/// A release does not look whether the stock was released before.
#[derive(Debug, Default)]
pub struct ReleasedTwice(Mutex<HashMap<Key, String>>);

impl Plant for ReleasedTwice {
    fn on_transact(&self, site: Site, writes: &mut Vec<Write>) -> Committed {
        for record in puts(writes) {
            if is(site, Site::Inventory, record, "reservation") && state(record)["st"] == "reserved"
            {
                let kept = (record.key.clone(), record.document.clone());
                self.0.lock().extend([kept]);
            }
        }
        Committed::Really
    }

    fn on_load(&self, site: Site, key: &Key, record: Option<Record>) -> Option<Record> {
        let mut record = record?;
        if is(site, Site::Inventory, &record, "reservation")
            && state(&record)["st"] == json!({ "ended": "released" })
            && let Some(before) = self.0.lock().get(key)
        {
            record.document.clone_from(before);
        }
        Some(record)
    }
}

/// What a reservation took, by SKU and location.
type Consumed = HashMap<(String, String), i64>;

/// A parcel that leaves takes its goods from the counter, which lost them when they were reserved.
#[derive(Debug, Default)]
pub struct TakenAgainAtDispatch(Mutex<HashMap<Key, Consumed>>);

impl Plant for TakenAgainAtDispatch {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if !is(site, Site::Inventory, record, "reservation") {
            return Committed::Really;
        }
        let state = state(record);
        let mut consumed = HashMap::new();
        for line in state["l"].as_array().into_iter().flatten() {
            for part in line["p"].as_array().into_iter().flatten() {
                let place = (text(&line["s"]), text(&part[0]));
                consumed.insert(place, part[2].as_i64().unwrap_or(0));
            }
        }
        let mut all = self.0.lock();
        let before = all.insert(record.key.clone(), consumed.clone());
        let before = before.unwrap_or_default();
        let mut more: Vec<Write> = Vec::new();
        for ((sku, location), count) in consumed {
            let place = (sku, location);
            let by = count - before.get(&place).copied().unwrap_or(0);
            if by > 0 {
                more.push(Write::Adjust(Adjustment {
                    key: Key::new(format!("stock#{}", place.0), "stock"),
                    changes: vec![CounterChange {
                        counter: format!("available:{}", place.1),
                        by: -by,
                        before: None,
                    }],
                }));
            }
        }
        more.sort_by(|one, other| one.key().cmp(other.key()));
        Committed::With(more)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The deadline stands in the document and not in the index that the sweep reads.
#[derive(Debug)]
pub struct DeadlineUnindexed(pub Site);

impl Plant for DeadlineUnindexed {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if site == self.0 {
            record.indexed.remove("due_shard");
            record.indexed.remove("due_at");
        }
        Committed::Really
    }
}

/// The deadline is written in a unit that the sweep does not read: it comes a month late.
#[derive(Debug)]
pub struct DeadlineFarOff(pub Site);

impl Plant for DeadlineFarOff {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if let Some(Indexed::Number(at)) = record.indexed.get_mut("due_at")
            && site == self.0
        {
            *at += 30 * 24 * 60 * 60;
        }
        Committed::Really
    }
}

/// How often was asked is counted in memory only, so it is asked without end.
#[derive(Debug)]
pub struct AskedUncounted;

impl Plant for AskedUncounted {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if is(site, Site::Orders, record, "order") {
            edit(record, |document| {
                let order = document.state.as_object_mut().unwrap();
                order.remove("asked").is_some()
            });
        }
        Committed::Really
    }
}

/// Every read is eventually consistent, also the one that a refusal rests on.
#[derive(Debug)]
pub struct ReadsNeverSure;

impl Plant for ReadsNeverSure {
    fn reads_surely(&self, _: Site) -> bool {
        false
    }
}

/// A confirmed order is cancelled without asking shipping whether a parcel has left.
#[derive(Debug)]
pub struct CancelledUnasked;

impl Plant for CancelledUnasked {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if !is(site, Site::Orders, record, "order") || record.origin != Origin::Http {
            return Committed::Really;
        }
        let mut was_cancelled = false;
        edit(record, |document| {
            let order = &mut document.state;
            let newest = document.handled.last_mut().unwrap();
            let asks = newest
                .announced
                .iter_mut()
                .find(|said| said.event_type == "orders.CancellationRequested.v1");
            let Some(said) = asks else { return false };
            said.event_type = "orders.OrderCancelled.v1".to_owned();
            let cancelled = json!({
                "order_id": order["order_id"],
                "customer_id": order["cust"],
                "reason": order["why"],
                "total": { "amount_minor": order["total"], "currency": order["cur"] },
            });
            said.data = to_raw_value(&cancelled).unwrap();
            order["st"] = json!("cancelled");
            order.as_object_mut().unwrap().remove("due");
            was_cancelled = true;
            true
        });
        if was_cancelled {
            record.indexed.remove("due_shard");
            record.indexed.remove("due_at");
        }
        Committed::Really
    }
}

/// The record of an Idempotency-Key is made before the work and stays when the work fails.
#[derive(Debug, Default)]
pub struct KeyBurnt(Mutex<HashMap<Key, Record>>);

impl Plant for KeyBurnt {
    fn on_commit(&self, site: Site, record: &mut Record, expected: &mut Expected) -> Committed {
        if site == Site::Orders && self.0.lock().contains_key(&record.key) {
            *expected = Expected::Version(u64::MAX);
        }
        Committed::Really
    }

    fn on_commit_failure(
        &self,
        site: Site,
        record: &Record,
        failure: CommitFailure,
    ) -> Result<(), CommitFailure> {
        if is(site, Site::Orders, record, "order")
            && record.version == 1
            && matches!(failure, CommitFailure::Store(_))
        {
            let mut burnt = record.clone();
            edit(&mut burnt, |document| {
                document.state["req"] = json!("in progress");
                true
            });
            self.0.lock().insert(record.key.clone(), burnt);
        }
        Err(failure)
    }

    fn on_load(&self, _: Site, key: &Key, record: Option<Record>) -> Option<Record> {
        record.or_else(|| self.0.lock().get(key).cloned())
    }
}

/// An order is shown to whoever knows its id.
#[derive(Debug, Default)]
pub struct OwnerUnchecked(Mutex<HashMap<String, String>>);

impl Plant for OwnerUnchecked {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if is(site, Site::Orders, record, "order") {
            let order = state(record);
            let owner = (text(&order["order_id"]), text(&order["cust"]));
            self.0.lock().extend([owner]);
        }
        Committed::Really
    }

    fn on_request(&self, site: Site, payload: String) -> String {
        let mut request: Value = serde_json::from_str(&payload).unwrap();
        let shows = site == Site::Orders && request["requestContext"]["http"]["method"] == "GET";
        let path = text(&request["rawPath"]);
        let owner = path
            .strip_prefix("/api/orders/")
            .and_then(|id| self.0.lock().get(id).cloned());
        let Some(owner) = owner.filter(|_| shows) else {
            return payload;
        };
        request["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(owner);
        request.to_string()
    }
}

/// A mail is sent, and then it is noted; nobody claims it before.
#[derive(Debug)]
pub struct MailUnclaimed;

impl Plant for MailUnclaimed {
    fn on_load(&self, site: Site, _: &Key, record: Option<Record>) -> Option<Record> {
        let mut record = record?;
        if is(site, Site::Notifications, &record, "notifications") {
            edit(&mut record, |document| {
                let notices = document.state.get_mut("n");
                let notices = notices.and_then(Value::as_array_mut).unwrap();
                notices.retain(|notice| notice["p"] != "c");
                true
            });
        }
        Some(record)
    }
}
