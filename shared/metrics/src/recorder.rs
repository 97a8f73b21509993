//! What a task counts: nothing, unless somebody has asked for it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

tokio::task_local! {
    static RECORDED: Arc<Mutex<Recorded>>;
}

/// The most reasons that one metric is told apart by; what comes beyond them counts as `other`.
const MAX_REASONS: usize = 30;

/// What a metric's values are, by CloudWatch's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// How often something happened.
    Count,
    /// How long something took, each time.
    Milliseconds,
}

/// What was counted.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let (_, recorded) = metrics::recording(async { metrics::count("Commits", 1) }).await;
/// assert!(!recorded.is_empty());
/// # });
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recorded {
    pub(crate) counts: BTreeMap<Cow<'static, str>, u64>,
    pub(crate) reasons: BTreeMap<&'static str, BTreeMap<String, u64>>,
    pub(crate) times: BTreeMap<Cow<'static, str>, Vec<i64>>,
}

impl Recorded {
    /// Whether there is nothing to tell.
    ///
    /// ```
    /// assert!(metrics::Recorded::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.times.is_empty()
    }

    /// How often it happened.
    ///
    /// ```
    /// assert_eq!(metrics::Recorded::default().of("Commits"), 0);
    /// ```
    pub fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// How often it happened for that reason.
    ///
    /// ```
    /// assert_eq!(metrics::Recorded::default().of_reason("Rejected", "not-found"), 0);
    /// ```
    pub fn of_reason(&self, name: &str, reason: &str) -> u64 {
        let reasons = self.reasons.get(name);
        reasons.and_then(|by| by.get(reason)).copied().unwrap_or(0)
    }

    /// How long it took, each time, in milliseconds.
    ///
    /// ```
    /// assert!(metrics::Recorded::default().times("LagFromOrders").is_empty());
    /// ```
    pub fn times(&self, name: &str) -> &[i64] {
        self.times.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Runs the future and returns, beside what it comes to, what was counted in it. What it spawns is not in it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let work = async {
///     metrics::count("Commits", 2);
///     metrics::tally("Rejected", "out-of-stock");
///     metrics::observe("LagFromOrders", 12);
///     "done"
/// };
/// let (answer, recorded) = metrics::recording(work).await;
/// assert_eq!(answer, "done");
/// assert_eq!(recorded.of("Commits"), 2);
/// assert_eq!(recorded.of_reason("Rejected", "out-of-stock"), 1);
/// assert_eq!(recorded.times("LagFromOrders"), [12]);
/// # });
/// ```
pub async fn recording<F: Future>(work: F) -> (F::Output, Recorded) {
    let recorded = Arc::new(Mutex::new(Recorded::default()));
    let output = RECORDED.scope(Arc::clone(&recorded), work).await;
    let recorded = std::mem::take(&mut *recorded.lock().unwrap_or_else(PoisonError::into_inner));
    (output, recorded)
}

/// Whether anybody records here, for what is not to be made where nobody does.
///
/// ```
/// assert!(!metrics::is_recorded());
/// ```
pub fn is_recorded() -> bool {
    RECORDED.try_with(|_| ()).is_ok()
}

/// Counts something that has happened so many times. Where nobody records, it costs a look at a thread's own variable.
///
/// ```
/// metrics::count("Commits", 1);
/// ```
pub fn count(name: impl Into<Cow<'static, str>>, by: u64) {
    if by > 0 {
        with(|recorded| *recorded.counts.entry(name.into()).or_default() += by);
    }
}

/// Counts something that has happened once, and why. The reason is a word of a small set, never a value: it tells lines of
/// the log apart, and is no dimension, which would be a metric of its own for each reason.
///
/// ```
/// metrics::tally("Rejected", "out-of-stock");
/// ```
pub fn tally(name: &'static str, reason: &str) {
    with(|recorded| {
        *recorded.counts.entry(Cow::Borrowed(name)).or_default() += 1;
        let reasons = recorded.reasons.entry(name).or_default();
        let reason = match reasons.len() >= MAX_REASONS && !reasons.contains_key(reason) {
            true => "other",
            false => reason,
        };
        *reasons.entry(reason.to_owned()).or_default() += 1;
    });
}

/// Notes how long something took, in milliseconds. A negative time, which two clocks can lead to, counts as none.
///
/// ```
/// metrics::observe("LagFromOrders", 12);
/// ```
pub fn observe(name: impl Into<Cow<'static, str>>, milliseconds: i64) {
    with(|recorded| {
        let times = recorded.times.entry(name.into()).or_default();
        times.push(milliseconds.max(0));
    });
}

fn with(note: impl FnOnce(&mut Recorded)) {
    // Nobody records: that is the usual case in tests and simulation, and no error.
    let _ = RECORDED.try_with(|recorded| {
        note(&mut recorded.lock().unwrap_or_else(PoisonError::into_inner));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_recording_has_its_own_and_reasons_are_bounded() {
        let (inner, outer) = recording(async {
            count("Commits", 1);
            let (_, inner) = recording(async { count("Commits", 5) }).await;
            for number in 0..100 {
                tally("Rejected", &format!("reason-{number}"));
            }
            observe("Lag", -3);
            inner
        })
        .await;
        assert_eq!((inner.of("Commits"), outer.of("Commits")), (5, 1));
        assert_eq!(outer.of("Rejected"), 100);
        assert_eq!(outer.of_reason("Rejected", "reason-29"), 1);
        assert_eq!(outer.of_reason("Rejected", "other"), 70);
        assert_eq!(outer.times("Lag"), [0]);
    }

    #[tokio::test]
    async fn what_runs_side_by_side_in_one_task_is_counted_together() {
        let work = async { tokio::join!(async { count("A", 1) }, async { count("A", 2) }) };
        let (_, recorded) = recording(work).await;
        assert_eq!(recorded.of("A"), 3);
        assert!(!recorded.is_empty());
    }
}
