//! Records movements of goods: each ledger entry in one transaction with the SKU's counters.
//!
//! A wish that was recorded before is found by its entry, so a repeat changes nothing and says the same again. Many
//! movements are recorded in several transactions: what is recorded stays so, and a repeat does the rest.

use contracts::{Cause, CloudEvent};
use decider::{
    ExecuteError, Failure, Loaded, MAX_ATTEMPTS, Step, load, note_committed, pause_before,
};
use futures::future::try_join_all;
use identifiers::{LocationId, Sku};
use store::{
    Consistency, MAX_TRANSACTION_ITEMS, Origin, Record as Item, Refusal, Store, StoreFailure,
    TransactFailure, Write,
};

use crate::movement::{Movement, MovementId, Record};
use crate::stock::{MAX_LOCATIONS, MAX_ON_HAND, Portion, Stock};
use crate::store::{movement_key, stock_key};

/// A movement writes two items: its entry and the SKU's counters.
const MOVEMENTS_PER_TRANSACTION: usize = MAX_TRANSACTION_ITEMS / 2;

/// What was recorded.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// How many movements are new.
    pub recorded: usize,
    /// How many were recorded before.
    pub repeated: usize,
    /// What the new and the repeated ones say.
    pub events: Vec<CloudEvent>,
}

/// Why movements are not recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// More would go than can be sold; what is reserved stays.
    #[error("{available} of {sku} can be sold at {location_id}, fewer than would go")]
    NotEnough {
        /// Of what.
        sku: Sku,
        /// Where.
        location_id: LocationId,
        /// How many there are.
        available: i64,
    },
    /// More would be there than a counter is meant for.
    #[error("there would be more than {MAX_ON_HAND} of {sku} at {location_id}")]
    TooMany {
        /// Of what.
        sku: Sku,
        /// Where.
        location_id: LocationId,
    },
    /// The SKU lies at too many locations already.
    #[error("{sku} lies at {MAX_LOCATIONS} locations already")]
    TooManyLocations {
        /// What.
        sku: Sku,
    },
    /// The wish's name was used for another movement of the SKU.
    #[error("a movement of {sku} by {} at {} has the same name", existing.by, existing.location_id)]
    Reused {
        /// What.
        sku: Sku,
        /// The movement of that name.
        existing: Box<Movement>,
    },
    /// Something failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl From<StoreFailure> for RecordError {
    fn from(failure: StoreFailure) -> Self {
        Self::Failed(failure.into())
    }
}

/// Records movements, each of another SKU. Nothing is recorded where any of them is refused by what was read first;
/// only a change by others in between can leave the earlier ones recorded.
pub(crate) async fn record<S: Store>(
    store: &S,
    cause: &Cause,
    origin: Origin,
    wanted: &[(MovementId, Movement)],
) -> Result<Recorded, RecordError> {
    let mut entries = read_all(store, wanted).await?;
    for entry in &entries {
        entry.check()?;
    }
    let mut done = Recorded::default();
    for chunk in entries.chunks_mut(MOVEMENTS_PER_TRANSACTION) {
        record_chunk(store, cause, origin, chunk, &mut done).await?;
    }
    Ok(done)
}

/// A movement that is wanted, with what was read for it.
struct Entry<'a> {
    id: &'a MovementId,
    movement: &'a Movement,
    ledger: Loaded<Movement>,
    stock: Stock,
}

async fn read_all<'a, S: Store>(
    store: &S,
    wanted: &'a [(MovementId, Movement)],
) -> Result<Vec<Entry<'a>>, RecordError> {
    let keys = wanted
        .iter()
        .flat_map(|(id, _)| [movement_key(id), stock_key(&id.sku)]);
    let mut items = store.load_many(&keys.collect::<Vec<_>>()).await?;
    items.sort_by(|one, other| one.key.cmp(&other.key));
    let find = |key: &store::Key| -> Option<&Item> {
        let found = items.binary_search_by(|item| item.key.cmp(key));
        found.ok().map(|position| &items[position])
    };
    let entries = wanted.iter().map(|(id, movement)| {
        let ledger = Loaded::from_record(id, find(&movement_key(id)).cloned());
        let stock = find(&stock_key(&id.sku)).map(Stock::from_record);
        Ok(Entry {
            id,
            movement,
            ledger: ledger.map_err(Failure::from)?,
            stock: stock.unwrap_or_default(),
        })
    });
    entries.collect()
}

