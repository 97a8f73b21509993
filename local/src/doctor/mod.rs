//! The command `doctor`: whether a machine can run and deploy Noren, or a running stack is well, in plain words.

mod alarms;
mod disk;
mod finding;
mod machine;
mod queues;
mod stack;
mod tools;
mod triggers;

use std::process::ExitCode;

use clap::Args;

use crate::deployment::block_on;
use crate::which_stack::{Place, Where};
use finding::{Finding, Verdict};

/// Checks this machine, or a running stack, and says in plain words what is wrong.
///
/// Without options: this machine (toolchain, ports, disk, data directory, tools for the pages and to deploy with), and
/// the stack on its default ports if there is one. With --stack or --endpoint, or their variables: that stack (tables,
/// topics and their subscriptions, depth of the queues and whether they drain, dead letters, whether the triggers of queues
/// and tables are switched on; on AWS also whether an alarm rings).
#[derive(Args)]
#[command(after_help = "Examples:
  noren doctor
  noren doctor --endpoint http://127.0.0.1:4566 --listen 30
  noren doctor --stack noren --region ap-northeast-1 --json

Exit code: 0 if nothing is wrong, 1 if something is; that a stack cannot be reached is wrong as well. What is only worth
knowing does not count.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    at: Where,
    /// Listen to the stack's events for so many seconds, and say when the last one was.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    listen: u64,
    /// One JSON array on stdout.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let findings = block_on(findings(arguments))?;
    match arguments.json {
        true => println!("{}", serde_json::to_string(&findings)?),
        false => print!("{}", finding::text(&findings)),
    }
    let is_ill = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Wrong);
    Ok(match is_ill {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

async fn findings(arguments: &Arguments) -> anyhow::Result<Vec<Finding>> {
    if let Some(place) = arguments.at.named()? {
        return Ok(stack::examine(place, arguments.listen).await);
    }
    let (mut findings, running) = machine::examine().await;
    if let Some(endpoint) = running {
        findings.extend(stack::examine(Place::Endpoint(endpoint), arguments.listen).await);
    }
    Ok(findings)
}
