//! Where a page ended, as a text that can be handed to a client and back.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::Key;

/// The key of the last item of a page. Opaque to clients; reading one back checks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(crate) BTreeMap<String, CursorValue>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CursorValue {
    S(String),
    N(i64),
}

/// A text that is not a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that an answer gave")]
pub struct InvalidCursor;

impl Cursor {
    /// Reads a cursor's text.
    ///
    /// # Errors
    /// When it is not one.
    pub fn from_text(text: &str) -> Result<Self, InvalidCursor> {
        if text.len() > 2048 {
            return Err(InvalidCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let values: BTreeMap<String, CursorValue> =
            serde_json::from_slice(&bytes).map_err(|_| InvalidCursor)?;
        if values.contains_key("pk") && values.contains_key("sk") {
            Ok(Self(values))
        } else {
            Err(InvalidCursor)
        }
    }

    /// The end of a page at that key, for a listing that a context sorts itself.
    pub fn at(key: &Key) -> Self {
        let values = [("pk", &key.pk), ("sk", &key.sk)]
            .map(|(name, value)| (name.to_owned(), CursorValue::S(value.clone())));
        Self(values.into())
    }

    /// The key that the page ended at.
    pub fn key(&self) -> Key {
        Key::new(
            self.text("pk").unwrap_or_default(),
            self.text("sk").unwrap_or_default(),
        )
    }

    /// The cursor as text, safe in a URL.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(
            serde_json::to_vec(&self.0).expect("a map with text keys can be written as JSON"),
        )
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(CursorValue::S(text)) => Some(text),
            Some(CursorValue::N(_)) | None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_at_a_key_knows_the_key() {
        let key = Key::new("green tea", "tea-1");
        let cursor = Cursor::from_text(&Cursor::at(&key).to_text()).unwrap();
        assert_eq!(cursor.key(), key);
    }

    #[test]
    fn a_cursor_round_trips_and_nonsense_is_refused() {
        let values = [("pk", "a"), ("sk", "b")]
            .map(|(name, value)| (name.into(), CursorValue::S(value.into())));
        let cursor = Cursor(values.into_iter().collect());
        assert_eq!(Cursor::from_text(&cursor.to_text()), Ok(cursor));
        for text in ["", "x", "e30", "!!!", &"A".repeat(4000)] {
            assert_eq!(Cursor::from_text(text), Err(InvalidCursor), "{text}");
        }
    }
}
