//! The routes are as they are described.

mod shop;

use harness::Harness;

#[tokio::test]
async fn the_routes_are_as_described() {
    let (store, context) = shop::without_queues();
    Harness::new(store, context)
        .hold_routes_against_description(&[include_str!("../src/http.rs")])
        .await;
}
