//! What can go wrong while a template is read. Owns the wording of places; not the checks themselves.

use std::fmt;
use std::path::PathBuf;

/// One thing that the local engine cannot run, or that AWS would refuse, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where: logical id and property path, such as `OrdersQueue.Properties.FifoQueue`.
    pub path: String,
    /// Line in the template, counted from 1.
    pub line: usize,
    /// Why, as a sentence without its full stop.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(path: impl Into<String>, line: usize, reason: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.path, self.reason)
    }
}

/// Why a template could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file could not be read.
    #[error("cannot read the template {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is not YAML, or uses YAML in a way that SAM and this reader would understand differently.
    #[error("the template is not readable YAML: line {line}: {reason}")]
    Yaml {
        /// Line in the template, counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A parameter's value is missing, unknown or not allowed. Values are not repeated here: some are secrets.
    #[error("parameter {name}: {reason}")]
    Parameter {
        /// The parameter's name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The template holds what the local engine cannot run; at most one refusal for each resource.
    #[error("the template cannot be run locally:{}", .0.iter().map(|refusal| format!("\n  {refusal}")).collect::<String>())]
    Refused(Vec<Refusal>),
}

impl From<Refusal> for TemplateError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}
