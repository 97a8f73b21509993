//! Given a shipment, when a command comes, then these events: every state with every command, and the fine print.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use contracts::orders::OrderedLine;
use decider::Aggregate;
use identifiers::{CustomerId, MessageId, OrderId, Region, Sku, Timestamp};
use shipping::shipment::{
    NewShipment, Quantity, Shipment, ShipmentCommand, ShipmentEvent, ShipmentRejection,
    ShipmentState, ShipmentStatus,
};

const NOW: Timestamp = Timestamp::from_milliseconds(1_795_512_600_000);

fn order_id() -> OrderId {
    OrderId::new("o-1").unwrap()
}

fn lines(lines: &[(&str, u32)]) -> Vec<OrderedLine> {
    let line = |(sku, quantity): &(&str, u32)| OrderedLine {
        sku: Sku::new(*sku).unwrap(),
        quantity: *quantity,
    };
    lines.iter().map(line).collect()
}

fn create_with(ordered: &[(&str, u32)]) -> ShipmentCommand {
    ShipmentCommand::Create(NewShipment {
        order_id: order_id(),
        customer_id: CustomerId::new("c-1").unwrap(),
        region: Region::new("JP-13").unwrap(),
        delivery_address_id: None,
        weight_grams: 890,
        lines: lines(ordered),
        at: NOW,
    })
}

fn create() -> ShipmentCommand {
    create_with(&[("tea", 2), ("pot", 1)])
}

fn cancel() -> ShipmentCommand {
    let order_id = order_id();
    ShipmentCommand::Cancel { order_id }
}

fn pack(packed: Option<&[(&str, u32)]>) -> ShipmentCommand {
    let lines = packed.map(lines);
    ShipmentCommand::Pack { lines }
}

fn dispatch(tracking_number: &str, content: Option<&[(&str, u32)]>) -> ShipmentCommand {
    ShipmentCommand::Dispatch {
        carrier: "Yamato".into(),
        tracking_number: tracking_number.into(),
        lines: content.map(lines),
        at: NOW,
    }
}

fn deliver(parcel: Option<u32>) -> ShipmentCommand {
    ShipmentCommand::Deliver { parcel, at: NOW }
}

fn give_back(wish: &str, content: &[(&str, u32)]) -> ShipmentCommand {
    ShipmentCommand::ReceiveReturn {
        message_id: MessageId::new(wish).unwrap(),
        lines: lines(content),
        restock: true,
        at: NOW,
    }
}

/// The state that the commands lead to; each of them must be taken.
fn given(commands: &[ShipmentCommand]) -> Option<ShipmentState> {
    let mut state = None;
    for command in commands {
        for event in Shipment::decide(state.as_ref(), command).unwrap() {
            state = Some(Shipment::evolve(state, &event));
        }
    }
    state
}

fn decide(
    state: &Option<ShipmentState>,
    command: &ShipmentCommand,
) -> Result<Vec<ShipmentEvent>, ShipmentRejection> {
    Shipment::decide(state.as_ref(), command)
}

fn in_short(decision: &Result<Vec<ShipmentEvent>, ShipmentRejection>) -> String {
    let text = match decision {
        Ok(events) if events.is_empty() => return "-".to_owned(),
        Ok(events) => {
            let names: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
            let name = |text: &String| text.split([' ', '(']).next().unwrap().to_owned();
            return names.iter().map(name).collect::<Vec<_>>().join("+");
        }
        Err(rejection) => format!("!{rejection:?}"),
    };
    text.split([' ', '(']).next().unwrap().to_owned()
}

