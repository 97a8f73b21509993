//! The routes are as they are described.

use harness::Harness;
use notifications::mail::Recorder;
use notifications::{Config, INDEXES, Notifications};
use store::MemoryStore;

#[tokio::test]
async fn the_routes_are_as_described() {
    let config = Config {
        mail_from: "shop@example.com".into(),
        shop_name: "Noren".into(),
        shop_url: "https://shop.example.com".into(),
    };
    let store = MemoryStore::new(INDEXES);
    let context = Notifications::new(store.clone(), Recorder::default(), &config);
    Harness::new(store, context)
        .hold_routes_against_description(&[include_str!("../src/http.rs")])
        .await;
}
