//! Given, when, then: what a reservation does about each command in each of its states.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::inventory::ReservationFailure;
use decider::Aggregate as _;
use inventory::reservation::{
    Command, Dispatch, Ending, Event, LINES_PER_STEP, MAX_LINES, Quantity, Rejection, Reservation,
    Reserve, Status,
};
use inventory::stock::{Level, Stock, Stocks};
use shop::{NOW, order, sku};

fn quantities(lines: &[(&str, u64)]) -> Vec<Quantity> {
    let lines = lines.iter().map(|(name, quantity)| Quantity {
        sku: sku(name),
        quantity: *quantity,
    });
    lines.collect()
}

fn many(count: usize) -> Vec<Quantity> {
    let lines = (0..count).map(|number| Quantity {
        sku: sku(&format!("S{number:04}")),
        quantity: 1,
    });
    lines.collect()
}

fn stocks(levels: &[(&str, i64)]) -> Stocks {
    let stock = |available: i64| {
        let level = Level {
            available,
            received: available,
            threshold: 2,
        };
        Stock {
            locations: [("main".parse().unwrap(), level)].into(),
        }
    };
    levels
        .iter()
        .map(|(name, available)| (sku(name), stock(*available)))
        .collect()
}

fn enough_for(lines: &[Quantity]) -> Stocks {
    let stock = |line: &Quantity| {
        let available = i64::try_from(line.quantity).unwrap() + 100;
        let level = Level {
            available,
            received: available,
            threshold: 0,
        };
        Stock {
            locations: [("main".parse().unwrap(), level)].into(),
        }
    };
    lines
        .iter()
        .map(|line| (line.sku.clone(), stock(line)))
        .collect()
}

fn reserve_with(lines: Vec<Quantity>, stocks: Stocks) -> Command {
    Command::Reserve(Reserve {
        order_id: order("o"),
        lines,
        until: NOW.plus_seconds(60),
        now: NOW,
        stocks,
    })
}

fn reserve(lines: Vec<Quantity>) -> Command {
    let stocks = enough_for(&lines);
    reserve_with(lines, stocks)
}

fn reserve_short(lines: Vec<Quantity>) -> Command {
    reserve_with(lines, Stocks::new())
}

fn reserve_late(lines: Vec<Quantity>) -> Command {
    let stocks = enough_for(&lines);
    Command::Reserve(Reserve {
        order_id: order("o"),
        lines,
        until: NOW,
        now: NOW.plus_seconds(1),
        stocks,
    })
}

fn release() -> Command {
    Command::Release {
        order_id: order("o"),
    }
}

fn dispatch(parcel: u32, lines: &[(&str, u64)]) -> Command {
    dispatch_with(parcel, lines, Stocks::new())
}

fn dispatch_with(parcel: u32, lines: &[(&str, u64)], stocks: Stocks) -> Command {
    Command::Dispatch(Dispatch {
        parcel,
        lines: quantities(lines),
        stocks,
    })
}

/// The state that commands lead to, one after another.
fn given(commands: &[Command]) -> Option<Reservation> {
    commands.iter().fold(None, |state, command| {
        let events = Reservation::decide(state.as_ref(), command).unwrap();
        events.iter().fold(state, |state, event| {
            Some(Reservation::evolve(state, event))
        })
    })
}

fn name(event: &Event) -> &'static str {
    match event {
        Event::Asked { .. } => "asked",
        Event::Took { .. } => "took",
        Event::Crossed(_) => "crossed",
        Event::Reserved { .. } => "reserved",
        Event::GaveUp { .. } => "gave up",
        Event::GaveBack { .. } => "gave back",
        Event::Ended {
            ending: Ending::Released,
            ..
        } => "released",
        Event::Ended {
            ending: Ending::Failed(refusal),
            ..
        }
        | Event::AnsweredFailed { refusal, .. } => match refusal.reason {
            ReservationFailure::OutOfStock => "failed: out of stock",
            ReservationFailure::TooLate => "failed: too late",
            ReservationFailure::Released => "failed: released",
        },
        Event::Forestalled => "forestalled",
        Event::Warned(_) => "warned",
        Event::AnsweredReserved { .. } => "answered: reserved",
        Event::Dispatched { .. } => "dispatched",
        Event::LeftLate { .. } => "left late",
    }
}

fn check(given: Option<&Reservation>, when: &Command, then: Result<&[&str], Rejection>) {
    let events = Reservation::decide(given, when);
    let names = events.map(|events| events.iter().map(name).collect::<Vec<_>>());
    let status = given.map(|state| &state.status);
    assert_eq!(
        names,
        then.map(<[_]>::to_vec),
        "given {status:?}, when {when:?}"
    );
}

