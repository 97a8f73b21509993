//! Erasure, proven on the whole local stack: a customer who has planted a mark in everything that the shop may be told
//! registers, buys, is written to, sends something back, and is erased; then no mark stands in any table, queue or log.
//!
//! What is searched, and what is not, says `docs/decisions/personal-data.md`. Before the erasure the same search must find
//! every mark that is kept, so that it cannot be blind.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod flow;
#[path = "erasure/search.rs"]
mod search;
mod toys;

use std::collections::BTreeSet;
use std::path::Path;

use http::Method;
use noren::StackOptions;
use serde_json::{Value, json};

use flow::counter::{FEE, VISA, wish, yen};
use flow::{Shop, options};
use search::{Canary, Lines, Search, compact};

const WHO: &str = "mori";
const TOKEN: &str = "customer:mori";
const MAIL: &str = "kanarie-mail@example.com";

/// What the shop is told and keeps until the erasure.
const KEPT: [Canary; 9] = [
    canary("name", "Kanarie-Name"),
    canary("phone", "090-7351-8264"),
    canary("recipient", "Kanarie-Recipient"),
    canary("postal code", "KANARIE-987"),
    canary("city", "Kanarie-City"),
    canary("street", "Kanarie-Street"),
    canary("phone of an address", "080-4629-1735"),
    canary("consent's text", "kanarie-consent"),
    canary("mail", MAIL),
];

/// What somebody tries to tell and nobody keeps: there is no field for it, or it makes no sense.
const REFUSED: [Canary; 6] = [
    canary("cart's note", "Kanarie-Cart-Note"),
    canary("checkout's note", "Kanarie-Checkout-Note"),
    canary("reason of a cancellation", "Kanarie-Cancel-Text"),
    canary("reason of a return", "Kanarie-Return-Text"),
    canary("bad mail", "kanarie bad mail@example.com"),
    canary("idempotency key", "kanarie-key"),
];

const fn canary(what: &'static str, text: &'static str) -> Canary {
    Canary { what, text }
}

fn all() -> Vec<Canary> {
    KEPT.into_iter().chain(REFUSED).collect()
}

fn kept() -> BTreeSet<&'static str> {
    KEPT.iter().map(|canary| canary.what).collect()
}

async fn ask(shop: &Shop, method: Method, path: &str, body: Option<Value>) -> Value {
    let reply = shop
        .ask(method, path, Some(TOKEN), None, body.as_ref())
        .await;
    assert!(reply.status.is_success(), "{path}: {reply:?}");
    reply.body
}

async fn is_refused(shop: &Shop, method: Method, path: &str, body: Value, status: u16) {
    let key = "kanarie-key";
    let reply = shop
        .ask(method, path, Some(TOKEN), Some(key), Some(&body))
        .await;
    assert_eq!(reply.status.as_u16(), status, "{path}: {reply:?}");
}

fn address(number: usize) -> Value {
    json!({
        "recipient": "Kanarie-Recipient", "postal_code": "KANARIE-987", "region": "JP-13", "city": "Kanarie-City",
        "street": format!("Kanarie-Street {number}-2-3 のれん荘 {number}01"), "country": "JP", "phone": "080-4629-1735",
    })
}

fn contact(email: &str) -> Value {
    json!({ "email": email, "language": "ja" })
}

/// Tells the shop all that it keeps; so many addresses that the document is packed. Gives the id of the last.
async fn introduce(shop: &Shop) -> String {
    let profile = json!({ "name": "Kanarie-Name", "phone": "090-7351-8264", "language": "ja" });
    ask(shop, Method::PUT, "/api/customers/me", Some(profile)).await;
    let consent = json!({ "marketing": true, "text_version": "kanarie-consent" });
    ask(shop, Method::PUT, "/api/customers/me/consent", Some(consent)).await;
    let mut replaced = Value::Null;
    for number in 1..=6 {
        let mut address = address(number);
        if number == 6 {
            address["replaces"] = replaced.clone();
        }
        let added = ask(shop, Method::POST, "/api/customers/me/addresses", Some(address)).await;
        replaced = added["address_id"].clone();
    }
    let path = "/api/notifications/contact";
    ask(shop, Method::PUT, path, Some(contact(MAIL))).await;
    replaced.as_str().unwrap().to_owned()
}

