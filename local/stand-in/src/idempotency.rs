//! Idempotency keys: reading them, marking those under way, and judging a repeated use
//! (<https://docs.stripe.com/api/idempotent_requests>). The answers themselves are in [`crate::book`].

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::book::StoredAnswer;
use crate::form::Params;
use crate::refusal::Refusal;

/// As documented for Stripe's keys.
const MAXIMUM_KEY_CHARACTERS: usize = 255;

/// The key of a request that changes something.
pub(crate) fn read_key(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.chars().count() <= MAXIMUM_KEY_CHARACTERS => {
            Ok(Some(key.to_owned()))
        }
        Ok(_) | Err(_) => Err(Refusal::malformed(
            400,
            format!(
                "Idempotency-Key must have 1 to {MAXIMUM_KEY_CHARACTERS} printable ASCII characters."
            ),
        )),
    }
}

/// Keys whose first request is under way.
#[derive(Default)]
pub(crate) struct KeysInProgress(Mutex<HashSet<String>>);

/// Marks a key as under way for as long as it lives.
pub(crate) struct KeyInProgress<'a> {
    keys: &'a KeysInProgress,
    key: String,
}

impl KeysInProgress {
    /// Marks the key, or refuses as another request with it is still under way.
    pub fn take(&self, key: &str) -> Result<KeyInProgress<'_>, Refusal> {
        if self.lock().insert(key.to_owned()) {
            return Ok(KeyInProgress {
                keys: self,
                key: key.to_owned(),
            });
        }
        Err(Refusal::idempotency(
            409,
            Some("idempotency_key_in_use"),
            format!(
                "There is currently another in-progress request using this Idempotent Key: {key}. Please try again later."
            ),
        ))
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyInProgress<'_> {
    fn drop(&mut self) {
        self.keys.lock().remove(&self.key);
    }
}

/// The stored answer, or the refusal of a key that is used for something else.
pub(crate) fn replay(
    key: &str,
    stored: StoredAnswer,
    path: &str,
    fingerprint: &[u8],
) -> Result<StoredAnswer, Refusal> {
    if stored.path != path {
        return Err(Refusal::idempotency(
            400,
            None,
            format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for ('{}' vs \
                 '{}'). Try using a key other than '{key}' if you meant to execute a different request.",
                path, stored.path
            ),
        ));
    }
    if stored.fingerprint != fingerprint {
        return Err(Refusal::idempotency(
            400,
            None,
            format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try \
                 using a key other than '{key}' if you meant to execute a different request."
            ),
        ));
    }
    Ok(stored)
}

/// What tells a repeated request from a changed one.
pub(crate) fn fingerprint(params: &Params) -> Vec<u8> {
    Sha256::digest(params.canonical().as_bytes()).to_vec()
}
