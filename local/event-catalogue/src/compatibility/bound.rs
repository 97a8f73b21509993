//! Which way a bound moved: towards less, older events fail; towards more, older readers do.

use std::cmp::Ordering;

use serde_json::Value;

use super::Side;

/// Keywords whose larger value admits less.
const LOWER: &[&str] = &[
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
];
/// Keywords whose smaller value admits less.
const UPPER: &[&str] = &[
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
];

/// Who does not survive that the keyword's value changed.
pub(super) fn side(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> Side {
    match (old, new) {
        (None, _) => Side::OlderEvents,
        (_, None) => Side::OlderReaders,
        (Some(old), Some(new)) => {
            let moved = match (old.as_f64(), new.as_f64()) {
                (Some(old), Some(new)) => new.partial_cmp(&old),
                _ => None,
            };
            match moved {
                Some(Ordering::Greater) if LOWER.contains(&keyword) => Side::OlderEvents,
                Some(Ordering::Less) if LOWER.contains(&keyword) => Side::OlderReaders,
                Some(Ordering::Less) if UPPER.contains(&keyword) => Side::OlderEvents,
                Some(Ordering::Greater) if UPPER.contains(&keyword) => Side::OlderReaders,
                _ => Side::Both,
            }
        }
    }
}
