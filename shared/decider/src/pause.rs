//! The wait between attempts.

use std::time::Duration;

use identifiers::MessageId;
use store::Store;

/// How often a step is tried before its message is left to the queue's own retry.
///
/// ```
/// assert_eq!(decider::MAX_ATTEMPTS, 10);
/// ```
pub const MAX_ATTEMPTS: u32 = 10;

const FIRST_MILLISECONDS: u64 = 2;
const LONGEST_MILLISECONDS: u64 = 100;

/// Waits before the next attempt: longer each time, and for each message another share of it, so that those who
/// collided do not collide again, and counts the collision. Derived from the message, not from a random source: a simulation repeats exactly.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// use decider::pause_before;
/// use identifiers::MessageId;
/// use store::MemoryStore;
///
/// let (store, message_id) = (MemoryStore::new(&[]), MessageId::new("m-1").unwrap());
/// let ((), recorded) = metrics::recording(pause_before(&store, &message_id, 0)).await;
/// assert_eq!(recorded.of("Conflicts"), 1);
/// # });
/// ```
pub async fn pause_before<S: Store>(store: &S, message_id: &MessageId, attempt: u32) {
    metrics::count("Conflicts", 1);
    let most = LONGEST_MILLISECONDS.min(FIRST_MILLISECONDS << attempt.min(16));
    let hash = message_id
        .as_str()
        .bytes()
        .fold(u64::from(attempt) + 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    store.wait(Duration::from_millis(1 + hash % most)).await;
}
