//! A bound that catches a step backwards, wide enough for a debug build on a busy machine. `examples/speed.rs` measures.

use std::time::{Duration, Instant};

use payment_stand_in::Options;

use crate::harness::{Provider, held};

#[tokio::test]
async fn four_hundred_payments_in_a_row_take_seconds_not_minutes() {
    let directory = tempfile::tempdir().unwrap();
    let provider = Provider::with(Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    });
    let begun = Instant::now();
    for number in 0..400 {
        let key = format!("o-{number}:authorise:1");
        provider
            .post_with_key("/v1/payment_intents", &held("pm_card_visa"), &key)
            .await
            .ok();
    }
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
}
