//! Where a page of the whole table begins.

use crate::{Cursor, Key, StoreFailure};

/// The key after which a page of the whole table begins. Both implementations call it, so that they refuse alike what
/// is no end of such a page: a query's cursor, or one made up.
pub(crate) fn start(after: Option<&Cursor>) -> Result<Option<Key>, StoreFailure> {
    let start = after.map(Cursor::key).transpose();
    start.map_err(|invalid| StoreFailure {
        operation: "Scan",
        subject: "the table".to_owned(),
        message: invalid.to_string(),
        outcome_unknown: false,
    })
}
