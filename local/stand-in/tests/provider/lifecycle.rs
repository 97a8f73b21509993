//! States and test cards.

use crate::harness::{Provider, held};

#[tokio::test]
async fn the_state_follows_what_was_given() {
    let cases = [
        ("amount=500&currency=jpy", "requires_payment_method"),
        (
            "amount=500&currency=jpy&payment_method=pm_card_visa",
            "requires_confirmation",
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_card_visa&confirm=true",
            "succeeded",
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_card_visa&confirm=true&capture_method=automatic_async",
            "succeeded",
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_card_jp&confirm=true&capture_method=manual",
            "requires_capture",
        ),
        (
            "amount=500&currency=usd&payment_method=pm_card_authenticationRequired&confirm=true",
            "requires_action",
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_card_standInProcessing&confirm=true",
            "processing",
        ),
        (
            "amount=500&currency=jpy&automatic_payment_methods[enabled]=true",
            "requires_payment_method",
        ),
        (
            "amount=500&currency=jpy&payment_method_types[]=konbini&payment_method_data[type]=konbini&confirm=true",
            "requires_action",
        ),
    ];
    let provider = Provider::new();
    for (form, status) in cases {
        let intent = provider.post("/v1/payment_intents", form).await.ok();
        assert_eq!(intent["status"], status, "{form}");
        assert_eq!(intent["object"], "payment_intent");
        assert_eq!(intent["livemode"], false);
        let again = provider
            .get(&format!(
                "/v1/payment_intents/{}",
                intent["id"].as_str().unwrap()
            ))
            .await
            .ok();
        assert_eq!(again, intent, "{form}");
    }
}

#[tokio::test]
async fn cards_decline_as_documented() {
    let cases = [
        (
            "pm_card_chargeDeclined",
            "card_declined",
            Some("generic_decline"),
        ),
        (
            "pm_card_visa_chargeDeclined",
            "card_declined",
            Some("generic_decline"),
        ),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "card_declined",
            Some("insufficient_funds"),
        ),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            Some("insufficient_funds"),
        ),
        (
            "pm_card_visa_chargeDeclinedLostCard",
            "card_declined",
            Some("lost_card"),
        ),
        (
            "pm_card_visa_chargeDeclinedStolenCard",
            "card_declined",
            Some("stolen_card"),
        ),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            "card_declined",
            Some("card_velocity_exceeded"),
        ),
        ("pm_card_radarBlock", "card_declined", Some("fraudulent")),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        (
            "pm_card_chargeDeclinedProcessingError",
            "processing_error",
            None,
        ),
    ];
    let provider = Provider::new();
    for (card, code, decline_code) in cases {
        let error = provider
            .post("/v1/payment_intents", &held(card))
            .await
            .refused(402);
        assert_eq!(error["type"], "card_error", "{card}");
        assert_eq!(error["code"], code, "{card}");
        assert_eq!(error["decline_code"].as_str(), decline_code, "{card}");
        assert_eq!(error["payment_method"]["id"], card);
        let intent = &error["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method", "{card}");
        assert_eq!(intent["payment_method"], serde_json::Value::Null);
        assert_eq!(intent["last_payment_error"]["code"], code);
        assert_eq!(intent["latest_charge"], error["charge"]);
        let charge = provider
            .get(&format!(
                "/v1/charges/{}",
                error["charge"].as_str().unwrap()
            ))
            .await
            .ok();
        assert_eq!(charge["status"], "failed");
        assert_eq!(charge["failure_code"], code);
        assert_eq!(charge["paid"], false);
    }
}

#[tokio::test]
async fn a_declined_intent_can_be_paid_with_another_card() {
    let provider = Provider::new();
    let error = provider
        .post("/v1/payment_intents", &held("pm_card_chargeDeclined"))
        .await
        .refused(402);
    let id = error["payment_intent"]["id"].as_str().unwrap();
    let confirm = format!("/v1/payment_intents/{id}/confirm");
    let missing = provider.post(&confirm, "").await.refused(400);
    assert_eq!(missing["code"], "payment_intent_unexpected_state");
    let intent = provider
        .post(
            &confirm,
            "payment_method=pm_card_visa&expand[]=latest_charge",
        )
        .await
        .ok();
    assert_eq!(intent["status"], "requires_capture");
    assert_eq!(intent["last_payment_error"], serde_json::Value::Null);
    assert_ne!(intent["latest_charge"]["id"], error["charge"]);
    let charges = provider
        .get(&format!("/v1/charges?payment_intent={id}"))
        .await
        .ok();
    assert_eq!(charges["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_whole_capture() {
    let provider = Provider::new();
    let id = provider.authorised().await;
    let intent = provider
        .post(
            &format!("/v1/payment_intents/{id}/capture"),
            "expand[]=latest_charge",
        )
        .await
        .ok();
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 1200);
    assert_eq!(intent["amount_capturable"], 0);
    let charge = &intent["latest_charge"];
    assert_eq!(
        (
            charge["amount_captured"].as_i64(),
            charge["amount_refunded"].as_i64()
        ),
        (Some(1200), Some(0))
    );
    assert_eq!(charge["captured"], true);
    assert_eq!(
        provider.event_types().await,
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded"
        ]
    );
}

