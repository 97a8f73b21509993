//! A payment as its readers see it.

use identifiers::{OrderId, Timestamp};
use money::Money;
use serde::Serialize;

use crate::ledger::{Entry, EntryKind, RefundOutcome};
use crate::payment::{Payment, Status};

/// A payment over HTTP.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Payment")]
pub struct PaymentView {
    order_id: OrderId,
    #[schemars(extend("enum" = ["cancelled", "requested", "action_required", "authorized", "declined", "voided", "captured", "partially_refunded", "refunded"]))]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act_until: Option<Timestamp>,
    attempts: Vec<AttemptView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<Vec<EntryView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refunds: Option<Vec<RefundView>>,
}

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "PaymentAttempt")]
struct AttemptView {
    attempt: u32,
    #[schemars(extend("enum" = ["cancelled", "requested", "action_required", "authorized", "declined", "voided", "captured", "partially_refunded", "refunded"]))]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "LedgerEntry")]
struct EntryView {
    #[schemars(extend("enum" = ["authorized", "declined", "voided", "captured", "refunded"]))]
    entry: &'static str,
    attempt: u32,
    amount: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    at: Timestamp,
}

#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Refund")]
struct RefundView {
    refund: usize,
    amount: Option<Money>,
    #[schemars(extend("enum" = ["pending", "done", "refused"]))]
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl PaymentView {
    /// What the payment's own customer sees.
    pub(crate) fn for_customer(payment: &Payment) -> Self {
        let money = |amount_minor| {
            payment
                .currency()
                .map(|currency| Money::new(amount_minor, currency))
        };
        let acts = payment.status == Status::ActionRequired;
        Self {
            order_id: payment.order_id.clone(),
            status: status(payment),
            amount: payment.amount,
            captured: money(payment.captured_minor()),
            refunded: money(payment.refunded_minor()),
            action_url: payment.action_url.clone().filter(|_| acts),
            act_until: payment.until.filter(|_| acts),
            attempts: (1..=payment.attempt)
                .map(|attempt| attempt_view(payment, attempt))
                .collect(),
            ledger: None,
            refunds: None,
        }
    }

    /// What an operator sees.
    pub(crate) fn for_operator(payment: &Payment) -> Self {
        let money = |amount_minor| {
            payment
                .currency()
                .map(|currency| Money::new(amount_minor, currency))
        };
        let entry = |entry: &Entry| EntryView {
            entry: entry_name(entry.kind),
            attempt: entry.attempt,
            amount: money(entry.amount_minor),
            provider_id: entry.provider_id.clone(),
            reason: entry.reason.clone(),
            at: entry.at,
        };
        let refunds = payment
            .refunds
            .iter()
            .enumerate()
            .map(|(position, refund)| {
                let (status, reason) = match &refund.outcome {
                    RefundOutcome::Pending => ("pending", None),
                    RefundOutcome::Done => ("done", None),
                    RefundOutcome::Refused(code) => ("refused", Some(code.clone())),
                };
                RefundView {
                    refund: position + 1,
                    amount: money(refund.amount_minor),
                    status,
                    reason,
                }
            });
        Self {
            ledger: Some(payment.ledger.iter().map(entry).collect()),
            refunds: Some(refunds.collect()),
            ..Self::for_customer(payment)
        }
    }
}

fn status(payment: &Payment) -> &'static str {
    match payment.status {
        Status::Cancelled => "cancelled",
        Status::Requested => "requested",
        Status::ActionRequired => "action_required",
        Status::Authorized => "authorized",
        Status::Declined => "declined",
        Status::Voided => "voided",
        Status::Captured => match payment.refunded_minor() {
            0 => "captured",
            refunded_minor if refunded_minor < payment.captured_minor() => "partially_refunded",
            _ => "refunded",
        },
    }
}

fn attempt_view(payment: &Payment, attempt: u32) -> AttemptView {
    if attempt == payment.attempt {
        let failed = matches!(payment.status, Status::Declined | Status::Voided);
        let reason = payment.last_reason().filter(|_| failed).map(str::to_owned);
        return AttemptView {
            attempt,
            status: status(payment),
            reason,
        };
    }
    let ended = payment
        .ledger
        .iter()
        .rev()
        .find(|entry| entry.attempt == attempt && entry.reason.is_some());
    match ended {
        Some(entry) => AttemptView {
            attempt,
            status: entry_name(entry.kind),
            reason: entry.reason.clone(),
        },
        None => AttemptView {
            attempt,
            status: "requested",
            reason: None,
        },
    }
}

fn entry_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Authorized => "authorized",
        EntryKind::Declined => "declined",
        EntryKind::Voided => "voided",
        EntryKind::Captured => "captured",
        EntryKind::Refunded => "refunded",
    }
}
