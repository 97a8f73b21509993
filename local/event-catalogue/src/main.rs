//! Writes what is committed of the event catalogue, and refuses a change that would break a consumer.

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use event_catalogue::artefact::{self, COMMAND, PUBLISHED, SCHEMAS};
use event_catalogue::published::Published;
use event_catalogue::{Catalogue, gate, history, load_template, schema};
use serde_json::Value;

type Failure = Box<dyn std::error::Error>;

/// The event catalogue: without a command, publishes what the code says and writes the schemas and the AsyncAPI
/// document, unless that would break a consumer.
#[derive(Parser)]
struct Program {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Says what would be refused or is stale, and writes nothing.
    Check,
    /// Asks git whether a published revision was ever changed or taken away.
    History {
        /// The branch that counts as published [default: origin/HEAD, or HEAD without such a remote].
        #[arg(long, env = "NOREN_PUBLISHED_BRANCH")]
        against: Option<String>,
    },
    /// Retires an event type that the code no longer has and nobody hears.
    Retire {
        /// `<context>.<EventName>.v<major>`.
        event_type: String,
    },
}

fn main() -> ExitCode {
    let root = artefact::workspace();
    let done = match Program::parse().command {
        None => write(&root),
        Some(Command::Check) => check(&root),
        Some(Command::History { against }) => look_back(&root, against.as_deref()),
        Some(Command::Retire { event_type }) => retire(&root, &event_type),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn catalogue(root: &Path) -> Result<Catalogue, Failure> {
    Ok(Catalogue::of(&load_template(&root.join("template.yaml"))?))
}

/// Refuses what would break a consumer.
fn judge(published: &Published, catalogue: &Catalogue) -> Result<Vec<(String, Value)>, Failure> {
    let current = schema::all();
    let refusals = gate::judge(published, &current, catalogue);
    if refusals.is_empty() {
        return Ok(current);
    }
    let refusals: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let advice = "A breaking change is a new event type beside the old one; nothing was written.";
    Err(format!("{}\n\n{advice}", refusals.join("\n\n")).into())
}

fn write(root: &Path) -> Result<(), Failure> {
    let catalogue = catalogue(root)?;
    let folder = root.join(PUBLISHED);
    let mut published = Published::read(&folder)?;
    for (name, schema) in judge(&published, &catalogue)? {
        if published.add(&folder, &name, &schema)? {
            println!("published {name}");
        }
    }
    for file in artefact::all(root, &catalogue) {
        if file.is_stale() {
            if let Some(folder) = file.path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&file.path, &file.text)?;
            println!("wrote {}", file.path.display());
        }
    }
    Ok(())
}

fn check(root: &Path) -> Result<(), Failure> {
    let catalogue = catalogue(root)?;
    let published = Published::read(&root.join(PUBLISHED))?;
    let current = judge(&published, &catalogue)?;
    let unpublished = current
        .iter()
        .filter(|(name, schema)| !published.is_newest(name, schema))
        .map(|(name, _)| format!("{name} is not published"));
    let stale = artefact::all(root, &catalogue).into_iter();
    let stale = stale
        .filter(artefact::Artefact::is_stale)
        .map(|file| format!("{} is stale", file.path.display()));
    let found: Vec<String> = unpublished.chain(stale).collect();
    if found.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nRun `{COMMAND}`.", found.join("\n")).into())
}

fn look_back(root: &Path, reference: Option<&str>) -> Result<(), Failure> {
    let found = history::taken_away(root, reference)?;
    if found.is_empty() {
        return Ok(());
    }
    let advice = "What was published stays: events of that shape may still be under way.";
    Err(format!("{}\n\n{advice}", found.join("\n")).into())
}

fn retire(root: &Path, event_type: &str) -> Result<(), Failure> {
    let catalogue = catalogue(root)?;
    let folder = root.join(PUBLISHED);
    let mut published = Published::read(&folder)?;
    if !published.names().any(|name| name == event_type) {
        return Err(format!("{event_type} is not published").into());
    }
    if event_type == schema::ENVELOPE || catalogue.event(event_type).is_some() {
        return Err(format!("{event_type} is still in the code").into());
    }
    if let Some(consumer) = catalogue.consumers(event_type).first() {
        let (context, by) = (&consumer.context, &consumer.subscription);
        return Err(format!("{event_type} is still heard by {context} ({by})").into());
    }
    published.add(&folder, event_type, &Value::Null)?;
    let schema = root.join(SCHEMAS).join(format!("{event_type}.json"));
    if schema.exists() {
        std::fs::remove_file(schema)?;
    }
    println!("retired {event_type}");
    Ok(())
}
