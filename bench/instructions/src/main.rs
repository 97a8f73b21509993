//! Takes orders from placing to delivery through the real doors of all contexts, over the in-memory store: what callgrind
//! counts for `bench/instructions.py`, and what `bench/in_memory.py` times.
//!
//! Everything that a function does for an invocation happens inside [`invoke`], which is never inlined, so that callgrind
//! can count it and nothing else: the making of payloads, the carrying of messages and the stores' contents are this
//! program's and not the product's. What is missing beside Lambda is the SDK: calls to DynamoDB, SNS and SES.
//!
//!     instructions ORDERS LINES BATCH

mod shop;
mod site;

use std::process::ExitCode;
use std::time::Instant;

use shop::Shop;

fn main() -> ExitCode {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .map_while(|argument| argument.parse().ok())
        .collect();
    let [orders, lines, batch] = numbers[..] else {
        eprintln!("instructions ORDERS LINES BATCH");
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let Ok(runtime) = runtime else {
        eprintln!("the runtime could not be started");
        return ExitCode::FAILURE;
    };
    let mut shop = Shop::open(&runtime, lines, batch.max(1));
    shop.sell();
    let begun = Instant::now();
    shop.take_orders(orders);
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{}",
        serde_json::json!({
            "orders": orders,
            "lines": lines,
            "batch": batch,
            "completed": shop.completed(),
            "invocations": shop.invocations(),
            "seconds": seconds,
        })
    );
    match shop.completed() == orders {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
