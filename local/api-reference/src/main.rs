//! Writes the committed OpenAPI documents, and refuses a change that would break a caller.

use std::path::Path;
use std::process::ExitCode;

use api_reference::gate::{self, Refusal};
use api_reference::{artefact, document, history};
use clap::{Parser, Subcommand};

type Failure = Box<dyn std::error::Error>;

/// The API's documents: without a command, writes them as the code has them, unless that would break a caller.
#[derive(Parser)]
struct Program {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Says what would be refused or is stale, and writes nothing.
    Check,
    /// Asks git whether a step of the published document ever broke a caller, and whether the code would.
    History {
        /// The branch that counts as published [default: origin/HEAD, or HEAD without such a remote].
        #[arg(long, env = "NOREN_PUBLISHED_BRANCH")]
        against: Option<String>,
    },
}

fn main() -> ExitCode {
    let root = artefact::workspace();
    let done = match Program::parse().command {
        None => write(&root),
        Some(Command::Check) => check(&root),
        Some(Command::History { against }) => look_back(&root, against.as_deref()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn allowed(refusals: Vec<Refusal>) -> Result<(), Failure> {
    if refusals.is_empty() {
        return Ok(());
    }
    let refusals: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let advice = "Put the new form beside the old one, publish the old as deprecated, and take it \
                  away once nobody calls it. Nothing was written.";
    Err(format!("{}\n\n{advice}", refusals.join("\n")).into())
}

fn look_back(root: &Path, reference: Option<&str>) -> Result<(), Failure> {
    let found = history::broken(root, reference, &document(), history::PARDONED)?;
    if found.is_empty() {
        return Ok(());
    }
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    let advice = "What was published stays until it was published as deprecated, whatever the document says now.";
    Err(format!("{}\n\n{advice}", found.join("\n")).into())
}

fn write(root: &Path) -> Result<(), Failure> {
    allowed(gate::against_committed(root)?)?;
    for (path, text) in artefact::all() {
        let file = root.join(&path);
        if std::fs::read_to_string(&file).ok().as_ref() != Some(&text) {
            std::fs::write(&file, text)?;
            println!("wrote {path}");
        }
    }
    Ok(())
}

fn check(root: &Path) -> Result<(), Failure> {
    allowed(gate::against_committed(root)?)?;
    let stale = |(path, text): &(String, String)| {
        std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(text)
    };
    let stale: Vec<String> = artefact::all()
        .into_iter()
        .filter(stale)
        .map(|(path, _)| path)
        .collect();
    match stale.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "stale: {}; write them with `{}`",
            stale.join(", "),
            artefact::COMMAND
        )
        .into()),
    }
}
