//! Every state of a payment against every command: what happens, or why not.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

use std::fmt::Write as _;

use decider::Aggregate as _;
use identifiers::{CustomerId, MessageId, OrderId, Timestamp};
use money::{Currency, Money};
use payments::authorising::SEARCH_SETTLES_SECONDS;
use payments::call::{CallName, Step};
use payments::decision::{PaymentCommand, PaymentRequest};
use payments::payment::{MAX_ATTEMPTS, Payment};
use payments::payment_event::{Ending, PaymentEvent};
use payments::provider::{Intent, Phase};
use payments::reply::Reply;

const START: Timestamp = Timestamp::from_milliseconds(1_795_512_600_000);
const AMOUNT: Money = Money::new(5280, Currency::JPY);

fn order_id() -> OrderId {
    OrderId::new("order-1").unwrap()
}

fn customer_id() -> CustomerId {
    CustomerId::new("customer-1").unwrap()
}

fn after_seconds(seconds: i64) -> Timestamp {
    START.plus_seconds(seconds)
}

fn request(attempt: u32, amount: Money, now: Timestamp) -> PaymentCommand {
    PaymentCommand::Request(PaymentRequest {
        order_id: order_id(),
        customer_id: customer_id(),
        attempt,
        amount,
        payment_method: "pm_1".to_owned(),
        pay_until: after_seconds(3600),
        now,
    })
}

fn cancel() -> PaymentCommand {
    PaymentCommand::CancelOrder {
        order_id: order_id(),
        customer_id: customer_id(),
        now: after_seconds(10),
    }
}

fn dispatch() -> PaymentCommand {
    PaymentCommand::CaptureOnDispatch {
        now: after_seconds(10),
    }
}

fn refund(amount_minor: Option<i64>, wish: &str) -> PaymentCommand {
    let amount = amount_minor.map(|amount_minor| Money::new(amount_minor, Currency::JPY));
    PaymentCommand::Refund {
        amount,
        wish: MessageId::new(wish).unwrap(),
        now: after_seconds(10),
    }
}

fn intent(phase: Phase) -> Intent {
    Intent {
        intent_id: "pi_1".to_owned(),
        order_id: Some(order_id()),
        attempt: Some(1),
        amount: AMOUNT,
        phase,
    }
}

fn held() -> Phase {
    Phase::Held {
        until: after_seconds(7 * 24 * 3600),
    }
}

fn acting() -> Phase {
    Phase::ActionRequired { url: None }
}

fn failed() -> Phase {
    Phase::Failed {
        code: "expired_card".to_owned(),
    }
}

fn reply_at(step: Step, reply: Reply, seconds: i64) -> PaymentCommand {
    PaymentCommand::NoteReply {
        call: CallName { step, attempt: 1 },
        reply,
        now: after_seconds(seconds),
    }
}

fn reply(step: Step, reply: Reply) -> PaymentCommand {
    reply_at(step, reply, 20)
}

fn note(phase: Phase) -> PaymentCommand {
    PaymentCommand::NoteIntent {
        intent: intent(phase),
        now: after_seconds(20),
    }
}

const VOID: Step = Step::Void {
    ending: Ending::OrderCancelled,
};

/// The state after commands, each of which must be taken.
fn after(commands: &[PaymentCommand]) -> Option<Payment> {
    commands.iter().fold(None, |state, command| {
        let events = Payment::decide(state.as_ref(), command).expect("the state can be reached");
        events
            .iter()
            .fold(state, |state, event| Some(Payment::evolve(state, event)))
    })
}

fn states() -> Vec<(&'static str, Option<Payment>)> {
    let requested = || vec![request(1, AMOUNT, START)];
    let then = |mut before: Vec<PaymentCommand>, more: &[PaymentCommand]| {
        before.extend_from_slice(more);
        before
    };
    let acting = || {
        then(
            requested(),
            &[reply(Step::Authorise, Reply::Intent(intent(acting())))],
        )
    };
    let authorized = || {
        then(
            requested(),
            &[reply(Step::Authorise, Reply::Intent(intent(held())))],
        )
    };
    let capturing = || then(authorized(), &[dispatch()]);
    let captured = || {
        then(
            capturing(),
            &[reply(Step::Capture, Reply::Intent(intent(Phase::Captured)))],
        )
    };
    let given_up = || {
        then(
            requested(),
            &[reply_at(Step::Authorise, Reply::Unreachable, 3600)],
        )
    };
    let table: Vec<(&'static str, Vec<PaymentCommand>)> = vec![
        ("none", vec![]),
        ("cancelled", vec![cancel()]),
        ("requested", requested()),
        ("requested, cancelled", then(requested(), &[cancel()])),
        ("action required", acting()),
        ("action required, voiding", then(acting(), &[cancel()])),
        ("authorized", authorized()),
        ("authorized, capturing", capturing()),
        (
            "authorized, capturing, cancelled",
            then(capturing(), &[cancel()]),
        ),
        ("authorized, voiding", then(authorized(), &[cancel()])),
        (
            "declined",
            then(
                requested(),
                &[reply(Step::Authorise, Reply::Intent(intent(failed())))],
            ),
        ),
        ("declined, looking for a hold", given_up()),
        ("voided", then(authorized(), &[note(Phase::Cancelled)])),
        ("captured", captured()),
        (
            "captured, refunding 5000",
            then(captured(), &[refund(Some(5000), "wish-1")]),
        ),
    ];
    table
        .into_iter()
        .map(|(name, commands)| (name, after(&commands)))
        .collect()
}

