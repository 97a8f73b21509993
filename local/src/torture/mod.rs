//! The command `torture`: puts a load on a real stack, does to it what goes wrong in real life, and checks afterwards that
//! nothing was lost, sold twice or charged twice.
//!
//! Owns the troubles and their figures. The load, the invariants and the audit are the replay's; the stack is a process of
//! its own, spoken to over HTTP like any other. Dice are seeded: the same seed chooses the same victims and pauses; what a
//! kill hits still depends on the machine.

mod arguments;
mod keeper;
mod kill;
mod outage;
mod probe;
mod rush;
mod scene;
mod stall;
mod told;

use std::process::ExitCode;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

pub(crate) use arguments::Arguments;
use arguments::Trouble;

/// Runs the command: 0 if all ended as it must, 1 if not.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    Ok(match tell(arguments)? {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn tell(arguments: &Arguments) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the threads could not be started")?;
    runtime.block_on(async {
        let troubled = async {
            match &arguments.trouble {
                Trouble::Kill(kill) => told::tell(&kill::run(kill).await?, kill.stack.json),
                Trouble::Rush(rush) => told::tell(&rush::run(rush).await?, rush.json),
                Trouble::Stall(stall) => told::tell(&stall::run(stall).await?, stall.stack.json),
                Trouble::Outage(outage) => {
                    told::tell(&outage::run(outage).await?, outage.stack.json)
                }
            }
        };
        let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
        // Dropping what is under way ends the stack that was started for it.
        tokio::select! {
            told = troubled => told,
            _ = terminate.recv() => Err(anyhow::anyhow!("asked to stop")),
            interrupted = tokio::signal::ctrl_c() => {
                interrupted.context("Ctrl-C cannot be heard")?;
                Err(anyhow::anyhow!("interrupted"))
            }
        }
    })
}
