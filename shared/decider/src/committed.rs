//! Counting what was committed.

use contracts::CloudEvent;

/// Counts a commit, and each event that it emitted by its own name: a fact is a metric, once for all its deliveries. For
/// those who commit a [`Step`](crate::Step) themselves; [`execute`](crate::execute) does it by itself.
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
