//! The pages: what is found, what is shown, in which language, and what programs get.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bytes::Bytes;
use event_catalogue::{Catalogue, Pages, artefact, load_template};
use http::{Response, StatusCode, header};
use serde_json::Value;

fn pages() -> Pages {
    let template = load_template(&artefact::workspace().join("template.yaml")).unwrap();
    Pages::new(Catalogue::of(&template), "/_noren/events")
}

fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

/// The event types that a list holds, in its order.
fn listed(query: &str) -> Vec<String> {
    let response = pages().answer("", query, "en");
    assert_eq!(response.status(), StatusCode::OK);
    let rows = text(&response).split("<tr><td><a").skip(1);
    rows.map(|row| {
        row.split("<code>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    })
    .collect()
}

#[test]
fn every_event_type_is_listed() {
    assert_eq!(listed("").len(), contracts::all_event_types().len());
}

#[test]
fn a_search_finds_by_name_field_and_meaning() {
    assert_eq!(listed("q=orderplaced"), ["orders.OrderPlaced.v1"]);
    assert_eq!(listed("q=%20OrderPlaced%20"), ["orders.OrderPlaced.v1"]);
    assert_eq!(
        listed("q=tracking_number"),
        ["shipping.ShipmentDispatched.v1"]
    );
    assert_eq!(listed("q=warning+level"), ["inventory.LowStock.v1"]);
    assert_eq!(listed("q=nonesuch"), [""; 0]);
    let none = pages().answer("", "q=nonesuch", "en");
    assert!(text(&none).contains("No event type is like that."));
}

#[test]
fn a_context_finds_what_it_says_and_what_it_hears() {
    let found = listed("context=inventory");
    for event_type in [
        "inventory.StockReserved.v1",
        "orders.OrderPlaced.v1",
        "shipping.ReturnReceived.v1",
    ] {
        assert!(
            found.iter().any(|one| one == event_type),
            "{event_type}: {found:?}"
        );
    }
    assert!(
        !found.iter().any(|one| one.starts_with("catalog.")),
        "{found:?}"
    );
    assert_eq!(
        listed("context=inventory&q=reserv+placed"),
        [""; 0],
        "words are searched for as they stand"
    );
}

#[test]
fn an_event_is_shown_with_both_its_ends() {
    let response = pages().answer("/orders.OrderPlaced.v1", "", "");
    assert_eq!(response.status(), StatusCode::OK);
    let page = text(&response);
    for part in [
        "<html lang=\"en\">",
        "OrdersTopic",
        "InventoryFromOrders",
        "InventoryQueue",
        "orders.OrderCancelled.v1",
        "lines[].quantity",
        "reserve_until",
        "urn:noren:schema:orders.OrderPlaced.v1",
        "causationid",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_pages_speak_japanese_too() {
    for (query, accepted) in [("", "ja,en;q=0.5"), ("lang=ja", "en")] {
        for path in ["", "/orders.OrderPlaced.v1", "/nonesuch"] {
            let response = pages().answer(path, query, accepted);
            let page = text(&response);
            assert!(page.contains("<html lang=\"ja\">"), "{page}");
            assert!(page.contains("イベントカタログ"), "{page}");
        }
    }
}

#[test]
fn programs_get_json() {
    for (path, pointer, expected) in [
        ("/catalogue.json", "/0/type", "carts.CartCheckedOut.v1"),
        ("/asyncapi.json", "/asyncapi", "3.0.0"),
        ("/envelope.json", "/title", "envelope"),
        (
            "/orders.OrderPlaced.v1/schema.json",
            "/title",
            "orders.OrderPlaced.v1",
        ),
        (
            "/orders.OrderPlaced.v1/example.json",
            "/source",
            "noren/orders",
        ),
    ] {
        let response = pages().answer(path, "", "");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/json",
            "{path}"
        );
        let value: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(value.pointer(pointer).unwrap(), expected, "{path}");
    }
}

#[test]
fn what_is_not_there_is_not_found_and_what_is_asked_is_escaped() {
    for path in [
        "/nonesuch",
        "/orders.OrderPlaced.v1/nonesuch",
        "/%3Cscript%3E",
    ] {
        let response = pages().answer(path, "", "");
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let response = pages().answer("", "q=%22%3E%3Cscript%3E&context=%3Cscript%3E", "");
    assert!(!text(&response).contains("<script"), "{}", text(&response));
}

#[test]
fn every_page_can_be_made() {
    let pages = pages();
    for event_type in contracts::all_event_types() {
        let response = pages.answer(&format!("/{}", event_type.name), "lang=ja", "");
        assert_eq!(response.status(), StatusCode::OK, "{}", event_type.name);
    }
}
