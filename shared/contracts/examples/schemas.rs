//! Writes the JSON Schema of every event type to `schemas/`: `cargo run -p contracts --example schemas`.
//!
//! A committed schema is never overwritten by one that breaks it: such a change is a new event type, which runs beside
//! the old one.

#[path = "../tests/artefacts/mod.rs"]
mod artefacts;
#[path = "../tests/compatibility/mod.rs"]
mod compatibility;

use std::fs;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut refused = false;
    for event_type in contracts::all_event_types() {
        let path = artefacts::schema_path(event_type.name);
        let schema = artefacts::generated_schema(&event_type);
        let committed = match fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return failed(&path, &error),
        };
        if let Some(text) = &committed {
            let old = match serde_json::from_str(text) {
                Ok(old) => old,
                Err(error) => return failed(&path, &error),
            };
            let breaches = compatibility::breaches(&old, &schema);
            for breach in &breaches {
                eprintln!("{}: {} {}", event_type.name, breach.property, breach.change);
            }
            if !breaches.is_empty() {
                refused = true;
                continue;
            }
        }
        let text = artefacts::schema_text(&schema);
        if committed.as_deref() != Some(&text) {
            if let Err(error) = fs::write(&path, text) {
                return failed(&path, &error);
            }
            println!("wrote {}", path.display());
        }
    }
    if refused {
        eprintln!(
            "a breaking change is a new event type beside the old one; nothing was written over"
        );
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

fn failed(path: &std::path::Path, error: &dyn std::error::Error) -> ExitCode {
    eprintln!("{}: {error}", path.display());
    ExitCode::FAILURE
}