impl Entry<'_> {
    /// Whether the movement may be recorded, or was.
    fn check(&self) -> Result<(), RecordError> {
        let Movement {
            sku,
            location_id,
            by,
            ..
        } = self.movement;
        if let Some(existing) = self.ledger.state() {
            return if existing.is_same_wish(self.movement) {
                Ok(())
            } else {
                let existing = Box::new(existing.clone());
                Err(RecordError::Reused {
                    sku: sku.clone(),
                    existing,
                })
            };
        }
        let level = self.stock.level(location_id);
        let is_new_place = !self.stock.locations.contains_key(location_id);
        if is_new_place && self.stock.locations.len() >= MAX_LOCATIONS {
            return Err(RecordError::TooManyLocations { sku: sku.clone() });
        }
        let (sku, location_id) = (sku.clone(), location_id.clone());
        if level.received.saturating_add(*by) > MAX_ON_HAND {
            return Err(RecordError::TooMany { sku, location_id });
        }
        if level.available.saturating_add(*by) < 0 {
            let available = level.available;
            return Err(RecordError::NotEnough {
                sku,
                location_id,
                available,
            });
        }
        Ok(())
    }

    fn command(&self) -> Record {
        let Movement {
            sku,
            location_id,
            by,
            ..
        } = self.movement;
        let warning = (*by < 0).then(|| {
            let portion = Portion {
                location_id: location_id.clone(),
                quantity: by.unsigned_abs(),
            };
            self.stock.warning(sku, &portion)
        });
        Record {
            movement: self.movement.clone(),
            warning: warning.flatten(),
        }
    }

    async fn read_again<S: Store>(&mut self, store: &S) -> Result<(), Failure> {
        self.ledger = load(store, self.id, Consistency::Strong).await?;
        let item = store
            .load(&stock_key(&self.id.sku), Consistency::Strong)
            .await?;
        self.stock = item.as_ref().map(Stock::from_record).unwrap_or_default();
        Ok(())
    }
}

async fn record_chunk<S: Store>(
    store: &S,
    cause: &Cause,
    origin: Origin,
    entries: &mut [Entry<'_>],
    done: &mut Recorded,
) -> Result<(), RecordError> {
    for attempt in 0..MAX_ATTEMPTS {
        let mut writes = Vec::with_capacity(2 * entries.len());
        let mut written = Vec::with_capacity(entries.len());
        let mut events = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            entry.check()?;
            match entry.ledger.step(cause, origin, &entry.command()) {
                Ok(Step::Commit {
                    record,
                    expected,
                    events: said,
                    ..
                }) => {
                    let Movement {
                        sku,
                        location_id,
                        by,
                        ..
                    } = entry.movement;
                    writes.push(Write::Put {
                        record: *record,
                        expected,
                    });
                    writes.push(Write::Adjust(entry.stock.movement(sku, location_id, *by)));
                    written.push(position);
                    events.extend(said);
                }
                Ok(Step::Repeated(said)) => events.extend(said),
                Ok(Step::Nothing) => {}
                Err(ExecuteError::Rejected(rejection)) => {
                    let sku = entry.id.sku.clone();
                    let existing = Box::new(rejection.existing);
                    return Err(RecordError::Reused { sku, existing });
                }
                Err(ExecuteError::Failed(failure)) => return Err(failure.into()),
            }
        }
        let result = if writes.is_empty() {
            Ok(())
        } else {
            store.transact(&writes).await
        };
        let read_again: Vec<usize> = match result {
            Ok(()) => {
                note_committed(&events);
                done.recorded += written.len();
                done.repeated += entries.len() - written.len();
                done.events.extend(events);
                return Ok(());
            }
            Err(TransactFailure::Refused(refusals)) => {
                let changed = refusals
                    .chunks(2)
                    .zip(&written)
                    .filter(|(refusals, _)| refusals.contains(&Refusal::ConditionFailed));
                changed.map(|(_, position)| *position).collect()
            }
            // It may have been written: if so, the entries are there.
            Err(TransactFailure::Store(failure)) if failure.outcome_unknown => {
                tracing::warn!(error = %failure, "a write's outcome is unknown; reading again");
                written
            }
            Err(TransactFailure::Store(failure)) => return Err(failure.into()),
            Err(TransactFailure::TooLarge { bytes }) => {
                let subject = entries.first().map(|entry| entry.id.to_string());
                let subject = subject.unwrap_or_default();
                return Err(Failure::TooLarge { subject, bytes }.into());
            }
        };
        pause_before(store, &cause.message_id, attempt).await;
        let again = entries.iter_mut().enumerate();
        let again = again.filter(|(position, _)| read_again.contains(position));
        try_join_all(again.map(|(_, entry)| entry.read_again(store))).await?;
    }
    let subject = entries
        .first()
        .map(|entry| entry.id.to_string())
        .unwrap_or_default();
    Err(Failure::Contended { subject }.into())
}
