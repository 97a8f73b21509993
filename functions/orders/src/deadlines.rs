//! Orders whose replies have been too long in coming.

use contracts::Cause;
use decider::{ExecuteError, Failure};
use door::Sweep;
use identifiers::{CorrelationId, MessageId, Timestamp};
use store::{Origin, Store};

use crate::Orders;
use crate::order::{Order, OrderCommand};
use crate::store::order_id_of;

/// How many one sweep takes of each partition of the index. What is left is taken by the next, a minute later.
const SWEPT_PER_SHARD: usize = 50;

pub(crate) async fn sweep<S: Store>(orders: &Orders<S>, now: Timestamp) -> Result<Sweep, Failure> {
    let mut sweep = Sweep::default();
    for due in store::due(&orders.store, now.seconds(), SWEPT_PER_SHARD).await? {
        let Some(order_id) = order_id_of(&due.key) else {
            continue;
        };
        sweep.due += 1;
        // The same deadline met twice, by two sweeps at once, is the same message.
        let message_id = MessageId::new(format!("deadline:{order_id}:{}", due.at_seconds));
        let cause = Cause {
            message_id: message_id.unwrap_or_else(|_| MessageId::generate()),
            correlation_id: CorrelationId::from(&order_id),
            traceparent: None,
            request: None,
            now,
        };
        let command = OrderCommand::MeetDeadline {
            now,
            reply_by: orders.config.reply_by(now),
        };
        match decider::execute::<Order, _>(
            &orders.store,
            &order_id,
            &cause,
            Origin::Schedule,
            &command,
        )
        .await
        {
            Ok(_) => {}
            Err(ExecuteError::Rejected(rejection)) => {
                tracing::error!(%order_id, error = %rejection, "an order in the index of deadlines refuses");
                sweep.failed += 1;
            }
            Err(ExecuteError::Failed(failure)) => {
                tracing::error!(%order_id, error = %failure, "a deadline could not be met");
                sweep.failed += 1;
            }
        }
    }
    Ok(sweep)
}
