//! A shop of all contexts over the in-memory store, which takes orders from placing to delivery through their real doors.
//!
//! Everything that a function does for an invocation happens inside `site::invoke`, which is never inlined, so that callgrind
//! can count it and nothing else: the making of payloads, the carrying of messages and the stores' contents are this
//! package's and not the product's. What is missing beside Lambda is the SDK: calls to DynamoDB, SNS and SES. Not here: the
//! programs, `instructions` for callgrind and `in-memory` for a clock.

mod shop;
mod site;

use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;
use shop::Shop;

/// Takes orders as the command line says, ORDERS LINES BATCH, and writes what became of them as JSON: how many were
/// completed, what was invoked for it, and the seconds from the first order placed.
///
/// Fails unless every order came to its end; 2 is the answer to anything but three numbers.
pub fn run() -> ExitCode {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .map_while(|argument| argument.parse().ok())
        .collect();
    let [orders, lines, batch] = numbers[..] else {
        eprintln!("three numbers are needed: ORDERS LINES BATCH");
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
    let report = json!({
        "orders": orders,
        "lines": lines,
        "batch": batch,
        "completed": shop.completed(),
        "invocations": shop.invocations(),
        "seconds": seconds,
    });
    println!("{report}");
    match shop.completed() == orders {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
