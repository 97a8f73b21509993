//! Carts through its door, as Lambda brings what it handles.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use carts::{Carts, INDEXES};
use contracts::carts::CartCheckedOut;
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired, PublishedVariant};
use contracts::customers::CustomerErased;
use contracts::{CloudEvent, EventData as _};
use harness::{Answer, Harness, Request, event};
use money::{Currency, Money, TaxClass};
use serde_json::{Value, json};
use store::MemoryStore;

type Shop = Harness<Carts<MemoryStore>>;

fn variant(sku: &str, price: Money) -> PublishedVariant {
    PublishedVariant {
        sku: sku.parse().unwrap(),
        price,
        tax_class: TaxClass::Reduced,
        weight_grams: 100,
    }
}

fn yen(amount_minor: i64) -> Money {
    Money::new(amount_minor, Currency::JPY)
}

fn published(product: &str, variants: Vec<PublishedVariant>) -> ProductPublished {
    ProductPublished {
        product_id: product.parse().unwrap(),
        category: "tea".to_owned(),
        variants,
        title: Some(
            [
                ("en".to_owned(), "Tea".to_owned()),
                ("ja".to_owned(), "茶".to_owned()),
            ]
            .into(),
        ),
    }
}

fn priced(sku: &str, price: Money, version: u64) -> CloudEvent {
    let change = PriceChanged {
        product_id: "tea".parse().unwrap(),
        variant: variant(sku, price),
    };
    event("tea", version, 0, &change)
}

/// A shop that sells tea and a cup in yen, and a mug in dollars.
async fn shop() -> Shop {
    let store = MemoryStore::new(INDEXES);
    let shop = Harness::new(store.clone(), Carts::new(store));
    let tea = published(
        "tea",
        vec![variant("TEA", yen(500)), variant("CUP", yen(900))],
    );
    let mug = published("mug", vec![variant("MUG", Money::new(1200, Currency::USD))]);
    let failed = shop
        .deliver(&[event("tea", 1, 0, &tea), event("mug", 1, 0, &mug)])
        .await;
    assert!(failed.is_empty());
    shop
}

async fn put(shop: &Shop, sku: &str, quantity: i64) -> Answer {
    let request = Request::new("PUT", &format!("/api/cart/lines/{sku}")).by_customer("c-1");
    let answer = shop
        .http(&request.json(&json!({ "quantity": quantity })))
        .await;
    shop.relay().await;
    answer
}

async fn put_as_guest(shop: &Shop, token: &str, sku: &str, quantity: i64) -> Answer {
    let request = Request::new("PUT", &format!("/api/guest/cart/lines/{sku}")).by_guest(token);
    let answer = shop
        .http(&request.json(&json!({ "quantity": quantity })))
        .await;
    shop.relay().await;
    answer
}

async fn cart(shop: &Shop) -> Value {
    let answer = shop
        .http(&Request::new("GET", "/api/cart").by_customer("c-1"))
        .await;
    assert_eq!(answer.status, 200);
    answer.body
}

fn wish(version: u64) -> Value {
    json!({
        "version": version, "region": "JP-13", "payment_method": "pm_card_visa",
        "expected_total": { "amount_minor": 1600, "currency": "JPY" },
    })
}

async fn check_out(shop: &Shop, version: u64, key: &str) -> Answer {
    let request = Request::new("POST", "/api/cart/checkout").by_customer("c-1");
    let request = request.header("Idempotency-Key", key).json(&wish(version));
    let answer = shop.http(&request).await;
    shop.relay().await;
    answer
}

async fn merge(shop: &Shop, token: &str) -> Answer {
    let request = Request::new("POST", "/api/cart/merge").by_customer("c-1");
    let answer = shop
        .http(&request.json(&json!({ "guest_token": token })))
        .await;
    shop.relay().await;
    answer
}

