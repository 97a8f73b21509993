//! Does a command about a reservation: as many steps as it takes, each one write together with the stock it moves.
//!
//! The message is recorded with the last step and not before: until then a redelivery goes on from where the work
//! stands, and from then on it republishes what the last step announced. Steps before the last announce nothing.

use std::collections::BTreeSet;

use contracts::{Cause, CloudEvent};
use decider::{
    ExecuteError, Failure, Loaded, MAX_ATTEMPTS, Step, load, note_committed, pause_before,
};
use futures::future::try_join_all;
use identifiers::{MessageId, OrderId, Sku};
use store::{
    Adjustment, CommitFailure, Consistency, Expected, Origin, Record, Refusal, Store, StoreFailure,
    TransactFailure, Write,
};

use crate::reservation::{Command, Rejection, Reservation};
use crate::stock::Stock;
use crate::store::{stock_key, stock_writes};

/// Does the command, and returns what is then to be published.
///
/// Reads are eventually consistent first, which costs half. Whatever they lead to is sure all the same: a write is
/// conditional on what was read, and a refusal is decided once more on strong reads of what it rests on. That there is
/// nothing to do needs no second look: each state in which a command does nothing is one that lasts.
///
/// # Errors
/// When the reservation refuses, the store fails, or others are first [`MAX_ATTEMPTS`] times in a row.
pub(crate) async fn settle<S: Store>(
    store: &S,
    order_id: &OrderId,
    cause: &Cause,
    command: Command,
) -> Result<Vec<CloudEvent>, ExecuteError<Rejection>> {
    let mut work = Work::begin(store, order_id, cause, command).await?;
    let mut attempt = 0;
    while attempt < MAX_ATTEMPTS {
        work.read_missing_stock().await?;
        let next = match work.next() {
            Ok(Next::Answer(events)) => return Ok(events),
            Ok(Next::Write(next)) => next,
            Err(ExecuteError::Rejected(rejection)) => {
                if work.look_again_before_refusing(&rejection).await? {
                    continue;
                }
                return Err(ExecuteError::Rejected(rejection));
            }
            Err(failed @ ExecuteError::Failed(_)) => return Err(failed),
        };
        let unsure = work.unsure_shortages(&next.state);
        if !unsure.is_empty() {
            work.read_stock_again(unsure).await?;
            continue;
        }
        match work.write(&next).await {
            Ok(()) if next.state.is_under_way() => {
                note_committed(&[]);
                work.go_on_from(next.record)?;
                attempt = 0;
            }
            Ok(()) => {
                note_committed(&next.events);
                return Ok(next.events);
            }
            Err(TransactFailure::Refused(refusals)) => {
                pause_before(store, &cause.message_id, attempt).await;
                attempt += 1;
                work.read_what_was_refused(&next, &refusals).await?;
            }
            // It may have been written: if so, the reservation shows it.
            Err(TransactFailure::Store(failure)) if failure.outcome_unknown => {
                tracing::warn!(error = %failure, "a write's outcome is unknown; reading again");
                pause_before(store, &cause.message_id, attempt).await;
                attempt += 1;
                work.read_reservation_again().await?;
            }
            Err(TransactFailure::Store(failure)) => return Err(Failure::Store(failure).into()),
            Err(TransactFailure::TooLarge { bytes }) => {
                let subject = order_id.to_string();
                return Err(Failure::TooLarge { subject, bytes }.into());
            }
        }
    }
    let subject = order_id.to_string();
    Err(Failure::Contended { subject }.into())
}

/// A command on its way, with what was read for it.
struct Work<'a, S> {
    store: &'a S,
    order_id: &'a OrderId,
    cause: &'a Cause,
    command: Command,
    reservation: Loaded<Reservation>,
    reservation_is_sure: bool,
    sure_stocks: BTreeSet<Sku>,
}

/// What is to be done next.
enum Next {
    /// Nothing is left to do; these events are to be published.
    Answer(Vec<CloudEvent>),
    /// A step is to be written.
    Write(Box<NextStep>),
}

/// A step to be written.
struct NextStep {
    record: Record,
    expected: Expected,
    stock: Vec<(Sku, Adjustment)>,
    state: Reservation,
    events: Vec<CloudEvent>,
}

impl<'a, S: Store> Work<'a, S> {
    /// A request to reserve is nearly always the first that is heard of its order, so nothing is read for it: the
    /// first write's condition finds out if something is there.
    async fn begin(
        store: &'a S,
        order_id: &'a OrderId,
        cause: &'a Cause,
        command: Command,
    ) -> Result<Self, Failure> {
        let reservation = match &command {
            Command::Reserve(_) => Loaded::from_record(order_id, None)?,
            Command::Release { .. } | Command::Dispatch(_) => {
                load(store, order_id, Consistency::Eventual).await?
            }
        };
        Ok(Self {
            store,
            order_id,
            cause,
            command,
            reservation,
            reservation_is_sure: false,
            sure_stocks: BTreeSet::new(),
        })
    }

