//! How many trivially small requests a second go through the HTTP API to a function in this process and back.
//! Client and engine share the machine: `cargo run --release -p noren --example gateway_speed`.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use noren::{InProcess, Invoker, Stack, StackOptions};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 32;
const RUN: Duration = Duration::from_secs(5);
const ANSWER: &str =
    r#"{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{}"}"#;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let function: Arc<dyn Invoker> = Arc::new(InProcess::new(|_| async {
        Ok(Bytes::from_static(ANSWER.as_bytes()))
    }));
    let template = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/templates/small.yaml");
    let options = StackOptions {
        replaced: [("toys".to_owned(), function)].into(),
        ..StackOptions::in_memory(template)
    };
    let stack = Stack::start(options).await?;
    let address = stack
        .addresses()
        .http_api
        .trim_start_matches("http://")
        .to_owned();
    let answered = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(ask(address.clone(), begun + RUN, Arc::clone(&answered))))
        .collect();
    for client in clients {
        client.await??;
    }
    let count = answered.load(Ordering::Relaxed);
    let per_second = count as f64 / begun.elapsed().as_secs_f64();
    println!("{per_second:.0} requests/s over {CONNECTIONS} connections ({count} in all)");
    stack.stop().await;
    Ok(())
}

async fn ask(address: String, end: Instant, answered: Arc<AtomicU64>) -> anyhow::Result<()> {
    let stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    while Instant::now() < end {
        let request = Request::get("/toys")
            .header("host", &address)
            .body(Empty::<Bytes>::new())?;
        let response = sender.send_request(request).await?;
        anyhow::ensure!(
            response.status().is_success(),
            "answered {}",
            response.status()
        );
        response.into_body().collect().await?;
        answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
