//! The gate: would the API, as the code has it, break those who call it as it is published, and whom?

use std::fmt;
use std::path::Path;

use mainline::GitError;
use openapi::{Breach, changes};
use serde_json::Value;

use crate::artefact::PUBLISHED;
use crate::callers::{Caller, Callers};
use crate::document;

/// What is refused of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What about it is breaking.
    pub breaches: Vec<Breach>,
    /// Who in this repository calls it.
    pub callers: Vec<Caller>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for breach in &self.breaches {
            writeln!(formatter, "{breach}")?;
        }
        if self.callers.is_empty() {
            return write!(
                formatter,
                "  would break callers outside only; none here calls it"
            );
        }
        let callers: Vec<String> = self.callers.iter().map(ToString::to_string).collect();
        write!(
            formatter,
            "  would break {} and callers outside",
            callers.join(", ")
        )
    }
}

/// The breaches of each operation, with whom they would break; `before` is the document that they are breaches of.
///
/// # Errors
/// When a source of a caller cannot be read.
pub fn refusals(
    root: &Path,
    before: &Value,
    breaches: Vec<Breach>,
) -> Result<Vec<Refusal>, Unjudged> {
    let mut found: Vec<Refusal> = Vec::new();
    if breaches.is_empty() {
        return Ok(found);
    }
    let callers = Callers::read(root, before).map_err(Unjudged::Callers)?;
    for breach in breaches {
        let same = |known: &&mut Refusal| known.breaches[0].operation == breach.operation;
        match found.iter_mut().find(same) {
            Some(known) => known.breaches.push(breach),
            None => found.push(Refusal {
                callers: callers.of(&breach.operation),
                breaches: vec![breach],
            }),
        }
    }
    Ok(found)
}

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
    /// Who would break could not be read.
    #[error("who calls the API cannot be read: {0}")]
    Callers(#[source] std::io::Error),
    /// git does not tell.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// What the code would break of the document as it stands in the folder. Nothing is published where neither the folder
/// nor git has one.
///
/// # Errors
/// When the document cannot be read, or git has one that the folder lacks.
pub fn against_committed(root: &Path) -> Result<Vec<Refusal>, Unjudged> {
    if let Some(text) = published(root)? {
        let published = parsed(&text)?;
        let breaches = changes(&published, &document());
        return refusals(root, &published, breaches);
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
