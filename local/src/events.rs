//! The commands about events. `events catalogue` tells what is said and heard, read from the template: no stack has to
//! run. `events tail` is [`crate::tail`]'s.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use event_catalogue::{Catalogue, Event, load_template};

use crate::ending::Misuse;
use crate::tail::{self, Tail};
use crate::up::find_template;

#[derive(Subcommand)]
pub(crate) enum Command {
    Catalogue(Arguments),
    Tail(Tail),
}

/// Lists every event type with who says it and who hears it.
#[derive(Args)]
#[command(after_help = "Examples:
  noren events catalogue
  noren events catalogue --context shipping
  noren events catalogue --json | jq -r '.[] | select(.consumers == []) | .type'

A running stack shows the same as pages, at /_noren/events of its AWS endpoint.

Exit code: 0 if it was read, 2 if there is no such context, 3 if the template cannot be read.")]
pub(crate) struct Arguments {
    /// Only what this context says or hears.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Whole entries, with schema and example, as one JSON array.
    #[arg(long)]
    json: bool,
    /// The SAM template [default: template.yaml here or in a directory above].
    #[arg(long, env = "NOREN_TEMPLATE")]
    template: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Catalogue(arguments) => list(arguments),
        Command::Tail(tail) => tail::run(tail),
    }
}

fn list(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let template = match arguments.template {
        Some(template) => template,
        None => find_template()?,
    };
    let catalogue = Catalogue::of(&load_template(&template)?);
    let wanted: Vec<&Event> = match &arguments.context {
        None => catalogue.events.iter().collect(),
        Some(context) => {
            let names = catalogue.context_names();
            if !names.contains(context.as_str()) {
                let names: Vec<&str> = names.into_iter().collect();
                anyhow::bail!(Misuse(format!(
                    "there is no context {context}; there are {}",
                    names.join(", ")
                )));
            }
            let events = catalogue.events.iter();
            events.filter(|event| event.is_of(context)).collect()
        }
    };
    if arguments.json {
        let text = serde_json::to_string_pretty(&wanted);
        println!("{}", text.context("the catalogue is no JSON")?);
    } else {
        print!("{}", table(&wanted));
    }
    Ok(ExitCode::SUCCESS)
}

/// One line for each event type: the type, who says it, who hears it.
fn table(events: &[&Event]) -> String {
    let width = |texts: &mut dyn Iterator<Item = &str>| texts.map(str::len).max().unwrap_or(0);
    let types = width(
        &mut events
            .iter()
            .map(|event| event.event_type.as_str())
            .chain(["EVENT"]),
    );
    let producers = width(
        &mut events
            .iter()
            .map(|event| event.producer.as_str())
            .chain(["SAID BY"]),
    );
    let line = |event: &str, said_by: &str, heard_by: &str| {
        format!("{event:types$}  {said_by:producers$}  {heard_by}\n")
    };
    let rows = events.iter().map(|event| {
        let consumers: Vec<&str> = event
            .consumers
            .iter()
            .map(|one| one.context.as_str())
            .collect();
        let heard_by = if consumers.is_empty() {
            "-".to_owned()
        } else {
            consumers.join(", ")
        };
        line(&event.event_type, &event.producer, &heard_by)
    });
    std::iter::once(line("EVENT", "SAID BY", "HEARD BY"))
        .chain(rows)
        .collect()
}