#[tokio::test]
async fn a_partial_capture_releases_the_rest() {
    let provider = Provider::new();
    let id = provider.authorised().await;
    let path = format!("/v1/payment_intents/{id}/capture");
    let intent = provider
        .post(&path, "amount_to_capture=700&expand[]=latest_charge")
        .await
        .ok();
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount"], 1200);
    assert_eq!(intent["amount_received"], 700);
    // To Stripe what is let go is refunded.
    assert_eq!(intent["latest_charge"]["amount_captured"], 700);
    assert_eq!(intent["latest_charge"]["amount_refunded"], 500);
    assert_eq!(intent["latest_charge"]["refunded"], false);
    let refunds = provider
        .get(&format!("/v1/refunds?payment_intent={id}"))
        .await
        .ok();
    assert_eq!(refunds["data"][0]["amount"], 500);
    let again = provider.post(&path, "").await.refused(400);
    assert_eq!(again["code"], "payment_intent_unexpected_state");
    assert_eq!(again["payment_intent"]["id"], id.as_str());
    let ledger = provider.stand_in.ledger().unwrap();
    assert_eq!(
        (
            ledger[0].amount_captured_minor,
            ledger[0].amount_released_minor,
            ledger[0].amount_refunded_minor
        ),
        (700, 500, 0)
    );
}

#[tokio::test]
async fn what_cannot_be_captured() {
    let provider = Provider::new();
    let id = provider.authorised().await;
    let path = format!("/v1/payment_intents/{id}/capture");
    let cases = [
        ("amount_to_capture=1201", "amount_too_large"),
        ("amount_to_capture=0", "parameter_invalid_integer"),
        ("amount_to_capture=x", "parameter_invalid_integer"),
        ("final_capture=false", "parameter_invalid"),
        ("amount=5", "parameter_unknown"),
    ];
    for (form, code) in cases {
        assert_eq!(
            provider.post(&path, form).await.refused(400)["code"],
            code,
            "{form}"
        );
    }
    let open = provider
        .post("/v1/payment_intents", "amount=500&currency=jpy")
        .await
        .ok();
    let path = format!(
        "/v1/payment_intents/{}/capture",
        open["id"].as_str().unwrap()
    );
    assert_eq!(
        provider.post(&path, "").await.refused(400)["code"],
        "payment_intent_unexpected_state"
    );
}

#[tokio::test]
async fn cancelling_in_each_state() {
    let cases = [
        ("amount=500&currency=jpy", true),
        ("amount=500&currency=jpy&payment_method=pm_card_visa", true),
        (
            "amount=500&currency=jpy&payment_method=pm_card_visa&confirm=true",
            false,
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_card_visa&confirm=true&capture_method=manual",
            true,
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_card_authenticationRequired&confirm=true",
            true,
        ),
        (
            "amount=500&currency=jpy&payment_method=pm_card_standInProcessing&confirm=true",
            false,
        ),
    ];
    let provider = Provider::new();
    for (form, possible) in cases {
        let intent = provider.post("/v1/payment_intents", form).await.ok();
        let path = format!(
            "/v1/payment_intents/{}/cancel",
            intent["id"].as_str().unwrap()
        );
        let answer = provider.post(&path, "cancellation_reason=abandoned").await;
        if possible {
            let intent = answer.ok();
            assert_eq!(intent["status"], "canceled", "{form}");
            assert_eq!(intent["cancellation_reason"], "abandoned");
            assert_eq!(intent["amount_capturable"], 0);
            assert!(intent["canceled_at"].is_i64());
        } else {
            assert_eq!(
                answer.refused(400)["code"],
                "payment_intent_unexpected_state",
                "{form}"
            );
        }
        if possible {
            let again = provider.post(&path, "").await.refused(400);
            assert_eq!(again["code"], "payment_intent_unexpected_state");
        }
    }
}

