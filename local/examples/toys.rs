//! A function in a process of its own, for the engine's tests: it does what the request's query says.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var("TABLE_NAME").is_err() {
        return Err("TABLE_NAME is missing".into());
    }
    lambda_runtime::run(service_fn(answer)).await
}

async fn answer(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let wish = event.payload["rawQueryString"].as_str().unwrap_or_default();
    match wish {
        "fail" => return Err("as wished".into()),
        "panic" => panic!("as wished"),
        "exit" => std::process::exit(7),
        "hang" => std::future::pending().await,
        "nap" => tokio::time::sleep(Duration::from_millis(300)).await,
        _ => {}
    }
    let body = json!({
        "process": std::process::id(),
        "request": event.context.request_id,
        "function": event.context.invoked_function_arn,
        "deadline": event.context.deadline,
        "table": std::env::var("TABLE_NAME").unwrap_or_default(),
    });
    Ok(json!({ "statusCode": 200, "body": body.to_string() }))
}
