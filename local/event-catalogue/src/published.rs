//! What has been published: for each schema every revision that any reader or any event may follow.
//!
//! `shared/contracts/published/<name>.jsonl` holds one line per revision, oldest first: the schema, or `null` where the
//! event type was retired. Lines are only ever added, and only by the command; [`crate::history`] holds that against git.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

const ENDING: &str = ".jsonl";

/// Every revision by the schema's name.
#[derive(Debug, Clone, Default)]
pub struct Published {
    revisions: BTreeMap<String, Vec<Value>>,
}

/// Why the published revisions cannot be read or added to.
#[derive(Debug, thiserror::Error)]
pub enum PublishedError {
    /// The system refused.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A line is no schema.
    #[error("{path}, line {line}: {source}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl Published {
    /// Reads the folder.
    ///
    /// # Errors
    /// When a file cannot be read, or a line is not JSON.
    pub fn read(folder: &Path) -> Result<Self, PublishedError> {
        let mut revisions = BTreeMap::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(source) => return Err(at(folder)(source)),
        };
        for entry in entries {
            let path = entry.map_err(at(folder))?.path();
            let file = path.file_name().and_then(|name| name.to_str());
            let Some(name) = file.and_then(|name| name.strip_suffix(ENDING)) else {
                continue;
            };
            let text = fs::read_to_string(&path).map_err(at(&path))?;
            let lines = text.lines().enumerate().map(|(index, line)| {
                serde_json::from_str(line).map_err(|source| PublishedError::Line {
                    path: path.clone(),
                    line: index + 1,
                    source,
                })
            });
            let lines = lines.collect::<Result<Vec<Value>, _>>()?;
            revisions.insert(name.to_owned(), lines);
        }
        Ok(Self { revisions })
    }

    /// What was published under that name, oldest first, without the marks of retirement.
    pub fn schemas(&self, name: &str) -> impl Iterator<Item = &Value> {
        let revisions = self.revisions.get(name);
        let revisions = revisions.into_iter().flatten();
        revisions.filter(|revision| !revision.is_null())
    }

    /// The names of all schemas that are published and not retired.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let current = self.revisions.iter();
        let current =
            current.filter(|(_, revisions)| revisions.last().is_some_and(|last| !last.is_null()));
        current.map(|(name, _)| name.as_str())
    }

    /// Whether that schema is the newest revision.
    pub fn is_newest(&self, name: &str, schema: &Value) -> bool {
        self.revisions
            .get(name)
            .and_then(|revisions| revisions.last())
            == Some(schema)
    }

    /// Adds a revision, unless it is the newest already, and says whether it did. `null` retires an event type.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(
        &mut self,
        folder: &Path,
        name: &str,
        revision: &Value,
    ) -> Result<bool, PublishedError> {
        if self.is_newest(name, revision) {
            return Ok(false);
        }
        fs::create_dir_all(folder).map_err(at(folder))?;
        let path = folder.join(format!("{name}{ENDING}"));
        let file = fs::OpenOptions::new().append(true).create(true).open(&path);
        let mut file = file.map_err(at(&path))?;
        writeln!(file, "{revision}").map_err(at(&path))?;
        let revisions = self.revisions.entry(name.to_owned()).or_default();
        revisions.push(revision.clone());
        Ok(true)
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> PublishedError {
    move |source| PublishedError::File {
        path: path.to_owned(),
        source,
    }
}
