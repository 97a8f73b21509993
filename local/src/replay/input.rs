//! Files to read from: plain or compressed, with the place of whatever is wrong in them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

/// A file, or the arguments about it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum InputError {
    /// It cannot be opened or read.
    #[error("{}: {source}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// Something in it is not as it should be.
    #[error("{}:{line}: {message}", path.display())]
    Line {
        path: PathBuf,
        line: u64,
        message: String,
    },
    /// Nothing in it can be used.
    #[error("{}: {message}", path.display())]
    Useless { path: PathBuf, message: String },
}

/// A named text to read.
pub(super) struct Input {
    pub(super) path: PathBuf,
    pub(super) reader: Box<dyn BufRead>,
}

impl Input {
    /// Opens a file; one whose name ends in `.gz` is decompressed.
    pub(super) fn open(path: &Path) -> Result<Self, InputError> {
        let file = File::open(path).map_err(|source| InputError::File {
            path: path.to_owned(),
            source,
        })?;
        let reader: Box<dyn BufRead> = match path.extension().is_some_and(|end| end == "gz") {
            true => Box::new(BufReader::new(MultiGzDecoder::new(file))),
            false => Box::new(BufReader::new(file)),
        };
        Ok(Self {
            path: path.to_owned(),
            reader,
        })
    }

    /// A text that is part of the program, by the name that errors shall give it.
    pub(super) fn of_text(name: &str, text: &'static str) -> Self {
        Self {
            path: PathBuf::from(name),
            reader: Box::new(text.as_bytes()),
        }
    }

    /// The error about one of its lines.
    pub(super) fn at(path: &Path, line: u64, message: impl Into<String>) -> InputError {
        InputError::Line {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}
