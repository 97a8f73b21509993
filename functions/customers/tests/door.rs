//! Customers through its door, as Lambda brings what it handles.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use contracts::EventData as _;
use contracts::customers::{CustomerErased, CustomerRegistered};
use customers::{Customers, INDEXES};
use harness::{Answer, Harness, Request};
use serde_json::{Value, json};
use store::{MemoryStore, item_size_bytes};

type Book = Harness<Customers<MemoryStore>>;

const ME: &str = "/api/customers/me";
const ADDRESSES: &str = "/api/customers/me/addresses";

fn book() -> Book {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Customers::new(store))
}

fn by(customer: &str, method: &str, path: &str) -> Request {
    Request::new(method, path).by_customer(customer)
}

fn hanako() -> Value {
    json!({ "name": "canary-name", "phone": "03-9999-0001", "language": "ja" })
}

fn home() -> Value {
    json!({
        "recipient": "canary-recipient", "postal_code": "150-0001", "region": "JP-13", "city": "canary-city",
        "street": "canary-street 1-2-3", "country": "JP", "phone": "03-9999-0002",
    })
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

async fn send(book: &Book, request: Request) -> Answer {
    let answer = book.http(&request).await;
    book.relay().await;
    answer
}

async fn add(book: &Book, customer: &str, address: &Value) -> Answer {
    send(book, by(customer, "POST", ADDRESSES).json(address)).await
}

fn problem(answer: &Answer) -> (u16, &str) {
    let kind = answer.body["type"].as_str().unwrap_or_default();
    (answer.status, kind.rsplit(':').next().unwrap_or_default())
}

#[tokio::test]
async fn who_tells_something_registers_once_and_says_nothing_of_themselves_to_others() {
    let book = book();
    let empty = send(&book, by("c-1", "GET", ME)).await;
    assert_eq!(empty.status, 200);
    assert_eq!(empty.body["name"], Value::Null);
    assert_eq!(empty.body["registered_at"], Value::Null);

    let set = send(&book, by("c-1", "PUT", ME).json(&hanako())).await;
    assert_eq!(
        (set.status, &set.body["name"]),
        (200, &json!("canary-name"))
    );
    let consent = json!({ "marketing": true, "text_version": "2026-11" });
    let path = format!("{ME}/consent");
    let agreed = send(&book, by("c-1", "PUT", &path).json(&consent)).await;
    assert_eq!(agreed.body["marketing_consent"]["given"], true);
    assert_eq!(add(&book, "c-1", &home()).await.status, 201);

    let shown = send(&book, by("c-1", "GET", ME)).await;
    assert_eq!(shown.body, agreed.body);
    let said = book.published();
    let types: Vec<&str> = said.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, [CustomerRegistered::TYPE]);
    assert!(
        !said[0].to_json().contains("canary"),
        "{}",
        said[0].to_json()
    );
}

#[tokio::test]
async fn addresses_are_added_replaced_and_given_up_and_never_change() {
    let book = book();
    let added = add(&book, "c-1", &home()).await;
    assert_eq!(added.status, 201);
    let first = added.body["address_id"].as_str().unwrap().to_owned();
    let same = add(&book, "c-1", &home()).await;
    assert_eq!((same.status, &same.body), (200, &added.body));

    let moved = with(
        with(home(), "street", "elsewhere 4-5-6"),
        "replaces",
        first.as_str(),
    );
    let second = add(&book, "c-1", &moved).await;
    assert_eq!(second.status, 201);
    let listed = send(&book, by("c-1", "GET", ADDRESSES)).await;
    assert_eq!(listed.body["addresses"], json!([second.body]));

    // An order of the past may still refer to the first.
    let old = send(&book, by("c-1", "GET", &format!("{ADDRESSES}/{first}"))).await;
    assert_eq!(old.body["street"], "canary-street 1-2-3");
    assert!(old.body["retired_at"].is_string());
    let path = format!(
        "{ADDRESSES}/{}",
        second.body["address_id"].as_str().unwrap()
    );
    let given_up = send(&book, by("c-1", "DELETE", &path)).await;
    assert_eq!(given_up.status, 200);
    let again = send(&book, by("c-1", "DELETE", &path)).await;
    assert_eq!(again, given_up);
    let listed = send(&book, by("c-1", "GET", ADDRESSES)).await;
    assert_eq!(listed.body, json!({ "addresses": [] }));
    assert_eq!(book.published_types(), [CustomerRegistered::TYPE]);
}

