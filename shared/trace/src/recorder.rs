//! What a task records: nothing, unless somebody has asked for it.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError};

use crate::{Span, TraceContext};

tokio::task_local! {
    static RECORDED: Arc<Mutex<Vec<Span>>>;
    static PLACE: Cell<TraceContext>;
}

/// Runs the future and returns, beside what it comes to, the spans that were recorded in it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use trace::{Kind, Span, TraceContext};
///
/// let work = async {
///     let place = TraceContext::begin("request-1");
///     trace::record(|| Span::new(place, None, Kind::Server, "GET /", 0, 5));
///     7
/// };
/// let (answer, spans) = trace::recording(work).await;
/// assert_eq!((answer, spans.len()), (7, 1));
/// # });
/// ```
pub async fn recording<F: Future>(work: F) -> (F::Output, Vec<Span>) {
    let spans = Arc::new(Mutex::new(Vec::new()));
    let output = RECORDED.scope(Arc::clone(&spans), work).await;
    let recorded = std::mem::take(&mut *spans.lock().unwrap_or_else(PoisonError::into_inner));
    (output, recorded)
}

/// Whether spans are recorded here.
///
/// ```
/// assert!(!trace::is_recorded());
/// ```
pub fn is_recorded() -> bool {
    RECORDED.try_with(|_| ()).is_ok()
}

/// Records a span, if spans are recorded here and its trace is kept. The span is not even made where they are not.
///
/// ```
/// trace::record(|| unreachable!("nobody records"));
/// ```
pub fn record(span: impl FnOnce() -> Span) {
    // Nobody records: that is the usual case and no error.
    let _ = RECORDED.try_with(|spans| {
        let span = span();
        if span.place.sampled {
            let mut spans = spans.lock().unwrap_or_else(PoisonError::into_inner);
            spans.push(span);
        }
    });
}

/// Runs the future at a place of a trace, of which [`current`] then tells.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use trace::TraceContext;
///
/// let place = TraceContext::begin("request-1");
/// let told = trace::within(place, async { trace::current() }).await;
/// assert_eq!(told, Some(place));
/// # });
/// ```
pub async fn within<F: Future>(place: TraceContext, work: F) -> F::Output {
    PLACE.scope(Cell::new(place), work).await
}

/// Where in which trace this runs, if it was said: the context of calls to others.
///
/// ```
/// assert_eq!(trace::current(), None);
/// ```
pub fn current() -> Option<TraceContext> {
    PLACE.try_with(Cell::get).ok()
}
