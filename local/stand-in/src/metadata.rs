//! The caller's own keys and values on an object, within Stripe's limits (<https://docs.stripe.com/api/metadata>).

use std::collections::BTreeMap;

use crate::form::Params;
use crate::refusal::Refusal;

const MAXIMUM_KEYS: usize = 50;
const MAXIMUM_KEY_CHARACTERS: usize = 40;
const MAXIMUM_VALUE_CHARACTERS: usize = 500;

/// Merges the form's `metadata[...]` into what is there; an empty value takes a key away.
pub(crate) fn merge(
    into: &mut BTreeMap<String, String>,
    params: &mut Params,
) -> Result<(), Refusal> {
    let Some(nested) = params.nested("metadata")? else {
        return Ok(());
    };
    let mut merged = into.clone();
    for (key, value) in nested.into_pairs()? {
        if key.is_empty() || key.chars().count() > MAXIMUM_KEY_CHARACTERS {
            return Err(Refusal::parameter(
                "metadata_invalid",
                &format!("metadata[{key}]"),
                format!("Metadata keys must have 1 to {MAXIMUM_KEY_CHARACTERS} characters."),
            ));
        }
        if value.chars().count() > MAXIMUM_VALUE_CHARACTERS {
            return Err(Refusal::parameter(
                "metadata_invalid",
                &format!("metadata[{key}]"),
                format!("Metadata values can have up to {MAXIMUM_VALUE_CHARACTERS} characters."),
            ));
        }
        if value.is_empty() {
            merged.remove(&key);
        } else {
            merged.insert(key, value);
        }
    }
    if merged.len() > MAXIMUM_KEYS {
        return Err(Refusal::parameter(
            "metadata_invalid",
            "metadata",
            format!("Metadata can have up to {MAXIMUM_KEYS} keys."),
        ));
    }
    *into = merged;
    Ok(())
}
