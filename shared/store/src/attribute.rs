//! The stored form: a record as attributes, and back.
//!
//! Write units bill every kilobyte begun, names and values counted, on each write. The document stays readable JSON
//! (`document`) while the item fits one kilobyte, and is deflated (`packed`) where that saves at least one unit.

use std::cell::RefCell;
use std::collections::BTreeMap;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::{Indexed, Key, MAX_ITEM_BYTES, Origin, Record};

/// An attribute's value, in the kinds that records use.
///
/// ```
/// use store::{Attribute, Key, Record, to_attributes};
///
/// let course = Record { key: Key::new("course#rust", "course"), version: 3, ..Record::default() };
/// assert_eq!(to_attributes(&course)["pk"], Attribute::S("course#rust".to_owned()));
/// assert_eq!(to_attributes(&course)["version"], Attribute::N(3));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A text.
    S(String),
    /// A whole number.
    N(i64),
    /// Bytes.
    B(Vec<u8>),
}

/// An item that is not in the stored form.
///
/// ```
/// use store::{Attribute, UnreadableItem, from_attributes};
///
/// let strange = [("pk", "course#rust"), ("sk", "course"), ("origin", "hearsay")];
/// let strange = strange.map(|(name, value)| (name.to_owned(), Attribute::S(value.to_owned())));
/// let unreadable: UnreadableItem = from_attributes(strange).unwrap_err();
/// assert_eq!(
///     unreadable.to_string(),
///     "the item course#rust/course is not in the stored form: origin is unknown"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the item {key} is not in the stored form: {what}")]
pub struct UnreadableItem {
    key: String,
    what: &'static str,
}

const DOCUMENT: &str = "document";
const PACKED: &str = "packed";
const COUNTER_PREFIX: &str = "n_";
/// The most that a document may unpack to: ten times the largest item, a bound against a planted bomb.
const MAX_DOCUMENT_BYTES: usize = 10 * MAX_ITEM_BYTES;

/// The attribute name of a counter.
pub(crate) fn counter_attribute(counter: &str) -> String {
    format!("{COUNTER_PREFIX}{counter}")
}

/// The record's attributes, in the form that takes the fewest write units.
///
/// ```
/// use store::{Key, Record, to_attributes};
///
/// let course = |document: String| Record { key: Key::new("course#rust", "course"), document, ..Record::default() };
/// // Readable in the table as long as it fits one write unit, and packed where that saves one.
/// assert!(to_attributes(&course("{}".to_owned())).contains_key("document"));
/// assert!(to_attributes(&course(format!("[{}1]", "1,".repeat(2_000)))).contains_key("packed"));
/// ```
pub fn to_attributes(record: &Record) -> BTreeMap<String, Attribute> {
    let mut attributes = BTreeMap::new();
    attributes.insert("pk".to_owned(), Attribute::S(record.key.pk.clone()));
    attributes.insert("sk".to_owned(), Attribute::S(record.key.sk.clone()));
    attributes.insert(
        "version".to_owned(),
        Attribute::N(i64::try_from(record.version).unwrap_or(i64::MAX)),
    );
    attributes.insert(
        "origin".to_owned(),
        Attribute::S(record.origin.as_str().to_owned()),
    );
    if let Some(seconds) = record.expires_at_seconds {
        attributes.insert("expires_at".to_owned(), Attribute::N(seconds));
    }
    for (name, value) in &record.indexed {
        let value = match value {
            Indexed::Text(text) => Attribute::S(text.clone()),
            Indexed::Number(number) => Attribute::N(*number),
        };
        attributes.insert(name.clone(), value);
    }
    for (name, value) in &record.counters {
        attributes.insert(counter_attribute(name), Attribute::N(*value));
    }
    if !record.document.is_empty() {
        let rest = size_bytes(&attributes);
        let (name, value) = document_attribute(&record.document, rest);
        attributes.insert(name.to_owned(), value);
    }
    attributes
}

fn document_attribute(document: &str, rest_bytes: usize) -> (&'static str, Attribute) {
    let plain_bytes = rest_bytes + DOCUMENT.len() + document.len();
    if plain_bytes > 1024 {
        let packed = deflate(document);
        let packed_bytes = rest_bytes + PACKED.len() + packed.len();
        if packed_bytes.div_ceil(1024) < plain_bytes.div_ceil(1024) {
            return (PACKED, Attribute::B(packed));
        }
    }
    (DOCUMENT, Attribute::S(document.to_owned()))
}

