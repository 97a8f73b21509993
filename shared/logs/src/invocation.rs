//! What every line of an invocation says of it.

use std::sync::Arc;

use serde_json::{Map, Value, json};

tokio::task_local! {
    static INVOCATION: Arc<Invocation>;
    static CORRELATION_ID: String;
}

/// An invocation, by the names that Powertools gives its facts. What is empty is left out of the lines.
///
/// ```
/// let invocation = logs::Invocation { cold_start: true, ..Default::default() };
/// assert!(invocation.function_request_id.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Whether it is the first of its environment.
    pub cold_start: bool,
    /// The function's name.
    pub function_name: String,
    /// The function's memory, in megabytes.
    pub function_memory_size: i32,
    /// The ARN it was invoked by.
    pub function_arn: String,
    /// Lambda's id of the invocation.
    pub function_request_id: String,
    /// X-Ray's trace, such as `1-5e6722a7-cc56f3d1db7ae02d4da47e01`.
    pub xray_trace_id: String,
}

/// Runs the future as that invocation.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use logs::Invocation;
///
/// let invocation = Invocation { function_request_id: "r-1".to_owned(), ..Invocation::default() };
/// let keys = logs::invoked(invocation, async { logs::keys() }).await;
/// assert_eq!(keys["function_request_id"], "r-1");
/// # });
/// ```
pub async fn invoked<F: Future>(invocation: Invocation, work: F) -> F::Output {
    INVOCATION.scope(Arc::new(invocation), work).await
}

/// Runs the future with that correlation id on its lines. Of several that run side by side in one invocation, each has
/// its own.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let keys = logs::correlated("o-1".to_owned(), async { logs::keys() }).await;
/// assert_eq!(keys["correlation_id"], "o-1");
/// # });
/// ```
pub async fn correlated<F: Future>(correlation_id: String, work: F) -> F::Output {
    CORRELATION_ID.scope(correlation_id, work).await
}

/// The keys of the invocation and the correlation id that this runs in, for lines of another making, such as metrics.
///
/// ```
/// assert!(logs::keys().is_empty());
/// ```
pub fn keys() -> Map<String, Value> {
    let mut keys = Map::new();
    // Outside an invocation, such as at a function's start, there is nothing to say of it.
    let _ = INVOCATION.try_with(|invocation| {
        keys.insert("cold_start".to_owned(), json!(invocation.cold_start));
        if invocation.function_memory_size > 0 {
            let megabytes = json!(invocation.function_memory_size);
            keys.insert("function_memory_size".to_owned(), megabytes);
        }
        for (name, value) in [
            ("function_name", &invocation.function_name),
            ("function_arn", &invocation.function_arn),
            ("function_request_id", &invocation.function_request_id),
            ("xray_trace_id", &invocation.xray_trace_id),
        ] {
            if !value.is_empty() {
                keys.insert(name.to_owned(), json!(value));
            }
        }
    });
    let _ = CORRELATION_ID.try_with(|id| {
        keys.insert("correlation_id".to_owned(), json!(id));
    });
    keys
}