#[tokio::test]
async fn lines_are_put_changed_and_taken_out_at_the_servers_prices() {
    let shop = shop().await;
    let empty = cart(&shop).await;
    assert_eq!(
        empty,
        json!({ "version": 0, "lines": [], "subtotal": null, "updated_at": null })
    );
    assert_eq!(put(&shop, "TEA", 1).await.status, 200);
    put(&shop, "CUP", 1).await;
    let answer = put(&shop, "TEA", 3).await;
    assert_eq!(answer.body["version"], 3);
    assert_eq!(
        answer.body["subtotal"],
        json!({ "amount_minor": 2400, "currency": "JPY" })
    );
    let line = &answer.body["lines"][0];
    assert_eq!(
        (&line["sku"], &line["quantity"], &line["title"]["ja"]),
        (&json!("TEA"), &json!(3), &json!("茶"))
    );
    // Nothing changes: nothing is written.
    assert_eq!(put(&shop, "TEA", 3).await.body["version"], 3);
    let gone = Request::new("DELETE", "/api/cart/lines/TEA").by_customer("c-1");
    let answer = shop.http(&gone).await;
    shop.relay().await;
    assert_eq!(answer.body["lines"].as_array().unwrap().len(), 1);
    assert_eq!(shop.http(&gone).await.body["version"], 4);
    assert!(shop.published_types().is_empty());
}

#[tokio::test]
async fn what_may_not_be_put_in_is_refused_by_name() {
    let shop = shop().await;
    assert_eq!(put(&shop, "NOTHING", 1).await.status, 422);
    for quantity in [0, 1000, -1] {
        let answer = put(&shop, "TEA", quantity).await;
        assert_eq!(answer.status, 400, "{quantity}");
    }
    put(&shop, "TEA", 1).await;
    let answer = put(&shop, "MUG", 1).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.body["type"]
            .as_str()
            .unwrap()
            .ends_with("other-currency"),
        "{}",
        answer.body
    );
    assert_eq!(cart(&shop).await["version"], 1);
}

#[tokio::test]
async fn a_cart_is_its_owners_alone() {
    let shop = shop().await;
    put(&shop, "TEA", 1).await;
    let other = Request::new("GET", "/api/cart").by_customer("c-2");
    assert_eq!(shop.http(&other).await.body["lines"], json!([]));
    let (one, another) = (shop.guest_token(), shop.guest_token());
    put_as_guest(&shop, &one, "CUP", 1).await;
    let theirs = Request::new("GET", "/api/guest/cart").by_guest(&another);
    assert_eq!(shop.http(&theirs).await.body["lines"], json!([]));
    let nobody = Request::new("GET", "/api/guest/cart");
    assert_eq!(shop.http(&nobody).await.status, 401);
    // A signed-in customer of a guest's name is not the guest.
    let sly = Request::new("GET", "/api/cart").by_customer("guest-1");
    assert_eq!(shop.http(&sly).await.status, 401);
}

#[tokio::test]
async fn a_guests_session_is_good_for_its_own_cart() {
    let shop = shop().await;
    let made = shop.http(&Request::new("POST", "/api/guest/session")).await;
    assert_eq!(made.status, 201);
    let token = made.body["guest_token"].as_str().unwrap();
    assert_eq!(
        put_as_guest(&shop, token, "TEA", 2).await.body["lines"][0]["quantity"],
        2
    );
    shop.clock.advance_seconds(door::GUEST_SECONDS);
    let late = Request::new("GET", "/api/guest/cart").by_guest(token);
    assert_eq!(shop.http(&late).await.status, 401);
}

