//! The shelf: the folded titles of all published products, which a search reads whole.
//!
//! It stands in segments, items of one partition with the entries of many products each. An import makes a segment of
//! the products that it publishes together; a product that is published alone goes to one of a fixed number. A
//! product's entry stays in the segment that its state names. Owns what a search sees and how it matches; not products.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use identifiers::{ProductId, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Key, Origin, Query, Record, Store, StoreFailure};

use crate::fold::{fold, title_key};
use crate::product::{Product, ProductStatus};

/// The partition of the segments.
const SEARCH: &str = "search";
/// How many segments take the products that are published alone.
const HAND_SEGMENTS: u32 = 64;
/// How many items a page of the shelf asks for; a page ends at 1 MB in any case.
const PAGE_ITEMS: usize = 2000;
/// How long a function's environment answers searches from what it has read, in seconds. Its own changes are seen at
/// once, those of other environments after this at the latest.
const KEPT_SECONDS: i64 = 10;

/// What a search sees of a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShelfEntry {
    /// What it is sorted by.
    pub title_key: String,
    /// The product.
    pub product_id: ProductId,
    /// Its category.
    pub category: Arc<str>,
    /// Its folded titles, one a line.
    pub text: String,
}

/// A segment as it is stored: categories once, entries as `[product id, position of the category, title key, text]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Document {
    #[serde(rename = "c")]
    categories: Vec<Arc<str>>,
    #[serde(rename = "e")]
    entries: Vec<(ProductId, usize, String, String)>,
}

/// A segment with its version, for a conditional write.
#[derive(Debug)]
pub struct Segment {
    key: Key,
    version: u64,
    entries: Vec<ShelfEntry>,
}

/// The segment that takes a product which is published alone.
pub fn hand_segment(product_id: &ProductId) -> String {
    // FNV-1a: stable over releases and processes, as the standard library's hasher is not.
    let bytes = product_id.as_str().bytes();
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("hand#{:02}", hash % HAND_SEGMENTS)
}

/// The segment of products that an import publishes together. The first of them names it: a product is created once,
/// and so is its segment.
pub fn import_segment(first: &ProductId) -> String {
    format!("import#{first}")
}

/// The key of a segment.
pub fn segment_key(segment: &str) -> Key {
    Key::new(SEARCH, segment)
}

impl ShelfEntry {
    /// What a search sees of the product; nothing, unless it is published.
    pub fn of(product: &Product) -> Option<Self> {
        match product.status {
            ProductStatus::Draft | ProductStatus::Retired => None,
            ProductStatus::Published => {
                let titles: BTreeSet<String> =
                    product.content.title.values().map(|t| fold(t)).collect();
                let titles: Vec<String> = titles.into_iter().collect();
                Some(Self {
                    title_key: title_key(product.content.main_title()),
                    product_id: product.product_id.clone(),
                    category: product.content.category.as_str().into(),
                    text: titles.join("\n"),
                })
            }
        }
    }
}

impl Segment {
    /// A segment that does not exist yet.
    pub fn new(segment: &str) -> Self {
        Self {
            key: segment_key(segment),
            version: 0,
            entries: Vec::new(),
        }
    }

    /// Reads a stored segment.
    ///
    /// # Errors
    /// When its document is not one.
    pub fn read(record: &Record) -> Result<Self, StoreFailure> {
        let document: Document =
            serde_json::from_str(&record.document).map_err(|error| StoreFailure {
                operation: "reading a search segment",
                subject: record.key.to_string(),
                message: error.to_string(),
                outcome_unknown: false,
            })?;
        let categories = document.categories;
        let entries = document.entries.into_iter();
        let entry =
            |(product_id, category, title_key, text): (_, usize, String, String)| ShelfEntry {
                // A title key that begins its own text, as most do, is not stored twice.
                title_key: if title_key.is_empty() {
                    text.lines().next().unwrap_or_default().to_owned()
                } else {
                    title_key
                },
                product_id,
                category: categories.get(category).cloned().unwrap_or_default(),
                text,
            };
        Ok(Self {
            key: record.key.clone(),
            version: record.version,
            entries: entries.map(entry).collect(),
        })
    }

