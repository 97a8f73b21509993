//! The routes are as they are described.

use harness::Harness;
use orders::{Config, INDEXES, Orders};
use store::MemoryStore;

#[tokio::test]
async fn the_routes_are_as_described() {
    let store = MemoryStore::new(INDEXES);
    let context = Harness::new(store.clone(), Orders::new(store, Config::default()));
    context
        .hold_routes_against_description(&[include_str!("../src/http.rs")])
        .await;
}

/// What is described is for documents and tests. A function that carried it would be longer to load for nothing.
#[test]
fn the_function_itself_contains_no_description() {
    let binary = std::fs::read(env!("CARGO_BIN_EXE_orders"));
    let binary = binary.expect("cargo builds the binary before its tests");
    let holds = |text: &str| {
        binary
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(
        holds("idempotency-key-reused"),
        "the handlers' own texts are in it"
    );
    assert!(!holds("Places an order"), "so is the description");
}
