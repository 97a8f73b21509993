//! The directory that holds a stack's state, and the lock that keeps a second stack out of it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

const LOCK_FILE: &str = "noren.lock";

/// A directory that this process alone uses for as long as this lives.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

/// The data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirectoryError {
    /// It cannot be made or written.
    #[error("the data directory {} cannot be used: {source}", path.display())]
    Unusable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another stack runs on it.
    #[error(
        "the data directory {} is in use by another noren; stop that one or choose another directory with --data-dir",
        path.display()
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
}

impl DataDirectory {
    /// Makes the directory if need be and locks it. The lock ends with the process, however it ends.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirectoryError> {
        let unusable = |source| DataDirectoryError::Unusable {
            path: path.to_owned(),
            source,
        };
        std::fs::create_dir_all(path).map_err(unusable)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join(LOCK_FILE))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(DataDirectoryError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stack_has_a_directory_until_it_ends() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        let first = DataDirectory::open(&path).unwrap();
        assert!(matches!(
            DataDirectory::open(&path),
            Err(DataDirectoryError::InUse { .. })
        ));
        drop(first);
        assert!(DataDirectory::open(&path).is_ok());
    }
}
