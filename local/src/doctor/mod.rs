//! The command `doctor`: whether a machine can run and deploy Noren, or a running stack is well, in plain words.

mod disk;
mod finding;
mod machine;
mod stack;

use std::process::ExitCode;

use clap::Args;

use crate::deployment::{Where, block_on};
use finding::{Finding, Verdict};

/// Checks this machine, or a running stack, and says in plain words what is wrong.
///
/// Without options: this machine (toolchain, ports, disk, data directory, tools to deploy with), and the stack on its
/// default ports if there is one. With --stack or --endpoint: that stack (tables, topics and their subscriptions, depth
/// of the queues and whether they drain, dead letters).
#[derive(Args)]
#[command(after_help = "Examples:
  noren doctor
  noren doctor --endpoint http://127.0.0.1:4566 --listen 30
  noren doctor --stack noren --region ap-northeast-1 --json

Exit code: 0 if nothing is wrong, 1 if something is. What is only worth knowing does not count.")]
pub(crate) struct Arguments {
    /// A stack on AWS, by its CloudFormation name. Credentials and region are the AWS CLI's: environment or profile.
    #[arg(
        long,
        value_name = "NAME",
        env = "NOREN_STACK",
        conflicts_with = "endpoint"
    )]
    stack: Option<String>,
    /// The AWS endpoint of a stack on this machine.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// Region of the stack on AWS [default: the AWS CLI's].
    #[arg(long, value_name = "REGION", requires = "stack")]
    region: Option<String>,
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
    let at = |endpoint: &str| Where {
        stack: arguments.stack.clone(),
        endpoint: endpoint.to_owned(),
        region: arguments.region.clone(),
    };
    if arguments.stack.is_some() {
        return stack::examine(&at(""), arguments.listen).await;
    }
    if let Some(endpoint) = &arguments.endpoint {
        return stack::examine(&at(endpoint), arguments.listen).await;
    }
    let (mut findings, running) = machine::examine().await;
    if let Some(endpoint) = running {
        findings.extend(stack::examine(&at(&endpoint), arguments.listen).await?);
    }
    Ok(findings)
}
