//! Where a page ended, as a text that can be handed to a client and back.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::{Index, Indexed, Key, Query};

/// The longest cursor text that is read, in characters. A key has at most 2048 and 1024 bytes, and those that Noren
/// makes are far shorter.
const MAX_TEXT_CHARACTERS: usize = 4096;
/// The longest values of a partition key and of a sort key, in bytes (DynamoDB's limits).
const MAX_PARTITION_BYTES: usize = 2048;
const MAX_SORT_BYTES: usize = 1024;

/// The key of the last item of a page. Opaque to clients; reading one back checks its form, and
/// [`Query::resume`] that it is of that very question.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Expected, Key, MemoryStore, Query, Record, Store as _};
///
/// let table = MemoryStore::new(&[]);
/// for day in ["day#1", "day#2", "day#3"] {
///     let day = Record { key: Key::new("course#rust", day), version: 1, ..Record::default() };
///     table.commit(&day, Expected::Absent).await.unwrap();
/// }
/// let two = Query::of_partition("course#rust", 2);
/// let first = table.query(&two).await.unwrap();
///
/// // The client sends back what the page before told it, which may be anything.
/// let sent = first.next.unwrap().to_text();
/// let rest = table.query(&two.resume_at(Some(&sent)).unwrap()).await.unwrap();
/// assert_eq!(rest.records[0].key.sk, "day#3");
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(crate) BTreeMap<String, CursorValue>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CursorValue {
    S(String),
    N(i64),
}

/// A text that is not a cursor, or a cursor of another question.
///
/// ```
/// use store::{Cursor, InvalidCursor, Key, Query};
///
/// assert_eq!(Cursor::from_text("made up"), Err(InvalidCursor));
/// // Nor does one lead into another's partition.
/// let of_another = Cursor::at(&Key::new("customer#2", "order#1"));
/// assert_eq!(Query::of_partition("customer#1", 20).resume(of_another), Err(InvalidCursor));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that an answer gave")]
pub struct InvalidCursor;

impl Cursor {
    /// Reads a cursor's text.
    ///
    /// # Errors
    /// When it is not one.
    ///
    /// ```
    /// use store::{Cursor, Key};
    ///
    /// let end = Cursor::at(&Key::new("course#rust", "day#2"));
    /// assert_eq!(Cursor::from_text(&end.to_text()), Ok(end));
    /// assert!(Cursor::from_text("day#2").is_err());
    /// ```
    pub fn from_text(text: &str) -> Result<Self, InvalidCursor> {
        if text.len() > MAX_TEXT_CHARACTERS {
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
    ///
    /// ```
    /// use store::{Cursor, Key};
    ///
    /// // A search that ranks by itself says where its page ended.
    /// let last_shown = Key::new("product#p-7", "product");
    /// let next = Cursor::at(&last_shown).to_text();
    /// assert_eq!(Cursor::from_text(&next).unwrap().key(), Ok(last_shown));
    /// ```
    pub fn at(key: &Key) -> Self {
        let values = [("pk", &key.pk), ("sk", &key.sk)]
            .map(|(name, value)| (name.to_owned(), CursorValue::S(value.clone())));
        Self(values.into())
    }

    /// The key that a page ended at, of a listing that a context sorts itself.
    ///
    /// # Errors
    /// When the cursor is of another kind: [`Cursor::at`] did not make it.
    ///
    /// ```
    /// use store::{Cursor, Key};
    ///
    /// let end = Cursor::at(&Key::new("product#p-7", "product"));
    /// assert_eq!(end.key().unwrap().pk, "product#p-7");
    /// ```
    pub fn key(&self) -> Result<Key, InvalidCursor> {
        match (self.0.len(), self.text("pk"), self.text("sk")) {
            (2, Some(pk), Some(sk)) => Ok(Key::new(pk, sk)),
            _ => Err(InvalidCursor),
        }
    }

    /// Whether a page of that question can have ended here. DynamoDB refuses any other start of a query, and a cursor
    /// comes from a client: one made up by hand must not lead into another's partition.
    pub(crate) fn fits(&self, query: &Query) -> bool {
        let is_text = |name: &str, longest: usize| {
            self.text(name)
                .is_some_and(|text| (1..=longest).contains(&text.len()))
        };
        let partition = query.index.map_or("pk", |index| index.partition);
        let sort = query.index.map_or("sk", |index| index.sort);
        let mut names = vec!["pk", "sk", partition, sort];
        names.sort_unstable();
        names.dedup();
        let sort_fits = match self.sort_value(query.index) {
            Some(value) => query
                .sort
                .as_ref()
                .is_none_or(|condition| condition.holds(&value)),
            None => false,
        };
        self.0.keys().eq(names)
            && is_text("pk", MAX_PARTITION_BYTES)
            && is_text("sk", MAX_SORT_BYTES)
            && self.text(partition) == Some(&query.partition)
            && sort_fits
    }

    /// What the query sorts by, if it is of the kind that the index sorts by.
    fn sort_value(&self, index: Option<Index>) -> Option<Indexed> {
        let by_number = index.is_some_and(|index| index.sorts_by_number());
        match self.0.get(index.map_or("sk", |index| index.sort))? {
            CursorValue::N(number) => by_number.then_some(Indexed::Number(*number)),
            CursorValue::S(text) => {
                let fits = !by_number && (1..=MAX_SORT_BYTES).contains(&text.len());
                fits.then(|| Indexed::Text(text.clone()))
            }
        }
    }

    /// The cursor as text, safe in a URL.
    ///
    /// ```
    /// use store::{Cursor, Key};
    ///
    /// let text = Cursor::at(&Key::new("course#rust", "day/2?")).to_text();
    /// assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    /// ```
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
        assert_eq!(cursor.key(), Ok(key));
    }

    #[test]
    fn a_cursor_round_trips_and_nonsense_is_refused() {
        let values = [("pk", "a"), ("sk", "b")]
            .map(|(name, value)| (name.into(), CursorValue::S(value.into())));
        let cursor = Cursor(values.into_iter().collect());
        assert_eq!(Cursor::from_text(&cursor.to_text()), Ok(cursor));
        for text in ["", "x", "e30", "!!!", &"A".repeat(5000)] {
            assert_eq!(Cursor::from_text(text), Err(InvalidCursor), "{text}");
        }
    }
}
