//! The command `orders show`: what has happened to an order, in every context, in order of time.
//!
//! Owns the reading and the putting together. Nothing is recorded for it: each context's own item remembers the messages
//! it handled with what it said about each, and an event's id says which commit of which context it came from.

mod line;
mod place;
mod read;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use identifiers::OrderId;
use serde::Serialize;

use crate::deployment::{Deployment, block_on};
use crate::ending::Misuse;
use crate::which_stack::Where;
use line::Line;
use read::Part;

#[derive(Subcommand)]
pub(crate) enum Command {
    Show(Show),
}

/// Shows an order's timeline: what each context handled, what it said about it, and how long that took to be heard.
///
/// Read with the AWS SDK from the tables of orders, inventory, payments, shipping and notifications. Each remembers its
/// last messages only (orders 32, payments 12, notifications 8); what is older is missing and said to be.
#[derive(Args)]
#[command(after_help = "Examples:
  noren orders show 0HZ3K7Q2V5W8
  noren orders show 0HZ3K7Q2V5W8 --json | jq '.timeline[].emitted[].type'
  noren orders show 0HZ3K7Q2V5W8 --stack noren --region ap-northeast-1

Exit code: 0 if the order is known to any context, 1 if not, 3 if the stack cannot be asked.")]
pub(crate) struct Show {
    /// The order.
    order_id: String,
    #[command(flatten)]
    at: Where,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

/// All that is known. The field names are the keys of `--json`.
#[derive(Debug, Serialize)]
struct Timeline {
    order_id: OrderId,
    /// The trace that its first request began or came with. What an operator does about it later is a trace of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    /// How the order stands in each context that knows it.
    contexts: Vec<Part>,
    timeline: Vec<Line>,
    /// Whether the beginning is missing, because a context has forgotten its oldest messages.
    incomplete: bool,
}

/// Runs the command.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::Show(show) = command;
    let order_id = OrderId::new(&show.order_id)
        .map_err(|error| Misuse(format!("\"{}\" is no order's id: {error}", show.order_id)))?;
    let (parts, histories) = block_on(async {
        let deployment = Deployment::reach(&show.at).await?;
        read::all(&deployment, &order_id).await
    })?;
    if parts.is_empty() {
        eprintln!("noren orders: no context knows an order {order_id}");
        return Ok(ExitCode::FAILURE);
    }
    let lines = line::lines(&histories);
    let timeline = Timeline {
        order_id,
        trace_id: lines.first().and_then(|line| line.trace_id.clone()),
        incomplete: histories.iter().any(read::History::has_forgotten),
        timeline: lines,
        contexts: parts,
    };
    match show.json {
        true => println!("{}", serde_json::to_string(&timeline)?),
        false => print!("{}", words::text(&timeline)),
    }
    Ok(ExitCode::SUCCESS)
}