#[tokio::test]
async fn a_cancelled_hold_is_given_back_and_cannot_be_captured() {
    let provider = Provider::new();
    let id = provider.authorised().await;
    let path = format!("/v1/payment_intents/{id}");
    provider.post(&format!("{path}/cancel"), "").await.ok();
    let intent = provider
        .get(&format!("{path}?expand[]=latest_charge"))
        .await
        .ok();
    assert_eq!(intent["latest_charge"]["refunded"], true);
    assert_eq!(intent["latest_charge"]["amount_captured"], 0);
    let refused = provider
        .post(&format!("{path}/capture"), "")
        .await
        .refused(400);
    assert_eq!(refused["code"], "payment_intent_unexpected_state");
    assert!(refused["message"].as_str().unwrap().contains("canceled"));
    let events = provider.event_types().await;
    assert_eq!(
        events[3..],
        [
            "refund.created",
            "charge.refunded",
            "payment_intent.canceled"
        ]
    );
}

#[tokio::test]
async fn authentication_is_passed_or_failed() {
    let cases = [
        (
            "pm_card_authenticationRequired",
            "succeed",
            "requires_capture",
            None,
        ),
        (
            "pm_card_threeDSecure2Required",
            "succeed",
            "requires_capture",
            None,
        ),
        (
            "pm_card_authenticationRequired",
            "fail",
            "requires_payment_method",
            Some("payment_intent_authentication_failure"),
        ),
        (
            "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
            "succeed",
            "requires_payment_method",
            Some("card_declined"),
        ),
        (
            "pm_card_standInProcessing",
            "succeed",
            "requires_capture",
            None,
        ),
        (
            "pm_card_standInProcessing",
            "fail",
            "requires_payment_method",
            Some("payment_intent_payment_attempt_failed"),
        ),
    ];
    let provider = Provider::new();
    for (card, outcome, status, code) in cases {
        let intent = provider.post("/v1/payment_intents", &held(card)).await.ok();
        let id = intent["id"].as_str().unwrap();
        if intent["status"] == "requires_action" {
            let url = format!("http://127.0.0.1:8094/stand-in/actions/{id}");
            assert_eq!(intent["next_action"]["type"], "redirect_to_url");
            assert_eq!(
                intent["next_action"]["redirect_to_url"]["url"],
                url.as_str()
            );
        }
        let intent = provider
            .post(&format!("/stand-in/actions/{id}/{outcome}"), "")
            .await
            .ok();
        assert_eq!(intent["status"], status, "{card} {outcome}");
        assert_eq!(
            intent["last_payment_error"]["code"].as_str(),
            code,
            "{card} {outcome}"
        );
        assert_eq!(intent["next_action"], serde_json::Value::Null);
        let again = provider
            .post(&format!("/stand-in/actions/{id}/{outcome}"), "")
            .await
            .refused(400);
        assert_eq!(again["code"], "payment_intent_unexpected_state");
    }
}

#[tokio::test]
async fn nobody_is_asked_off_session() {
    let provider = Provider::new();
    for flag in ["off_session=true", "error_on_requires_action=true"] {
        let form = format!("{}&{flag}", held("pm_card_authenticationRequired"));
        let error = provider
            .post("/v1/payment_intents", &form)
            .await
            .refused(402);
        assert_eq!(error["code"], "authentication_required");
        assert_eq!(error["decline_code"], "authentication_required");
        let form = format!("amount=500&currency=jpy&payment_method=pm_card_visa&{flag}");
        assert_eq!(
            provider
                .post("/v1/payment_intents", &form)
                .await
                .refused(400)["code"],
            "parameter_invalid"
        );
    }
}

