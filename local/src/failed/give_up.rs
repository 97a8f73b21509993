//! Giving failed messages up: recorded first, then deleted.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use dead_letters::{Letter, delete};
use identifiers::Timestamp;
use serde::Serialize;

use super::Done;
use crate::deployment::Deployment;

/// A line of the record.
#[derive(Serialize)]
struct Dropped<'a> {
    dropped_at: Timestamp,
    /// The login name, as far as the machine says.
    dropped_by: Option<String>,
    stack: &'a str,
    why: &'a str,
    message: &'a Letter,
}

/// Drops the letters. What cannot be recorded stays.
pub(super) async fn give_up(
    deployment: &Deployment,
    letters: &[Letter],
    why: &str,
    record: &Path,
) -> Done {
    let mut done = Done {
        ids: Vec::new(),
        left: Vec::new(),
    };
    for letter in letters {
        let recorded = note(deployment, letter, why, record)
            .map_err(|error| format!("{} cannot be written: {error}", record.display()));
        let dropped = match recorded {
            Ok(()) => delete(&deployment.sqs, letter).await,
            Err(why) => Err(why),
        };
        match dropped {
            Ok(()) => done.ids.push(letter.id.clone()),
            Err(why) => done.left.push((letter.id.clone(), why)),
        }
    }
    done
}

fn note(deployment: &Deployment, letter: &Letter, why: &str, record: &Path) -> std::io::Result<()> {
    let now = jiff::Timestamp::now().as_millisecond();
    let line = Dropped {
        dropped_at: Timestamp::from_milliseconds(now),
        dropped_by: std::env::var("USER").ok(),
        stack: &deployment.stack,
        why,
        message: letter,
    };
    let mut text = serde_json::to_vec(&line)?;
    text.push(b'\n');
    let mut file: File = OpenOptions::new().create(true).append(true).open(record)?;
    file.write_all(&text)?;
    file.sync_all()
}
