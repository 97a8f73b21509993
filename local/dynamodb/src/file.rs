//! Opening the store: the file, its lock, its health, and the settings it runs with.

use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

use dynoxide::storage::Storage;
use rusqlite::{Connection, OpenFlags};

const FILE_NAME: &str = "dynamodb.sqlite";
const LOCK_NAME: &str = "dynamodb.lock";
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Files up to this size are checked whole when opened (about a third of a second at most); of larger ones
/// only what is read to open them.
const CHECKED_SIZE_BYTES: u64 = 64 << 20;

/// Why the tables could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made, read or written.
    #[error("the data directory {} cannot be used: {source}", path.display())]
    Directory {
        /// The directory or the file in it.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process, or another handle of this one, has the tables open.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The tables' file.
        path: PathBuf,
    },
    /// The file is damaged, or was not written by this engine.
    #[error("{} cannot be used as the tables' file: {reason}", path.display())]
    Unusable {
        /// The tables' file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The store could not be started.
    #[error("the table store could not be started: {0}")]
    Start(String),
}

/// An opened store, and the lock that keeps others out of its file.
pub(crate) struct Opened {
    pub(crate) storage: Storage,
    pub(crate) lock: Option<File>,
}

pub(crate) fn open(directory: Option<&Path>) -> Result<Opened, OpenError> {
    let start = |error: &dyn std::fmt::Display| OpenError::Start(error.to_string());
    let Some(directory) = directory else {
        let storage = Storage::memory().map_err(|error| start(&error))?;
        tune(storage.conn()).map_err(|error| start(&error))?;
        return Ok(Opened {
            storage,
            lock: None,
        });
    };
    let path = directory.join(FILE_NAME);
    let lock = lock(directory, &path)?;
    let unusable = |reason: String| OpenError::Unusable {
        path: path.clone(),
        reason,
    };
    inspect(&path)?;
    let name = path
        .to_str()
        .ok_or_else(|| unusable("its name is not UTF-8".to_owned()))?;
    let storage = Storage::new(name).map_err(|error| unusable(error.to_string()))?;
    tune(storage.conn()).map_err(|error| unusable(error.to_string()))?;
    Ok(Opened {
        storage,
        lock: Some(lock),
    })
}

fn lock(directory: &Path, path: &Path) -> Result<File, OpenError> {
    let unusable_directory = |source| OpenError::Directory {
        path: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(unusable_directory)?;
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join(LOCK_NAME))
        .map_err(unusable_directory)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(unusable_directory(source)),
    }
}

/// Refuses a file that is not ours or not whole, before anything writes to it.
fn inspect(path: &Path) -> Result<(), OpenError> {
    let unusable = |reason: String| OpenError::Unusable {
        path: path.to_owned(),
        reason,
    };
    let unreadable = |source| OpenError::Directory {
        path: path.to_owned(),
        source,
    };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(unreadable(source)),
    };
    let size = file.metadata().map_err(unreadable)?.len();
    if size == 0 {
        return Ok(());
    }
    let mut magic = [0; SQLITE_MAGIC.len()];
    if file.read_exact(&mut magic).is_err() || magic != *SQLITE_MAGIC {
        return Err(unusable("it is not a SQLite database".to_owned()));
    }
    drop(file);
    let damaged = |error: rusqlite::Error| unusable(format!("it is damaged ({error})"));
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(damaged)?;
    let (all, ours): (i64, i64) = connection
        .query_row(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE name IN ('_config', '_tables', '_stream_records'))
             FROM sqlite_master WHERE type = 'table'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(damaged)?;
    if all > 0 && ours < 3 {
        return Err(unusable(
            "it is a SQLite database of another program".to_owned(),
        ));
    }
    if size <= CHECKED_SIZE_BYTES {
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(damaged)?;
        if verdict != "ok" {
            return Err(unusable(format!("it is damaged ({verdict})")));
        }
    }
    Ok(())
}

/// Sets what the store runs with.
///
/// - The log is written at each commit and synced at checkpoints only: a killed process loses nothing, a
///   power failure at most the last moments, and the file stays whole.
/// - The expression index serves the newest sequence number, which the store looks up with every change of a
///   table with a stream, and the reading and trimming of records.
fn tune(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    connection.execute_batch(
        "PRAGMA synchronous = NORMAL;
         PRAGMA cache_size = -65536;
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 268435456;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;
         CREATE INDEX IF NOT EXISTS _stream_records_position
             ON _stream_records (table_name, CAST(sequence_number AS INTEGER));",
    )
}
