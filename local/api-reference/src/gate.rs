//! The gate: would the API, as the code has it, break those who call it as it is published?

use std::path::Path;
use std::process::Command;

use openapi::{Breach, changes};
use serde_json::Value;

use crate::artefact::PUBLISHED;
use crate::document;

/// Why the gate could not judge.
#[derive(Debug, thiserror::Error)]
pub enum Unjudged {
    /// The published document could not be read.
    #[error("{PUBLISHED} cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The published document is no JSON.
    #[error("{PUBLISHED} is no JSON: {0}")]
    NoJson(#[from] serde_json::Error),
    /// There is no such revision, or git is missing.
    #[error("git has no {PUBLISHED} at {revision}: {reason}")]
    NoRevision {
        /// What was asked for.
        revision: String,
        /// What git said.
        reason: String,
    },
}

/// What the code would break of the document as it stands in the folder. Nothing is published where there is no file.
///
/// # Errors
/// When the file cannot be read.
pub fn against_committed(root: &Path) -> Result<Vec<Breach>, Unjudged> {
    match std::fs::read_to_string(root.join(PUBLISHED)) {
        Ok(text) => judged(&text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// What the code would break of the document as it is at a revision of git: the branch that is deployed from, say. Finds
/// also what slipped through by editing the committed document.
///
/// # Errors
/// When there is no such revision, or no document in it.
pub fn against_revision(root: &Path, revision: &str) -> Result<Vec<Breach>, Unjudged> {
    let failed = |reason: String| Unjudged::NoRevision {
        revision: revision.to_owned(),
        reason,
    };
    let shown = Command::new("git")
        .args(["show", &format!("{revision}:{PUBLISHED}")])
        .current_dir(root)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !shown.status.success() {
        return Err(failed(
            String::from_utf8_lossy(&shown.stderr).trim().to_owned(),
        ));
    }
    judged(&String::from_utf8_lossy(&shown.stdout))
}

fn judged(published: &str) -> Result<Vec<Breach>, Unjudged> {
    let published: Value = serde_json::from_str(published)?;
    Ok(changes(&published, &document()))
}