fn commands() -> Vec<(&'static str, PaymentCommand)> {
    let refund_1 = Step::Refund { number: 1 };
    let made = Reply::RefundMade {
        refund_id: "re_1".to_owned(),
    };
    let refused = || Reply::Refused {
        code: "no".to_owned(),
    };
    vec![
        ("request 1", request(1, AMOUNT, after_seconds(10))),
        (
            "request 1, too late",
            request(1, AMOUNT, after_seconds(3600)),
        ),
        (
            "request 1, other amount",
            request(1, Money::new(1, Currency::JPY), after_seconds(10)),
        ),
        (
            "request 1 of nothing",
            request(1, Money::zero(Currency::JPY), after_seconds(10)),
        ),
        ("request 2", request(2, AMOUNT, after_seconds(10))),
        (
            "request 2, other currency",
            request(2, Money::new(5280, Currency::USD), after_seconds(10)),
        ),
        ("request 0", request(0, AMOUNT, after_seconds(10))),
        (
            "request past the last",
            request(MAX_ATTEMPTS + 1, AMOUNT, after_seconds(10)),
        ),
        ("cancel", cancel()),
        ("dispatch", dispatch()),
        ("refund all", refund(None, "wish-2")),
        ("refund 281", refund(Some(281), "wish-2")),
        ("refund again", refund(Some(5000), "wish-1")),
        ("refund nothing", refund(Some(0), "wish-2")),
        (
            "authorise: held",
            reply(Step::Authorise, Reply::Intent(intent(held()))),
        ),
        (
            "authorise: action",
            reply(Step::Authorise, Reply::Intent(intent(acting()))),
        ),
        (
            "authorise: processing",
            reply(Step::Authorise, Reply::Intent(intent(Phase::Processing))),
        ),
        (
            "authorise: failed",
            reply(Step::Authorise, Reply::Intent(intent(failed()))),
        ),
        ("authorise: refused", reply(Step::Authorise, refused())),
        (
            "authorise: no answer",
            reply(Step::Authorise, Reply::Unreachable),
        ),
        (
            "authorise: no answer, late",
            reply_at(Step::Authorise, Reply::Unreachable, 3600),
        ),
        (
            "authorise: key burnt",
            reply(Step::Authorise, Reply::KeyBurnt),
        ),
        (
            "authorise: key burnt, later",
            reply_at(Step::Authorise, Reply::KeyBurnt, SEARCH_SETTLES_SECONDS),
        ),
        (
            "find: held",
            reply(Step::Find, Reply::Intent(intent(held()))),
        ),
        ("find: nothing", reply(Step::Find, Reply::NotFound)),
        (
            "find: nothing for long",
            reply_at(Step::Find, Reply::NotFound, 4 * 3600),
        ),
        (
            "capture: captured",
            reply(Step::Capture, Reply::Intent(intent(Phase::Captured))),
        ),
        (
            "capture: gone",
            reply(Step::Capture, Reply::Intent(intent(Phase::Cancelled))),
        ),
        (
            "capture: no answer",
            reply(Step::Capture, Reply::Unreachable),
        ),
        ("capture: key burnt", reply(Step::Capture, Reply::KeyBurnt)),
        (
            "void: cancelled",
            reply(VOID, Reply::Intent(intent(Phase::Cancelled))),
        ),
        (
            "void: captured",
            reply(VOID, Reply::Intent(intent(Phase::Captured))),
        ),
        ("void: refused", reply(VOID, refused())),
        ("refund: made", reply(refund_1, made)),
        ("refund: refused", reply(refund_1, refused())),
        ("refund: no answer", reply(refund_1, Reply::Unreachable)),
        ("hint: held", note(held())),
        ("hint: action", note(acting())),
        ("hint: failed", note(failed())),
        ("hint: cancelled", note(Phase::Cancelled)),
        ("hint: captured", note(Phase::Captured)),
        (
            "deadline, early",
            PaymentCommand::MeetDeadline {
                now: after_seconds(10),
            },
        ),
        (
            "deadline, an hour on",
            PaymentCommand::MeetDeadline {
                now: after_seconds(3700),
            },
        ),
        ("leave to the sweep", PaymentCommand::LeaveToSweep),
    ]
}