    fn next(&self) -> Result<Next, ExecuteError<Rejection>> {
        let mut step = self
            .reservation
            .step(self.cause, Origin::Queue, &self.command)?;
        if let Step::Commit { state, .. } = &step
            && state.is_under_way()
        {
            // The message is not handled yet, so the step is recorded under a name of its own.
            let cause = Cause {
                message_id: step_id(self.order_id, self.reservation.version() + 1),
                ..self.cause.clone()
            };
            step = self
                .reservation
                .step(&cause, Origin::Queue, &self.command)?;
        }
        Ok(match step {
            Step::Repeated(events) => Next::Answer(events),
            Step::Nothing => Next::Answer(Vec::new()),
            Step::Commit {
                record,
                expected,
                state,
                events,
            } => {
                let before = self.reservation.state();
                let stock = stock_writes(before, &state, self.command.stocks());
                Next::Write(Box::new(NextStep {
                    record: *record,
                    expected,
                    stock,
                    state,
                    events,
                }))
            }
        })
    }

    /// Writes the step: the reservation alone where no stock moves, which costs half.
    async fn write(&self, next: &NextStep) -> Result<(), TransactFailure> {
        if next.stock.is_empty() {
            let committed = self.store.commit(&next.record, next.expected).await;
            return committed.map_err(|failure| match failure {
                CommitFailure::Conflict => TransactFailure::Refused(vec![Refusal::ConditionFailed]),
                CommitFailure::TooLarge { bytes } => TransactFailure::TooLarge { bytes },
                CommitFailure::Store(failure) => TransactFailure::Store(failure),
            });
        }
        let mut writes = Vec::with_capacity(1 + next.stock.len());
        writes.push(Write::Put {
            record: next.record.clone(),
            expected: next.expected,
        });
        let stock = next.stock.iter().map(|(_, adjustment)| adjustment.clone());
        writes.extend(stock.map(Write::Adjust));
        self.store.transact(&writes).await
    }

    fn go_on_from(&mut self, record: Record) -> Result<(), Failure> {
        self.reservation = Loaded::from_record(self.order_id, Some(record))?;
        self.reservation_is_sure = true;
        Ok(())
    }

    /// Reads again what a refusal rests on, if that was not read strongly yet; whether it did.
    async fn look_again_before_refusing(&mut self, rejection: &Rejection) -> Result<bool, Failure> {
        if !self.reservation_is_sure {
            self.read_reservation_again().await?;
            return Ok(true);
        }
        match rejection {
            Rejection::SoldMeanwhile { sku } if !self.sure_stocks.contains(sku) => {
                self.read_stock_again(vec![sku.clone()]).await?;
                Ok(true)
            }
            Rejection::SoldMeanwhile { .. }
            | Rejection::NoLines
            | Rejection::TooManyLines
            | Rejection::ZeroQuantity { .. }
            | Rejection::NotReservedYet
            | Rejection::NothingReserved
            | Rejection::MoreThanReserved { .. } => Ok(false),
        }
    }

    /// The SKUs that the step finds short by an eventual read.
    fn unsure_shortages(&self, after: &Reservation) -> Vec<Sku> {
        let known_before = self
            .reservation
            .state()
            .map_or(&[][..], Reservation::shortages);
        if !known_before.is_empty() {
            return Vec::new();
        }
        let short = after.shortages().iter().map(|shortage| &shortage.sku);
        short
            .filter(|sku| !self.sure_stocks.contains(sku))
            .cloned()
            .collect()
    }

    async fn read_reservation_again(&mut self) -> Result<(), Failure> {
        self.reservation = load(self.store, self.order_id, Consistency::Strong).await?;
        self.reservation_is_sure = true;
        Ok(())
    }

    async fn read_missing_stock(&mut self) -> Result<(), Failure> {
        let mut missing = self.command.needs_stock_of(self.reservation.state());
        let Some(stocks) = self.command.stocks_mut() else {
            return Ok(());
        };
        missing.retain(|sku| !stocks.contains_key(sku));
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = missing.iter().map(stock_key).collect();
        let mut records = self.store.load_many(&keys).await?;
        records.sort_by(|one, other| one.key.cmp(&other.key));
        for (sku, key) in missing.into_iter().zip(keys) {
            let found = records.binary_search_by(|record| record.key.cmp(&key));
            let stock = found.map(|position| Stock::from_record(&records[position]));
            stocks.insert(sku, stock.unwrap_or_default());
        }
        Ok(())
    }

    async fn read_stock_again(&mut self, skus: Vec<Sku>) -> Result<(), Failure> {
        let reads = skus.iter().map(async |sku| {
            let record = self
                .store
                .load(&stock_key(sku), Consistency::Strong)
                .await?;
            Ok::<_, StoreFailure>(record.as_ref().map(Stock::from_record).unwrap_or_default())
        });
        let read = try_join_all(reads).await?;
        if let Some(stocks) = self.command.stocks_mut() {
            stocks.extend(skus.iter().cloned().zip(read));
        }
        self.sure_stocks.extend(skus);
        Ok(())
    }

    /// Reads again what was not as it had been read. Where another transaction merely held an item, there is nothing
    /// to read: the same write may succeed.
    async fn read_what_was_refused(
        &mut self,
        next: &NextStep,
        refusals: &[Refusal],
    ) -> Result<(), Failure> {
        let failed = |position: usize| refusals.get(position) == Some(&Refusal::ConditionFailed);
        if failed(0) {
            self.read_reservation_again().await?;
        }
        let stock = next.stock.iter().enumerate();
        let changed = stock.filter(|(position, _)| failed(position + 1));
        let changed = changed.map(|(_, (sku, _))| sku.clone()).collect();
        self.read_stock_again(changed).await
    }
}

/// The name of a step that is not its message's last: by the version, so that it is never given twice.
fn step_id(order_id: &OrderId, version: u64) -> MessageId {
    MessageId::new(format!("step:{order_id}:{version}"))
        .expect("an order id and a number make a message id")
}
