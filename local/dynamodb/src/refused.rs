//! What refused conditional writes cost, and the items that refused them.

use dynoxide::DynoxideError;
use dynoxide::types::item_size;

use crate::metering::Usage;

/// What is known before a conditional write is tried, to bill it when it is refused: the table of each
/// action and the size of the item it brings, if it brings one.
#[derive(Debug, Default)]
pub(crate) struct Refused(pub(crate) Vec<(String, usize)>);

impl Refused {
    /// The bill for `error`. A refused conditional write costs a unit per kilobyte of the existing item, at
    /// least one (AWS, "Condition expressions"). For a cancelled transaction AWS states no figure: each
    /// action is charged as one such write, the preparing half of the two that a transaction makes.
    pub(crate) fn bill(&self, error: &DynoxideError) -> Vec<(String, Usage)> {
        let units = |size: usize| {
            f64::from(u32::try_from(size.div_ceil(1024)).unwrap_or(u32::MAX)).max(1.0)
        };
        match error {
            DynoxideError::ConditionalCheckFailedException(_, item) => {
                let size = item.as_ref().map_or(0, item_size);
                self.0
                    .iter()
                    .map(|(table, _)| (table.clone(), Usage::write(units(size))))
                    .collect()
            }
            DynoxideError::TransactionCanceledException(_, reasons) => self
                .0
                .iter()
                .zip(reasons)
                .map(|((table, brought), reason)| {
                    let existing = reason.item.as_ref().map_or(0, item_size);
                    (table.clone(), Usage::write(units(existing.max(*brought))))
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Takes out of a failure the items that the client did not ask for.
pub(crate) fn strip_refusing_items(error: DynoxideError, unasked: &[bool]) -> DynoxideError {
    match error {
        DynoxideError::ConditionalCheckFailedException(message, _)
            if unasked.first() == Some(&true) =>
        {
            DynoxideError::ConditionalCheckFailedException(message, None)
        }
        DynoxideError::TransactionCanceledException(message, mut reasons) => {
            for (reason, unasked) in reasons.iter_mut().zip(unasked) {
                if *unasked {
                    reason.item = None;
                }
            }
            DynoxideError::TransactionCanceledException(message, reasons)
        }
        error => error,
    }
}

/// Sets a `ReturnValuesOnConditionCheckFailure` to ALL_OLD; true when the client had not.
pub(crate) fn ask(mode: &mut Option<String>) -> bool {
    match mode.as_deref() {
        Some("ALL_OLD") => false,
        None | Some("NONE") => {
            *mode = Some("ALL_OLD".to_owned());
            true
        }
        // Left for the store to refuse.
        Some(_) => false,
    }
}