#[test]
fn every_state_answers_every_command() {
    let part: &[(&str, u32)] = &[("tea", 1)];
    let states = [
        ("none", given(&[])),
        ("cancelled unconfirmed", given(&[cancel()])),
        ("to pack", given(&[create()])),
        ("packed", given(&[create(), pack(None)])),
        ("part left", given(&[create(), dispatch("T1", Some(part))])),
        ("all left", given(&[create(), dispatch("T1", None)])),
        (
            "arrived",
            given(&[create(), dispatch("T1", None), deliver(None)]),
        ),
        ("cancelled", given(&[create(), cancel()])),
    ];
    let commands = [
        create(),
        cancel(),
        pack(None),
        dispatch("T1", None),
        dispatch("T2", None),
        deliver(None),
        give_back("w-1", &[("tea", 1)]),
    ];
    let expected = [
        // state, create, cancel, pack, dispatch T1, dispatch T2, deliver, return
        [
            "none",
            "Created",
            "CancelledUnconfirmed",
            "!Unknown",
            "!Unknown",
            "!Unknown",
            "!Unknown",
            "!Unknown",
        ],
        [
            "cancelled unconfirmed",
            "-",
            "CancelledUnconfirmed",
            "!Cancelled",
            "!Cancelled",
            "!Cancelled",
            "!Cancelled",
            "!Cancelled",
        ],
        [
            "to pack",
            "-",
            "Cancelled",
            "Packed",
            "Dispatched",
            "Dispatched",
            "!NothingDispatched",
            "!NothingDispatched",
        ],
        [
            "packed",
            "-",
            "Cancelled",
            "-",
            "Dispatched",
            "Dispatched",
            "!NothingDispatched",
            "!NothingDispatched",
        ],
        [
            "part left",
            "-",
            "-",
            "Packed",
            "!TrackingNumberTaken",
            "Dispatched",
            "Delivered",
            "ReturnReceived",
        ],
        [
            "all left",
            "-",
            "-",
            "-",
            "-",
            "!NothingLeft",
            "Delivered",
            "ReturnReceived",
        ],
        [
            "arrived",
            "-",
            "-",
            "-",
            "-",
            "!NothingLeft",
            "-",
            "ReturnReceived",
        ],
        [
            "cancelled",
            "-",
            "Cancelled",
            "!Cancelled",
            "!Cancelled",
            "!Cancelled",
            "!Cancelled",
            "!Cancelled",
        ],
    ];
    for ((name, state), row) in states.iter().zip(expected) {
        assert_eq!(*name, row[0]);
        for (command, expected) in commands.iter().zip(&row[1..]) {
            let decision = decide(state, command);
            assert_eq!(in_short(&decision), *expected, "{name}: {command:?}");
        }
    }
}

#[test]
fn the_status_follows_what_happened() {
    let part: &[(&str, u32)] = &[("tea", 1), ("pot", 1)];
    let mut commands = vec![];
    let story = [
        (create(), ShipmentStatus::ToPack, true),
        (pack(Some(&[("tea", 2)])), ShipmentStatus::ToPack, true),
        (pack(Some(&[("pot", 1)])), ShipmentStatus::Packed, true),
        (
            dispatch("T1", Some(part)),
            ShipmentStatus::PartiallyDispatched,
            true,
        ),
        (deliver(Some(1)), ShipmentStatus::PartiallyDispatched, true),
        (dispatch("T2", None), ShipmentStatus::Dispatched, false),
        (deliver(None), ShipmentStatus::Delivered, false),
        (
            give_back("w-1", &[("tea", 2)]),
            ShipmentStatus::Delivered,
            false,
        ),
    ];
    for (command, status, open) in story {
        commands.push(command);
        let state = given(&commands).unwrap();
        assert_eq!(
            (state.status(), state.is_open()),
            (status, open),
            "{commands:?}"
        );
    }
}

#[test]
fn parcels_are_complete_only_when_the_last_piece_leaves_and_arrives() {
    let complete = |events: &[ShipmentEvent]| -> Vec<bool> {
        let of = |event: &ShipmentEvent| match event {
            ShipmentEvent::Dispatched { complete, .. }
            | ShipmentEvent::Delivered { complete, .. } => *complete,
            other => panic!("{other:?}"),
        };
        events.iter().map(of).collect()
    };
    let first = dispatch("T1", Some(&[("tea", 1)]));
    let second = dispatch("T2", Some(&[("pot", 1), ("tea", 1)]));
    let state = given(&[create()]);
    assert_eq!(complete(&decide(&state, &first).unwrap()), [false]);
    let state = given(&[create(), first.clone()]);
    assert_eq!(complete(&decide(&state, &second).unwrap()), [true]);
    // The first parcel arrives before the second has left.
    assert_eq!(complete(&decide(&state, &deliver(None)).unwrap()), [false]);
    let state = given(&[create(), first, second]);
    assert_eq!(
        complete(&decide(&state, &deliver(Some(2))).unwrap()),
        [false]
    );
    assert_eq!(
        complete(&decide(&state, &deliver(None)).unwrap()),
        [false, true]
    );
}