#[test]
fn every_state_meets_every_command() {
    let two = || quantities(&[("A", 2), ("B", 1)]);
    let big = || many(150);
    let nothing = None;
    let reserving = given(&[reserve(big())]);
    let reserved = given(&[reserve(two())]);
    let partly = given(&[reserve(two()), dispatch(1, &[("A", 1)])]);
    let consumed = given(&[reserve(two()), dispatch(1, &[("A", 2), ("B", 1)])]);
    let giving_back = given(&[reserve(big()), reserve(big()), release()]);
    let failing = given(&[
        reserve(many(300)),
        reserve(many(300)),
        reserve_short(many(300)),
    ]);
    let released = given(&[reserve(two()), release()]);
    let tombstone = given(&[release()]);
    let failed = given(&[reserve_short(two())]);
    let too_late = given(&[reserve_late(two())]);

    let states = [
        &reserving,
        &reserved,
        &partly,
        &consumed,
        &giving_back,
        &failing,
        &released,
        &tombstone,
        &failed,
    ];
    let statuses = states.map(|state| state.as_ref().map(|state| state.status.clone()).unwrap());
    assert!(matches!(
        statuses,
        [
            Status::Reserving,
            Status::Reserved,
            Status::PartlyConsumed,
            Status::Consumed,
            Status::Releasing(Ending::Released),
            Status::Releasing(Ending::Failed(_)),
            Status::Ended(Ending::Released),
            Status::Ended(Ending::Released),
            Status::Ended(Ending::Failed(_)),
        ]
    ));

    let on = |state: &Option<Reservation>, when: Command, then: Result<&[&str], Rejection>| {
        check(state.as_ref(), &when, then)
    };
    let more_than = |name: &str| Err(Rejection::MoreThanReserved { sku: sku(name) });

    // Reserve, with enough, with too little, and too late.
    on(&nothing, reserve(two()), Ok(&["asked", "took", "reserved"]));
    on(&nothing, reserve(big()), Ok(&["asked", "took"]));
    on(
        &nothing,
        reserve_short(two()),
        Ok(&["failed: out of stock"]),
    );
    on(&nothing, reserve_late(two()), Ok(&["failed: too late"]));
    on(&reserving, reserve(big()), Ok(&["took", "reserved"]));
    on(
        &reserving,
        reserve_short(big()),
        Ok(&["gave up", "gave back", "failed: out of stock"]),
    );
    on(
        &reserving,
        reserve_late(big()),
        Ok(&["gave up", "gave back", "failed: too late"]),
    );
    on(
        &failing,
        reserve(many(300)),
        Ok(&["gave back", "failed: out of stock"]),
    );
    for again in [reserve(two()), reserve_short(two()), reserve_late(two())] {
        on(&reserved, again.clone(), Ok(&["answered: reserved"]));
        on(&partly, again.clone(), Ok(&[]));
        on(&consumed, again.clone(), Ok(&[]));
        on(&giving_back, again.clone(), Ok(&["failed: released"]));
        on(&released, again.clone(), Ok(&["failed: released"]));
        on(&tombstone, again.clone(), Ok(&["failed: released"]));
        on(&failed, again.clone(), Ok(&["failed: out of stock"]));
        on(&too_late, again, Ok(&["failed: too late"]));
    }

    // Release.
    on(&nothing, release(), Ok(&["forestalled"]));
    on(
        &reserving,
        release(),
        Ok(&["gave up", "gave back", "released"]),
    );
    on(
        &reserved,
        release(),
        Ok(&["gave up", "gave back", "released"]),
    );
    on(
        &partly,
        release(),
        Ok(&["gave up", "gave back", "released"]),
    );
    on(&giving_back, release(), Ok(&["gave back", "released"]));
    on(
        &failing,
        release(),
        Ok(&["gave up", "gave back", "released"]),
    );
    for state in [&consumed, &released, &tombstone, &failed, &too_late] {
        on(state, release(), Ok(&[]));
    }

    // Dispatch: the rest, the same parcel again, and more than there is.
    let second = || dispatch(2, &[("A", 1)]);
    on(&nothing, second(), Err(Rejection::NotReservedYet));
    on(&reserving, second(), Err(Rejection::NotReservedYet));
    on(&giving_back, second(), Err(Rejection::NotReservedYet));
    on(&reserved, second(), Ok(&["dispatched"]));
    on(&partly, second(), Ok(&["dispatched"]));
    on(&partly, dispatch(1, &[("A", 1)]), Ok(&[]));
    on(&partly, dispatch(2, &[("A", 2)]), more_than("A"));
    on(&reserved, dispatch(1, &[("C", 1)]), more_than("C"));
    on(&reserved, dispatch(1, &[]), Err(Rejection::NoLines));
    on(&consumed, second(), more_than("A"));
    on(&consumed, dispatch(1, &[("A", 2), ("B", 1)]), Ok(&[]));
    for state in [&failing, &tombstone, &failed, &too_late] {
        on(state, second(), Err(Rejection::NothingReserved));
    }
    on(
        &released,
        second(),
        Err(Rejection::SoldMeanwhile { sku: sku("A") }),
    );
    on(
        &released,
        dispatch_with(2, &[("A", 2)], stocks(&[("A", 9)])),
        Ok(&["left late"]),
    );
    on(
        &released,
        dispatch_with(2, &[("A", 2)], stocks(&[("A", 3)])),
        Ok(&["left late", "crossed", "warned"]),
    );
    on(
        &released,
        dispatch_with(2, &[("A", 3)], stocks(&[("A", 9)])),
        more_than("A"),
    );
}

