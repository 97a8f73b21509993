//! The program `noren`: the whole shop on one machine.

mod alarms;
mod cost;
mod deployment;
mod doctor;
mod ending;
mod events;
mod failed;
mod functions;
mod publish_again;
mod replay;
mod scaffold;
mod shop;
mod signed_api;
mod tail;
mod timeline;
mod torture;
mod up;
mod which_stack;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use ending::ended;

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
        // That this machine is none of EC2's is no warning; what it leads to (no region, no credentials) is said.
        _ => "warn,aws_config::imds=error",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match program.command {
        None => ended("noren", up::run(program.up)),
        Some(Command::Up(up)) => ended("noren", up::run(up)),
        Some(Command::Replay(replay)) => ended("noren replay", replay::run(&replay)),
        Some(Command::Orders(command)) => ended("noren orders", timeline::run(command)),
        Some(Command::Failed(command)) => ended("noren failed", failed::run(command)),
        Some(Command::PublishAgain(arguments)) => {
            ended("noren publish-again", publish_again::run(&arguments))
        }
        Some(Command::Events(command)) => ended("noren events", events::run(command)),
        Some(Command::Contexts(command)) => ended("noren contexts", scaffold::run(command)),
        Some(Command::Cost(cost)) => ended("noren cost", cost::run(&cost)),
        Some(Command::Doctor(doctor)) => ended("noren doctor", doctor::run(&doctor)),
        Some(Command::Completions { shell }) => {
            let mut stdout = std::io::stdout();
            clap_complete::generate(shell, &mut Program::command(), "noren", &mut stdout);
            ExitCode::SUCCESS
        }
        Some(Command::Torture(torture)) => ended("noren torture", torture::run(&torture)),
    }
}
