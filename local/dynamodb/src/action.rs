//! Item requests: how each is read, run on the store, and billed.
//!
//! Every request asks the store for its capacity, and every conditional write for the item that refused it,
//! because both are needed to bill it; what the client did not ask for is taken out of the answer again.

use std::collections::BTreeSet;

use dynoxide::DynoxideError;
use dynoxide::actions::batch_execute_statement::BatchExecuteStatementResponse;
use dynoxide::actions::batch_write_item::{self, BatchWriteItemRequest, BatchWriteItemResponse};
use dynoxide::actions::delete_item::{self, DeleteItemRequest, DeleteItemResponse};
use dynoxide::actions::execute_statement::ExecuteStatementResponse;
use dynoxide::actions::execute_transaction::ExecuteTransactionResponse;
use dynoxide::actions::put_item::{self, PutItemRequest, PutItemResponse};
use dynoxide::actions::query::{self, QueryRequest, QueryResponse};
use dynoxide::actions::scan::{self, ScanRequest, ScanResponse};
use dynoxide::actions::transact_get_items::{
    self, TransactGetItemsRequest, TransactGetItemsResponse,
};
use dynoxide::actions::transact_write_items::TransactWriteItemsResponse;
use dynoxide::actions::update_item::{self, UpdateItemRequest, UpdateItemResponse};
use dynoxide::types::ConsumedCapacity;
use futures::FutureExt;
use serde::de::DeserializeOwned;

use crate::engine::{Access, Core};
use crate::operation::Operation;
use crate::reader;
use crate::refused::{Refused, ask};

pub(crate) type Outcome<T> = Result<T, DynoxideError>;

/// The store's futures never suspend: it runs SQLite on the thread that polls it.
pub(crate) fn ready<T>(future: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    future.now_or_never().unwrap_or_else(|| {
        Err(DynoxideError::InternalServerError(
            "the table store suspended".to_owned(),
        ))
    })
}

/// An item request.
pub(crate) trait Action: Sized + Send + 'static {
    type Answer: Answer;

    /// How the request uses the store.
    fn access(&self) -> Access;

    /// Whether its capacity is of the reading kind.
    fn reads(&self) -> bool {
        self.access() == Access::Read
    }

    /// The tables the request names, each once.
    fn tables(&self) -> Vec<String>;

    fn capacity_mode(&mut self) -> &mut Option<String>;

    /// Asks for the items that refuse a condition; the answer says, by position, where the client had not.
    fn ask_for_refusing_items(&mut self) -> Vec<bool> {
        Vec::new()
    }

    /// What a refused conditional write costs, by table, given the failure with its items.
    fn refused_units(&self) -> Refused {
        Refused::default()
    }

    fn run(self, core: &Core) -> Outcome<Self::Answer>;

    /// Reads the request.
    fn read(operation: Operation, body: &[u8]) -> Outcome<Self>;
}

/// The answer to an item request.
pub(crate) trait Answer: Send + 'static {
    fn capacity(&self) -> Vec<&ConsumedCapacity>;
    fn strip_capacity(&mut self);
    fn json(&self) -> Outcome<String>;
}

macro_rules! answers {
    ($($answer:ty),+ $(,)?) => {$(
        impl Answer for $answer {
            fn capacity(&self) -> Vec<&ConsumedCapacity> {
                self.consumed_capacity.iter().collect()
            }

            fn strip_capacity(&mut self) {
                self.consumed_capacity = None;
            }

            fn json(&self) -> Outcome<String> {
                serde_json::to_string(self)
                    .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
            }
        }
    )+};
}

macro_rules! answers_of_several_tables {
    ($($answer:ty),+ $(,)?) => {$(
        impl Answer for $answer {
            fn capacity(&self) -> Vec<&ConsumedCapacity> {
                self.consumed_capacity.iter().flatten().collect()
            }

            fn strip_capacity(&mut self) {
                self.consumed_capacity = None;
            }

            fn json(&self) -> Outcome<String> {
                serde_json::to_string(self)
                    .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
            }
        }
    )+};
}

answers!(
    QueryResponse,
    ScanResponse,
    PutItemResponse,
    UpdateItemResponse,
    DeleteItemResponse,
    ExecuteStatementResponse,
);
answers_of_several_tables!(
    BatchWriteItemResponse,
    TransactGetItemsResponse,
    TransactWriteItemsResponse,
    ExecuteTransactionResponse,
    BatchExecuteStatementResponse,
);

