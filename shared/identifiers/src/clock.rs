//! Where the present comes from. Deciders never ask: the instant arrives in the command.

use crate::Timestamp;

/// A source of the present instant, replaced in tests and in simulation.
///
/// ```
/// use identifiers::{Clock, Timestamp};
///
/// /// A clock that stands, for a test.
/// struct Stopped(Timestamp);
///
/// impl Clock for Stopped {
///     fn now(&self) -> Timestamp {
///         self.0
///     }
/// }
///
/// assert_eq!(Stopped(Timestamp::from_milliseconds(5)).now().milliseconds(), 5);
/// ```
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
///
/// ```
/// use identifiers::{Clock as _, SystemClock};
///
/// assert!(SystemClock.now().to_string().ends_with('Z'));
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(jiff::Timestamp::now().as_millisecond())
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