/// Tries to tell it what it has no field for.
async fn say_too_much(shop: &Shop, order_id: &str) {
    let line = json!({ "quantity": 1, "note": "Kanarie-Cart-Note" });
    is_refused(shop, Method::PUT, "/api/cart/lines/SENCHA", line, 400).await;
    let mut order = wish(&[("SENCHA", 1)], VISA);
    order["note"] = json!("Kanarie-Checkout-Note");
    is_refused(shop, Method::POST, "/api/orders", order, 400).await;
    let path = format!("/api/orders/{order_id}/returns");
    let back = json!({
        "lines": [{ "sku": "SENCHA", "quantity": 1 }], "reason": "damaged", "text": "Kanarie-Return-Text",
    });
    is_refused(shop, Method::POST, &path, back, 400).await;
    let back = json!({ "lines": [{ "sku": "SENCHA", "quantity": 1 }], "reason": "Kanarie-Return-Text" });
    is_refused(shop, Method::POST, &path, back, 400).await;
    let path = format!("/api/orders/{order_id}/cancel");
    let why = json!({ "reason": "Kanarie-Cancel-Text" });
    // The route reads no body: what it says is neither taken nor kept.
    is_refused(shop, Method::POST, &path, why, 409).await;
    let path = "/api/notifications/contact";
    let bad = contact("kanarie bad mail@example.com");
    is_refused(shop, Method::PUT, path, bad, 400).await;
}

/// Buys, is sent it, sends some of it back; leaves an order open that goes to the address, and something in the cart.
async fn buy(shop: &Shop, address_id: &str) -> String {
    let first = shop.place(WHO, "kanarie-key-1", &wish(&[("SENCHA", 2)], VISA)).await;
    shop.quiet().await;
    shop.fulfil(&first).await;
    let path = format!("/api/orders/{first}/returns");
    let back = json!({ "lines": [{ "sku": "SENCHA", "quantity": 1 }], "reason": "damaged" });
    let asked = shop
        .ask(Method::POST, &path, Some(TOKEN), Some("kanarie-key-2"), Some(&back))
        .await;
    assert!(asked.status.is_success(), "{asked:?}");
    let back = json!({ "lines": [{ "sku": "SENCHA", "quantity": 1 }], "restock": true });
    shop.ship(&first, "returns", back).await;
    say_too_much(shop, &first).await;
    let line = Some(json!({ "quantity": 1 }));
    let cart = ask(shop, Method::PUT, "/api/cart/lines/SENCHA", line).await;
    let checkout = json!({
        "version": cart["version"], "region": "JP-13", "payment_method": VISA, "expected_total": yen(800 + FEE),
        "delivery_address_id": address_id,
    });
    let ordered = shop
        .ask(Method::POST, "/api/cart/checkout", Some(TOKEN), Some("kanarie-key-3"), Some(&checkout))
        .await;
    let open = ordered.body["order_id"].as_str().unwrap().to_owned();
    let line = Some(json!({ "quantity": 3 }));
    ask(shop, Method::PUT, "/api/cart/lines/SENCHA", line).await;
    shop.quiet().await;
    open
}

fn on(directory: &Path) -> StackOptions {
    StackOptions {
        data_directory: Some(directory.to_owned()),
        ..options()
    }
}