macro_rules! reads {
    ($($request:ty => $answer:ty, $module:ident;)+) => {$(
        impl Action for $request {
            type Answer = $answer;

            fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
                decode(operation, body)
            }

            fn access(&self) -> Access {
                Access::Read
            }

            fn tables(&self) -> Vec<String> {
                vec![self.table_name.clone()]
            }

            fn capacity_mode(&mut self) -> &mut Option<String> {
                &mut self.return_consumed_capacity
            }

            fn run(self, core: &Core) -> Outcome<$answer> {
                ready($module::execute(&core.storage, self))
            }
        }
    )+};
}

reads! {
    QueryRequest => QueryResponse, query;
    ScanRequest => ScanResponse, scan;
}

macro_rules! conditional_writes {
    ($($request:ty => $answer:ty, $module:ident, $plain:expr;)+) => {$(
        impl Action for $request {
            type Answer = $answer;

            fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
                let plain: fn(&[u8]) -> Option<$request> = $plain;
                plain(body).map_or_else(|| decode(operation, body), Ok)
            }

            fn access(&self) -> Access {
                Access::Write
            }

            fn tables(&self) -> Vec<String> {
                vec![self.table_name.clone()]
            }

            fn capacity_mode(&mut self) -> &mut Option<String> {
                &mut self.return_consumed_capacity
            }

            fn ask_for_refusing_items(&mut self) -> Vec<bool> {
                vec![ask(&mut self.return_values_on_condition_check_failure)]
            }

            fn refused_units(&self) -> Refused {
                Refused(vec![(self.table_name.clone(), 0)])
            }

            fn run(self, core: &Core) -> Outcome<$answer> {
                ready($module::execute(&core.storage, self))
            }
        }
    )+};
}

conditional_writes! {
    PutItemRequest => PutItemResponse, put_item, reader::put_item;
    UpdateItemRequest => UpdateItemResponse, update_item, reader::update_item;
    DeleteItemRequest => DeleteItemResponse, delete_item, |_| None;
}

impl Action for BatchWriteItemRequest {
    type Answer = BatchWriteItemResponse;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        decode(operation, body)
    }

    fn access(&self) -> Access {
        Access::Write
    }

    fn tables(&self) -> Vec<String> {
        distinct(self.request_items.keys())
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.return_consumed_capacity
    }

    fn run(self, core: &Core) -> Outcome<BatchWriteItemResponse> {
        ready(batch_write_item::execute(&core.storage, self))
    }
}

impl Action for TransactGetItemsRequest {
    type Answer = TransactGetItemsResponse;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        decode(operation, body)
    }

    fn access(&self) -> Access {
        Access::Read
    }

    fn tables(&self) -> Vec<String> {
        distinct(self.transact_items.iter().map(|item| &item.get.table_name))
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.return_consumed_capacity
    }

    fn run(self, core: &Core) -> Outcome<TransactGetItemsResponse> {
        ready(transact_get_items::execute(&core.storage, self))
    }
}

pub(crate) fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    names
        .collect::<BTreeSet<_>>()
        .into_iter()
        .cloned()
        .collect()
}

/// The store's error for a body it could not read, in DynamoDB's classes. The store's own readers mark what
/// they refuse with a prefix; everything else is told apart by serde's wording.
pub(crate) fn decode<T: DeserializeOwned>(operation: Operation, body: &[u8]) -> Outcome<T> {
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        let bare = match message.rfind(" at line ") {
            Some(at) if message[at..].contains("column") => &message[..at],
            Some(_) | None => message.as_str(),
        };
        if let Some(reason) = bare.strip_prefix("VALIDATION_REQUEST:") {
            let enveloped = matches!(
                operation,
                Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem
            );
            DynoxideError::ValidationException(if enveloped {
                format!("1 validation error detected: {reason}")
            } else {
                reason.to_owned()
            })
        } else if let Some(reason) = bare
            .strip_prefix("VALIDATION:")
            .or_else(|| bare.strip_prefix("VALIDATION_AS_READ:"))
        {
            DynoxideError::ValidationException(reason.to_owned())
        } else if let Some(reason) = bare
            .strip_prefix("SERIALIZATION:")
            .or_else(|| bare.strip_prefix("SERIALIZATION_AS_READ:"))
        {
            DynoxideError::SerializationException(reason.to_owned())
        } else if bare.contains("empty AttributeValue") {
            DynoxideError::ValidationException(
                "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
                    .to_owned(),
            )
        } else if ["missing field", "unknown variant", "invalid type: null", "Supplied AttributeValue"]
            .iter()
            .any(|refused| bare.contains(refused))
        {
            DynoxideError::ValidationException(bare.to_owned())
        } else {
            DynoxideError::SerializationException(bare.to_owned())
        }
    })
}