    /// The version that was read; 0 where there is none.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Puts the product's entry in, or takes it out.
    pub fn set(&mut self, product_id: &ProductId, entry: Option<ShelfEntry>) {
        self.entries.retain(|one| one.product_id != *product_id);
        self.entries.extend(entry);
    }

    /// The segment as the item to be written next.
    pub fn to_record(&self) -> Record {
        let mut document = Document::default();
        for entry in &self.entries {
            let known = document
                .categories
                .iter()
                .position(|one| *one == entry.category);
            let category = known.unwrap_or_else(|| {
                document.categories.push(entry.category.clone());
                document.categories.len() - 1
            });
            let derived = entry.text.lines().next() == Some(entry.title_key.as_str());
            let title_key = if derived {
                String::new()
            } else {
                entry.title_key.clone()
            };
            let entry = (
                entry.product_id.clone(),
                category,
                title_key,
                entry.text.clone(),
            );
            document.entries.push(entry);
        }
        Record {
            key: self.key.clone(),
            version: self.version + 1,
            // Nothing is published for it: the stream passes over what queues cause, and so over this.
            origin: Origin::Queue,
            document: serde_json::to_string(&document)
                .expect("texts and numbers can be written as JSON"),
            ..Record::default()
        }
    }
}

/// What is searched for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    terms: Vec<String>,
    category: Option<String>,
}

impl Search {
    /// Products whose titles have every word of the text, anywhere in them: also within a word, since Japanese has no
    /// blanks between words. All products, where the text is blank.
    pub fn new(text: &str, category: Option<String>) -> Self {
        let terms = fold(text)
            .split(' ')
            .filter(|term| !term.is_empty())
            .map(str::to_owned)
            .collect();
        Self { terms, category }
    }

    fn matches(&self, entry: &ShelfEntry) -> bool {
        self.category
            .as_ref()
            .is_none_or(|category| **category == *entry.category)
            && self
                .terms
                .iter()
                .all(|term| entry.text.contains(term.as_str()))
    }
}

/// Where a page of a search ended: title key and product id.
pub type Place = (String, String);

/// All entries, by title.
#[derive(Debug, Default)]
pub struct Shelf {
    entries: Vec<ShelfEntry>,
}

impl Shelf {
    async fn read<S: Store>(store: &S) -> Result<Self, StoreFailure> {
        let mut entries = Vec::new();
        let mut query = Query::of_partition(SEARCH, PAGE_ITEMS);
        loop {
            let page = store.query(&query).await?;
            for record in &page.records {
                entries.extend(Segment::read(record)?.entries);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        entries.sort_unstable();
        Ok(Self { entries })
    }

    /// A page of what matches, and whether there is more.
    pub fn find(
        &self,
        search: &Search,
        after: Option<&Place>,
        limit: usize,
    ) -> (Vec<&ShelfEntry>, bool) {
        let start = match after {
            None => 0,
            Some((title_key, product_id)) => self.entries.partition_point(|entry| {
                (entry.title_key.as_str(), entry.product_id.as_str())
                    <= (title_key.as_str(), product_id.as_str())
            }),
        };
        let rest = self.entries[start..].iter();
        let mut found: Vec<_> = rest
            .filter(|entry| search.matches(entry))
            .take(limit + 1)
            .collect();
        let more = found.len() > limit;
        found.truncate(limit);
        (found, more)
    }
}

/// The shelf, and when it was read.
type Kept = Option<(Timestamp, Arc<Shelf>)>;

/// The shelf as an environment keeps it for a moment. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct ShelfReader {
    kept: Arc<Mutex<Kept>>,
}

impl ShelfReader {
    /// The shelf, at most [`KEPT_SECONDS`] old.
    pub async fn shelf<S: Store>(
        &self,
        store: &S,
        now: Timestamp,
    ) -> Result<Arc<Shelf>, StoreFailure> {
        if let Some((read_at, shelf)) = &*self.kept() {
            let age = now.seconds() - read_at.seconds();
            if (0..KEPT_SECONDS).contains(&age) {
                return Ok(Arc::clone(shelf));
            }
        }
        let shelf = Arc::new(Shelf::read(store).await?);
        *self.kept() = Some((now, Arc::clone(&shelf)));
        Ok(shelf)
    }

    /// Forgets what was read, after a change.
    pub fn forget(&self) {
        *self.kept() = None;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A panic elsewhere leaves the shelf whole: it is replaced, never changed.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
