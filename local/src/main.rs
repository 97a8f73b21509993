//! The program `noren`: the whole shop on one machine.

mod replay;
mod shop;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Thousands of small requests a second are allocated on one thread and freed on another; this allocator takes a sixth
/// less processor time for that than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Noren on one machine: every function, table, topic and queue of template.yaml, with nothing else installed.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Program {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: up::Arguments,
}

#[derive(Subcommand)]
enum Command {
    /// Starts everything and says where it is (what happens without a command).
    Up(up::Arguments),
    Replay(Box<replay::Arguments>),
}

fn main() -> ExitCode {
    let program = Program::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let result = match program.command {
        None => up::run(program.up),
        Some(Command::Up(up)) => up::run(up),
        Some(Command::Replay(replay)) => return replay::run(&replay),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("noren: {}", in_words(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error with its causes, each said once: many of ours repeat in their own words what the system said.
fn in_words(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |said, cause| {
            match (said.is_empty(), said.contains(&cause)) {
                (true, _) => cause,
                (false, true) => said,
                (false, false) => format!("{said}: {cause}"),
            }
        })
}
