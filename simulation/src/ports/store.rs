//! A context's table: the in-memory implementation of the storage trait, with a network in front of it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use store::{
    CommitFailure, Consistency, Cursor, Expected, Key, MAX_ITEM_BYTES, MemoryStore, Origin, Page,
    Query, Record, Refusal, Store, StoreFailure, TransactFailure, Write,
};

use crate::fabric::{Effect, Fabric, Fate, Port};
use crate::faults::Fault;
use crate::planted::{Committed, Plant};
use crate::site::Site;

/// What an index held when it was last asked.
type Pages = FxHashMap<(&'static str, String), Page>;

/// A context's table. Clones share it.
#[derive(Debug, Clone)]
pub struct WorldStore {
    /// The table itself.
    pub table: MemoryStore,
    fabric: Arc<Fabric>,
    site: Site,
    before: Arc<Mutex<FxHashMap<Key, Option<Arc<Record>>>>>,
    pages: Arc<Mutex<Pages>>,
}

impl WorldStore {
    /// A table in front of which the fabric lies.
    pub fn new(table: MemoryStore, fabric: Arc<Fabric>, site: Site) -> Self {
        Self {
            table,
            fabric,
            site,
            before: Arc::default(),
            pages: Arc::default(),
        }
    }

    fn plant(&self) -> Option<Arc<dyn Plant>> {
        self.fabric.parts().plant.clone()
    }

    /// Remembers what an item was, for those who read an older version later.
    fn remember(&self, key: &Key) {
        if self.fabric.parts().rates.of(Fault::StaleRead) > 0 {
            self.before.lock().insert(key.clone(), self.table.peek(key));
        }
    }

    /// Publishes what a commit emits before it is made, where that mistake is planted.
    fn publish_first(&self, record: &Record) {
        if self
            .plant()
            .is_some_and(|plant| plant.publishes_first(self.site))
        {
            let events = decider::relay(record).unwrap_or_default();
            let effect = |event| Effect::Published(self.site, event, false);
            let mut parts = self.fabric.parts();
            parts.effects.extend(events.into_iter().map(effect));
        }
    }

    /// The condition that whatever stands there meets.
    fn met(&self, key: &Key) -> Expected {
        let present = self.table.peek(key);
        present.map_or(Expected::Absent, |item| Expected::Version(item.version))
    }

    fn is_newer(&self) -> bool {
        self.fabric
            .parts()
            .running
            .as_ref()
            .is_some_and(|running| running.is_newer)
    }
}

fn failure(operation: &'static str, subject: impl ToString, fault: Fault) -> StoreFailure {
    StoreFailure {
        operation,
        subject: subject.to_string(),
        message: fault.name().to_owned(),
        outcome_unknown: matches!(fault, Fault::StoreTimeoutDone | Fault::StoreTimeoutNotDone),
    }
}

/// Whether a call fails without having been done.
fn fails(fate: Fate) -> Option<Fault> {
    fate.fault
        .filter(|fault| matches!(fault, Fault::StoreTimeoutNotDone | Fault::StoreThrottled))
}

/// What a version writes that knows one field more: inside of the state, which may be that of an enum's variant.
fn with_a_field_more(record: &mut Record) {
    const MORE: &str = "\"written_by_a_newer_version\":[1],";
    let at = match record.document.find("\"s\":{") {
        Some(at) => {
            let inner = at + "\"s\":{".len();
            let variant = ["\"c\":{", "\"u\":{"]
                .into_iter()
                .find(|variant| record.document[inner..].starts_with(variant));
            inner + variant.map_or(0, str::len)
        }
        None if record.key.sk == "price" || record.key.sk == "rate" => 1,
        None => return,
    };
    record.document.insert_str(at, MORE);
}

impl Store for WorldStore {
    async fn load(
        &self,
        key: &Key,
        consistency: Consistency,
    ) -> Result<Option<Record>, StoreFailure> {
        let port = match consistency {
            Consistency::Strong
                if self
                    .plant()
                    .is_none_or(|plant| plant.reads_surely(self.site)) =>
            {
                Port::Read
            }
            Consistency::Strong | Consistency::Eventual => Port::EventualRead,
        };
        let fate = self.fabric.begin(port).await;
        if let Some(fault) = fails(fate) {
            return Err(failure("GetItem", key, fault));
        }
        let older = if fate.fault == Some(Fault::StaleRead) {
            self.before.lock().get(key).cloned()
        } else {
            None
        };
        let found = match older {
            Some(older) => older,
            None => self.table.peek(key),
        };
        let mut found = found.map(|record| (*record).clone());
        if let Some(plant) = self.plant() {
            found = plant.on_load(self.site, key, found);
        }
        self.fabric.end(fate).await;
        Ok(found)
    }

    async fn load_many(&self, keys: &[Key]) -> Result<Vec<Record>, StoreFailure> {
        let fate = self.fabric.begin(Port::EventualRead).await;
        if let Some(fault) = fails(fate) {
            let subject = keys.first().map(Key::to_string).unwrap_or_default();
            return Err(failure("BatchGetItem", subject, fault));
        }
        let mut found = self.table.load_many(keys).await?;
        if fate.fault == Some(Fault::StaleRead) {
            let before = self.before.lock();
            let older = |record: Record| match before.get(&record.key) {
                Some(older) => older.as_ref().map(|older| (**older).clone()),
                None => Some(record),
            };
            found = found.into_iter().filter_map(older).collect();
        }
        if let Some(plant) = self.plant() {
            let lie = |record: Record| {
                let key = record.key.clone();
                plant.on_load(self.site, &key, Some(record))
            };
            found = found.into_iter().filter_map(lie).collect();
        }
        self.fabric.end(fate).await;
        Ok(found)
    }

    async fn commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        match (self.try_commit(record, expected).await, self.plant()) {
            (Err(failure), Some(plant)) => plant.on_commit_failure(self.site, record, failure),
            (result, _) => result,
        }
    }

    async fn transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        match (self.try_transact(writes).await, self.plant()) {
            (Err(failure), Some(plant)) => plant.on_transact_failure(self.site, failure),
            (result, _) => result,
        }
    }

    async fn query(&self, query: &Query) -> Result<Page, StoreFailure> {
        let fate = self.fabric.begin(Port::Query).await;
        if let Some(fault) = fails(fate) {
            return Err(failure("Query", &query.partition, fault));
        }
        let mut page = self.table.query(query).await?;
        if let Some(index) = query.index.filter(|_| query.after.is_none()) {
            let place = (index.name, query.partition.clone());
            let mut pages = self.pages.lock();
            if fate.fault == Some(Fault::StaleIndex) {
                if let Some(older) = pages.get(&place) {
                    page = older.clone();
                }
            } else if self.fabric.parts().rates.of(Fault::StaleIndex) > 0 {
                pages.insert(place, page.clone());
            }
        }
        self.fabric.end(fate).await;
        Ok(page)
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        let fate = self.fabric.begin(Port::Read).await;
        if let Some(fault) = fails(fate) {
            return Err(failure("Scan", "the table", fault));
        }
        let page = self.table.scan(after, limit).await?;
        self.fabric.end(fate).await;
        Ok(page)
    }

    async fn wait(&self, duration: Duration) {
        let milliseconds = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.fabric.wait(milliseconds).await;
    }
}

