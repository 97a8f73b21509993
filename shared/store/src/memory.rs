//! The storage trait in memory: deterministic, single table, the same conditions and limits as DynamoDB's.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::attribute::size_bytes;
use crate::cursor::CursorValue;
use crate::{
    Adjustment, CommitFailure, Consistency, Cursor, Expected, Index, Indexed, Key, MAX_ITEM_BYTES,
    MAX_TRANSACTION_ITEMS, Page, Projection, Query, Record, Refusal, Store, StoreFailure,
    TransactFailure, Write, scan, to_attributes,
};

/// A table in memory. Clones share it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use store::{Consistency, Expected, Key, MemoryStore, Record, Store as _};
///
/// let table = MemoryStore::new(&[]);
/// let of_another_task = table.clone();
/// let course = Record { key: Key::new("course#rust", "course"), version: 1, ..Record::default() };
/// table.commit(&course, Expected::Absent).await.unwrap();
/// assert_eq!(of_another_task.load(&course.key, Consistency::Strong).await.unwrap(), Some(course));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct MemoryStore {
    table: Arc<Mutex<Table>>,
}

/// An index entry's place: sort value, then the table's key.
type Place = (Indexed, Key);

#[derive(Debug, Default)]
struct Table {
    indexes: Vec<Index>,
    items: BTreeMap<Key, Arc<Record>>,
    entries: BTreeMap<(&'static str, String), BTreeSet<Place>>,
    changes: Vec<Arc<Record>>,
}

impl MemoryStore {
    /// An empty table with those indexes.
    ///
    /// ```
    /// // The indexes that the template gives the table: of any other, a query finds nothing.
    /// let table = store::MemoryStore::new(&[store::due_index()]);
    /// assert!(table.all().is_empty());
    /// ```
    pub fn new(indexes: &[Index]) -> Self {
        let table = Table {
            indexes: indexes.to_vec(),
            ..Table::default()
        };
        Self {
            table: Arc::new(Mutex::new(table)),
        }
    }

