//! The routes are as they are described.

use customers::{Customers, INDEXES};
use harness::Harness;
use store::MemoryStore;

#[tokio::test]
async fn the_routes_are_as_described() {
    let store = MemoryStore::new(INDEXES);
    let context = Harness::new(store.clone(), Customers::new(store));
    context
        .hold_routes_against_description(&[include_str!("../src/http.rs")])
        .await;
}
