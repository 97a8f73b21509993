//! The command `events tail`: events as they are published.
//!
//! Owns the temporary queue ([`Ear`]), which hears every topic of a stack, and what is printed. Hearing adds to no
//! figure of the stack's own: no function consumes the queue.

mod ear;
mod leftovers;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use contracts::CloudEvent;
use tokio::signal::unix::{SignalKind, signal};

use crate::deployment::{Deployment, block_on};
use crate::which_stack::Where;
pub(crate) use ear::Ear;

/// Prints events as they are published, from now on, until Ctrl-C.
///
/// A temporary queue is subscribed to every topic and removed at the end, its subscriptions with it. What an interrupted
/// tail leaves behind holds messages for an hour at the most and is removed by the next tail.
#[derive(Args)]
#[command(after_help = "Examples:
  noren events tail
  noren events tail --type orders.OrderConfirmed.v1 --type orders.OrderCancelled.v1
  noren events tail --order 0HZ3K7Q2V5W8 --json | jq .data
  noren events tail --stack noren --region ap-northeast-1 --for 60

On AWS it needs permission to list, subscribe to and unsubscribe from the topics, and to make, tag and delete a queue.

Exit code: 0 when it was stopped, 2 if nobody says such a type, 3 if the stack cannot be heard.")]
pub(crate) struct Tail {
    #[command(flatten)]
    at: Where,
    /// Only events of this type; may be given several times.
    #[arg(long = "type", value_name = "TYPE", value_parser = event_type)]
    types: Vec<String>,
    /// Only events about this order.
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// Whole events, one JSON object a line.
    #[arg(long)]
    json: bool,
    /// Stop after so many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// A type of the published language. To wait for one that nobody says would be to wait for ever.
fn event_type(text: &str) -> Result<String, String> {
    let known = contracts::all_event_types();
    match known.iter().any(|event_type| event_type.name == text) {
        true => Ok(text.to_owned()),
        false => Err("no context says it; `noren events catalogue` lists all types".to_owned()),
    }
}

/// Runs the command.
pub(crate) fn run(tail: Tail) -> anyhow::Result<ExitCode> {
    block_on(tail.run())
}

impl Tail {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
        let deployment = Deployment::reach(&self.at).await?;
        let ear = Ear::open(&deployment, &self.types).await?;
        // For whoever starts this to do something that it shall hear.
        eprintln!("noren events: listening");
        let time_is_over = async {
            match self.seconds {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
        };
        let printed = tokio::select! {
            printed = self.print_all(&ear) => printed,
            interrupted = tokio::signal::ctrl_c() => interrupted.context("Ctrl-C cannot be heard"),
            _ = terminate.recv() => Ok(()),
            () = time_is_over => Ok(()),
        };
        ear.close().await;
        printed.map(|()| ExitCode::SUCCESS)
    }

    async fn print_all(&self, ear: &Ear) -> anyhow::Result<()> {
        loop {
            for body in ear.next().await? {
                let mut stdout = std::io::stdout().lock();
                let Ok(event) = CloudEvent::read(&body) else {
                    eprintln!("noren events: a message is no event: {body}");
                    continue;
                };
                if !self.wants(&event) {
                    continue;
                }
                let line = match self.json {
                    true => event.to_json(),
                    false => words(&event),
                };
                // Whoever reads may have had enough, as `head` has: then this ends like Ctrl-C.
                if writeln!(stdout, "{line}")
                    .and_then(|()| stdout.flush())
                    .is_err()
                {
                    return Ok(());
                }
            }
        }
    }

    fn wants(&self, event: &CloudEvent) -> bool {
        let Some(order_id) = &self.order else {
            return true;
        };
        let data: serde_json::Value = serde_json::from_str(event.data.get()).unwrap_or_default();
        event.subject == *order_id || data["order_id"] == order_id.as_str()
    }
}

fn words(event: &CloudEvent) -> String {
    let CloudEvent {
        time,
        event_type,
        subject,
        data,
        ..
    } = event;
    format!("{time}  {event_type:42} {subject}  {}", data.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tail(order: Option<&str>) -> Tail {
        Tail {
            at: Where::default(),
            types: Vec::new(),
            order: order.map(str::to_owned),
            json: false,
            seconds: None,
        }
    }

    #[test]
    fn only_what_somebody_says_can_be_waited_for() {
        assert!(event_type("orders.OrderConfirmed.v1").is_ok());
        assert!(
            event_type("nope.Nope.v1")
                .unwrap_err()
                .contains("catalogue")
        );
    }

    #[test]
    fn an_orders_events_are_those_with_its_id_wherever_it_stands() {
        let confirmed =
            include_str!("../../../shared/contracts/examples/orders.OrderConfirmed.v1.json");
        let published =
            include_str!("../../../shared/contracts/examples/catalog.ProductPublished.v1.json");
        let confirmed = CloudEvent::read(confirmed).unwrap();
        let published = CloudEvent::read(published).unwrap();
        let order_id = confirmed.subject.clone();
        assert!(tail(Some(&order_id)).wants(&confirmed));
        assert!(!tail(Some("another")).wants(&confirmed));
        assert!(!tail(Some(&order_id)).wants(&published));
        assert!(tail(None).wants(&published));
    }
}
