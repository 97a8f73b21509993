//! The routes are as they are described.

use std::sync::Arc;

use harness::Harness;
use payments::fake::FakeProvider;
use payments::{INDEXES, Payments};
use store::MemoryStore;

#[tokio::test]
async fn the_routes_are_as_described() {
    let store = MemoryStore::new(INDEXES);
    let provider = Arc::new(FakeProvider::default());
    let context = Payments::new(store.clone(), provider, vec!["whsec_test".to_owned()]);
    Harness::new(store, context)
        .hold_routes_against_description(&[include_str!("../src/http.rs")])
        .await;
}
