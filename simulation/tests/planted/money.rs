//! Mistakes with money: keys, calls and their answers, webhooks, refunds.

use std::sync::atomic::{AtomicU64, Ordering};

use identifiers::Timestamp;
use payments::provider::{Intent, Phase, ProviderFailure};
use serde_json::{Value, json};
use simulation::Site;
use simulation::planted::{Charge, Charged, Committed, Plant};
use store::{Expected, Key, Origin, Record};

use crate::lie::{edit, forget_newest_message, is, list};

/// Calls carry a new key each time, which is as good as none.
#[derive(Debug, Default)]
pub struct NoKey(AtomicU64);

impl Plant for NoKey {
    fn on_provider_key(&self, key: &str) -> String {
        format!("{key}:{}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// The key leaves out which try it is: a failure that is stored under it is the answer for ever.
#[derive(Debug)]
pub struct KeyWithoutTry;

impl Plant for KeyWithoutTry {
    fn on_provider_key(&self, key: &str) -> String {
        let (key, _) = key.split_once('.').unwrap_or((key, ""));
        key.to_owned()
    }
}

/// The key names the order only, and not the step.
#[derive(Debug)]
pub struct KeyWithoutStep;

impl Plant for KeyWithoutStep {
    fn on_provider_key(&self, key: &str) -> String {
        let (order, _) = key.split_once(':').unwrap_or((key, ""));
        order.to_owned()
    }
}

/// The payment is made with automatic capture.
#[derive(Debug)]
pub struct CapturedAtOnce;

impl Plant for CapturedAtOnce {
    fn captures_at_once(&self) -> bool {
        true
    }
}

/// A call is not made, and taken for done.
#[derive(Debug)]
pub struct NotCalled(pub Charge);

impl Plant for NotCalled {
    fn makes(&self, charge: Charge) -> bool {
        charge != self.0
    }
}

/// Whatever the provider answers with 200 is taken for an authorisation, a decline as well.
#[derive(Debug)]
pub struct DeclineMisread;

/// Long after any world has ended, in milliseconds.
const LONG_AFTER: i64 = 1_900_000_000_000;

impl Plant for DeclineMisread {
    fn on_charged(&self, charge: Charge, _: Option<&Intent>, answer: Charged) -> Charged {
        let mut intent = answer?;
        if charge == Charge::Authorise && matches!(intent.phase, Phase::Failed { .. }) {
            let until = Timestamp::from_milliseconds(LONG_AFTER);
            intent.phase = Phase::Held { until };
        }
        Ok(intent)
    }
}

/// A capture that the provider refuses, its hold being over, is taken for one that was made before.
#[derive(Debug)]
pub struct RefusedCaptureMisread;

impl Plant for RefusedCaptureMisread {
    fn on_charged(&self, charge: Charge, before: Option<&Intent>, answer: Charged) -> Charged {
        match (charge, before, answer) {
            (Charge::Capture, Some(before), Err(ProviderFailure::Refused { .. })) => Ok(Intent {
                phase: Phase::Captured,
                ..before.clone()
            }),
            (_, _, answer) => answer,
        }
    }
}

/// A late retry does not ask what became of the call before.
#[derive(Debug)]
pub struct NotLookedFor;

impl Plant for NotLookedFor {
    fn on_find(&self, _: Option<Intent>) -> Option<Intent> {
        None
    }
}

/// Webhooks' signatures are not checked.
#[derive(Debug)]
pub struct SignatureUnchecked;

impl Plant for SignatureUnchecked {
    fn checks_signatures(&self) -> bool {
        false
    }
}

/// A refund is not held against what was captured.
#[derive(Debug)]
pub struct RefundUnbounded;

impl Plant for RefundUnbounded {
    fn on_load(&self, site: Site, _: &Key, record: Option<Record>) -> Option<Record> {
        let mut record = record?;
        if is(site, Site::Payments, &record, "payment") {
            for_each_captured(&mut record, |entry, amount| {
                entry["m"] = json!(1000 * amount);
            });
        }
        Some(record)
    }

    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if is(site, Site::Payments, record, "payment") {
            for_each_captured(record, |entry, amount| entry["m"] = json!(amount));
        }
        Committed::Really
    }
}

fn for_each_captured(record: &mut Record, change: impl Fn(&mut Value, i64)) {
    edit(record, |document| {
        let Some(amount) = document.state["m"]["amount_minor"].as_i64() else {
            return false;
        };
        let ledger = list(&mut document.state, "l");
        let mut captured = ledger.filter(|entry| entry["k"] == "c").peekable();
        let any = captured.peek().is_some();
        captured.for_each(|entry| change(entry, amount));
        any
    });
}

/// What may be refunded does not count refunds that are under way.
#[derive(Debug)]
pub struct PendingRefundsUncounted;

impl Plant for PendingRefundsUncounted {
    fn on_load(&self, site: Site, _: &Key, record: Option<Record>) -> Option<Record> {
        let mut record = record?;
        if is(site, Site::Payments, &record, "payment") {
            exchange_outcomes(&mut record, &json!("p"), &json!({ "r": "under way" }));
        }
        Some(record)
    }

    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if is(site, Site::Payments, record, "payment") {
            exchange_outcomes(record, &json!({ "r": "under way" }), &json!("p"));
        }
        Committed::Really
    }
}

fn exchange_outcomes(record: &mut Record, old: &Value, new: &Value) {
    edit(record, |document| {
        let mut any = false;
        for refund in list(&mut document.state, "r") {
            if refund["s"] == *old {
                refund["s"] = new.clone();
                any = true;
            }
        }
        any
    });
}

/// A refund does not remember the request that asked for it.
#[derive(Debug)]
pub struct RefundWishForgotten;

impl Plant for RefundWishForgotten {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if is(site, Site::Payments, record, "payment") && record.origin == Origin::Http {
            forget_newest_message(record);
            edit(record, |document| {
                for refund in list(&mut document.state, "r") {
                    if refund["k"] != "order_cancelled" {
                        refund["k"] = json!("somebody");
                    }
                }
                true
            });
        }
        Committed::Really
    }
}

/// The payment is asked for without the shipping fee.
#[derive(Debug)]
pub struct FeeForgotten;

impl Plant for FeeForgotten {
    fn on_consume(&self, site: Site, body: String) -> String {
        if site != Site::Payments || !body.contains("orders.PaymentRequested.v1") {
            return body;
        }
        let mut event: Value = serde_json::from_str(&body).unwrap();
        let amount = &mut event["data"]["amount"]["amount_minor"];
        *amount = json!(amount.as_i64().unwrap() - 500);
        event.to_string()
    }
}
