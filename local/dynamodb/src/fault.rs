//! Faults on demand, for tests of what must survive them.

use std::sync::{Arc, PoisonError, RwLock};

use crate::operation::Operation;

/// A data request, before anything is done for it.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// The tables the request names, each once.
    pub tables: Vec<String>,
    /// What is asked of them.
    pub operation: Operation,
}

/// What is to become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Do it and answer.
    Proceed,
    /// Do nothing and answer `ProvisionedThroughputExceededException`, as for a hot item.
    Refuse,
    /// Do it, then answer 500: the client cannot know that it was done.
    LoseAnswer,
    /// Do nothing and answer that another transaction holds an item: `TransactionCanceledException` with the
    /// reason `TransactionConflict` for a transaction, `TransactionConflictException` otherwise.
    TransactionConflict,
}

/// Decides the fate of each data request.
pub type FaultHook = Box<dyn Fn(&RequestInfo) -> Verdict + Send + Sync>;

#[derive(Default)]
pub(crate) struct Faults {
    hook: RwLock<Option<Arc<FaultHook>>>,
}

impl Faults {
    pub(crate) fn set(&self, hook: Option<FaultHook>) {
        *self.hook.write().unwrap_or_else(PoisonError::into_inner) = hook.map(Arc::new);
    }

    pub(crate) fn verdict(&self, tables: &[String], operation: Operation) -> Verdict {
        let hook = self
            .hook
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match hook {
            None => Verdict::Proceed,
            Some(hook) => hook(&RequestInfo {
                tables: tables.to_vec(),
                operation,
            }),
        }
    }
}
