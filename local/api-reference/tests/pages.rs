//! The document and its pages, as the local stack serves them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use api_reference::{Pages, document, serves};
use http::Method;
use serde_json::Value;

fn pages() -> Pages {
    Pages::of(|_| true).unwrap()
}

fn page(path: &str, query: &str) -> (u16, String) {
    let response = pages().answer(path, query, "http://127.0.0.1:3000");
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    // As a browser shows it.
    let text = text.replace("&#x2f;", "/");
    (response.status().as_u16(), text)
}

#[test]
fn only_the_document_and_its_pages_are_served() {
    for path in [
        "/api/openapi.json",
        "/api/docs",
        "/api/docs/",
        "/api/docs/placeOrder",
    ] {
        assert!(serves(&Method::GET, path), "{path}");
        assert!(!serves(&Method::POST, path), "{path}");
    }
    for path in ["/api/orders", "/api/docsx", "/api", "/docs"] {
        assert!(!serves(&Method::GET, path), "{path}");
    }
    assert!(Pages::of(|_| false).is_none());
}

#[test]
fn the_document_served_is_the_one_committed() {
    let (status, text) = page("/api/openapi.json", "");
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document());
}

#[test]
fn the_list_is_searched_by_words_and_by_context() {
    let (status, all) = page("/api/docs", "");
    assert_eq!(status, 200);
    for wanted in ["POST /api/orders", "GET /api/products", "showReservation"] {
        assert!(all.contains(wanted), "{wanted}");
    }
    let (_, found) = page("/api/docs", "q=cancel+any&context=orders");
    assert!(found.contains("cancelAnyOrder") && !found.contains("placeOrder"));
    let (status, none) = page("/api/docs", "q=%3Cscript%3Ealert(1)%3C/script%3E");
    assert_eq!(status, 404);
    assert!(
        !none.contains("<script"),
        "what is asked for is text and no markup"
    );
}

#[test]
fn each_operation_has_a_page_with_a_command_that_can_be_pasted() {
    for item in document()["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            let (status, page) = page(&format!("/api/docs/{id}"), "");
            assert_eq!(status, 200, "{id}");
            assert!(page.contains("curl -X "), "{id}");
            assert!(
                !page.contains("<script") && !page.contains("http://www"),
                "{id} loads something"
            );
        }
    }
    let (_, page) = page("/api/docs/placeOrder", "");
    for wanted in [
        "Idempotency-Key",
        "lines[].sku",
        "application/problem+json",
        "unsellable",
        "customer:c-1",
    ] {
        assert!(page.contains(wanted), "{wanted} is not on the page");
    }
}