#[test]
fn senseless_requests_are_refused() {
    check(None, &reserve(Vec::new()), Err(Rejection::NoLines));
    check(
        None,
        &reserve(many(MAX_LINES + 1)),
        Err(Rejection::TooManyLines),
    );
    check(
        None,
        &reserve(quantities(&[("A", 1), ("B", 0)])),
        Err(Rejection::ZeroQuantity { sku: sku("B") }),
    );
}

#[test]
fn all_short_lines_are_named_up_to_the_contracts_limit_and_nothing_is_taken() {
    let failed = given(&[reserve_with(
        quantities(&[("A", 2), ("B", 3), ("C", 1)]),
        stocks(&[("A", 2), ("B", 2)]),
    )])
    .unwrap();
    let short: Vec<_> = failed
        .shortages()
        .iter()
        .map(|short| (short.sku.as_str(), short.requested, short.available))
        .collect();
    assert_eq!(short, [("B", 3, 2), ("C", 1, 0)]);
    assert!(failed.taken_since(None).is_empty());
    let many_short = given(&[reserve_short(many(50))]).unwrap();
    assert_eq!(many_short.shortages().len(), 20);
}

#[test]
fn a_quantity_beyond_any_counter_is_a_shortage() {
    let failed = given(&[reserve_with(
        quantities(&[("A", u64::MAX)]),
        stocks(&[("A", 5)]),
    )])
    .unwrap();
    assert_eq!(failed.shortages()[0].requested, u32::MAX);
}

#[test]
fn running_low_is_warned_of_once_by_the_line_that_crosses() {
    let check = |available: i64, quantity: u64, expected: &[&str]| {
        let when = reserve_with(quantities(&[("A", quantity)]), stocks(&[("A", available)]));
        check(None, &when, Ok(expected));
    };
    check(5, 3, &["asked", "took", "reserved"]);
    check(5, 4, &["asked", "took", "crossed", "reserved", "warned"]);
    check(2, 2, &["asked", "took", "crossed", "reserved", "warned"]);
    check(1, 1, &["asked", "took", "reserved"]);
}

#[test]
fn warnings_of_early_steps_wait_for_the_last() {
    let lines = many(LINES_PER_STEP + 1);
    let mut low = enough_for(&lines);
    let first = low.get_mut(&sku("S0000")).unwrap();
    *first = stocks(&[("x", 2)]).remove(&sku("x")).unwrap();
    let begun = given(&[reserve_with(lines.clone(), low)]).unwrap();
    assert_eq!(begun.warnings.len(), 1);
    check(
        Some(&begun),
        &reserve(lines.clone()),
        Ok(&["took", "reserved", "warned"]),
    );
    check(
        Some(&begun),
        &release(),
        Ok(&["gave up", "gave back", "released", "warned"]),
    );
}

#[test]
fn a_step_never_moves_more_lines_than_a_transaction_has_room_for() {
    let lines = many(MAX_LINES);
    let (mut state, mut steps) = (None, 0);
    for command in [reserve(lines), release()] {
        while state.as_ref().is_none_or(|state: &Reservation| {
            steps == 0
                || state.is_under_way()
                || matches!(
                    (&command, &state.status),
                    (Command::Release { .. }, Status::Reserved)
                )
        }) {
            let events = Reservation::decide(state.as_ref(), &command).unwrap();
            let before = state.clone();
            state = events.iter().fold(state, |state, event| {
                Some(Reservation::evolve(state, event))
            });
            let moved = state.as_ref().unwrap().taken_since(before.as_ref());
            assert!(
                !moved.is_empty() && moved.len() <= LINES_PER_STEP,
                "{} lines",
                moved.len()
            );
            steps += 1;
        }
    }
    assert_eq!(steps, 2 * MAX_LINES.div_ceil(LINES_PER_STEP));
    assert!(state.unwrap().taken_since(None).is_empty());
}
