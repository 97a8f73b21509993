//! How long to wait before trying again what has failed.

use std::time::Duration;

/// Pauses that double with each failure in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPause {
    /// After the first failure.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Default for RetryPause {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(10),
        }
    }
}

impl RetryPause {
    /// The pause after a number of failures in a row; none after none.
    pub(crate) fn after(&self, failures: u32) -> Duration {
        match failures.checked_sub(1) {
            None => Duration::ZERO,
            Some(doublings) => self
                .first
                .saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX))
                .min(self.longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pause = RetryPause::default();
        let millis: Vec<u128> = [0, 1, 2, 3, 8, 40, u32::MAX]
            .map(|failures| pause.after(failures).as_millis())
            .to_vec();
        assert_eq!(millis, [0, 100, 200, 400, 10_000, 10_000, 10_000]);
    }
}