#[tokio::test]
async fn nobody_reaches_anothers_addresses() {
    let book = book();
    let added = add(&book, "c-1", &home()).await;
    let id = added.body["address_id"].as_str().unwrap();
    for method in ["GET", "DELETE"] {
        let path = format!("{ADDRESSES}/{id}");
        let refused = send(&book, by("c-2", method, &path)).await;
        assert_eq!(problem(&refused), (404, "not-found"), "{method}");
        let path = format!("/api/guest/customers/me/addresses/{id}");
        let guest = Request::new(method, &path).by_guest(&book.guest_token());
        assert_eq!(
            problem(&send(&book, guest).await),
            (404, "not-found"),
            "{method}"
        );
    }
    let replaced = with(with(home(), "street", "mine"), "replaces", id);
    let refused = add(&book, "c-2", &replaced).await;
    assert_eq!(problem(&refused), (400, "invalid"));
    assert_eq!(refused.body["errors"][0]["field"], "replaces");
    let shown = send(&book, by("c-1", "GET", &format!("{ADDRESSES}/{id}"))).await;
    assert_eq!(shown.body, added.body);
}

#[tokio::test]
async fn a_guest_is_a_customer_of_their_own() {
    let book = book();
    let token = book.guest_token();
    let path = "/api/guest/customers/me";
    let set = send(
        &book,
        Request::new("PUT", path).by_guest(&token).json(&hanako()),
    )
    .await;
    let guest_id = set.body["customer_id"].as_str().unwrap().to_owned();
    assert!(guest_id.starts_with("guest-"), "{guest_id}");
    let added = Request::new("POST", &format!("{path}/addresses")).by_guest(&token);
    assert_eq!(send(&book, added.json(&home())).await.status, 201);
    let consent = json!({ "marketing": false, "text_version": "2026-11" });
    let consent = Request::new("PUT", &format!("{path}/consent"))
        .by_guest(&token)
        .json(&consent);
    assert_eq!(
        send(&book, consent).await.body["marketing_consent"]["given"],
        false
    );
    let erased = send(&book, Request::new("DELETE", path).by_guest(&token)).await;
    assert_eq!(
        (erased.status, &erased.body["customer_id"]),
        (200, &json!(guest_id))
    );
    let shown = send(&book, Request::new("GET", path).by_guest(&token)).await;
    assert_eq!(problem(&shown), (410, "customer-erased"));
    assert_eq!(
        book.published_types(),
        [CustomerRegistered::TYPE, CustomerErased::TYPE]
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_the_name_of_its_field() {
    let book = book();
    for (method, path, body, field) in [
        ("PUT", ME, with(hanako(), "name", ""), "name"),
        ("PUT", ME, with(hanako(), "name", "a\nb"), "name"),
        ("PUT", ME, with(hanako(), "phone", "call me"), "phone"),
        ("PUT", ME, with(hanako(), "language", "fr"), "language"),
        ("PUT", ME, with(hanako(), "nickname", "x"), "nickname"),
        (
            "POST",
            ADDRESSES,
            with(home(), "recipient", " "),
            "recipient",
        ),
        (
            "POST",
            ADDRESSES,
            with(home(), "postal_code", "１５０"),
            "postal_code",
        ),
        ("POST", ADDRESSES, with(home(), "region", "US-CA"), "region"),
        (
            "POST",
            ADDRESSES,
            with(home(), "country", "Japan"),
            "country",
        ),
        (
            "POST",
            ADDRESSES,
            with(home(), "street", "x".repeat(201)),
            "street",
        ),
        (
            "POST",
            ADDRESSES,
            with(home(), "note", "ring twice"),
            "note",
        ),
        (
            "POST",
            ADDRESSES,
            with(home(), "replaces", "a b"),
            "replaces",
        ),
    ] {
        let refused = send(&book, by("c-1", method, path).json(&body)).await;
        assert_eq!(problem(&refused), (400, "invalid"), "{body}");
        assert_eq!(
            refused.body["errors"][0]["field"], field,
            "{:?}",
            refused.body
        );
    }
    assert!(book.store.all().is_empty());
}

#[tokio::test]
async fn an_erased_customer_is_a_tombstone_that_refuses_whatever_comes_later() {
    let book = book();
    let key = "key-of-the-address";
    let address = by("c-1", "POST", ADDRESSES)
        .header("Idempotency-Key", key)
        .json(&home());
    send(&book, by("c-1", "PUT", ME).json(&hanako())).await;
    assert_eq!(send(&book, address.clone()).await.status, 201);
    let erased = send(&book, by("c-1", "DELETE", ME)).await;
    assert_eq!(erased.status, 200);
    book.clock.advance_seconds(60);
    assert_eq!(send(&book, by("c-1", "DELETE", ME)).await, erased);

    let consent = json!({ "marketing": true, "text_version": "1" });
    for late in [
        by("c-1", "GET", ME),
        by("c-1", "PUT", ME).json(&hanako()),
        by("c-1", "PUT", &format!("{ME}/consent")).json(&consent),
        by("c-1", "GET", ADDRESSES),
        by("c-1", "POST", ADDRESSES).json(&home()),
        // A client that never got its answer tries again.
        address,
        by("c-1", "GET", &format!("{ADDRESSES}/a-1")),
        by("c-1", "DELETE", &format!("{ADDRESSES}/a-1")),
        Request::new("GET", "/api/operator/customers/c-1/addresses/a-1").by_operator("ops"),
    ] {
        let refused = send(&book, late.clone()).await;
        assert_eq!(problem(&refused), (410, "customer-erased"), "{late:?}");
    }
    let items = book.store.all();
    assert_eq!(items.len(), 1);
    let item = format!("{:?}", items[0]);
    for canary in ["canary", "9999", "150-0001", "JP-13"] {
        assert!(!item.contains(canary), "{canary} is left in {item}");
    }
    assert_eq!(items[0].expires_at_seconds, None);
    assert!(items[0].indexed.is_empty());
    assert!(item_size_bytes(&items[0]) < 1024);

    let seen = Request::new("GET", "/api/operator/customers/c-1").by_operator("ops");
    let seen = send(&book, seen).await;
    assert_eq!(seen.body["erased"]["reason"], "self_service");
    assert_eq!(
        (&seen.body["profile"], &seen.body["addresses"]),
        (&Value::Null, &json!([]))
    );
    let said = book.published_types();
    assert_eq!(said, [CustomerRegistered::TYPE, CustomerErased::TYPE]);
}

#[tokio::test]
async fn an_operator_erases_also_who_has_told_nothing() {
    let book = book();
    let path = "/api/operator/customers/c-9/erase";
    let erase = |reason: &str| {
        let body = json!({ "reason": reason });
        Request::new("POST", path).by_operator("ops").json(&body)
    };
    assert_eq!(
        problem(&send(&book, erase("self_service")).await),
        (400, "invalid")
    );
    let erased = send(&book, erase("customer_request")).await;
    assert_eq!(
        (erased.status, &erased.body["customer_id"]),
        (200, &json!("c-9"))
    );
    book.clock.advance_seconds(60);
    let again = send(&book, erase("retention_ended")).await;
    assert_eq!(again.body, erased.body);
    let seen = Request::new("GET", "/api/operator/customers/c-9").by_operator("ops");
    assert_eq!(
        send(&book, seen).await.body["erased"]["reason"],
        "customer_request"
    );
    assert_eq!(book.published_types(), [CustomerErased::TYPE]);
    for path in [
        "/api/operator/customers/a%20b/erase",
        "/api/operator/customers/-/erase",
    ] {
        let body = json!({ "reason": "customer_request" });
        let refused = Request::new("POST", path).by_operator("ops").json(&body);
        assert_eq!(problem(&send(&book, refused).await), (404, "not-found"));
    }
}

#[tokio::test]
async fn operators_list_a_days_customers_and_see_one() {
    let book = book();
    for customer in ["c-1", "c-2", "c-3"] {
        send(&book, by(customer, "PUT", ME).json(&hanako())).await;
        book.clock.advance_seconds(1);
    }
    send(&book, by("c-2", "DELETE", ME)).await;
    // What is told later does not move anybody to another day.
    book.clock.advance_seconds(86_400);
    let added = add(&book, "c-3", &home()).await;
    let list = |query: &str| {
        Request::new("GET", &format!("/api/operator/customers?{query}")).by_operator("ops")
    };
    let ids = |answer: &Answer| -> Vec<String> {
        let customers = answer.body["customers"].as_array().unwrap();
        let id = |customer: &Value| customer["customer_id"].as_str().unwrap().to_owned();
        customers.iter().map(id).collect()
    };
    let first = send(&book, list("registered_on=2026-11-24&limit=1")).await;
    assert_eq!(ids(&first), ["c-1"]);
    let next = first.body["next"].as_str().unwrap();
    let rest = send(
        &book,
        list(&format!("registered_on=2026-11-24&cursor={next}")),
    )
    .await;
    assert_eq!(
        (ids(&rest), &rest.body["next"]),
        (vec!["c-3".to_owned()], &Value::Null)
    );
    let other_day = send(
        &book,
        list(&format!("registered_on=2026-11-25&cursor={next}")),
    )
    .await;
    assert_eq!(problem(&other_day), (400, "invalid"));
    // Today, where no day is named.
    assert!(ids(&send(&book, list("registered_on=2026-11-25")).await).is_empty());
    assert!(ids(&send(&book, list("")).await).is_empty());
    for refused in [
        "registered_on=yesterday",
        "registered_on=2026-13-01",
        "registered_on=2026-11-24&limit=0",
    ] {
        assert_eq!(
            problem(&send(&book, list(refused)).await),
            (400, "invalid"),
            "{refused}"
        );
    }

    let seen = Request::new("GET", "/api/operator/customers/c-3").by_operator("ops");
    let seen = send(&book, seen).await;
    assert_eq!(seen.body["profile"]["name"], "canary-name");
    assert_eq!(seen.body["addresses"], json!([added.body]));
    let id = added.body["address_id"].as_str().unwrap();
    let path = format!("/api/operator/customers/c-3/addresses/{id}");
    let address = send(&book, Request::new("GET", &path).by_operator("ops")).await;
    assert_eq!(address.body, added.body);
    for unknown in [
        "/api/operator/customers/c-7",
        "/api/operator/customers/c-7/addresses/a-1",
    ] {
        let refused = send(&book, Request::new("GET", unknown).by_operator("ops")).await;
        assert_eq!(problem(&refused), (404, "not-found"), "{unknown}");
    }
    assert_eq!(book.published().len(), 4);
}

#[tokio::test]
async fn each_change_is_done_once_for_its_key_and_the_key_is_for_nothing_else() {
    let book = book();
    let other = with(hanako(), "name", "somebody else");
    book.holds_key_named("k-1", &by("c-1", "PUT", ME).json(&hanako()), &other)
        .await;
    let consent = |version: &str| json!({ "marketing": true, "text_version": version });
    let path = format!("{ME}/consent");
    book.holds_key_named(
        "k-2",
        &by("c-1", "PUT", &path).json(&consent("1")),
        &consent("2"),
    )
    .await;
    let other = with(home(), "street", "elsewhere");
    let added = by("c-1", "POST", ADDRESSES).json(&home());
    let added = book.holds_key_named("k-3", &added, &other).await;
    let path = format!("{ADDRESSES}/{}", added.body["address_id"].as_str().unwrap());
    book.holds_key_named("k-4", &by("c-1", "DELETE", &path), &json!({}))
        .await;

    // A key outlives its address only where that was given up half a year ago.
    book.clock.advance_seconds(181 * 86_400);
    assert_eq!(add(&book, "c-1", &other).await.status, 201);
    let repeat = by("c-1", "POST", ADDRESSES)
        .header("Idempotency-Key", "k-3")
        .json(&home());
    assert_eq!(
        problem(&send(&book, repeat).await),
        (409, "address-forgotten")
    );

    book.holds_key_named("k-5", &by("c-1", "DELETE", ME), &json!({}))
        .await;
    let reason = |reason: &str| json!({ "reason": reason });
    let erase = Request::new("POST", "/api/operator/customers/c-2/erase").by_operator("ops");
    let erase = erase.json(&reason("account_closed"));
    book.holds_key_named("k-6", &erase, &reason("customer_request"))
        .await;
    assert_eq!(book.published().len(), 3);
}

#[tokio::test]
async fn what_was_asked_for_first_does_not_come_back() {
    let book = book();
    let named = |number: usize| {
        let profile = with(hanako(), "name", format!("canary-name {number}"));
        by("c-1", "PUT", ME).json(&profile)
    };
    let later: Vec<_> = (1..30).map(named).collect();
    book.holds_key_through("first", &named(0), &later).await;
}

#[tokio::test]
async fn a_usual_customer_takes_one_write_unit() {
    let book = book();
    send(&book, by("c-1", "PUT", ME).json(&hanako())).await;
    add(&book, "c-1", &home()).await;
    add(
        &book,
        "c-1",
        &with(home(), "street", "のれん町1-2-3 コーポのれん 201号室"),
    )
    .await;
    let items = book.store.all();
    assert!(
        item_size_bytes(&items[0]) <= 1024,
        "{}",
        item_size_bytes(&items[0])
    );
    assert_eq!(book.published().len(), 1);
}
