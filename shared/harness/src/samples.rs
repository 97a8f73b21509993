//! The sample payloads of `events/<context>/`: written from what a run brings, and held to it.
//!
//! A sample that differs from what the run brings today fails its test, and so does one that no run brings any more. With
//! `UPDATE_EVENTS` set, the run writes them instead.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// The samples of one context, while a test brings them one after the other.
///
/// Dropped at the test's end, when all must have been brought.
pub struct Samples {
    folder: PathBuf,
    brought: BTreeSet<String>,
}

impl Samples {
    /// Those of `events/<context>/`.
    pub fn of(context: &str) -> Self {
        let events = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events");
        Self {
            folder: PathBuf::from(events).join(context),
            brought: BTreeSet::new(),
        }
    }

    /// The sample of that name (a file name without `.json`), which is just what the run brings, as JSON.
    ///
    /// # Panics
    /// When it is not, and `UPDATE_EVENTS` is not set.
    pub fn hold(&mut self, name: &str, brought: &str) -> Vec<u8> {
        let path = self.folder.join(format!("{name}.json"));
        let brought: Value = serde_json::from_str(brought).expect("a payload is JSON");
        if updating() {
            fs::write(&path, format!("{brought:#}\n")).expect("the samples can be written");
        }
        let kept = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let kept: Value = serde_json::from_slice(&kept).expect("a sample is JSON");
        assert_eq!(kept, brought, "{} is stale", path.display());
        self.brought.insert(format!("{name}.json"));
        kept.to_string().into_bytes()
    }
}

impl Drop for Samples {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let files = fs::read_dir(&self.folder).expect("the samples can be listed");
        let names = files.map(|file| file.expect("the samples can be listed").file_name());
        for name in names.filter_map(|name| name.into_string().ok()) {
            if !self.brought.contains(&name) {
                let path = self.folder.join(&name);
                assert!(updating(), "no run brings {} any more", path.display());
                fs::remove_file(&path).expect("a stale sample can be removed");
            }
        }
    }
}

fn updating() -> bool {
    std::env::var_os("UPDATE_EVENTS").is_some()
}
