//! What the routes of payments say of themselves, with examples.

use ::store::Store;
use decider::ExecuteError;
use door::{Customer, Guest, Problem};
use identifiers::OrderId;
use openapi::{Description, Route};
use serde_json::{Value, json};

use super::{inspect, refund, refused, show, unknown};
use crate::decision::PaymentRejection;
use crate::provider::Provider;
use crate::signature::BadSignature;
use crate::webhook;

const ORDER_ID: &str = "5f2b8a0c9d4e4f6aa1c3d5e7f9b0a2c4";

/// Nothing is said: that it came is all.
#[derive(schemars::JsonSchema)]
#[schemars(rename = "WebhookAccepted")]
struct Accepted {}

/// Every route of the context.
pub(crate) fn description<S: Store, P: Provider>() -> Description {
    let mut payments = door::describe(
        "payments",
        "The payment of each order: how it stands, its ledger, refunds, and the payment provider's webhook.",
    );
    let signature = json!({ "type": "string", "pattern": "^t=[0-9]+,(.*,)?v1=[0-9a-f]{64}" });
    let example = format!("t=1795512600,v1={}", "0a".repeat(32));
    let event = json!({
        "type": "object",
        "description": "An event of the provider. Of it only ids are read.",
        "required": ["id", "data"],
        "properties": {
            "id": { "type": "string" },
            "data": {
                "type": "object",
                "required": ["object"],
                "properties": {
                    "object": {
                        "type": "object",
                        "required": ["object"],
                        "properties": {
                            "id": { "type": ["string", "null"] },
                            "object": { "type": "string" },
                            "payment_intent": {},
                        },
                    },
                },
            },
        },
    });
    let hint = json!({ "id": "evt_1", "data": { "object": { "id": "pi_1", "object": "payment_intent" } } });
    let _ = payments
        .post("/api/payments/webhook", "receiveWebhook", webhook::receive::<S, P>)
        .says(
            "Takes the payment provider's webhook",
            "A hint that something happened: the provider is then asked what. Signed over the raw bytes with one of two \
             secrets, at most 300 seconds ago. For the provider, not for people.",
        )
        .no_longer_reads("Idempotency-Key", "Not read: the provider's events are told apart by their own ids")
        .header("Stripe-Signature", true, "The provider's signature of the body, and its time", signature, &example)
        .raw_body("application/json", event, "Something happened to a payment", hint)
        .answers::<Accepted>(200, "Taken note of", json!({}))
        .refuses(&Problem::field("Stripe-Signature", BadSignature::NoMatch.to_string()))
        .refuses(&Problem::field("body", "it is not an event: expected value at line 1 column 1"));
    let _ = of_order(payments.get(
        "/api/payments/{order_id}",
        "showPayment",
        show::<S, P, Customer>,
    ))
    .says(
        "Shows the payment of one of the customer's own orders",
        "Another customer's is as unknown as none.",
    )
    .ok("The payment", payment());
    let path = "/api/guest/payments/{order_id}";
    let _ = of_order(payments.get(path, "showGuestPayment", show::<S, P, Guest>))
        .says(
            "Shows the payment of one of the guest's own orders",
            "Another's is as unknown as none.",
        )
        .ok("The payment", payment());
    let _ = of_order(payments.get(
        "/api/operator/payments/{order_id}",
        "showAnyPayment",
        inspect::<S, P>,
    ))
    .says(
        "Shows the payment of any order",
        "For operators: with the ledger and the refunds.",
    )
    .ok("The payment with its ledger", with_ledger());
    let path = "/api/operator/payments/{order_id}/refund";
    let refusal =
        |rejection: PaymentRejection| refused(ExecuteError::Rejected(rejection), ORDER_ID);
    let left = money::Money::new(956, money::Currency::JPY);
    let _ = of_order(payments.post(path, "refundPayment", refund::<S, P>))
        .says(
            "Refunds a payment, in part or what is left of it",
            "Recorded before the provider is asked, and made once however often it is sent: the Idempotency-Key is the \
             wish. Where the provider gives no answer, this answers 503 and the refund is made when it does.",
        )
        .demands_header("Idempotency-Key")
        .body_example("part", "A part", json!({ "amount": { "amount_minor": 296, "currency": "JPY" } }))
        .body_example("all", "All that is left", json!({}))
        .ok("The payment with the refund", refunded())
        .refuses(&refusal(PaymentRejection::AmountNotPositive))
        .refuses(&refusal(PaymentRejection::CurrencyDiffers(left.currency)))
        .refuses(&refusal(PaymentRejection::NotCaptured))
        .refuses(&refusal(PaymentRejection::TooManyRefunds))
        .refuses(&refusal(PaymentRejection::ExceedsCaptured(left)))
        .refuses(&Problem::unprocessable(
            "idempotency-key-reused",
            format!("the Idempotency-Key stands for a refund of {left}"),
        ))
        .refuses(&Problem::unprocessable(
            "refund-refused",
            "the payment provider refuses the refund: charge_already_refunded",
        ))
        .refuses(&Problem::new(
            http::StatusCode::SERVICE_UNAVAILABLE,
            "refund-pending",
            "Try again later",
            "the refund is recorded and the payment provider gives no answer; it will be made, once, when it does",
        ));
    payments
}

fn of_order(route: Route<'_>) -> Route<'_> {
    route
        .path::<OrderId>("order_id", "The order that is paid", ORDER_ID)
        .refuses(&unknown("5f2b8a0c"))
}

fn payment() -> Value {
    json!({
        "order_id": ORDER_ID,
        "status": "captured",
        "amount": yen(956),
        "captured": yen(956),
        "refunded": yen(0),
        "attempts": [{ "attempt": 1, "status": "captured" }],
    })
}

fn with_ledger() -> Value {
    let mut payment = payment();
    let entry = |entry: &str, at: &str| json!({ "entry": entry, "attempt": 1, "amount": yen(956), "provider_id": "pi_1", "at": at });
    payment["ledger"] = json!([
        entry("authorized", "2026-11-24T09:30:01.000Z"),
        entry("captured", "2026-11-24T12:00:00.000Z"),
    ]);
    payment["refunds"] = json!([]);
    payment
}

fn refunded() -> Value {
    let mut payment = with_ledger();
    payment["status"] = "partially_refunded".into();
    payment["refunded"] = yen(296);
    payment["refunds"] = json!([{ "refund": 1, "amount": yen(296), "status": "done" }]);
    payment
}

fn yen(amount_minor: i64) -> Value {
    json!({ "amount_minor": amount_minor, "currency": "JPY" })
}
