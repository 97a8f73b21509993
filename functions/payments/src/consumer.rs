//! What is done about other contexts' events.
//!
//! A message may take two commits: one records the call that it leads to, under an id derived from the message's own;
//! the other records what came of the call, under the message's own id. A redelivery in between finds the first and not
//! the second, and resumes at the call. Where the provider gives no answer, the call is parked instead and the message
//! acknowledged: the sweep makes it again for as long as it takes, which a queue's few receives would not.
//!
//! Of two deliveries at once, the quicker one's acknowledgement takes the message from the queue for both. So a delivery
//! that made no first commit has its second one published by the stream, which needs no message; and one that finds the
//! first commit made and no call to make records that it leaves the call to the sweep, so that the other, if it is still
//! at the call, commits nothing that nobody would publish.

use ::store::{Origin, Store};
use contracts::orders::{OrderCancelled, PaymentRequested};
use contracts::shipping::ShipmentDispatched;
use contracts::{Cause, CloudEvent, EventData};
use decider::{ExecuteError, Outcome, Part, execute, execute_part};
use door::ConsumeError;
use identifiers::{MessageId, OrderId, Timestamp};

use crate::call::{Call, Step};
use crate::decision::{PaymentCommand, PaymentRejection, PaymentRequest};
use crate::payment::{Payment, Status};
use crate::provider::Provider;
use crate::{Payments, deadlines, till};

/// The event types that payments hears.
pub const HEARS: &[&str] = &[
    PaymentRequested::TYPE,
    OrderCancelled::TYPE,
    ShipmentDispatched::TYPE,
];

pub(crate) async fn consume<S: Store, P: Provider>(
    payments: &Payments<S, P>,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let (order_id, command) = read(event, now)?;
    let cause = event.as_cause(now);
    let part = begin(payments, &order_id, &cause, &command).await?;
    let (begun, note_origin, may_be_at_it) = match part {
        Part::Ended(ended) => return Ok(ended.events),
        Part::Taken(begun) => (begun, Origin::Queue, false),
        Part::Repeated(begun) => (begun, Origin::Schedule, true),
        Part::Nothing(idle) => (idle, Origin::Schedule, false),
    };
    let mut events = begun.events;
    let Some(payment) = begun.state else {
        return Ok(events);
    };
    report_unpaid_dispatch(&payment, &command);
    // A parked call is the sweep's: whatever comes of it is published from there.
    let is_ours = |call: &&Call| call.next_at.is_none() && is_led_to(call, &command);
    if let Some(call) = payment.calls.iter().find(is_ours) {
        let reply = till::make(payments.provider.as_ref(), &payment, call, now).await;
        let note = PaymentCommand::NoteReply {
            call: call.name(),
            reply,
            now,
        };
        let noted = step(payments, &order_id, &cause, note_origin, &note).await?;
        report_lapse_before_capture(call, noted.state.as_ref());
        deadlines::settle_what_is_due(payments, noted.state.as_ref(), now).await;
        events.extend(noted.events);
    } else if may_be_at_it {
        let leave = PaymentCommand::LeaveToSweep;
        let left = step(payments, &order_id, &cause, Origin::Queue, &leave).await?;
        events.extend(left.events);
    }
    Ok(events)
}

fn read(event: &CloudEvent, now: Timestamp) -> Result<(OrderId, PaymentCommand), ConsumeError> {
    match event.event_type.as_str() {
        PaymentRequested::TYPE => {
            let PaymentRequested {
                order_id,
                customer_id,
                attempt,
                amount,
                payment_method,
                pay_until,
            } = event.data()?;
            let request = PaymentRequest {
                order_id: order_id.clone(),
                customer_id,
                attempt,
                amount,
                payment_method,
                pay_until,
                now,
            };
            Ok((order_id, PaymentCommand::Request(request)))
        }
        OrderCancelled::TYPE => {
            let OrderCancelled {
                order_id,
                customer_id,
                ..
            } = event.data()?;
            Ok((
                order_id.clone(),
                PaymentCommand::CancelOrder {
                    order_id,
                    customer_id,
                    now,
                },
            ))
        }
        ShipmentDispatched::TYPE => {
            let ShipmentDispatched { order_id, .. } = event.data()?;
            Ok((order_id, PaymentCommand::CaptureOnDispatch { now }))
        }
        other => Err(contracts::UnreadableEvent::UnknownType(other.to_owned()).into()),
    }
}

