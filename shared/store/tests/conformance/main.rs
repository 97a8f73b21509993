//! One suite for every implementation of the storage trait: what holds in memory holds on DynamoDB.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod on_dynamodb;
mod suite;

use store::MemoryStore;

#[tokio::test]
async fn in_memory() {
    for (name, check) in suite::checks::<MemoryStore>() {
        eprintln!("in memory: {name}");
        check(MemoryStore::new(suite::INDEXES)).await;
    }
}
