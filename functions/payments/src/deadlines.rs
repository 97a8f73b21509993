//! The sweep: calls that are due again, customers who did not act in time, holds whose time is over.

use std::collections::BTreeSet;
use std::time::Duration;

use ::store::{Consistency, Key, Origin, Store};
use contracts::Cause;
use decider::{ExecuteError, Failure, Outcome, execute, load};
use door::Sweep;
use futures::future::join_all;
use identifiers::{CorrelationId, MessageId, OrderId, Timestamp};
use tokio::time::Instant;

use crate::call::Call;
use crate::consumer::report_lapse_before_capture;
use crate::decision::{PaymentCommand, PaymentRejection};
use crate::payment::{Payment, Status};
use crate::provider::Provider;
use crate::reply::Reply;
use crate::store::order_id_of;
use crate::{Payments, till};

/// How many payments of each partition of the index are worked on together.
const AT_ONCE_PER_SHARD: usize = 8;

/// How long a sweep goes on taking up more, of the function's ten seconds: the last ones still have time for a call
/// that ends in its time-out.
const TAKES_UP_FOR: Duration = Duration::from_secs(3);

/// What came of one payment that was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// It was dealt with, or parked.
    Done,
    /// The provider gave no answer: others would not get one either.
    ProviderDown,
}

pub(crate) async fn sweep<S: Store, P: Provider>(
    payments: &Payments<S, P>,
    now: Timestamp,
) -> Result<Sweep, Failure> {
    let began = Instant::now();
    let mut sweep = Sweep::default();
    let mut seen: BTreeSet<Key> = BTreeSet::new();
    loop {
        let due = ::store::due(&payments.store, now.seconds(), AT_ONCE_PER_SHARD).await?;
        let fresh: Vec<_> = due
            .into_iter()
            .filter(|due| seen.insert(due.key.clone()))
            .collect();
        if fresh.is_empty() {
            return Ok(sweep);
        }
        sweep.due += fresh.len();
        let order_ids = fresh.iter().filter_map(|due| order_id_of(&due.key));
        let results = join_all(order_ids.map(|order_id| settle(payments, order_id, now))).await;
        let mut is_down = false;
        for result in results {
            match result {
                Ok(settled) => is_down |= settled == Settled::ProviderDown,
                Err(error) => {
                    tracing::error!(error = %error, "a payment that is due was not dealt with");
                    sweep.failed += 1;
                }
            }
        }
        if is_down || began.elapsed() > TAKES_UP_FOR {
            return Ok(sweep);
        }
    }
}

/// Makes at once the calls that a reply has just made due, as when an order was cancelled while its authorisation was
/// under way. The sweep makes those that fail here.
pub(crate) async fn settle_what_is_due<S: Store, P: Provider>(
    payments: &Payments<S, P>,
    payment: Option<&Payment>,
    now: Timestamp,
) {
    let due = payment.filter(|payment| payment.calls.iter().any(|call| call.is_due(now)));
    let Some(payment) = due else {
        return;
    };
    if let Err(error) = settle(payments, payment.order_id.clone(), now).await {
        tracing::warn!(order_id = %payment.order_id, error = %error, "a call that is due is left to the sweep");
    }
}

async fn settle<S: Store, P: Provider>(
    payments: &Payments<S, P>,
    order_id: OrderId,
    now: Timestamp,
) -> Result<Settled, ExecuteError<PaymentRejection>> {
    let loaded = load::<Payment, S>(&payments.store, &order_id, Consistency::Strong).await?;
    let Some(mut payment) = loaded.into_state() else {
        return Ok(Settled::Done);
    };
    let mut tick = Tick {
        payments,
        order_id: &order_id,
        now,
        steps: 0,
    };
    if let Some(state) = tick
        .step(&PaymentCommand::MeetDeadline { now })
        .await?
        .state
    {
        payment = state;
    }
    let due: Vec<Call> = payment
        .calls
        .iter()
        .filter(|call| call.is_due(now))
        .cloned()
        .collect();
    let mut settled = Settled::Done;
    for call in &due {
        let reply = till::make(payments.provider.as_ref(), &payment, call, now).await;
        if reply == Reply::Unreachable {
            settled = Settled::ProviderDown;
        }
        let noted = tick
            .step(&PaymentCommand::NoteReply {
                call: call.name(),
                reply,
                now,
            })
            .await?;
        report_lapse_before_capture(call, noted.state.as_ref());
        if let Some(state) = noted.state {
            payment = state;
        }
    }
    if due.is_empty() && ask_about_hold(&mut tick, &payment).await? == Settled::ProviderDown {
        settled = Settled::ProviderDown;
    }
    Ok(settled)
}

/// The time of a hold is over: the provider says whether it still stands.
async fn ask_about_hold<S: Store, P: Provider>(
    tick: &mut Tick<'_, S, P>,
    payment: &Payment,
) -> Result<Settled, ExecuteError<PaymentRejection>> {
    let now = tick.now;
    let is_over =
        payment.status == Status::Authorized && payment.until.is_some_and(|until| until <= now);
    let Some(intent_id) = payment.intent_id.as_deref().filter(|_| is_over) else {
        return Ok(Settled::Done);
    };
    match tick.payments.provider.look(intent_id).await {
        Ok(Some(intent)) => {
            tick.step(&PaymentCommand::NoteIntent { intent, now })
                .await?;
            Ok(Settled::Done)
        }
        Ok(None) => {
            tracing::error!(order_id = %payment.order_id, intent_id, "the provider does not know a payment that it held");
            Ok(Settled::Done)
        }
        Err(failure) => {
            tracing::warn!(order_id = %payment.order_id, error = %failure, "the provider could not be asked about a hold");
            Ok(Settled::ProviderDown)
        }
    }
}

/// One payment's part of a tick.
struct Tick<'a, S, P> {
    payments: &'a Payments<S, P>,
    order_id: &'a OrderId,
    now: Timestamp,
    steps: u32,
}

impl<S: Store, P: Provider> Tick<'_, S, P> {
    async fn step(
        &mut self,
        command: &PaymentCommand,
    ) -> Result<Outcome<Payment>, ExecuteError<PaymentRejection>> {
        let message_id = MessageId::new(format!("tick:{}:{}", self.now.milliseconds(), self.steps));
        self.steps += 1;
        let cause = Cause {
            message_id: message_id.expect("two numbers make an identifier"),
            correlation_id: CorrelationId::from(self.order_id),
            traceparent: None,
            request: None,
            now: self.now,
        };
        execute::<Payment, S>(
            &self.payments.store,
            self.order_id,
            &cause,
            Origin::Schedule,
            command,
        )
        .await
    }
}