impl WorldStore {
    async fn try_commit(&self, record: &Record, expected: Expected) -> Result<(), CommitFailure> {
        self.publish_first(record);
        let fate = self.fabric.begin(Port::Commit).await;
        if let Some(fault) = fails(fate) {
            return Err(CommitFailure::Store(failure("PutItem", &record.key, fault)));
        }
        let mut storm_done = false;
        if fate.fault == Some(Fault::ConflictStorm) {
            // The network repeats a write that was done: its own earlier try is what it then conflicts with.
            storm_done = self.fabric.parts().dice.below(4) == 0
                // A copy that is refused is taken for older than what stands, which here nothing but the truth may say.
                || expected == Expected::AbsentOrOlder;
            if !storm_done {
                return Err(CommitFailure::Conflict);
            }
        }
        // A refusal that a client sees and nothing is left of. What a queue brought must not be refused for ever.
        if record.origin == Origin::Http
            && record.version == 1
            && self.site == Site::Orders
            && self.fabric.parts().fires(Fault::ItemNearLimit)
        {
            return Err(CommitFailure::TooLarge {
                bytes: MAX_ITEM_BYTES + 1,
            });
        }
        let (mut written, mut expected) = (None, expected);
        let mut committed = Committed::Really;
        if self.is_newer() {
            let record = written.get_or_insert_with(|| record.clone());
            with_a_field_more(record);
        }
        if let Some(plant) = self.plant() {
            let record = written.get_or_insert_with(|| record.clone());
            committed = plant.on_commit(self.site, record, &mut expected);
        }
        let written = written.as_ref().unwrap_or(record);
        if committed != Committed::NotAtAll {
            self.remember(&record.key);
        }
        match committed {
            Committed::Really => self.table.commit(written, expected).await?,
            Committed::Unconditionally => {
                let expected = self.met(&written.key);
                self.table.commit(written, expected).await?;
            }
            Committed::With(more) => {
                let record = written.clone();
                let mut writes = vec![Write::Put { record, expected }];
                writes.extend(more);
                let done = self.table.transact(&writes).await;
                done.map_err(|_| CommitFailure::Conflict)?;
            }
            Committed::NotAtAll => {}
        }
        self.fabric.end(fate).await;
        match fate.fault {
            Some(fault @ Fault::StoreTimeoutDone) => {
                Err(CommitFailure::Store(failure("PutItem", &record.key, fault)))
            }
            Some(Fault::ConflictStorm) if storm_done => Err(CommitFailure::Conflict),
            _ => Ok(()),
        }
    }

