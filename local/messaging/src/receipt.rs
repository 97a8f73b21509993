//! Receipt handles: which message of which queue, by which receive. Opaque to clients.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

/// A receipt handle, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub queue: i64,
    pub sequence: u64,
    /// Number of the receive.
    pub number: u64,
}

impl Receipt {
    pub fn handle(self) -> String {
        STANDARD.encode(format!("{}:{}:{}", self.queue, self.sequence, self.number))
    }

    pub fn read(handle: &str) -> Option<Self> {
        let bytes = STANDARD.decode(handle).ok()?;
        let mut parts = std::str::from_utf8(&bytes).ok()?.split(':');
        let receipt = Self {
            queue: parts.next()?.parse().ok()?,
            sequence: parts.next()?.parse().ok()?,
            number: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(receipt)
    }
}

/// Where a process starts counting its receives: somewhere else each time, and never at 0.
pub(crate) fn first() -> u64 {
    (Uuid::now_v7().as_u128() as u64 >> 2) | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_read_back_and_others_do_not() {
        let receipt = Receipt {
            queue: 3,
            sequence: 9,
            number: first(),
        };
        assert_eq!(Receipt::read(&receipt.handle()), Some(receipt));
        for wrong in ["", "abc", "MTox", "MToxOjE6MQ=="] {
            assert_eq!(Receipt::read(wrong), None, "{wrong}");
        }
    }
}
