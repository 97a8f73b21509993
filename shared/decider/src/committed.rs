//! Counting what was committed.

use contracts::CloudEvent;

/// Counts a commit, and each event that it emitted by its own name: a fact is a metric, once for all its deliveries. For
/// those who commit a [`Step`](crate::Step) themselves; [`execute`](crate::execute) does it by itself.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use decider::{execute, note_committed};
/// use store::{MemoryStore, Origin};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (store, rust) = (MemoryStore::new(&[]), course("rust"));
/// let (cause, command) = (message("m-1"), enrol("mia"));
/// let work = execute::<Course, _>(&store, &rust, &cause, Origin::Http, &command);
/// let events = work.await.unwrap().events;
/// let ((), recorded) = metrics::recording(async { note_committed(&events) }).await;
/// assert_eq!((recorded.of("Commits"), recorded.of("Enrolled")), (1, 1));
/// # });
/// ```
pub fn note_committed(events: &[CloudEvent]) {
    if !metrics::is_recorded() {
        return;
    }
    metrics::count("Commits", 1);
    for event in events {
        // `<context>.<EventName>.v<major>`
        if let Some(name) = event.event_type.split('.').nth(1) {
            metrics::count(name.to_owned(), 1);
        }
    }
}
