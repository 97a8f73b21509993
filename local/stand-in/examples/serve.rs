//! Serves the payment stand-in on 127.0.0.1, for functions that run elsewhere to be pointed at.
//!
//! `cargo run -p payment-stand-in --example serve -- [PORT] [DIRECTORY] [WEBHOOK_URL]`; without a directory nothing is
//! kept, without a webhook's URL none is sent. Port 0 takes a free one; the first line on standard output says which.

use std::path::PathBuf;

use payment_stand_in::{Options, StandIn};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().map_or(Ok(8094), |text| text.parse())?;
    let directory = arguments.next().map(PathBuf::from);
    let webhook_url = arguments.next();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    println!("payment provider at {base_url}");
    let stand_in = StandIn::open(Options {
        directory,
        base_url,
        webhook_url,
        ..Options::default()
    })?;
    let router = stand_in.router();
    let background = tokio::spawn(async move { stand_in.run().await });
    axum::serve(listener, router).await?;
    background.abort();
    Ok(())
}