#[tokio::test]
async fn a_version_is_checked_out_once_whatever_is_repeated() {
    let shop = shop().await;
    put(&shop, "TEA", 1).await;
    put(&shop, "CUP", 1).await;
    let first = check_out(&shop, 2, "key-1").await;
    assert_eq!(first.status, 202, "{}", first.body);
    let said = shop.published();
    let [event] = &said[..] else {
        panic!("{said:?}")
    };
    assert_eq!(event.event_type, CartCheckedOut::TYPE);
    let data: CartCheckedOut = event.data().unwrap();
    assert_eq!(first.body["order_id"], data.order_id.as_str());
    assert_eq!(event.correlationid.as_str(), data.order_id.as_str());
    assert_eq!(
        (data.version, data.lines.len(), data.lines[0].unit_price),
        (2, 2, yen(500))
    );
    for key in ["key-1", "key-2"] {
        let again = check_out(&shop, 2, key).await;
        assert_eq!((again.status, &again.body), (202, &first.body), "{key}");
    }
    assert!(shop.published_types().is_empty());
    assert_eq!(cart(&shop).await["lines"], json!([]));
    // A new filling of the cart is a new order.
    put(&shop, "TEA", 1).await;
    let next = check_out(&shop, 4, "key-3").await;
    assert_eq!(next.status, 202);
    assert_ne!(next.body, first.body);
    shop.published();
}

#[tokio::test]
async fn a_cart_that_changed_meanwhile_is_not_checked_out() {
    let shop = shop().await;
    assert_eq!(check_out(&shop, 0, "key").await.status, 409, "empty");
    put(&shop, "TEA", 1).await;
    put(&shop, "TEA", 2).await;
    let answer = check_out(&shop, 1, "key").await;
    assert_eq!(answer.status, 409);
    assert!(
        answer.body["type"]
            .as_str()
            .unwrap()
            .ends_with("cart-changed")
    );
    let without = Request::new("POST", "/api/cart/checkout")
        .by_customer("c-1")
        .json(&wish(2));
    assert_eq!(shop.http(&without).await.status, 400, "no Idempotency-Key");
    assert!(shop.published_types().is_empty());
}

#[tokio::test]
async fn a_changed_price_is_told_before_paying_and_then_taken() {
    let shop = shop().await;
    put(&shop, "TEA", 1).await;
    shop.deliver(&[priced("TEA", yen(550), 2)]).await;
    let shown = cart(&shop).await;
    assert_eq!(shown["lines"][0]["unit_price"]["amount_minor"], 550);
    assert_eq!(shown["lines"][0]["price_was"]["amount_minor"], 500);
    let told = check_out(&shop, 1, "key").await;
    assert_eq!(told.status, 409);
    assert_eq!(told.body["errors"][0]["field"], "lines[TEA].unit_price");
    // The same version again is told the same.
    assert_eq!(check_out(&shop, 1, "key").await.status, 409);
    let shown = cart(&shop).await;
    assert_eq!(
        (
            &shown["version"],
            &shown["lines"][0]["price_was"]["amount_minor"]
        ),
        (&json!(2), &json!(500))
    );
    assert_eq!(check_out(&shop, 2, "key").await.status, 202);
    assert_eq!(shop.published_types(), [CartCheckedOut::TYPE]);
}

#[tokio::test]
async fn what_is_retired_stays_visible_and_is_not_checked_out() {
    let shop = shop().await;
    put(&shop, "TEA", 1).await;
    put(&shop, "CUP", 1).await;
    let retired = ProductRetired {
        product_id: "tea".parse().unwrap(),
        skus: vec!["TEA".parse().unwrap()],
    };
    shop.deliver(&[event("tea", 3, 0, &retired)]).await;
    // An older event that is late changes nothing.
    shop.deliver(&[priced("TEA", yen(1), 2)]).await;
    let shown = cart(&shop).await;
    assert_eq!(
        (
            &shown["lines"][0]["on_sale"],
            &shown["subtotal"]["amount_minor"]
        ),
        (&json!(false), &json!(900))
    );
    let told = check_out(&shop, 2, "key").await;
    assert_eq!(
        (told.status, &told.body["errors"][0]["field"]),
        (409, &json!("lines[TEA].sku"))
    );
    assert_eq!(put(&shop, "TEA", 2).await.status, 422);
}

