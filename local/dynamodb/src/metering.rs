//! Requests and capacity units by table and operation.
//!
//! Units are what DynamoDB bills on demand: a write unit is one kilobyte written (each index that changes,
//! and twice for a transaction, included), a read unit is four kilobytes read strongly. They are counted
//! whether or not the client asks for `ReturnConsumedCapacity`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::operation::Operation;

/// What one operation did to one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Usage {
    /// Requests; one that names several tables counts once for each of them.
    pub requests: u64,
    /// Read request units.
    pub read_units: f64,
    /// Write request units.
    pub write_units: f64,
}

impl Usage {
    pub(crate) fn read(units: f64) -> Usage {
        Usage {
            read_units: units,
            ..Usage::default()
        }
    }

    pub(crate) fn write(units: f64) -> Usage {
        Usage {
            write_units: units,
            ..Usage::default()
        }
    }
}

#[derive(Default)]
pub(crate) struct Meter {
    tables: Mutex<HashMap<String, HashMap<Operation, Usage>>>,
}

impl Meter {
    fn tables(&self) -> MutexGuard<'_, HashMap<String, HashMap<Operation, Usage>>> {
        // Counting never leaves an entry half changed, so a poisoned map is still a right one.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn request(&self, table: &str, operation: Operation) {
        self.add(
            table,
            operation,
            Usage {
                requests: 1,
                ..Usage::default()
            },
        );
    }

    pub(crate) fn add(&self, table: &str, operation: Operation, usage: Usage) {
        let mut tables = self.tables();
        let operations = match tables.get_mut(table) {
            Some(operations) => operations,
            None => tables.entry(table.to_owned()).or_default(),
        };
        let total = operations.entry(operation).or_default();
        total.requests += usage.requests;
        total.read_units += usage.read_units;
        total.write_units += usage.write_units;
    }

    pub(crate) fn counts(&self) -> BTreeMap<(String, String), Usage> {
        self.tables()
            .iter()
            .flat_map(|(table, operations)| {
                operations.iter().map(|(operation, usage)| {
                    ((table.clone(), operation.name().to_owned()), *usage)
                })
            })
            .collect()
    }

    pub(crate) fn reset(&self) {
        self.tables().clear();
    }
}
