//! Serves SNS and SQS on 127.0.0.1, for the AWS CLI or boto3 to be pointed at.
//!
//! `cargo run -p local-messaging --example serve_messaging -- [PORT] [DIRECTORY]`; without a directory nothing is kept.

use std::path::PathBuf;

use local_messaging::{Messaging, Options};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().map_or(Ok(4566), |text| text.parse())?;
    let directory = arguments.next().map(PathBuf::from);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let endpoint_url = format!("http://{}", listener.local_addr()?);
    println!("SNS and SQS at {endpoint_url}");
    let messaging = Messaging::open(Options {
        directory,
        endpoint_url,
        ..Options::default()
    })?;
    Ok(axum::serve(listener, messaging.router()).await?)
}