/// Everything that is searched while the stack runs.
async fn searched<'a>(shop: &Shop, lines: &Lines, canaries: &'a [Canary]) -> Search<'a> {
    let mut search = Search::for_any(canaries);
    search.tables(&shop.stack).await;
    search.queues(&shop.stack);
    let logged = lines.text();
    logged
        .lines()
        .for_each(|line| search.text("log", line.as_bytes()));
    search
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_an_erased_customer_is_left_in_any_table_queue_or_log() {
    let lines = Lines::begin("debug");
    let directory = tempfile::tempdir().unwrap();
    let shop = Shop::open(on(directory.path())).await;
    let tap = shop.tap().await;
    shop.sell(&[("SENCHA", 800)], 20).await;
    let address_id = introduce(&shop).await;
    let open = buy(&shop, &address_id).await;

    // Who packs the open order finds where it goes, by the way that its id has taken.
    let shipment = shop.look_up(&format!("/api/operator/shipments/{open}")).await.unwrap();
    assert_eq!(shipment["delivery_address_id"], json!(address_id), "{shipment}");
    let label = format!("/api/operator/customers/{WHO}/addresses/{address_id}");
    assert_eq!(shop.look_up(&label).await.unwrap()["city"], "Kanarie-City");

    // The search is not blind: it finds all that is kept, and packed documents too.
    let canaries = all();
    let before = searched(&shop, &lines, &canaries).await;
    assert_eq!(before.kinds(), kept(), "{:?}", before.found);
    let holders = BTreeSet::from(["CustomersTable", "NotificationsTable"]);
    assert_eq!(before.places(), holders, "where personal data stands");
    assert!(before.unpacked > 0 && before.read > 100, "{before:?}");
    let mails = shop.stack.mail().count().unwrap();
    assert!(mails >= 3, "{mails}");

    let erased = ask(&shop, Method::DELETE, "/api/customers/me", None).await;
    shop.quiet().await;
    // What comes late finds the tombstones, in whatever order and however often it comes.
    for said in shop.heard(&tap) {
        shop.repeat(&said).await;
    }
    shop.quiet().await;
    let profile = json!({ "name": "Kanarie-Name", "language": "ja" });
    is_refused(&shop, Method::PUT, "/api/customers/me", profile, 410).await;
    let late = contact(MAIL);
    is_refused(&shop, Method::PUT, "/api/notifications/contact", late, 410).await;
    is_refused(&shop, Method::POST, "/api/customers/me/addresses", address(1), 410).await;
    let line = json!({ "quantity": 1 });
    is_refused(&shop, Method::PUT, "/api/cart/lines/SENCHA", line, 410).await;
    let again = ask(&shop, Method::DELETE, "/api/customers/me", None).await;
    assert_eq!(again, erased);
    let label = shop.ask(Method::GET, &label, Some("operator:o-1"), None, None).await;
    assert_eq!(label.status.as_u16(), 410, "{label:?}");

    // The order under way goes on, and nothing is written about it.
    shop.fulfil(&open).await;
    shop.assert_stands(&open, ["completed", "captured", "delivered"])
        .await;
    let told = format!("/api/operator/notifications/{open}");
    let told = shop.look_up(&told).await.unwrap();
    let dispatched = told["notifications"]
        .as_array()
        .unwrap()
        .iter()
        .find(|notice| notice["kind"] == "shipment_dispatched");
    assert_eq!(dispatched.unwrap()["skipped_because"], "erased", "{told}");
    assert_eq!(shop.stack.mail().count().unwrap(), mails);

    let after = searched(&shop, &lines, &canaries).await;
    assert!(after.found.is_empty(), "{:?}", after.found);
    assert!(after.read > 100, "{}", after.read);
    assert!(shop.heard_of(&tap, "customers.CustomerErased.v1").len() == 1);
    let _ = shop.close().await;
    search_files(directory.path(), &canaries);
}

/// What the stack keeps on the disk: of live cells, only the streams' records, which AWS keeps for a day, and the inbox,
/// which stands for the customer's own mailbox, may hold a mark. Without those, no byte does.
fn search_files(directory: &Path, canaries: &[Canary]) {
    let mut cells = Search::for_any(canaries);
    cells.cells(directory);
    let inbox = BTreeSet::from(["mail.sqlite: messages", "mail.sqlite: recipients"]);
    let streams = "dynamodb.sqlite: _stream_records";
    let elsewhere: Vec<&str> = cells
        .places()
        .into_iter()
        .filter(|place| !inbox.contains(place) && *place != streams)
        .collect();
    assert!(elsewhere.is_empty(), "{:?}", cells.found);
    assert!(cells.places().contains("mail.sqlite: messages"), "the search finds nothing in files");

    let tables = directory.join("dynamodb.sqlite");
    let database = rusqlite::Connection::open(&tables).unwrap();
    // A day later.
    database.execute("DELETE FROM _stream_records", []).unwrap();
    drop(database);
    std::fs::remove_file(directory.join("mail.sqlite")).unwrap();
    for name in ["dynamodb.sqlite", "messages.sqlite"] {
        compact(&directory.join(name));
    }
    let mut bytes = Search::for_any(canaries);
    bytes.bytes(directory);
    assert!(bytes.found.is_empty(), "{:?}", bytes.found);
    assert!(bytes.read > 3, "{bytes:?}");
}
