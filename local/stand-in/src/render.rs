//! Objects as the API shows them. Fields that the stand-in has no use for are there with the value that Stripe gives to an
//! account without that feature, so that typed clients can read them.

use serde_json::{Map, Value, json};

use crate::cards::{self, Failure};
use crate::charge::Charge;
use crate::currency;
use crate::intent::{HOLD_MS, Intent, Method, Status};
use crate::refund::Refund;
use crate::refusal::Refusal;

/// The API version whose shapes these are.
pub(crate) const API_VERSION: &str = "2025-09-30.clover";

/// Which references to replace by the object itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expand {
    pub latest_charge: bool,
    pub payment_method: bool,
    pub payment_intent: bool,
    pub charge: bool,
}

impl Expand {
    /// Reads `expand[]`; in a list its entries start with `data.`.
    pub fn parse(names: &[String], in_list: bool) -> Result<Self, Refusal> {
        let mut expand = Self::default();
        for full in names {
            let name = if in_list {
                full.strip_prefix("data.").unwrap_or("")
            } else {
                full.as_str()
            };
            match name {
                "latest_charge" => expand.latest_charge = true,
                "payment_method" => expand.payment_method = true,
                "payment_intent" => expand.payment_intent = true,
                "charge" => expand.charge = true,
                _ => {
                    return Err(Refusal::parameter(
                        "property_cannot_be_expanded",
                        "expand",
                        format!("This property cannot be expanded ({full})."),
                    ));
                }
            }
        }
        Ok(expand)
    }
}

pub(crate) fn intent(intent: &Intent, expand: Expand, base_url: &str) -> Value {
    let latest_charge = match intent.latest_charge() {
        Some(latest) if expand.latest_charge => charge(latest, intent),
        Some(latest) => json!(latest.id),
        None => Value::Null,
    };
    let method = match &intent.method {
        Some(method) if expand.payment_method => payment_method(method, intent.created_seconds),
        Some(method) => json!(method.id()),
        None => Value::Null,
    };
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("id", json!(intent.id));
    put("object", json!("payment_intent"));
    put("amount", json!(intent.amount_minor));
    put("amount_capturable", json!(intent.amount_capturable_minor()));
    put("amount_details", json!({ "tip": {} }));
    put("amount_received", json!(intent.amount_received_minor()));
    put("application", Value::Null);
    put("application_fee_amount", Value::Null);
    put("automatic_payment_methods", Value::Null);
    put("canceled_at", json!(intent.canceled_at_seconds));
    put("cancellation_reason", json!(intent.cancellation_reason));
    put("capture_method", json!(intent.capture_method.as_str()));
    put("client_secret", json!(intent.client_secret));
    put("confirmation_method", json!("automatic"));
    put("created", json!(intent.created_seconds));
    put("currency", json!(intent.currency));
    put("customer", json!(intent.customer));
    put("description", json!(intent.description));
    put("last_payment_error", last_payment_error(intent));
    put("latest_charge", latest_charge);
    put("livemode", json!(false));
    put("metadata", json!(intent.metadata));
    put("next_action", next_action(intent, base_url));
    put("on_behalf_of", Value::Null);
    put("payment_method", method);
    put("payment_method_options", payment_method_options(intent));
    put("payment_method_types", json!(intent.method_types));
    put(
        "processing",
        if intent.status == Status::Processing {
            json!({ "type": "card" })
        } else {
            Value::Null
        },
    );
    put("receipt_email", json!(intent.receipt_email));
    put("review", Value::Null);
    put("setup_future_usage", Value::Null);
    put("shipping", Value::Null);
    put("source", Value::Null);
    put("statement_descriptor", json!(intent.statement_descriptor));
    put(
        "statement_descriptor_suffix",
        json!(intent.statement_descriptor_suffix),
    );
    put("status", json!(intent.status.as_str()));
    put("transfer_data", Value::Null);
    put("transfer_group", Value::Null);
    Value::Object(object)
}

fn payment_method_options(intent: &Intent) -> Value {
    let mut options = Map::new();
    for kind in &intent.method_types {
        let value = match kind.as_str() {
            "konbini" => json!({
                "confirmation_number": null, "expires_after_days": intent.konbini_days, "expires_at": null,
                "product_description": null,
            }),
            _ => {
                json!({ "installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic" })
            }
        };
        options.insert(kind.clone(), value);
    }
    Value::Object(options)
}

fn next_action(intent: &Intent, base_url: &str) -> Value {
    if intent.status != Status::RequiresAction {
        return Value::Null;
    }
    match &intent.method {
        Some(Method::Konbini) => json!({
            "type": "konbini_display_details",
            "konbini_display_details": {
                "expires_at": intent.due_ms.map(|due_ms| due_ms / 1000),
                "hosted_voucher_url": format!("{base_url}/stand-in/konbini/{}", intent.id),
                "stores": {
                    "familymart": { "confirmation_number": "00000000000", "payment_code": "000000" },
                    "lawson": { "confirmation_number": "00000000000", "payment_code": "000000" },
                    "ministop": { "confirmation_number": "00000000000", "payment_code": "000000" },
                    "seicomart": { "confirmation_number": "00000000000", "payment_code": "000000" },
                },
            },
        }),
        Some(Method::Card(_)) | None => json!({
            "type": "redirect_to_url",
            "redirect_to_url": {
                "return_url": intent.return_url,
                "url": format!("{base_url}/stand-in/actions/{}", intent.id),
            },
        }),
    }
}

