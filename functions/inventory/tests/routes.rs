//! The routes are as they are described.

use harness::Harness;
use inventory::{INDEXES, Inventory};
use store::MemoryStore;

#[tokio::test]
async fn the_routes_are_as_described() {
    let store = MemoryStore::new(INDEXES);
    let context = Harness::new(store.clone(), Inventory::new(store));
    context
        .hold_routes_against_description(&[include_str!("../src/http/mod.rs")])
        .await;
}