fn word(event: &PaymentEvent) -> String {
    match event {
        PaymentEvent::OrderCancelled { .. } => "order off".to_owned(),
        PaymentEvent::Requested { attempt, .. } => format!("requested {attempt}"),
        PaymentEvent::CallBegan(call) => format!("begin {}", step_word(call.step)),
        PaymentEvent::CallParked { call, .. } => format!("park {}", step_word(call.step)),
        PaymentEvent::KeyBurnt { call, .. } => format!("burnt key of {}", step_word(call.step)),
        PaymentEvent::CallRenewed { call, .. } => format!("new key for {}", step_word(call.step)),
        PaymentEvent::CallDropped(call) => format!("drop {}", step_word(call.step)),
        PaymentEvent::Authorized { .. } => "authorized".to_owned(),
        PaymentEvent::HoldFound { .. } => "hold found".to_owned(),
        PaymentEvent::ActionRequired { .. } => "action required".to_owned(),
        PaymentEvent::Declined { reason, .. } => format!("declined ({reason})"),
        PaymentEvent::HoldStands { .. } => "hold stands".to_owned(),
        PaymentEvent::Captured { .. } => "captured".to_owned(),
        PaymentEvent::Voided { ending, .. } => format!("voided ({})", ending.as_str()),
        PaymentEvent::RefundBegan { amount_minor, .. } => format!("refund {amount_minor}"),
        PaymentEvent::Refunded { number, .. } => format!("refunded {number}"),
        PaymentEvent::RefundRefused { number, .. } => format!("refund {number} refused"),
        PaymentEvent::AskedAgain => "answer again".to_owned(),
        PaymentEvent::LeftToSweep => "left to the sweep".to_owned(),
    }
}

fn step_word(step: Step) -> String {
    match step {
        Step::Authorise => "authorise".to_owned(),
        Step::Find => "find".to_owned(),
        Step::Capture => "capture".to_owned(),
        Step::Void { ending } => format!("void ({})", ending.as_str()),
        Step::Refund { number } => format!("call of refund {number}"),
    }
}

/// One line per pair that does something or refuses; pairs that do nothing are counted at the end of their state.
fn table() -> String {
    let mut text = String::new();
    for (name, state) in states() {
        let mut nothing = 0;
        writeln!(text, "{name}").unwrap();
        for (command_name, command) in commands() {
            let outcome = match Payment::decide(state.as_ref(), &command) {
                Ok(events) if events.is_empty() => {
                    nothing += 1;
                    continue;
                }
                Ok(events) => events.iter().map(word).collect::<Vec<_>>().join(", "),
                Err(rejection) => format!("refused: {rejection}"),
            };
            writeln!(text, "  {command_name} -> {outcome}").unwrap();
        }
        writeln!(text, "  {nothing} others -> nothing").unwrap();
    }
    text
}

#[test]
fn each_state_answers_each_command_as_the_table_says() {
    let expected = include_str!("decision_table.txt");
    let found = table();
    for (line, (expected, found)) in expected.lines().zip(found.lines()).enumerate() {
        assert_eq!(found, expected, "line {} of decision_table.txt", line + 1);
    }
    assert_eq!(found, expected, "{found}");
}

#[test]
fn no_pair_takes_more_than_is_there_or_loses_its_call() {
    for (name, state) in states() {
        for (command_name, command) in commands() {
            let Ok(events) = Payment::decide(state.as_ref(), &command) else {
                continue;
            };
            let Some(payment) = events.iter().fold(state.clone(), |state, event| {
                Some(Payment::evolve(state, event))
            }) else {
                continue;
            };
            let pair = format!("{name} x {command_name}");
            let amount_minor = payment.amount.map_or(0, |amount| amount.amount_minor);
            assert!(payment.captured_minor() <= amount_minor, "{pair}");
            assert!(
                (0..=payment.captured_minor()).contains(&payment.refunded_minor()),
                "{pair}"
            );
            assert!(payment.refundable_minor() >= 0, "{pair}");
            assert!(
                !(payment.capturing().is_some() && payment.voiding().is_some()),
                "{pair}: both at once"
            );
            for (position, call) in payment.calls.iter().enumerate() {
                assert!(
                    payment.calls[position + 1..]
                        .iter()
                        .all(|other| !other.is(call.name())),
                    "{pair}: twice"
                );
            }
        }
    }
}