    async fn try_transact(&self, writes: &[Write]) -> Result<(), TransactFailure> {
        for write in writes {
            if let Write::Put { record, .. } = write {
                self.publish_first(record);
            }
        }
        let fate = self.fabric.begin(Port::Transact).await;
        let subject = || {
            writes
                .first()
                .map(|write| write.key().to_string())
                .unwrap_or_default()
        };
        if let Some(fault) = fails(fate) {
            let failure = failure("TransactWriteItems", subject(), fault);
            return Err(TransactFailure::Store(failure));
        }
        if fate.fault == Some(Fault::ConflictStorm) {
            let mut parts = self.fabric.parts();
            let first = parts.dice.position(writes.len());
            let refusal = |position| {
                if position == first {
                    Refusal::Conflict
                } else {
                    Refusal::None
                }
            };
            return Err(TransactFailure::Refused(
                (0..writes.len()).map(refusal).collect(),
            ));
        }
        let mut changed = None;
        let mut committed = Committed::Really;
        if self.is_newer() {
            for write in changed.get_or_insert_with(|| writes.to_vec()) {
                if let Write::Put { record, .. } = write {
                    with_a_field_more(record);
                }
            }
        }
        if let Some(plant) = self.plant() {
            committed =
                plant.on_transact(self.site, changed.get_or_insert_with(|| writes.to_vec()));
        }
        match (&mut committed, &mut changed) {
            (Committed::With(more), Some(writes)) => writes.append(more),
            (Committed::Unconditionally, Some(writes)) => {
                for write in writes {
                    if let Write::Put { record, expected } = write {
                        *expected = self.met(&record.key);
                    }
                }
            }
            _ => {}
        }
        if committed != Committed::NotAtAll {
            for write in writes {
                self.remember(write.key());
            }
            self.table
                .transact(changed.as_deref().unwrap_or(writes))
                .await?;
        }
        self.fabric.end(fate).await;
        match fate.fault {
            Some(fault @ Fault::StoreTimeoutDone) => {
                let failure = failure("TransactWriteItems", subject(), fault);
                Err(TransactFailure::Store(failure))
            }
            _ => Ok(()),
        }
    }
}
