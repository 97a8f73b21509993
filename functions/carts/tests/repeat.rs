//! A repeat of a request is told by its key, and the key is for nothing else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use carts::{Carts, INDEXES};
use contracts::catalog::{PriceChanged, ProductPublished, PublishedVariant};
use harness::{Harness, Request, event};
use money::{Currency, Money, TaxClass};
use serde_json::{Value, json};
use store::MemoryStore;

type Shop = Harness<Carts<MemoryStore>>;

fn tea(amount_minor: i64) -> PublishedVariant {
    PublishedVariant {
        sku: "TEA".parse().unwrap(),
        price: Money::new(amount_minor, Currency::JPY),
        tax_class: TaxClass::Reduced,
        weight_grams: 100,
    }
}

/// A shop that sells tea.
async fn shop() -> Shop {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Carts::new(store));
    let published = ProductPublished {
        product_id: "tea".parse().unwrap(),
        category: "tea".to_owned(),
        variants: vec![tea(500)],
        title: None,
    };
    assert!(
        shop.deliver(&[event("tea", 1, 0, &published)])
            .await
            .is_empty()
    );
    shop
}

fn quantity(quantity: u32) -> Value {
    json!({ "quantity": quantity })
}

fn wish(version: &Value, region: &str) -> Value {
    json!({
        "version": version, "region": region, "payment_method": "pm_card_visa",
        "expected_total": { "amount_minor": 1600, "currency": "JPY" },
    })
}

/// Puts a line in, takes it out, and checks a cart out, each under a key of its own.
async fn holds_keys(shop: &Shop, request: impl Fn(&str, &str) -> Request) {
    let set = request("PUT", "/lines/TEA").json(&quantity(1));
    shop.holds_key_named("put in", &set, &quantity(2)).await;
    let taken_out = request("DELETE", "/lines/TEA");
    let again = json!({ "again": true });
    shop.holds_key_named("take out", &taken_out, &again).await;
    let filled = shop
        .http(&request("PUT", "/lines/TEA").json(&quantity(3)))
        .await;
    shop.relay().await;
    shop.published();
    let seen = &filled.body["version"];
    let checking_out = request("POST", "/checkout").json(&wish(seen, "JP-13"));
    let elsewhere = wish(seen, "JP-27");
    shop.holds_key_named("check out", &checking_out, &elsewhere)
        .await;
    assert_eq!(shop.published_types(), ["carts.CartCheckedOut.v1"]);
}

#[tokio::test]
async fn each_change_of_a_customers_cart_is_done_once_for_its_key_and_the_key_is_for_nothing_else()
{
    let request = |method: &str, path: &str| {
        Request::new(method, &format!("/api/cart{path}")).by_customer("c-1")
    };
    holds_keys(&shop().await, request).await;
}

#[tokio::test]
async fn each_change_of_a_guests_cart_is_done_once_for_its_key_and_the_key_is_for_nothing_else() {
    let shop = shop().await;
    let token = shop.guest_token();
    let request = |method: &str, path: &str| {
        Request::new(method, &format!("/api/guest/cart{path}")).by_guest(&token)
    };
    holds_keys(&shop, request).await;
}

#[tokio::test]
async fn a_guests_cart_goes_over_once_for_its_key_and_no_other_goes_over_under_it() {
    let shop = shop().await;
    let (one, another, without) = (shop.guest_token(), shop.guest_token(), shop.guest_token());
    for token in [&one, &another] {
        let set = Request::new("PUT", "/api/guest/cart/lines/TEA").by_guest(token);
        assert_eq!(shop.http(&set.json(&quantity(2))).await.status, 200);
        shop.relay().await;
    }
    let body = |token: &str| json!({ "guest_token": token });
    let merging = Request::new("POST", "/api/cart/merge").by_customer("c-1");
    let merged = shop
        .holds_key(&merging.clone().json(&body(&one)), &body(&another))
        .await;
    assert_eq!(merged.body["lines"][0]["quantity"], 2);
    // Nor is the key free for a cart that is not there.
    let key = "8e03978e-40d5-43e8-bc93-6894a57f9324";
    let refused = merging.header("Idempotency-Key", key).json(&body(&without));
    let refused = shop.http(&refused).await;
    assert_eq!(
        (refused.status, &refused.body["type"]),
        (422, &json!("urn:noren:problem:idempotency-key-reused"))
    );
}

/// A version of a cart becomes one order, and what only tells new prices has not used the key up.
#[tokio::test]
async fn a_version_is_checked_out_once_under_any_key_and_a_key_is_free_after_new_prices() {
    let shop = shop().await;
    let set = Request::new("PUT", "/api/cart/lines/TEA").by_customer("c-1");
    let filled = shop.http(&set.json(&quantity(1))).await;
    shop.relay().await;
    let dearer = PriceChanged {
        product_id: "tea".parse().unwrap(),
        variant: tea(600),
    };
    shop.deliver(&[event("tea", 2, 0, &dearer)]).await;
    let check_out = async |key: &str, body: &Value| {
        let request = Request::new("POST", "/api/cart/checkout").by_customer("c-1");
        let answer = shop
            .http(&request.header("Idempotency-Key", key).json(body))
            .await;
        shop.relay().await;
        answer
    };
    for _ in 0..2 {
        let told = check_out("k-1", &wish(&filled.body["version"], "JP-13")).await;
        assert_eq!(
            (told.status, &told.body["type"]),
            (409, &json!("urn:noren:problem:prices-changed"))
        );
    }
    let cart = shop
        .http(&Request::new("GET", "/api/cart").by_customer("c-1"))
        .await;
    let seen = wish(&cart.body["version"], "JP-13");
    let ordered = check_out("k-1", &seen).await;
    assert_eq!(ordered.status, 202, "{ordered:?}");
    // Under its key no other version is asked for.
    let other = check_out("k-1", &wish(&json!(9), "JP-13")).await;
    assert_eq!(
        (other.status, &other.body["type"]),
        (422, &json!("urn:noren:problem:idempotency-key-reused"))
    );
    let by_another_key = check_out("k-2", &seen).await;
    assert_eq!(by_another_key.body, ordered.body);
    assert_eq!(shop.published_types(), ["carts.CartCheckedOut.v1"]);
}