#[tokio::test]
async fn a_guests_cart_goes_over_to_the_customer_once() {
    let shop = shop().await;
    let token = shop.guest_token();
    put(&shop, "TEA", 1).await;
    put_as_guest(&shop, &token, "TEA", 2).await;
    put_as_guest(&shop, &token, "CUP", 1).await;
    let merged = merge(&shop, &token).await;
    assert_eq!(merged.status, 200);
    assert_eq!(merged.body["lines"][0]["quantity"], 3);
    assert_eq!(merged.body["lines"][1]["sku"], "CUP");
    let again = merge(&shop, &token).await;
    assert_eq!(again.body, merged.body);
    let theirs = Request::new("GET", "/api/guest/cart").by_guest(&token);
    assert_eq!(shop.http(&theirs).await.body["lines"], json!([]));
    // What the guest puts in afterwards is new.
    put_as_guest(&shop, &token, "CUP", 1).await;
    assert_eq!(merge(&shop, &token).await.body["lines"][1]["quantity"], 2);
    let bad = merge(&shop, "v1.x.9999999999.AAAA").await;
    assert_eq!(
        (bad.status, &bad.body["errors"][0]["field"]),
        (400, &json!("guest_token"))
    );
}

#[tokio::test]
async fn a_guest_checks_out() {
    let shop = shop().await;
    let token = shop.guest_token();
    put_as_guest(&shop, &token, "TEA", 2).await;
    let request = Request::new("POST", "/api/guest/cart/checkout").by_guest(&token);
    let answer = shop
        .http(&request.header("Idempotency-Key", "k").json(&wish(1)))
        .await;
    shop.relay().await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let said = shop.published();
    let data: CartCheckedOut = said[0].data().unwrap();
    assert!(data.customer_id.as_str().starts_with("guest-"));
}

#[tokio::test]
async fn a_poison_message_goes_aside_and_the_rest_of_its_batch_is_handled() {
    let shop = shop().await;
    let good = priced("TEA", yen(700), 5).to_json();
    let failed = shop.deliver_bodies(&["no event".to_owned(), good]).await;
    assert!(failed.is_empty(), "{failed:?}");
    assert_eq!(shop.dead_letter_reasons().len(), 1);
    assert_eq!(
        put(&shop, "TEA", 1).await.body["lines"][0]["unit_price"]["amount_minor"],
        700
    );
}

async fn erase(shop: &Shop) {
    let erased = CustomerErased {
        customer_id: "c-1".parse().unwrap(),
        erased_at: "2026-11-24T09:30:00Z".parse().unwrap(),
    };
    let failed = shop.deliver(&[event("c-1", 7, 0, &erased)]).await;
    assert!(failed.is_empty());
}

#[tokio::test]
async fn the_cart_of_an_erased_customer_is_empty_and_takes_nothing_any_more() {
    let shop = shop().await;
    put(&shop, "TEA", 1).await;
    assert_eq!(check_out(&shop, 1, "key").await.status, 202);
    put(&shop, "CUP", 2).await;
    erase(&shop).await;
    erase(&shop).await;
    let shown = cart(&shop).await;
    assert_eq!((&shown["lines"], &shown["version"]), (&json!([]), &json!(4)));
    let token = shop.guest_token();
    put_as_guest(&shop, &token, "TEA", 1).await;
    for refused in [
        put(&shop, "TEA", 1).await,
        merge(&shop, &token).await,
        check_out(&shop, 1, "key").await,
        check_out(&shop, 4, "key").await,
        shop.http(&Request::new("DELETE", "/api/cart/lines/TEA").by_customer("c-1")).await,
    ] {
        assert_eq!((refused.status, &refused.body["type"]), (410, &json!("urn:noren:problem:customer-erased")));
    }
    let items = shop.store.all();
    let item = items.iter().find(|item| item.key.pk == "cart#c-1").unwrap();
    assert_eq!(item.expires_at_seconds, None, "the tombstone stays");
    assert!(!item.document.contains("CUP"), "{}", item.document);
    assert_eq!(shop.published_types(), [CartCheckedOut::TYPE]);
}

#[tokio::test]
async fn an_erasure_that_comes_before_the_cart_wins() {
    let shop = shop().await;
    erase(&shop).await;
    assert_eq!(put(&shop, "TEA", 1).await.status, 410);
    assert_eq!(cart(&shop).await["lines"], json!([]));
}
