//! PartiQL requests. Their tables stand inside the statements, which only the store reads.

use dynoxide::actions::batch_execute_statement::{
    self, BatchExecuteStatementRequest, BatchExecuteStatementResponse,
};
use dynoxide::actions::execute_statement::{
    self, ExecuteStatementRequest, ExecuteStatementResponse,
};
use dynoxide::actions::execute_transaction::{
    self, ExecuteTransactionRequest, ExecuteTransactionResponse,
};

use crate::action::{Action, Outcome, decode, ready};
use crate::engine::{Access, Core};
use crate::operation::Operation;

impl Action for ExecuteStatementRequest {
    type Answer = ExecuteStatementResponse;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        decode(operation, body)
    }

    fn access(&self) -> Access {
        Access::Write
    }

    fn reads(&self) -> bool {
        is_select(&self.statement)
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.return_consumed_capacity
    }

    fn run(self, core: &Core) -> Outcome<ExecuteStatementResponse> {
        ready(execute_statement::execute(&core.storage, self))
    }
}

impl Action for ExecuteTransactionRequest {
    type Answer = ExecuteTransactionResponse;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        decode(operation, body)
    }

    fn access(&self) -> Access {
        Access::Write
    }

    fn reads(&self) -> bool {
        self.transact_statements
            .first()
            .is_some_and(|first| is_select(&first.statement))
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.return_consumed_capacity
    }

    fn run(self, core: &Core) -> Outcome<ExecuteTransactionResponse> {
        ready(execute_transaction::execute(&core.storage, self))
    }
}

impl Action for BatchExecuteStatementRequest {
    type Answer = BatchExecuteStatementResponse;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        decode(operation, body)
    }

    /// Each statement succeeds or fails by itself.
    fn access(&self) -> Access {
        Access::Alone
    }

    fn reads(&self) -> bool {
        self.statements
            .first()
            .is_some_and(|first| is_select(&first.statement))
    }

    fn tables(&self) -> Vec<String> {
        Vec::new()
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.return_consumed_capacity
    }

    fn run(self, core: &Core) -> Outcome<BatchExecuteStatementResponse> {
        ready(batch_execute_statement::execute(&core.storage, self))
    }
}

fn is_select(statement: &str) -> bool {
    statement
        .trim_start()
        .get(..6)
        .is_some_and(|verb| verb.eq_ignore_ascii_case("SELECT"))
}
