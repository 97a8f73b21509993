//! The program `noren`: the whole shop on one machine.

mod cost;
mod deployment;
mod doctor;
mod events;
mod failed;
mod functions;
mod publish_again;
mod replay;
mod scaffold;
mod shop;
mod tail;
mod timeline;
mod torture;
mod up;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
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
    /// Looks at orders.
    #[command(subcommand)]
    Orders(timeline::Command),
    /// Looks at messages that failed for good, sends them again, or gives them up.
    #[command(subcommand)]
    Failed(failed::Command),
    PublishAgain(publish_again::Arguments),
    /// Looks at what contexts say to one another.
    #[command(subcommand)]
    Events(events::Command),
    /// Makes contexts.
    #[command(subcommand)]
    Contexts(scaffold::Command),
    Cost(cost::Arguments),
    Doctor(doctor::Arguments),
    /// Prints a completion script: `noren completions bash > /etc/bash_completion.d/noren`.
    Completions {
        /// The shell that it is for.
        shell: clap_complete::Shell,
    },
    Torture(Box<torture::Arguments>),
}

fn main() -> ExitCode {
    let program = Program::parse();
    let usual = match program.command {
        // Of what it breaks on purpose, warnings would tell without end.
        Some(Command::Torture(_)) => "error",
        _ => "warn",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let result = match program.command {
        None => up::run(program.up),
        Some(Command::Up(up)) => up::run(up),
        Some(Command::Replay(replay)) => return replay::run(&replay),
        Some(Command::Orders(command)) => return ended("orders", timeline::run(command)),
        Some(Command::Failed(command)) => return ended("failed", failed::run(command)),
        Some(Command::PublishAgain(arguments)) => {
            return ended("publish-again", publish_again::run(&arguments));
        }
        Some(Command::Events(command)) => return ended("events", events::run(command)),
        Some(Command::Contexts(command)) => return ended("contexts", scaffold::run(command)),
        Some(Command::Cost(cost)) => return ended("cost", cost::run(&cost)),
        Some(Command::Doctor(doctor)) => return ended("doctor", doctor::run(&doctor)),
        Some(Command::Completions { shell }) => {
            let mut stdout = std::io::stdout();
            clap_complete::generate(shell, &mut Program::command(), "noren", &mut stdout);
            return ExitCode::SUCCESS;
        }
        Some(Command::Torture(torture)) => return torture::run(&torture),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("noren: {}", in_words(&error));
            ExitCode::FAILURE
        }
    }
}

/// The exit code of a command, and on standard error why it could not be done: 0 where all is well, 1 where what was
/// looked for is not there or not well, or something failed. Wrong arguments are 2, by clap.
fn ended(command: &str, result: anyhow::Result<ExitCode>) -> ExitCode {
    result.unwrap_or_else(|error| {
        eprintln!("noren {command}: {}", in_words(&error));
        ExitCode::FAILURE
    })
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
