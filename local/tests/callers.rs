//! Every route against every kind of caller, on the whole local stack with real tokens: who is let in is whom the API's
//! description names, and what is another's is as unknown as what there is not.
//!
//! The table is made from the committed description, so that a new route is in it by itself.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

#[path = "callers/callers.rs"]
mod callers;
#[path = "callers/shop.rs"]
mod shop;
mod toys;

use std::collections::BTreeSet;
use std::path::PathBuf;

use http::Method;
use serde_json::Value;

use callers::{Caller, Expected, Scheme};
use shop::Shop;

/// One route.
struct Operation {
    method: Method,
    path: String,
    scheme: Scheme,
}

fn operations() -> Vec<Operation> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/contracts/openapi.json");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let named = operation["security"].as_array().unwrap();
            let named = named.iter().flat_map(|way| way.as_object().unwrap().keys());
            operations.push(Operation {
                method: method.to_ascii_uppercase().parse().unwrap(),
                path: path.clone(),
                scheme: Scheme::named(&named.map(String::as_str).collect::<Vec<_>>()),
            });
        }
    }
    operations
}

#[tokio::test]
async fn every_route_lets_in_whom_its_description_names_and_nobody_else() {
    let shop = Shop::open().await;
    let operations = operations();
    let schemes: BTreeSet<Scheme> = operations.iter().map(|one| one.scheme).collect();
    assert_eq!(schemes, BTreeSet::from(Scheme::ALL), "each is tried");
    let mut wrong = Vec::new();
    let mut tried = 0;
    for operation in &operations {
        let path = shop.filled(&operation.path, operation.scheme);
        for caller in Caller::ALL {
            let status = shop
                .ask(&operation.method, &path, *caller, None)
                .await
                .status;
            let expected = operation.scheme.expects(*caller);
            if !expected.holds(status.as_u16()) {
                let method = &operation.method;
                wrong.push(format!(
                    "{method} {path} as {caller:?}: {status}, not {expected:?}"
                ));
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{tried} tried:\n{}", wrong.join("\n"));
    assert_eq!(tried, operations.len() * Caller::ALL.len());
    shop.stop().await;
}

#[tokio::test]
async fn anothers_order_and_an_unknown_one_are_the_same() {
    let shop = Shop::open().await;
    for (path, scheme, owner, others) in [
        (
            "/api/orders/{order_id}",
            Scheme::Customer,
            Caller::Owner,
            Caller::OtherCustomer,
        ),
        (
            "/api/payments/{order_id}",
            Scheme::Customer,
            Caller::Owner,
            Caller::OtherCustomer,
        ),
        (
            "/api/guest/orders/{order_id}",
            Scheme::Guest,
            Caller::Guest,
            Caller::OtherGuest,
        ),
        (
            "/api/guest/payments/{order_id}",
            Scheme::Guest,
            Caller::Guest,
            Caller::OtherGuest,
        ),
    ] {
        let theirs = shop.filled(path, scheme);
        let id = theirs.rsplit('/').next().unwrap();
        let own = shop.ask(&Method::GET, &theirs, owner, None).await;
        assert_eq!(
            (own.status.as_u16(), own.body["order_id"].as_str()),
            (200, Some(id)),
            "{theirs}"
        );
        let anothers = shop.ask(&Method::GET, &theirs, others, None).await;
        let nowhere = "0".repeat(id.len());
        let unknown = shop
            .ask(&Method::GET, &theirs.replace(id, &nowhere), others, None)
            .await;
        assert_eq!(
            (anothers.status.as_u16(), unknown.status.as_u16()),
            (404, 404),
            "{theirs}"
        );
        assert_eq!(
            anothers.body.to_string().replace(id, &nowhere),
            unknown.body.to_string()
        );
        if scheme == Scheme::Customer {
            // A guest's order is not reached by a customer's route either, nor the other way round.
            let guests = shop.filled(path, Scheme::Guest);
            assert_eq!(
                shop.ask(&Method::GET, &guests, owner, None).await.status,
                404,
                "{guests}"
            );
        }
        let cancel = format!("{theirs}/cancel");
        if path.contains("orders") {
            let refused = shop.ask(&Method::POST, &cancel, others, None).await;
            assert_eq!(refused.status.as_u16(), 404, "{cancel}");
        }
    }
    shop.stop().await;
}

#[tokio::test]
async fn a_checkout_that_cannot_be_placed_is_there_as_refused() {
    let shop = Shop::open().await;
    let order_id = shop.check_out(Caller::Owner, 1).await;
    let path = format!("/api/orders/{order_id}");
    let order = shop.ask(&Method::GET, &path, Caller::Owner, None).await;
    assert_eq!(
        (order.status.as_u16(), &order.body["status"]),
        (200, &Value::from("cancelled"))
    );
    let refusal = order.body["refusal"].as_str().unwrap();
    assert!(refusal.contains("total"), "{refusal}");
    // No stock was set aside and nothing was asked of the payment provider.
    let payment = format!("/api/payments/{order_id}");
    assert_eq!(
        shop.ask(&Method::GET, &payment, Caller::Owner, None)
            .await
            .status,
        404
    );
    shop.stop().await;
}

#[test]
fn an_expectation_tells_the_refusals_apart() {
    assert!(Expected::Unauthorized.holds(401) && !Expected::Unauthorized.holds(403));
    assert!(Expected::Forbidden.holds(403) && !Expected::Forbidden.holds(401));
    for status in [401, 403, 500, 503] {
        assert!(!Expected::LetIn.holds(status), "{status}");
    }
    assert!(Expected::LetIn.holds(404) && Expected::LetIn.holds(200));
}