#[test]
fn what_is_repeated_with_the_same_content_changes_nothing() {
    let content: &[(&str, u32)] = &[("tea", 1)];
    let reordered: &[(&str, u32)] = &[("pot", 1), ("tea", 1)];
    let both: &[(&str, u32)] = &[("tea", 1), ("pot", 1)];
    let state = given(&[create(), pack(Some(content))]);
    assert_eq!(decide(&state, &pack(Some(content))), Ok(vec![]));
    let state = given(&[create(), dispatch("T1", Some(both))]);
    assert_eq!(decide(&state, &dispatch("T1", Some(reordered))), Ok(vec![]));
    assert_eq!(
        decide(&state, &dispatch("T1", Some(content))),
        Err(ShipmentRejection::TrackingNumberTaken { parcel: 1 })
    );
    let state = given(&[create(), dispatch("T1", None), deliver(Some(1))]);
    assert_eq!(decide(&state, &deliver(Some(1))), Ok(vec![]));
    let state = given(&[create(), dispatch("T1", None), give_back("w-1", content)]);
    assert_eq!(decide(&state, &give_back("w-1", content)), Ok(vec![]));
    assert_eq!(
        decide(&state, &give_back("w-2", content)).map(|events| events.len()),
        Ok(1)
    );
}

#[test]
fn no_more_is_packed_sent_or_taken_back_than_there_is() {
    let tea = |left, what| ShipmentRejection::TooMany {
        sku: Sku::new("tea").unwrap(),
        left,
        what,
    };
    let to_pack = given(&[create()]);
    let three: &[(&str, u32)] = &[("tea", 3)];
    let two: &[(&str, u32)] = &[("tea", 2)];
    assert_eq!(
        decide(&to_pack, &pack(Some(three))),
        Err(tea(2, "are ordered"))
    );
    assert_eq!(
        decide(&to_pack, &dispatch("T1", Some(three))),
        Err(tea(2, "have not left yet"))
    );
    let stranger: &[(&str, u32)] = &[("mug", 1)];
    assert_eq!(
        decide(&to_pack, &pack(Some(stranger))),
        Err(ShipmentRejection::NotOrdered(Sku::new("mug").unwrap()))
    );
    let part = given(&[create(), dispatch("T1", Some(&[("tea", 1)]))]);
    assert_eq!(
        decide(&part, &dispatch("T2", Some(two))),
        Err(tea(1, "have not left yet"))
    );
    assert_eq!(
        decide(&part, &give_back("w-1", two)),
        Err(tea(1, "can come back"))
    );
    assert_eq!(
        decide(&part, &deliver(Some(0))),
        Err(ShipmentRejection::NoSuchParcel(0))
    );
    assert_eq!(
        decide(&part, &deliver(Some(2))),
        Err(ShipmentRejection::NoSuchParcel(2))
    );
    let back = given(&[create(), dispatch("T1", None), give_back("w-1", two)]);
    assert_eq!(
        decide(&back, &give_back("w-2", &[("tea", 1)])),
        Err(tea(0, "can come back"))
    );
}

#[test]
fn a_parcel_that_leaves_unpacked_counts_as_packed() {
    let state = given(&[create(), dispatch("T1", Some(&[("tea", 1)]))]).unwrap();
    let ShipmentState::Confirmed(shipment) = state else {
        panic!("{state:?}")
    };
    assert_eq!([shipment.lines[0].packed, shipment.lines[1].packed], [1, 0]);
    assert_eq!(shipment.parcels[0].quantities, [Quantity(0, 1)]);
}

#[test]
fn senseless_orders_are_refused() {
    for ordered in [&[][..], &[("tea", 0)], &[("tea", 1), ("tea", 1)]] {
        let refused = decide(&None, &create_with(ordered));
        assert_eq!(
            refused,
            Err(ShipmentRejection::SenselessLines),
            "{ordered:?}"
        );
    }
}
