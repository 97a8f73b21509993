//! The search for planted texts: in every attribute of every table, every message, every log line, and every cell and byte
//! of the files that the local stack keeps.

use std::collections::BTreeSet;
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;
use noren::Stack;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Value, json};

use crate::toys;

/// A text that was planted, and what as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Canary {
    pub what: &'static str,
    pub text: &'static str,
}

/// Where a planted text was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub what: &'static str,
    pub place: String,
}

/// Collects what is found.
#[derive(Debug)]
pub struct Search<'a> {
    canaries: &'a [Canary],
    pub found: BTreeSet<Found>,
    /// How many texts were read, so that a search of nothing is seen.
    pub read: usize,
    /// How many documents were unpacked.
    pub unpacked: usize,
}

impl<'a> Search<'a> {
    pub fn for_any(canaries: &'a [Canary]) -> Self {
        Self {
            canaries,
            found: BTreeSet::new(),
            read: 0,
            unpacked: 0,
        }
    }

    /// What was found as, wherever.
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.found.iter().map(|found| found.what).collect()
    }

    /// Where anything was found.
    pub fn places(&self) -> BTreeSet<&str> {
        self.found.iter().map(|found| found.place.as_str()).collect()
    }

    /// Looks for each text as it stands, as JSON has it, and in base64 at each of its three alignments.
    pub fn text(&mut self, place: &str, bytes: &[u8]) {
        self.read += 1;
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        for canary in self.canaries {
            let escaped = Value::from(canary.text).to_string();
            let escaped = escaped.trim_matches('"').as_bytes();
            let encoded = encodings(canary.text);
            if holds(canary.text.as_bytes())
                || holds(escaped)
                || encoded.iter().any(|encoded| holds(encoded.as_bytes()))
            {
                self.found.insert(Found {
                    what: canary.what,
                    place: place.to_owned(),
                });
            }
        }
    }

    /// Every attribute of every item of every table; packed documents are unpacked.
    pub async fn tables(&mut self, stack: &Stack) {
        for table in &stack.template().tables {
            let mut from = Value::Null;
            loop {
                let mut scan = json!({ "TableName": table.name, "ConsistentRead": true });
                if !from.is_null() {
                    scan["ExclusiveStartKey"] = from;
                }
                let page = toys::dynamodb(stack, "Scan", scan).await;
                for item in page["Items"].as_array().unwrap() {
                    self.item(&table.logical_id, item);
                }
                from = page["LastEvaluatedKey"].clone();
                if from.is_null() {
                    break;
                }
            }
        }
    }

    fn item(&mut self, table: &str, item: &Value) {
        self.text(table, item.to_string().as_bytes());
        for attribute in item.as_object().unwrap().values() {
            if let Some(packed) = attribute["B"].as_str() {
                let packed = STANDARD.decode(packed).unwrap();
                let mut document = Vec::new();
                let mut unpacking = DeflateDecoder::new(packed.as_slice());
                unpacking.read_to_end(&mut document).unwrap();
                self.unpacked += 1;
                self.text(table, &document);
            }
        }
    }

    /// Every message of every queue, dead letters and the tap's copies of all that was published among them.
    pub fn queues(&mut self, stack: &Stack) {
        for queue in stack.messaging().all_queues() {
            for message in stack.messaging().peek(&queue.arn, usize::MAX).unwrap() {
                self.text(&queue.name, message.body.as_bytes());
                let attributes = format!("{:?}", message.message_attributes);
                self.text(&queue.name, attributes.as_bytes());
            }
        }
    }

    /// Every file of the directory, which no process has open: each cell of each table of a database.
    pub fn cells(&mut self, directory: &Path) {
        for file in files(directory) {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            if !name.ends_with(".sqlite") {
                self.text(&name, &std::fs::read(&file).unwrap());
                continue;
            }
            let database = Connection::open(&file).unwrap();
            for table in table_names(&database) {
                let place = format!("{name}: {table}");
                let mut rows = database
                    .prepare(&format!("SELECT * FROM \"{table}\""))
                    .unwrap();
                let columns = rows.column_count();
                let mut rows = rows.query([]).unwrap();
                while let Some(row) = rows.next().unwrap() {
                    for column in 0..columns {
                        match row.get_ref(column).unwrap() {
                            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                                self.text(&place, bytes)
                            }
                            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => {}
                        }
                    }
                }
            }
        }
    }

    /// Every byte of every file of the directory.
    pub fn bytes(&mut self, directory: &Path) {
        for file in files(directory) {
            let name = file.file_name().unwrap().to_str().unwrap().to_owned();
            self.text(&name, &std::fs::read(&file).unwrap());
        }
    }
}

fn table_names(database: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut names = database.prepare(sql).unwrap();
    let names = names.query_map([], |row| row.get(0)).unwrap();
    names.map(Result::unwrap).collect()
}

/// The text in base64, less the letters at either end that depend on what stands beside it.
fn encodings(text: &str) -> Vec<String> {
    (0..3)
        .map(|shift| {
            let shifted = format!("{}{text}", &"\0\0\0"[..shift]);
            let encoded = STANDARD.encode(shifted);
            let encoded = encoded.trim_end_matches('=');
            let (from, to) = (if shift == 0 { 0 } else { 4 }, encoded.len() - 3);
            encoded[from..to].to_owned()
        })
        .collect()
}

fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// Rewrites a database without what was deleted from it, which its file holds until the room is used again.
pub fn compact(file: &Path) {
    let database = Connection::open(file).unwrap();
    database
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
        .unwrap();
}

/// Every line that this process logs.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// Begins to collect, at a level that says more than a deployed function does. Once in a process.
    pub fn begin(filter: &str) -> Self {
        let lines = Self::default();
        let writer = lines.clone();
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .init();
        lines
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
