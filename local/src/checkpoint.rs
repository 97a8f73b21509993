//! Where the reader of a stream stands, kept in a file of its own so that a restart goes on from there.

use std::path::{Path, PathBuf};

use local_dynamodb::StreamPosition;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// A reader's place in a table's stream.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    /// None for a stack in memory.
    file: Option<PathBuf>,
    table: String,
    position: Mutex<Option<StreamPosition>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    table: String,
    sequence_number: String,
}

/// A checkpoint could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file cannot be read or written.
    #[error("the stream checkpoint {} cannot be used: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error(
        "the stream checkpoint {} is damaged; delete it to have the stream's last day published again: {reason}",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl Checkpoint {
    /// Opens the checkpoint of a reader by its name, which is also a file name.
    pub(crate) fn open(
        directory: Option<&Path>,
        reader: &str,
        table: &str,
    ) -> Result<Self, CheckpointError> {
        let file = directory.map(|directory| directory.join(format!("stream-{reader}.json")));
        let position = match &file {
            Some(file) => read(file, table)?,
            None => None,
        };
        Ok(Self {
            file,
            table: table.to_owned(),
            position: Mutex::new(position),
        })
    }

    /// Everything up to here has been handled; none when nothing was ever kept.
    pub(crate) fn position(&self) -> Option<StreamPosition> {
        *self.position.lock()
    }

    /// Notes that nothing up to here needed handling. It is not kept in the file: after a restart the same is found
    /// again.
    pub(crate) fn pass(&self, position: StreamPosition) {
        *self.position.lock() = Some(position);
    }

    /// Keeps that everything up to here has been handled.
    pub(crate) fn keep(&self, position: StreamPosition) -> Result<(), CheckpointError> {
        if let Some(file) = &self.file {
            let kept = Kept {
                table: self.table.clone(),
                sequence_number: position.sequence_number(),
            };
            let text = serde_json::to_vec(&kept).expect("a checkpoint is two texts");
            // Renamed into place, so that a process killed meanwhile leaves the one or the other, never half of one.
            let new = file.with_extension("new");
            std::fs::write(&new, text)
                .and_then(|()| std::fs::rename(&new, file))
                .map_err(|source| CheckpointError::File {
                    file: file.clone(),
                    source,
                })?;
        }
        self.pass(position);
        Ok(())
    }
}

fn read(file: &Path, table: &str) -> Result<Option<StreamPosition>, CheckpointError> {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(CheckpointError::File {
                file: file.to_owned(),
                source,
            });
        }
    };
    let damaged = |reason: String| CheckpointError::Damaged {
        file: file.to_owned(),
        reason,
    };
    let kept: Kept = serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    if kept.table != table {
        // The mapping reads another table now, whose positions do not compare.
        return Ok(None);
    }
    StreamPosition::from_sequence_number(&kept.sequence_number)
        .map(Some)
        .ok_or_else(|| damaged(format!("{:?} is no sequence number", kept.sequence_number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_again_and_belongs_to_its_table() {
        let directory = tempfile::tempdir().unwrap();
        let open = |table: &str| Checkpoint::open(Some(directory.path()), "orders-Commits", table);
        let place = StreamPosition::from_sequence_number("100001764000000000001")
            .expect("a sequence number");
        assert_eq!(open("t").unwrap().position(), None);
        open("t").unwrap().keep(place).unwrap();
        assert_eq!(open("t").unwrap().position(), Some(place));
        assert_eq!(open("other").unwrap().position(), None);
    }

    #[test]
    fn a_damaged_file_is_named() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("stream-r.json"), "{").unwrap();
        let error = Checkpoint::open(Some(directory.path()), "r", "t").unwrap_err();
        assert!(error.to_string().contains("stream-r.json"), "{error}");
    }
}