#[tokio::test]
async fn refunds_in_parts_never_exceed_what_was_captured() {
    let provider = Provider::new();
    let id = provider.authorised().await;
    let too_early = provider
        .post("/v1/refunds", &format!("payment_intent={id}"))
        .await
        .refused(400);
    assert!(
        too_early["message"]
            .as_str()
            .unwrap()
            .contains("does not have a successful charge")
    );
    provider
        .post(
            &format!("/v1/payment_intents/{id}/capture"),
            "amount_to_capture=1000",
        )
        .await
        .ok();
    let form =
        format!("payment_intent={id}&amount=400&reason=requested_by_customer&metadata[rma]=r-1");
    let refund = provider.post("/v1/refunds", &form).await.ok();
    assert_eq!(
        (refund["amount"].as_i64(), refund["status"].as_str()),
        (Some(400), Some("succeeded"))
    );
    assert_eq!(refund["metadata"]["rma"], "r-1");
    let too_much = provider
        .post("/v1/refunds", &format!("payment_intent={id}&amount=601"))
        .await
        .refused(400);
    assert_eq!(too_much["param"], "amount");
    assert_eq!(
        too_much["message"],
        "Refund amount (¥601) is greater than unrefunded amount on charge (¥600)"
    );
    let form = format!(
        "charge={}&expand[]=charge&expand[]=payment_intent",
        refund["charge"].as_str().unwrap()
    );
    let rest = provider.post("/v1/refunds", &form).await.ok();
    assert_eq!(rest["amount"], 600);
    assert_eq!(rest["charge"]["amount_refunded"], 1200);
    assert_eq!(rest["charge"]["refunded"], true);
    assert_eq!(rest["payment_intent"]["id"], id.as_str());
    let none_left = provider
        .post("/v1/refunds", &format!("payment_intent={id}"))
        .await
        .refused(400);
    assert_eq!(none_left["code"], "charge_already_refunded");
    let one = provider
        .get(&format!("/v1/refunds/{}", refund["id"].as_str().unwrap()))
        .await
        .ok();
    assert_eq!(one, refund);
    let all = provider
        .get(&format!("/v1/refunds?payment_intent={id}"))
        .await
        .ok();
    let amounts: Vec<i64> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|refund| refund["amount"].as_i64().unwrap())
        .collect();
    assert_eq!(amounts, [600, 400, 200]);
}

#[tokio::test]
async fn cash_at_the_convenience_store() {
    let provider = Provider::new();
    let form = "amount=3000&currency=jpy&payment_method_types[]=konbini&payment_method_data[type]=konbini\
                &payment_method_data[billing_details][email]=taro@example.com&confirm=true&metadata[order_id]=o-9";
    let intent = provider.post("/v1/payment_intents", form).await.ok();
    let id = intent["id"].as_str().unwrap();
    assert_eq!(intent["next_action"]["type"], "konbini_display_details");
    let early = provider
        .post(&format!("/stand-in/actions/{id}/succeed"), "")
        .await
        .refused(400);
    assert_eq!(early["code"], "payment_intent_unexpected_state");
    let intent = provider
        .post(&format!("/stand-in/konbini/{id}/pay"), "")
        .await
        .ok();
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 3000);

    let cases = [
        ("amount=119", "amount_too_small"),
        ("amount=300001", "amount_too_large"),
        (
            "amount=3000&capture_method=manual",
            "payment_intent_invalid_parameter",
        ),
    ];
    for (form, code) in cases {
        let form = format!(
            "{form}&currency=jpy&payment_method_types[]=konbini&payment_method_data[type]=konbini&confirm=true"
        );
        assert_eq!(
            provider
                .post("/v1/payment_intents", &form)
                .await
                .refused(400)["code"],
            code,
            "{form}"
        );
    }
    let form = "amount=3000&currency=jpy&payment_method_data[type]=konbini&confirm=true";
    let refused = provider
        .post("/v1/payment_intents", form)
        .await
        .refused(400);
    assert_eq!(
        refused["code"],
        "payment_intent_incompatible_payment_method"
    );
}

#[tokio::test]
async fn updating_an_intent() {
    let provider = Provider::new();
    let intent = provider
        .post(
            "/v1/payment_intents",
            "amount=500&currency=jpy&metadata[a]=1&metadata[b]=2",
        )
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    let form = "amount=800&metadata[a]=&metadata[c]=3&description=x&payment_method=pm_card_visa";
    let intent = provider.post(&path, form).await.ok();
    assert_eq!(intent["amount"], 800);
    assert_eq!(
        intent["metadata"],
        serde_json::json!({ "b": "2", "c": "3" })
    );
    assert_eq!(intent["status"], "requires_confirmation");
    let found = provider
        .get("/v1/payment_intents/search?query=metadata%5B'c'%5D:'3'")
        .await
        .ok();
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    let id = provider.authorised().await;
    let refused = provider
        .post(&format!("/v1/payment_intents/{id}"), "amount=900")
        .await
        .refused(400);
    assert_eq!(refused["code"], "payment_intent_unexpected_state");
}