fn last_payment_error(intent: &Intent) -> Value {
    let Some((failure, method)) = &intent.last_failure else {
        return Value::Null;
    };
    let facts = failure.facts();
    let mut error = Map::new();
    if let Some(charge) = intent.latest_charge().filter(|_| failure.leaves_charge()) {
        error.insert("charge".into(), json!(charge.id));
    }
    error.insert("code".into(), json!(facts.code));
    if let Some(decline_code) = facts.decline_code {
        error.insert("decline_code".into(), json!(decline_code));
    }
    error.insert("message".into(), json!(facts.message));
    if let Some(param) = facts.param {
        error.insert("param".into(), json!(param));
    }
    if let Some(method) = method {
        error.insert(
            "payment_method".into(),
            payment_method(method, intent.created_seconds),
        );
    }
    error.insert("type".into(), json!(facts.kind));
    Value::Object(error)
}

pub(crate) fn payment_method(method: &Method, created_seconds: i64) -> Value {
    let details = match method {
        Method::Card(id) => card_facts(id),
        Method::Konbini => json!({}),
    };
    json!({
        "id": method.id(),
        "object": "payment_method",
        "billing_details": { "address": null, "email": null, "name": null, "phone": null },
        (method.kind()): details,
        "created": created_seconds,
        "customer": null,
        "livemode": false,
        "metadata": {},
        "type": method.kind(),
    })
}

fn card_facts(id: &str) -> Value {
    match cards::find(id) {
        Some(card) => json!({
            "brand": card.brand, "country": card.country, "exp_month": 12, "exp_year": 2034, "funding": "credit",
            "last4": card.last4,
        }),
        None => Value::Null,
    }
}

pub(crate) fn charge(charge: &Charge, intent: &Intent) -> Value {
    let facts = charge.failure.map(Failure::facts);
    let card = match card_facts(&charge.method) {
        Value::Object(mut card) => {
            if charge.approved() && !charge.captured {
                // Only a live or lapsed hold has a time by which it had to be captured.
                card.insert(
                    "capture_before".into(),
                    json!(charge.created_seconds + HOLD_MS / 1000),
                );
            }
            json!({ "type": "card", "card": card })
        }
        _ => json!({ "type": "konbini", "konbini": { "store": { "chain": "familymart" } } }),
    };
    let given_back_minor = charge.amount_refunded_minor + charge.amount_released_minor;
    json!({
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount_minor,
        "amount_captured": charge.amount_captured_minor,
        // Stripe counts the released part of a hold as refunded.
        "amount_refunded": given_back_minor,
        "application": null,
        "balance_transaction": null,
        "billing_details": { "address": null, "email": null, "name": null, "phone": null },
        "captured": charge.captured,
        "created": charge.created_seconds,
        "currency": intent.currency,
        "customer": intent.customer,
        "description": intent.description,
        "disputed": false,
        "failure_code": facts.as_ref().map(|facts| facts.code),
        "failure_message": facts.as_ref().map(|facts| facts.message),
        "livemode": false,
        "metadata": intent.metadata,
        "outcome": {
            "network_status": if charge.approved() { "approved_by_network" } else { "declined_by_network" },
            "reason": facts.as_ref().and_then(|facts| facts.decline_code),
            "seller_message": if charge.approved() { "Payment complete." } else { "The bank did not approve the payment." },
            "type": if charge.approved() { "authorized" } else { "issuer_declined" },
        },
        "paid": charge.approved(),
        "payment_intent": intent.id,
        "payment_method": charge.method,
        "payment_method_details": card,
        "receipt_email": intent.receipt_email,
        "refunded": charge.approved() && given_back_minor == charge.amount_minor,
        "status": if charge.approved() { "succeeded" } else { "failed" },
    })
}

pub(crate) fn refund(
    refund: &Refund,
    intent_of: Option<&Intent>,
    expand: Expand,
    base_url: &str,
) -> Value {
    let payment_intent = match intent_of {
        Some(found) if expand.payment_intent => intent(found, Expand::default(), base_url),
        Some(_) | None => json!(refund.intent_id),
    };
    let of_charge = intent_of.and_then(|found| {
        found
            .charges
            .iter()
            .find(|charge| charge.id == refund.charge_id)
    });
    let charge_value = match (of_charge, intent_of) {
        (Some(found), Some(of)) if expand.charge => charge(found, of),
        _ => json!(refund.charge_id),
    };
    json!({
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount_minor,
        "balance_transaction": null,
        "charge": charge_value,
        "created": refund.created_seconds,
        "currency": refund.currency,
        "metadata": refund.metadata,
        "payment_intent": payment_intent,
        "reason": refund.reason,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": "succeeded",
        "transfer_reversal": null,
    })
}

/// An amount with its currency, for a page.
pub(crate) fn amount(amount_minor: i64, code: &str) -> String {
    format!(
        "{} {}",
        currency::display(amount_minor, code),
        code.to_uppercase()
    )
}