/// Whether the call is one that the command records, so that this message is its retry.
fn is_led_to(call: &Call, command: &PaymentCommand) -> bool {
    match command {
        PaymentCommand::Request(request) => {
            call.step == Step::Authorise && call.attempt == request.attempt
        }
        PaymentCommand::CancelOrder { .. } => {
            matches!(call.step, Step::Void { .. } | Step::Refund { .. })
        }
        PaymentCommand::CaptureOnDispatch { .. } => call.step == Step::Capture,
        PaymentCommand::Refund { .. }
        | PaymentCommand::NoteReply { .. }
        | PaymentCommand::NoteIntent { .. }
        | PaymentCommand::MeetDeadline { .. }
        | PaymentCommand::LeaveToSweep => false,
    }
}

/// The first part of a message: what it leads to before the provider is asked.
async fn begin<S: Store, P: Provider>(
    payments: &Payments<S, P>,
    order_id: &OrderId,
    cause: &Cause,
    command: &PaymentCommand,
) -> Result<Part<Payment>, ConsumeError> {
    let part = derived(cause, "intent")?;
    let whole = &cause.message_id;
    execute_part::<Payment, S>(
        &payments.store,
        order_id,
        &part,
        whole,
        Origin::Queue,
        command,
    )
    .await
    .map_err(consume_error)
}

async fn step<S: Store, P: Provider>(
    payments: &Payments<S, P>,
    order_id: &OrderId,
    cause: &Cause,
    origin: Origin,
    command: &PaymentCommand,
) -> Result<Outcome<Payment>, ConsumeError> {
    let outcome = execute::<Payment, S>(&payments.store, order_id, cause, origin, command).await;
    outcome.map_err(consume_error)
}

fn consume_error(error: ExecuteError<PaymentRejection>) -> ConsumeError {
    match error {
        ExecuteError::Rejected(rejection @ PaymentRejection::NotAuthorizedYet) => {
            ConsumeError::NotYet(rejection.to_string())
        }
        ExecuteError::Rejected(rejection) => ConsumeError::Refused(rejection.to_string()),
        ExecuteError::Failed(failure) => ConsumeError::Failed(failure),
    }
}

fn derived(cause: &Cause, suffix: &str) -> Result<Cause, ConsumeError> {
    let message_id = MessageId::new(format!("{}:{suffix}", cause.message_id));
    let message_id = message_id
        .map_err(|error| ConsumeError::Refused(format!("its id is too long: {error}")))?;
    Ok(Cause {
        message_id,
        ..cause.clone()
    })
}

/// Goods that left without a payment are nobody's fault here, and somebody must know.
fn report_unpaid_dispatch(payment: &Payment, command: &PaymentCommand) {
    let is_unpaid = match payment.status {
        Status::Cancelled | Status::Declined | Status::Voided => true,
        Status::Authorized => payment.voiding().is_some(),
        Status::Requested | Status::ActionRequired | Status::Captured => false,
    };
    if is_unpaid && matches!(command, PaymentCommand::CaptureOnDispatch { .. }) {
        tracing::error!(order_id = %payment.order_id, "a parcel left without a payment: there is no hold to capture");
    }
}

pub(crate) fn report_lapse_before_capture(call: &Call, payment: Option<&Payment>) {
    if let Some(payment) = payment
        && call.step == Step::Capture
        && payment.status == Status::Voided
    {
        tracing::error!(order_id = %payment.order_id, "a parcel left and its hold had lapsed before it was captured");
    }
}
