//! A movement of goods in or out of stock otherwise than by an order: one entry of the ledger, written once.
//!
//! Owns the entry, and that the same wish leads to one entry only. Does not own the SKU's counters, which change in
//! the same transaction.

use std::collections::BTreeMap;
use std::fmt;

use contracts::Announcement;
use contracts::inventory::{AdjustmentReason, LowStock, StockAdjusted};
use decider::{Aggregate, Stored};
use identifiers::{LocationId, Sku, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{Indexed, Key};

use crate::store::{MOVEMENTS, movement_key};

/// The longest text that names a movement as it stands. With a SKU of 64 characters before it and the parts of an
/// event id round it, it is still within a message id's 160.
const MAX_NAME_CHARACTERS: usize = 72;

/// What identifies a movement: the SKU and the wish that led to it, so that a repeated wish finds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MovementId {
    /// What was moved.
    pub sku: Sku,
    name: String,
}

impl MovementId {
    /// The movement of a SKU that a wish leads to. A long name is replaced by its hash.
    pub fn new(sku: Sku, wish: &str) -> Self {
        let name = if wish.len() <= MAX_NAME_CHARACTERS {
            wish.to_owned()
        } else {
            format!("sha256:{}", hex::encode(&Sha256::digest(wish)[..16]))
        };
        Self { sku, name }
    }

    /// The wish's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for MovementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sku, self.name)
    }
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// What was moved.
    pub sku: Sku,
    /// Where.
    pub location_id: LocationId,
    /// By how many: positive for in, negative for out.
    pub by: i64,
    /// Why.
    pub reason: AdjustmentReason,
    /// When it was recorded.
    pub moved_at: Timestamp,
}

impl Movement {
    /// Whether the other is the same movement, whenever it was asked for.
    pub fn is_same_wish(&self, other: &Self) -> bool {
        let Self {
            sku,
            location_id,
            by,
            reason,
            moved_at: _,
        } = self;
        (sku, location_id, by, reason) == (&other.sku, &other.location_id, &other.by, &other.reason)
    }
}

/// Record the movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The entry.
    pub movement: Movement,
    /// Whether, by what was read, it makes stock run low.
    pub warning: Option<LowStock>,
}

/// What happened to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Goods were moved.
    Moved(Movement),
    /// The movement made stock run low.
    Warned(LowStock),
}

/// The name is taken by another movement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name belongs to another movement, of {} at {}", existing.by, existing.location_id)]
pub struct Rejection {
    /// The movement of that name.
    pub existing: Movement,
}

impl Aggregate for Movement {
    type Command = Record;
    type Event = Event;
    type State = Self;
    type Rejection = Rejection;

    fn decide(state: Option<&Self>, command: &Record) -> Result<Vec<Event>, Rejection> {
        match state {
            None => {
                let warned = command.warning.iter().cloned().map(Event::Warned);
                Ok(std::iter::once(Event::Moved(command.movement.clone()))
                    .chain(warned)
                    .collect())
            }
            Some(existing) if existing.is_same_wish(&command.movement) => Ok(Vec::new()),
            Some(existing) => Err(Rejection {
                existing: existing.clone(),
            }),
        }
    }

    fn evolve(state: Option<Self>, event: &Event) -> Self {
        match (state, event) {
            (_, Event::Moved(movement)) => movement.clone(),
            (Some(state), Event::Warned(_)) => state,
            (None, Event::Warned(warning)) => Self {
                sku: warning.sku.clone(),
                location_id: warning.location_id.clone(),
                by: 0,
                reason: AdjustmentReason::Counted,
                moved_at: Timestamp::default(),
            },
        }
    }
}

impl Stored for Movement {
    type Id = MovementId;

    fn key(id: &MovementId) -> Key {
        movement_key(id)
    }

    fn indexed(state: &Self) -> BTreeMap<String, Indexed> {
        BTreeMap::from([
            (
                MOVEMENTS.partition.to_owned(),
                Indexed::Text(state.sku.to_string()),
            ),
            (
                MOVEMENTS.sort.to_owned(),
                Indexed::Text(state.moved_at.to_string()),
            ),
        ])
    }

    fn announce(event: &Event, _: &Self) -> Option<Announcement> {
        Some(match event {
            Event::Moved(movement) => Announcement::of(&StockAdjusted {
                sku: movement.sku.clone(),
                location_id: movement.location_id.clone(),
                by: movement.by,
                reason: movement.reason,
            }),
            Event::Warned(warning) => Announcement::of(warning),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(by: i64) -> Movement {
        Movement {
            sku: Sku::new("TEA").unwrap(),
            location_id: LocationId::new("main").unwrap(),
            by,
            reason: AdjustmentReason::Received,
            moved_at: Timestamp::default(),
        }
    }

    fn record(by: i64, warns: bool) -> Record {
        let warning = warns.then(|| LowStock {
            sku: Sku::new("TEA").unwrap(),
            location_id: LocationId::new("main").unwrap(),
            available: 1,
            threshold: 2,
        });
        Record {
            movement: movement(by),
            warning,
        }
    }

    #[test]
    fn an_entry_is_made_once_and_stays_what_it_is() {
        let check = |given: Option<Movement>, when: Record, then: Result<usize, Rejection>| {
            let events = Movement::decide(given.as_ref(), &when);
            assert_eq!(events.map(|events| events.len()), then, "{when:?}");
        };
        check(None, record(5, false), Ok(1));
        check(None, record(-5, true), Ok(2));
        check(Some(movement(5)), record(5, false), Ok(0));
        check(Some(movement(5)), record(5, true), Ok(0));
        let later = Record {
            movement: Movement {
                moved_at: Timestamp::from_milliseconds(9),
                ..movement(5)
            },
            warning: None,
        };
        check(Some(movement(5)), later, Ok(0));
        check(
            Some(movement(5)),
            record(6, false),
            Err(Rejection {
                existing: movement(5),
            }),
        );
    }

    #[test]
    fn the_longest_names_still_make_an_event_id() {
        let sku = Sku::new("S".repeat(64)).unwrap();
        let wish = format!("return:{}:{}", "o".repeat(64), u32::MAX);
        let id = MovementId::new(sku, &wish);
        assert!(
            identifiers::MessageId::new(format!("inventory.{id}.1.10")).is_ok(),
            "{id}"
        );
        let other = MovementId::new(id.sku.clone(), &format!("{wish}0"));
        assert_ne!(id, other);
    }
}
