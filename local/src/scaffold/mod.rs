//! placeholder
use std::process::ExitCode;
#[derive(clap::Subcommand)]
pub(crate) enum Command { New }
pub(crate) fn run(_: Command) -> anyhow::Result<ExitCode> { anyhow::bail!("not yet") }