    /// The new images of every write since the last call, in order: the table's stream.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use store::{Expected, Key, MemoryStore, Record, Store as _};
    ///
    /// let table = MemoryStore::new(&[]);
    /// let course = Record { key: Key::new("course#rust", "course"), version: 1, ..Record::default() };
    /// table.commit(&course, Expected::Absent).await.unwrap();
    /// // What the function would be invoked with, from which it publishes.
    /// assert_eq!(table.take_changes(), [course]);
    /// assert!(table.take_changes().is_empty());
    /// # });
    /// ```
    pub fn take_changes(&self) -> Vec<Record> {
        let changes = self.take_shared_changes();
        changes.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// The same, each image shared with the table.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::sync::Arc;
    /// use store::{Expected, Key, MemoryStore, Record, Store as _};
    ///
    /// let table = MemoryStore::new(&[]);
    /// let course = Record { key: Key::new("course#rust", "course"), version: 1, ..Record::default() };
    /// table.commit(&course, Expected::Absent).await.unwrap();
    /// // A world of a million writes is audited without a copy of any.
    /// let change = table.take_shared_changes().remove(0);
    /// assert!(Arc::ptr_eq(&change, &table.peek(&course.key).unwrap()));
    /// # });
    /// ```
    pub fn take_shared_changes(&self) -> Vec<Arc<Record>> {
        std::mem::take(&mut self.table().changes)
    }

    /// Every item, in the order of keys.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use store::{Expected, Key, MemoryStore, Record, Store as _};
    ///
    /// let table = MemoryStore::new(&[]);
    /// for name in ["course#rust", "course#go"] {
    ///     let course = Record { key: Key::new(name, "course"), version: 1, ..Record::default() };
    ///     table.commit(&course, Expected::Absent).await.unwrap();
    /// }
    /// let names: Vec<String> = table.all().into_iter().map(|course| course.key.pk).collect();
    /// assert_eq!(names, ["course#go", "course#rust"]);
    /// # });
    /// ```
    pub fn all(&self) -> Vec<Record> {
        let table = self.table();
        table.items.values().map(|item| (**item).clone()).collect()
    }

    /// An item as it stands, shared with the table.
    ///
    /// ```
    /// use store::{Key, MemoryStore};
    ///
    /// // For a test to look by, outside of the code that it tests: that has `load`.
    /// assert!(MemoryStore::new(&[]).peek(&Key::new("course#rust", "course")).is_none());
    /// ```
    pub fn peek(&self, key: &Key) -> Option<Arc<Record>> {
        self.table().items.get(key).cloned()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // A panic elsewhere leaves the table whole: each change is checked before it is made.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn holds(&self, record: &Record, expected: Expected) -> bool {
        let present = self.items.get(&record.key);
        match expected {
            Expected::Absent => present.is_none(),
            Expected::Version(version) => present.is_some_and(|item| item.version == version),
            Expected::AbsentOrOlder => present.is_none_or(|item| item.version < record.version),
        }
    }

    fn allows(&self, adjustment: &Adjustment) -> bool {
        let item = self.items.get(&adjustment.key);
        adjustment
            .changes
            .iter()
            .all(|change| match &change.before {
                None => true,
                Some(before) => item
                    .and_then(|item| item.counters.get(&change.counter))
                    .is_some_and(|value| before.contains(value)),
            })
    }

    fn adjusted(&self, adjustment: &Adjustment) -> Record {
        let mut record = self
            .items
            .get(&adjustment.key)
            .map(|item| (**item).clone())
            .unwrap_or_else(|| Record {
                key: adjustment.key.clone(),
                ..Record::default()
            });
        record.version += 1;
        for change in &adjustment.changes {
            *record.counters.entry(change.counter.clone()).or_insert(0) += change.by;
        }
        record
    }

    fn put(&mut self, record: Record) {
        if let Some(old) = self.items.get(&record.key)
            && old.indexed != record.indexed
        {
            for (entry, place) in entries(&self.indexes, old) {
                if let Some(places) = self.entries.get_mut(&entry) {
                    places.remove(&place);
                }
            }
        }
        for (entry, place) in entries(&self.indexes, &record) {
            self.entries.entry(entry).or_default().insert(place);
        }
        let record = Arc::new(record);
        self.changes.push(Arc::clone(&record));
        self.items.insert(record.key.clone(), record);
    }
}

fn entries<'a>(
    indexes: &'a [Index],
    record: &'a Record,
) -> impl Iterator<Item = ((&'static str, String), Place)> + 'a {
    indexes.iter().filter_map(|index| {
        let Some(Indexed::Text(partition)) = record.indexed.get(index.partition) else {
            return None;
        };
        let sort = record.indexed.get(index.sort)?;
        Some((
            (index.name, partition.clone()),
            (sort.clone(), record.key.clone()),
        ))
    })
}

fn checked_size(record: &Record) -> Result<(), usize> {
    // Packing a document is most of a write's work, and only one that is near the limit as it is can be saved by it.
    if record.document.len() + ROOM_BYTES <= MAX_ITEM_BYTES && is_small_beside(record) {
        return Ok(());
    }
    let bytes = size_bytes(&to_attributes(record));
    if bytes > MAX_ITEM_BYTES {
        Err(bytes)
    } else {
        Ok(())
    }
}

/// More than the parts of an ordinary item take beside its document, in bytes.
const ROOM_BYTES: usize = 64 * 1024;

/// Whether what stands beside the document surely fits that room: DynamoDB's keys have 3 KB together, a text that is
/// indexed 2 KB, and a counter's name is that of a location.
fn is_small_beside(record: &Record) -> bool {
    record.indexed.len() <= 8 && record.counters.len() <= 256
}

/// DynamoDB refuses a read or write of which a key's part is empty, as not valid.
fn checked_key(operation: &'static str, key: &Key) -> Result<(), StoreFailure> {
    if key.pk.is_empty() || key.sk.is_empty() {
        return Err(StoreFailure {
            operation,
            subject: key.to_string(),
            message: "a part of the key is empty".to_owned(),
            outcome_unknown: false,
        });
    }
    Ok(())
}

impl Store for MemoryStore {
    async fn load(&self, key: &Key, _: Consistency) -> Result<Option<Record>, StoreFailure> {
        checked_key("GetItem", key)?;
        Ok(self.peek(key).map(|item| (*item).clone()))
    }

    async fn load_many(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        for key in keys {
            checked_key("BatchGetItem", key)?;
        }
        let table = self.table();
        let keys: BTreeSet<_> = keys.iter().collect();
        Ok(keys
            .into_iter()
            .filter_map(|key| table.items.get(key))
            .map(|item| (**item).clone())
            .collect())
    }

    async fn commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        checked_key("PutItem", &record.key)?;
        checked_size(record).map_err(|bytes| CommitFailure::TooLarge { bytes })?;
        let mut table = self.table();
        if !table.holds(record, expected) {
            return Err(CommitFailure::Conflict);
        }
        table.put(record.clone());
        Ok(())
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        for write in writes {
            checked_key("TransactWriteItems", write.key())?;
        }
        let mut table = self.table();
        let distinct: BTreeSet<_> = writes.iter().map(Write::key).collect();
        if writes.len() > MAX_TRANSACTION_ITEMS
            || distinct.len() != writes.len()
            || writes.is_empty()
        {
            return Err(TransactFailure::Store(StoreFailure {
                operation: "TransactWriteItems",
                subject: writes
                    .first()
                    .map(|write| write.key().to_string())
                    .unwrap_or_default(),
                message: format!(
                    "a transaction has 1 to {MAX_TRANSACTION_ITEMS} writes, each of another item"
                ),
                outcome_unknown: false,
            }));
        }
        let mut refusals = Vec::with_capacity(writes.len());
        let mut images = Vec::with_capacity(writes.len());
        for write in writes {
            let (holds, image) = match write {
                Write::Put { record, expected } => (table.holds(record, *expected), record.clone()),
                Write::Adjust(adjustment) => (table.allows(adjustment), table.adjusted(adjustment)),
            };
            checked_size(&image).map_err(|bytes| TransactFailure::TooLarge { bytes })?;
            refusals.push(if holds {
                Refusal::None
            } else {
                Refusal::ConditionFailed
            });
            images.push(image);
        }
        if refusals.iter().any(|refusal| *refusal != Refusal::None) {
            return Err(TransactFailure::Refused(refusals));
        }
        for image in images {
            table.put(image);
        }
        Ok(())
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreFailure> {
        query.check()?;
        let table = self.table();
        let wanted = |sort: &Indexed| {
            query
                .sort
                .as_ref()
                .is_none_or(|condition| condition.holds(sort))
        };
        let mut places: Vec<Place> = match query.index {
            None => table
                .items
                .range(Key::new(&query.partition, "")..)
                .map(|(key, _)| key)
                .take_while(|key| key.pk == query.partition)
                .map(|key| (Indexed::Text(key.sk.clone()), key.clone()))
                .filter(|(sort, _)| wanted(sort))
                .collect(),
            Some(index) => table
                .entries
                .get(&(index.name, query.partition.clone()))
                .map(|places| {
                    places
                        .iter()
                        .filter(|(sort, _)| wanted(sort))
                        .cloned()
                        .collect()
                })
                .unwrap_or_default(),
        };
        if query.descending {
            places.reverse();
        }
        if let Some(cursor) = &query.after {
            let last = cursor_place(query, cursor);
            places.retain(|place| {
                if query.descending {
                    *place < last
                } else {
                    *place > last
                }
            });
        }
        let more = places.len() > query.limit;
        places.truncate(query.limit);
        let next = if more {
            places.last().map(|place| cursor_of(query, place))
        } else {
            None
        };
        let records = places
            .iter()
            .filter_map(|(_, key)| table.items.get(key))
            .map(|item| project(query, item));
        Ok(Page {
            records: records.collect(),
            next,
        })
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        let from = match scan::start(after)? {
            Some(last) => Bound::Excluded(last),
            None => Bound::Unbounded,
        };
        let table = self.table();
        let mut rest = table.items.range((from, Bound::Unbounded));
        let page: Vec<_> = rest.by_ref().take(limit).collect();
        let last = page.last().filter(|_| rest.next().is_some());
        Ok(Page {
            next: last.map(|(key, _)| Cursor::at(key)),
            records: page.iter().map(|(_, item)| (***item).clone()).collect(),
        })
    }
}

fn project(query: &Query, item: &Record) -> Record {
    match query.index {
        Some(index) if index.projection == Projection::KeysOnly => {
            let keeps = |name: &str| name == index.partition || name == index.sort;
            let indexed = item.indexed.iter().filter(|(name, _)| keeps(name));
            Record {
                key: item.key.clone(),
                indexed: indexed
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
                ..Record::default()
            }
        }
        Some(_) | None => item.clone(),
    }
}

fn cursor_of(query: &Query, (sort, key): &Place) -> Cursor {
    let mut values = BTreeMap::from([
        ("pk".to_owned(), CursorValue::S(key.pk.clone())),
        ("sk".to_owned(), CursorValue::S(key.sk.clone())),
    ]);
    if let Some(index) = query.index {
        values.insert(
            index.partition.to_owned(),
            CursorValue::S(query.partition.clone()),
        );
        let sort = match sort {
            Indexed::Number(number) => CursorValue::N(*number),
            Indexed::Text(text) => CursorValue::S(text.clone()),
        };
        values.insert(index.sort.to_owned(), sort);
    }
    Cursor(values)
}

fn cursor_place(query: &Query, cursor: &Cursor) -> Place {
    let key = Key::new(
        cursor.text("pk").unwrap_or_default(),
        cursor.text("sk").unwrap_or_default(),
    );
    let sort_name = query.index.map_or("sk", |index| index.sort);
    let sort = match cursor.0.get(sort_name) {
        Some(CursorValue::N(number)) => Indexed::Number(*number),
        Some(CursorValue::S(text)) => Indexed::Text(text.clone()),
        None => Indexed::Text(String::new()),
    };
    (sort, key)
}
