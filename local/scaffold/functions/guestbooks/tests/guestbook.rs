//! Every state against every command.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use decider::Aggregate as _;
use guestbooks::guestbook::{
    Guestbook, GuestbookCommand, GuestbookEvent, GuestbookRejection, GuestbookStatus,
};
use identifiers::{CustomerId, OrderId};

fn order() -> OrderId {
    OrderId::new("o-1").unwrap()
}

fn customer(id: &str) -> CustomerId {
    CustomerId::new(id).unwrap()
}

fn write(by: &str, note: &str) -> GuestbookCommand {
    GuestbookCommand::Write {
        order_id: order(),
        customer_id: customer(by),
        note: note.to_owned(),
    }
}

fn close() -> GuestbookCommand {
    GuestbookCommand::Close { order_id: order() }
}

fn written(by: &str, note: &str) -> GuestbookEvent {
    GuestbookEvent::Written {
        order_id: order(),
        customer_id: customer(by),
        note: note.to_owned(),
    }
}

fn closed() -> GuestbookEvent {
    GuestbookEvent::Closed { order_id: order() }
}

fn state(events: &[GuestbookEvent]) -> Option<Guestbook> {
    events
        .iter()
        .fold(None, |state, event| Some(Guestbook::evolve(state, event)))
}

#[test]
fn every_state_answers_every_command() {
    type Outcome = Result<Vec<GuestbookEvent>, GuestbookRejection>;
    let none: &[GuestbookEvent] = &[];
    let open = &[written("c-1", "hello")][..];
    let shut = &[written("c-1", "hello"), closed()][..];
    let tombstone = &[closed()][..];
    let others = Err(GuestbookRejection::OthersGuestbook);
    let refused = Err(GuestbookRejection::Closed);
    let again = || Ok(vec![written("c-1", "more")]);
    let nothing = || Ok(Vec::new());
    let table: Vec<(&[GuestbookEvent], GuestbookCommand, Outcome)> = vec![
        (none, write("c-1", "more"), again()),
        (none, close(), Ok(vec![closed()])),
        (open, write("c-1", "more"), again()),
        (open, write("c-1", "hello"), nothing()),
        (open, write("c-2", "more"), others.clone()),
        (open, close(), Ok(vec![closed()])),
        (shut, write("c-1", "more"), refused.clone()),
        (shut, write("c-1", "hello"), nothing()),
        (shut, write("c-2", "more"), others),
        (shut, close(), nothing()),
        (tombstone, write("c-1", "more"), refused),
        (tombstone, close(), nothing()),
    ];
    for (given, when, then) in table {
        let state = state(given);
        assert_eq!(
            Guestbook::decide(state.as_ref(), &when),
            then,
            "{given:?} {when:?}"
        );
    }
}

#[test]
fn closing_keeps_what_was_written() {
    let guestbook = state(&[written("c-1", "hello"), closed()]).unwrap();
    assert_eq!(guestbook.note.as_deref(), Some("hello"));
    assert_eq!(guestbook.status, GuestbookStatus::Closed);
}
