//! Tells a customer what an event says: claim, send, mark. And forgets who is erased.

use contracts::customers::CustomerErased;
use contracts::orders::{OrderCancelled, OrderConfirmed};
use contracts::payments::PaymentRefunded;
use contracts::shipping::ShipmentDispatched;
use contracts::{Cause, CloudEvent, EventData as _};
use decider::{ExecuteError, execute, load};
use door::ConsumeError;
use identifiers::{CustomerId, MessageId, Timestamp};
use store::{Consistency, Origin, Store};

use crate::Notifications;
use crate::mail::{MailFailure, Mailer};
use crate::news::News;
use crate::reach::{Reach, ReachCommand};
use crate::told::{Act, Progress, SkipReason, TellCommand, TellRejection, Told};

/// The event types that notifications hears.
pub(crate) const HEARS: &[&str] = &[
    OrderConfirmed::TYPE,
    OrderCancelled::TYPE,
    ShipmentDispatched::TYPE,
    PaymentRefunded::TYPE,
    CustomerErased::TYPE,
];

/// Does what is to be done about an event; returns what is to be published before it is acknowledged.
pub async fn consume<S: Store + Clone, M: Mailer>(
    context: &Notifications<S, M>,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    if event.event_type == CustomerErased::TYPE {
        return forget(&context.store, event, now).await;
    }
    let news = News::read(event)?;
    let telling = Telling {
        store: &context.store,
        news: &news,
        cause: event.as_cause(now),
    };
    let contact = match reach_of(&context.store, &news.customer_id).await? {
        Some(Reach::By(contact)) => contact,
        Some(Reach::Erased { .. }) => return telling.finish(Act::Skip(SkipReason::Erased)).await,
        None => return telling.finish(Act::Skip(SkipReason::NoContact)).await,
    };
    // Written before the claim, so that a letter that cannot be written leaves none behind.
    let mail = context
        .letters
        .write(&news, &contact)
        .map_err(|error| ConsumeError::Refused(error.to_string()))?;
    if telling.claim().await? {
        context.mailer.send(&mail).await.map_err(consume_error)?;
    }
    telling.finish(Act::MarkSent(contact.language)).await
}

/// A failed mail is sent again when its claim's lease has run out: whether it left is not always known, and sending at
/// once would be the sender's own duplicate.
fn consume_error(failure: MailFailure) -> ConsumeError {
    match failure {
        MailFailure::Refused { .. } => ConsumeError::Refused(failure.to_string()),
        MailFailure::Failed { .. } => ConsumeError::Unavailable(failure.to_string()),
    }
}

/// Forgets where the customer is reached, also where nobody knew: an address that comes later is refused.
async fn forget<S: Store>(
    store: &S,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let CustomerErased { customer_id, .. } = event.data()?;
    let cause = event.as_cause(now);
    let command = ReachCommand::Erase { now };
    execute::<Reach, S>(store, &customer_id, &cause, Origin::Queue, &command)
        .await
        .map_err(ConsumeError::from_execute)?;
    Ok(Vec::new())
}

/// How the customer is reached. Only an answer that nobody knows must be sure, and costs a second read. One that is a
/// moment old may name an address that was erased in that moment: the mail was then under way when the erasure came.
async fn reach_of<S: Store>(
    store: &S,
    customer_id: &CustomerId,
) -> Result<Option<Reach>, decider::Failure> {
    let likely = load::<Reach, S>(store, customer_id, Consistency::Eventual).await?;
    match likely.into_state() {
        Some(reach) => Ok(Some(reach)),
        None => decider::read::<Reach, S>(store, customer_id).await,
    }
}

/// One message's way through the steps of telling.
struct Telling<'a, S> {
    store: &'a S,
    news: &'a News,
    cause: Cause,
}

impl<S: Store> Telling<'_, S> {
    /// Takes it upon this message to send. False where that is done with: the notice was sent or skipped before.
    ///
    /// The event's own id is recorded by the last step alone, for a redelivery must come this far again. A claim's id
    /// is that of its notice and instant; what it protects rests on the state, not on the id.
    async fn claim(&self) -> Result<bool, ConsumeError> {
        let claim = format!(
            "claim:{}:{}",
            self.news.notice,
            self.cause.now.milliseconds()
        );
        let cause = Cause {
            message_id: MessageId::new(claim)
                .expect("a kind's name and two numbers make an identifier"),
            ..self.cause.clone()
        };
        let outcome = execute::<Told, S>(
            self.store,
            &self.news.order_id,
            &cause,
            Origin::Queue,
            &self.command(Act::Claim),
        )
        .await
        .map_err(refusal)?;
        let progress = outcome
            .state
            .and_then(|told| told.progress(self.news.notice));
        match progress {
            // Another delivery claimed it in the very same millisecond, or this one did in a write whose outcome it
            // never learnt. Which of the two cannot be told, so the lease decides.
            Some(Progress::Claimed { .. }) if outcome.repeated => Err(being_told()),
            Some(Progress::Claimed { .. }) => Ok(true),
            Some(Progress::Sent { .. } | Progress::Skipped { .. }) | None => Ok(false),
        }
    }

    /// Takes the last step, or repeats what it said if it was taken before.
    async fn finish(&self, act: Act) -> Result<Vec<CloudEvent>, ConsumeError> {
        let outcome = execute::<Told, S>(
            self.store,
            &self.news.order_id,
            &self.cause,
            Origin::Queue,
            &self.command(act),
        )
        .await
        .map_err(refusal)?;
        Ok(outcome.events)
    }

    fn command(&self, act: Act) -> TellCommand {
        TellCommand {
            order_id: self.news.order_id.clone(),
            customer_id: self.news.customer_id.clone(),
            notice: self.news.notice,
            at: self.cause.now,
            act,
        }
    }
}

fn being_told() -> ConsumeError {
    ConsumeError::NotYet("another delivery may be sending this notice".to_owned())
}

fn refusal(error: ExecuteError<TellRejection>) -> ConsumeError {
    match error {
        ExecuteError::Rejected(TellRejection::BeingTold) => being_told(),
        ExecuteError::Rejected(
            rejection @ (TellRejection::NotClaimed | TellRejection::OthersOrder),
        ) => ConsumeError::Refused(format!("{rejection:?}")),
        ExecuteError::Failed(failure) => failure.into(),
    }
}
