//! TransactWriteItems: the one request with a memory (its client request token).

use std::collections::BTreeMap;

use dynoxide::DynoxideError;
use dynoxide::actions::transact_write_items::{
    self, TransactWriteItem, TransactWriteItemsRequest, TransactWriteItemsResponse,
};
use dynoxide::types::{ConsumedCapacity, item_size};

use crate::action::{Action, Outcome, decode, distinct, ready};
use crate::engine::{Access, Core};
use crate::idempotency::{Known, fingerprint};
use crate::operation::Operation;
use crate::reader;
use crate::refused::{Refused, ask};

/// A transaction with the hash of its items as the client sent them.
pub(crate) struct TransactWrite {
    request: TransactWriteItemsRequest,
    fingerprint: Option<u128>,
}

fn table(item: &TransactWriteItem) -> Option<&String> {
    item.put
        .as_ref()
        .map(|put| &put.table_name)
        .or_else(|| item.update.as_ref().map(|update| &update.table_name))
        .or_else(|| item.delete.as_ref().map(|delete| &delete.table_name))
        .or_else(|| item.condition_check.as_ref().map(|check| &check.table_name))
}

impl TransactWrite {
    /// What a repeated token answers: done, at the price of reading the items (two units for each of up to
    /// four kilobytes; larger ones are charged no more, because their size is not kept).
    fn replay(&self) -> TransactWriteItemsResponse {
        let mut units = BTreeMap::new();
        for table in self.request.transact_items.iter().filter_map(table) {
            *units.entry(table.clone()).or_insert(0.0) += 2.0;
        }
        TransactWriteItemsResponse {
            consumed_capacity: Some(
                units
                    .into_iter()
                    .map(|(table_name, capacity_units)| ConsumedCapacity {
                        table_name,
                        capacity_units,
                        read_capacity_units: Some(capacity_units),
                        ..ConsumedCapacity::default()
                    })
                    .collect(),
            ),
            item_collection_metrics: None,
        }
    }
}

impl Action for TransactWrite {
    type Answer = TransactWriteItemsResponse;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        let request = match reader::transact_write_items(body) {
            Some(plain) => plain,
            None => decode(operation, body)?,
        };
        let fingerprint = request
            .client_request_token
            .as_ref()
            .map(|_| fingerprint(&request.transact_items));
        Ok(TransactWrite {
            request,
            fingerprint,
        })
    }

    fn access(&self) -> Access {
        Access::Write
    }

    fn tables(&self) -> Vec<String> {
        distinct(self.request.transact_items.iter().filter_map(table))
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.request.return_consumed_capacity
    }

    fn ask_for_refusing_items(&mut self) -> Vec<bool> {
        self.request
            .transact_items
            .iter_mut()
            .map(|item| {
                [
                    item.put
                        .as_mut()
                        .map(|put| &mut put.return_values_on_condition_check_failure),
                    item.update
                        .as_mut()
                        .map(|update| &mut update.return_values_on_condition_check_failure),
                    item.delete
                        .as_mut()
                        .map(|delete| &mut delete.return_values_on_condition_check_failure),
                    item.condition_check
                        .as_mut()
                        .map(|check| &mut check.return_values_on_condition_check_failure),
                ]
                .into_iter()
                .flatten()
                .any(ask)
            })
            .collect()
    }

    fn refused_units(&self) -> Refused {
        Refused(
            self.request
                .transact_items
                .iter()
                .filter_map(|item| {
                    let size = item.put.as_ref().map_or(0, |put| item_size(&put.item));
                    Some((table(item)?.clone(), size))
                })
                .collect(),
        )
    }

    fn run(self, core: &Core) -> Outcome<TransactWriteItemsResponse> {
        let (Some(token), Some(fingerprint)) =
            (self.request.client_request_token.clone(), self.fingerprint)
        else {
            return ready(transact_write_items::execute(&core.storage, self.request));
        };
        match core.tokens.borrow_mut().look_up(&token, fingerprint) {
            Known::Same => return Ok(self.replay()),
            Known::Other => {
                return Err(DynoxideError::IdempotentParameterMismatchException(
                    "An error occurred (IdempotentParameterMismatchException)".to_owned(),
                ));
            }
            Known::No => {}
        }
        let answer = ready(transact_write_items::execute(&core.storage, self.request))?;
        core.tokens.borrow_mut().record(token, fingerprint);
        Ok(answer)
    }
}
