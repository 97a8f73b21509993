//! The event catalogue as it is met: pages of a running stack, and a command.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod toys;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use http::{Request, StatusCode};
use noren::{Stack, StackOptions};
use serde_json::Value;

use toys::send;

fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_stack_serves_the_pages_and_its_own_asyncapi_document() {
    let stack = Stack::start(StackOptions::in_memory(template()))
        .await
        .unwrap();
    let pages = stack.addresses().event_pages();
    assert!(pages.starts_with("http://127.0.0.1:"), "{pages}");
    for (path, status, part) in [
        ("", StatusCode::OK, "inventory.LowStock.v1"),
        (
            "?q=parcel&context=orders",
            StatusCode::OK,
            "shipping.ShipmentDispatched.v1",
        ),
        (
            "/orders.OrderPlaced.v1?lang=ja",
            StatusCode::OK,
            "InventoryFromOrders",
        ),
        ("/asyncapi.json", StatusCode::OK, "\"asyncapi\": \"3.0.0\""),
        (
            "/nonesuch",
            StatusCode::NOT_FOUND,
            "There is no such event type.",
        ),
        // Not a page of it, but the stack's own address, where nothing is.
        ("nonesuch", StatusCode::NOT_FOUND, "there is nothing here"),
    ] {
        let response = send(Request::get(format!("{pages}{path}")), "").await;
        let body = String::from_utf8_lossy(response.body());
        assert_eq!(response.status(), status, "{path}: {body}");
        assert!(body.contains(part), "{path}: {body}");
    }
    let posted = send(Request::post(&pages), "").await;
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
    stack.stop().await;
}

#[tokio::test]
async fn a_stack_of_other_functions_has_pages_too() {
    let options = StackOptions::in_memory(toys::template("stock.yaml"));
    let stack = Stack::start(options).await.unwrap();
    let page = format!("{}/orders.OrderPlaced.v1", stack.addresses().event_pages());
    let response = send(Request::get(page), "").await;
    let body = String::from_utf8_lossy(response.body());
    assert!(body.contains("not part of this stack"), "{body}");
    stack.stop().await;
}

fn catalogue(arguments: &[&str]) -> Output {
    catalogue_of(&template(), arguments)
}

fn catalogue_of(template: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_noren"))
        .args(["events", "catalogue", "--template"])
        .arg(template)
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_command_lists_producers_and_consumers() {
    let output = catalogue(&[]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = rows(&text);
    assert_eq!(lines.len(), 1 + contracts::all_event_types().len());
    assert_eq!(lines[0], ["EVENT", "SAID BY", "HEARD BY"]);
    assert!(
        lines.contains(&vec![
            "orders.OrderPlaced.v1",
            "orders",
            "inventory, insights"
        ]),
        "{text}"
    );
}

#[test]
fn an_event_that_nobody_of_a_stack_hears_is_listed_all_the_same() {
    let output = catalogue_of(&toys::template("stock.yaml"), &[]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        rows(&text).contains(&vec!["orders.OrderPlaced.v1", "orders", "-"]),
        "{text}"
    );
}

/// The rows of a listing, whose columns are two spaces apart or more.
fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .collect()
        })
        .collect()
}

#[test]
fn the_command_gives_json_and_one_context() {
    let output = catalogue(&["--json", "--context", "shipping"]);
    assert!(output.status.success(), "{output:?}");
    let events: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let find = |event_type: &str| events.iter().find(|event| event["type"] == event_type);
    assert!(find("catalog.PriceChanged.v1").is_none());
    let heard = find("orders.OrderConfirmed.v1").unwrap();
    assert_eq!(heard["producer"], "orders");
    let consumers = heard["consumers"].as_array().unwrap();
    assert!(
        consumers
            .iter()
            .any(|one| one["subscription"] == "ShippingFromOrders"),
        "{heard}"
    );
    let said = find("shipping.ShipmentDispatched.v1").unwrap();
    assert_eq!(said["schema"]["title"], "shipping.ShipmentDispatched.v1");
    assert_eq!(said["example"]["source"], "noren/shipping");
}

#[test]
fn an_unknown_context_is_told_with_those_that_there_are() {
    let output = catalogue(&["--context", "nonesuch"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("no context nonesuch") && text.contains("inventory"),
        "{text}"
    );
}
