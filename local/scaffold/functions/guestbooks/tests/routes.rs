//! The routes are as they are described.

use guestbooks::{Guestbooks, INDEXES};
use harness::Harness;
use store::MemoryStore;

#[tokio::test]
async fn the_routes_are_as_described() {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Guestbooks::new(store))
        .hold_routes_against_description(&[include_str!("../src/http.rs")])
        .await;
}