thread_local! {
    // Making one of these clears some hundred kilobytes, which takes longer than packing or unpacking a document does.
    static COMPRESSOR: RefCell<Compress> = RefCell::new(Compress::new(Compression::default(), false));
    static DECOMPRESSOR: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

fn deflate(text: &str) -> Vec<u8> {
    COMPRESSOR.with_borrow_mut(|compressor| {
        compressor.reset();
        let mut packed = Vec::with_capacity(text.len() / 2 + 64);
        loop {
            let read = compressor.total_in() as usize;
            let status = compressor
                .compress_vec(&text.as_bytes()[read..], &mut packed, FlushCompress::Finish)
                .expect("compressing refuses nothing");
            if status == Status::StreamEnd {
                return packed;
            }
            packed.reserve(text.len() / 2 + 64);
        }
    })
}

/// The size of an item as DynamoDB counts it: names and values; a number takes about a byte per two digits, and one.
pub(crate) fn size_bytes(attributes: &BTreeMap<String, Attribute>) -> usize {
    attributes
        .iter()
        .map(|(name, value)| {
            name.len()
                + match value {
                    Attribute::S(text) => text.len(),
                    Attribute::B(bytes) => bytes.len(),
                    Attribute::N(number) => {
                        let digits =
                            number.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
                        digits.div_ceil(2) + 1 + usize::from(*number < 0)
                    }
                }
        })
        .sum()
}

/// The size of the record's item in bytes, as DynamoDB counts it.
///
/// ```
/// use store::{Key, Record, item_size_bytes};
///
/// let course = Record { key: Key::new("course#rust", "course"), document: "{}".to_owned(), ..Record::default() };
/// // Each kilobyte begun is one write unit.
/// assert_eq!(item_size_bytes(&course).div_ceil(1024), 1);
/// ```
pub fn item_size_bytes(record: &Record) -> usize {
    size_bytes(&to_attributes(record))
}

/// Reads a record from an item's attributes; also from those that an index projects.
///
/// # Errors
/// When the attributes are not of the stored form.
///
/// ```
/// use store::{Indexed, Key, Record, from_attributes, to_attributes};
///
/// let course = Record {
///     key: Key::new("course#rust", "course"),
///     version: 3,
///     document: r#"{"students":["mia"]}"#.to_owned(),
///     indexed: [("teacher".to_owned(), Indexed::Text("ada".to_owned()))].into(),
///     counters: [("seats".to_owned(), 12)].into(),
///     ..Record::default()
/// };
/// assert_eq!(from_attributes(to_attributes(&course)), Ok(course));
/// ```
pub fn from_attributes(
    attributes: impl IntoIterator<Item = (String, Attribute)>,
) -> Result<Record, UnreadableItem> {
    let mut record = Record::default();
    let mut pk = None;
    let mut sk = None;
    let mut problem = None;
    for (name, value) in attributes {
        match (name.as_str(), value) {
            ("pk", Attribute::S(text)) => pk = Some(text),
            ("sk", Attribute::S(text)) => sk = Some(text),
            ("version", Attribute::N(number)) => match u64::try_from(number) {
                Ok(version) => record.version = version,
                Err(_) => problem = Some("version is negative"),
            },
            ("origin", Attribute::S(text)) => match Origin::from_text(&text) {
                Some(origin) => record.origin = origin,
                None => problem = Some("origin is unknown"),
            },
            ("expires_at", Attribute::N(seconds)) => record.expires_at_seconds = Some(seconds),
            (DOCUMENT, Attribute::S(text)) => record.document = text,
            (PACKED, Attribute::B(bytes)) => match inflate(&bytes) {
                Some(text) => record.document = text,
                None => problem = Some("the packed document does not unpack"),
            },
            (_, Attribute::N(number)) => {
                if let Some(counter) = name.strip_prefix(COUNTER_PREFIX) {
                    record.counters.insert(counter.to_owned(), number);
                } else {
                    record.indexed.insert(name, Indexed::Number(number));
                }
            }
            (_, Attribute::S(text)) => {
                record.indexed.insert(name, Indexed::Text(text));
            }
            (_, Attribute::B(_)) => problem = Some("it has bytes where none belong"),
        }
    }
    let key = Key::new(pk.unwrap_or_default(), sk.unwrap_or_default());
    if key.pk.is_empty() || key.sk.is_empty() {
        problem = Some("it has no key");
    }
    record.key = key;
    match problem {
        Some(what) => Err(UnreadableItem {
            key: record.key.to_string(),
            what,
        }),
        None => Ok(record),
    }
}

/// None where the bytes are no packed text, are cut off, or unpack to more than a document may have.
fn inflate(bytes: &[u8]) -> Option<String> {
    DECOMPRESSOR.with_borrow_mut(|decompressor| {
        decompressor.reset(false);
        let mut text = Vec::with_capacity(bytes.len() * 4 + 64);
        loop {
            let before = (decompressor.total_in(), text.len());
            let rest = bytes.get(usize::try_from(before.0).ok()?..)?;
            let status = decompressor
                .decompress_vec(rest, &mut text, FlushDecompress::None)
                .ok()?;
            if status == Status::StreamEnd {
                return String::from_utf8(text).ok();
            }
            let is_full = text.len() == text.capacity();
            let is_stuck = before == (decompressor.total_in(), text.len()) && !is_full;
            if is_stuck || text.len() > MAX_DOCUMENT_BYTES {
                return None;
            }
            if is_full {
                text.reserve(text.len());
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::DeflateEncoder;

    use super::*;

    fn record(document: String) -> Record {
        Record {
            key: Key::new("order#1", "order"),
            version: 3,
            origin: Origin::Http,
            document,
            indexed: [
                ("customer_id".to_owned(), Indexed::Text("c-1".to_owned())),
                ("due_at".to_owned(), Indexed::Number(1_764_000_000)),
            ]
            .into(),
            counters: [("available:main".to_owned(), -4)].into(),
            expires_at_seconds: Some(1_764_000_999),
        }
    }

    #[test]
    fn every_part_of_a_record_round_trips() {
        for document in [
            "{}".to_owned(),
            format!("{{\"a\":\"{}\"}}", "tea ".repeat(900)),
        ] {
            let record = record(document);
            assert_eq!(from_attributes(to_attributes(&record)), Ok(record));
        }
    }

    #[test]
    fn a_document_is_packed_only_where_that_saves_a_write_unit() {
        let holds = |document: &str, name: &str| {
            to_attributes(&record(document.to_owned())).contains_key(name)
        };
        assert!(holds("{}", DOCUMENT));
        assert!(
            holds(&"x".repeat(900), DOCUMENT),
            "fits one kilobyte as it is"
        );
        assert!(
            holds(&"x".repeat(1000), PACKED),
            "the rest of the item takes it over a kilobyte"
        );
        let digits: String = (0..1500_u32)
            .map(|n| char::from(b'!' + (n * n % 89) as u8))
            .collect();
        let saved = to_attributes(&record(digits.clone()));
        let plain_units =
            (size_bytes(&to_attributes(&record(String::new()))) + digits.len()).div_ceil(1024);
        assert_eq!(
            saved.contains_key(PACKED),
            size_bytes(&saved).div_ceil(1024) < plain_units
        );
    }

    #[test]
    fn the_compressor_that_is_kept_packs_each_document_as_a_new_one_would() {
        let noise = |length: u32| -> String {
            let scrambled = (0..length).map(|n| n.wrapping_mul(2_654_435_761).rotate_left(n % 32));
            scrambled
                .map(|n| char::from(b' ' + (n % 95) as u8))
                .collect()
        };
        for document in [
            noise(50_000),
            String::new(),
            "tea ".repeat(9_000),
            noise(3),
            noise(1_200),
        ] {
            let packed = deflate(&document);
            assert_eq!(inflate(&packed), Some(document.clone()));
            let mut afresh = DeflateEncoder::new(Vec::new(), Compression::default());
            afresh.write_all(document.as_bytes()).unwrap();
            assert_eq!(packed, afresh.finish().unwrap());
        }
    }

    #[test]
    fn what_is_cut_off_or_swells_beyond_any_document_is_not_unpacked() {
        let packed = deflate(&"tea ".repeat(9_000));
        assert_eq!(inflate(&packed[..packed.len() - 1]), None);
        assert_eq!(inflate(&[]), None);
        assert_eq!(inflate(b"not packed"), None);
        let bomb = deflate(&"0".repeat(2 * MAX_DOCUMENT_BYTES));
        assert!(bomb.len() < 10_000);
        assert_eq!(inflate(&bomb), None);
        assert_eq!(inflate(&packed), Some("tea ".repeat(9_000)));
    }

    #[test]
    fn what_is_not_of_the_stored_form_is_refused_by_name() {
        let mut attributes = to_attributes(&record("{}".into()));
        attributes.insert("origin".into(), Attribute::S("elsewhere".into()));
        let refused = from_attributes(attributes).unwrap_err().to_string();
        assert!(
            refused.contains("order#1") && refused.contains("origin"),
            "{refused}"
        );
        assert!(from_attributes([("pk".to_owned(), Attribute::S("a".into()))]).is_err());
    }
}
