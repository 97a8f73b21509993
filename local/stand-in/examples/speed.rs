//! Measures payments created and confirmed a second, through the router and into a ledger on disk, on one worker thread
//! beside the ledger's own: `cargo run --release -p payment-stand-in --example speed`.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use http::Request;
use payment_stand_in::{Options, StandIn};
use tower::ServiceExt;

const PAYMENTS: usize = 20_000;
const TASKS: usize = 16;
const FORM: &str = "amount=1200&currency=jpy&capture_method=manual&confirm=true&payment_method=pm_card_visa\
                    &metadata%5Border_id%5D=o-1&metadata%5Battempt%5D=1";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let stand_in = StandIn::open(Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    })?;
    let router = Arc::new(stand_in.router());
    let begun = Instant::now();
    let mut running = Vec::new();
    for task in 0..TASKS {
        let router = Arc::clone(&router);
        running.push(tokio::spawn(async move {
            for number in 0..PAYMENTS / TASKS {
                let request = Request::post("/v1/payment_intents")
                    .header("authorization", "Bearer sk_test_1")
                    .header("idempotency-key", format!("o-{task}-{number}:authorise:1"))
                    .body(Body::from(FORM))
                    .expect("a request of constants is well formed");
                let Ok(response) = (*router).clone().oneshot(request).await;
                assert_eq!(response.status(), 200);
            }
        }));
    }
    for task in running {
        task.await?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{:.0} payments a second ({PAYMENTS} in {seconds:.2} s)",
        PAYMENTS as f64 / seconds
    );
    Ok(())
}
