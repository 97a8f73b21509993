//! The gate: would the API, as the code has it, break those who call it as it is published?

use std::path::Path;

use mainline::GitError;
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
    /// The published document was deleted: without it anything would pass.
    #[error(
        "{PUBLISHED} is missing, and git has it: bring it back with `git checkout HEAD -- {PUBLISHED}`"
    )]
    Missing,
    /// git does not tell.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// What the code would break of the document as it stands in the folder. Nothing is published where neither the folder
/// nor git has one.
///
/// # Errors
/// When the document cannot be read, or git has one that the folder lacks.
pub fn against_committed(root: &Path) -> Result<Vec<Breach>, Unjudged> {
    if let Some(text) = published(root)? {
        return Ok(changes(&parsed(&text)?, &document()));
    }
    match mainline::text(root, "HEAD", PUBLISHED) {
        Ok(Some(_)) => Err(Unjudged::Missing),
        // A folder that is no repository, or one without a commit, has published nothing.
        Ok(None) | Err(GitError::Refused { .. } | GitError::Shallow) => Ok(Vec::new()),
        Err(error @ GitError::NoGit { .. }) => Err(error.into()),
    }
}

/// The text of the document in the folder; nothing where there is no file.
pub(crate) fn published(root: &Path) -> Result<Option<String>, Unjudged> {
    match std::fs::read_to_string(root.join(PUBLISHED)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn parsed(text: &str) -> Result<Value, Unjudged> {
    Ok(serde_json::from_str(text)?)
}
