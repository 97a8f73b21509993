//! A customer by given, when, then: every state against every command, and the rules of the address book.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use customers::address::{Address, AddressLines, Country};
use customers::consent::{Consent, TextVersion};
use customers::customer::{
    Act, Customer, CustomerCommand, CustomerEvent, CustomerRejection, Erased, ErasureReason,
    Language, MAX_ADDRESSES, MAX_KEPT_ADDRESSES, Profile, RETIRED_KEPT_SECONDS,
};
use customers::personal::{City, PersonName, PostalCode, Street};
use decider::Aggregate as _;
use identifiers::{AddressId, CustomerId, Timestamp};

use CustomerRejection as No;

const START: Timestamp = Timestamp::from_milliseconds(1_795_512_600_000);

fn profile(name: &str) -> Profile {
    Profile {
        name: PersonName::new(name).unwrap(),
        phone: None,
        language: Language::Ja,
    }
}

fn version(text: &str) -> TextVersion {
    TextVersion::new(text).unwrap()
}

fn id(text: &str) -> AddressId {
    AddressId::new(text).unwrap()
}

fn lines(street: &str) -> AddressLines {
    AddressLines {
        recipient: PersonName::new("山田 花子").unwrap(),
        postal_code: PostalCode::new("150-0001").unwrap(),
        region: "JP-13".parse().unwrap(),
        city: City::new("渋谷区").unwrap(),
        street: Street::new(street).unwrap(),
        country: Country::new("JP").unwrap(),
        phone: None,
    }
}

fn add(address_id: &str, street: &str) -> Act {
    Act::AddAddress {
        address_id: id(address_id),
        lines: lines(street),
        replaces: None,
    }
}

fn replace(old: &str, address_id: &str, street: &str) -> Act {
    Act::AddAddress {
        address_id: id(address_id),
        lines: lines(street),
        replaces: Some(id(old)),
    }
}

fn consent(given: bool, text: &str) -> Act {
    Act::SetConsent {
        given,
        text_version: version(text),
    }
}

fn at(seconds: i64, act: Act) -> CustomerCommand {
    CustomerCommand {
        customer_id: CustomerId::new("c-1").unwrap(),
        act,
        now: START.plus_seconds(seconds),
    }
}

fn apply(state: Option<Customer>, events: &[CustomerEvent]) -> Option<Customer> {
    events
        .iter()
        .fold(state, |state, event| Some(Customer::evolve(state, event)))
}

/// The customer after those commands, each of which must be taken.
fn after(commands: Vec<CustomerCommand>) -> Option<Customer> {
    commands.into_iter().fold(None, |state, command| {
        let events = Customer::decide(state.as_ref(), &command).unwrap();
        apply(state, &events)
    })
}

/// The names of what happens.
fn names(events: &[CustomerEvent]) -> Vec<&'static str> {
    let name = |event: &CustomerEvent| match event {
        CustomerEvent::Registered { .. } => "registered",
        CustomerEvent::ProfileSet(_) => "profile",
        CustomerEvent::ConsentSet(_) => "consent",
        CustomerEvent::AddressAdded(_) => "added",
        CustomerEvent::AddressRetired { .. } => "retired",
        CustomerEvent::AddressDropped(_) => "dropped",
        CustomerEvent::Erased { .. } => "erased",
    };
    events.iter().map(name).collect()
}

fn outcome(state: Option<&Customer>, command: &CustomerCommand) -> Result<Vec<&'static str>, No> {
    Customer::decide(state, command).map(|events| names(&events))
}

#[test]
fn every_state_answers_every_command() {
    let known = after(vec![
        at(0, Act::SetProfile(profile("花子"))),
        at(1, consent(true, "1")),
        at(2, add("a-1", "one")),
        at(3, add("a-2", "two")),
        at(4, Act::RetireAddress(id("a-2"))),
    ]);
    let bare = after(vec![at(0, consent(true, "1"))]);
    let erased = after(vec![at(0, Act::Erase(ErasureReason::AccountClosed))]);
    let gone = Err(No::Erased);
    let table: Vec<(Act, [Result<Vec<&str>, No>; 4])> = vec![
        // What is asked of: nobody; who only consented; who is known; who is erased.
        (
            Act::SetProfile(profile("花子")),
            [
                Ok(vec!["registered", "profile"]),
                Ok(vec!["profile"]),
                Ok(vec![]),
                gone.clone(),
            ],
        ),
        (
            Act::SetProfile(profile("太郎")),
            [
                Ok(vec!["registered", "profile"]),
                Ok(vec!["profile"]),
                Ok(vec!["profile"]),
                gone.clone(),
            ],
        ),
        (
            consent(true, "1"),
            [Ok(vec!["registered", "consent"]), Ok(vec![]), Ok(vec![]), gone.clone()],
        ),
        (
            consent(false, "1"),
            [
                Ok(vec!["registered", "consent"]),
                Ok(vec!["consent"]),
                Ok(vec!["consent"]),
                gone.clone(),
            ],
        ),
        (
            consent(true, "2"),
            [
                Ok(vec!["registered", "consent"]),
                Ok(vec!["consent"]),
                Ok(vec!["consent"]),
                gone.clone(),
            ],
        ),
        (
            add("a-9", "one"),
            [Ok(vec!["registered", "added"]), Ok(vec!["added"]), Ok(vec![]), gone.clone()],
        ),
        (
            // What was given up may be used again: under a new id, for the old one is an order's.
            add("a-9", "two"),
            [
                Ok(vec!["registered", "added"]),
                Ok(vec!["added"]),
                Ok(vec!["added"]),
                gone.clone(),
            ],
        ),
        (
            replace("a-1", "a-9", "nine"),
            [
                Err(No::NothingToReplace),
                Err(No::NothingToReplace),
                Ok(vec!["retired", "added"]),
                gone.clone(),
            ],
        ),
        (
            replace("a-2", "a-9", "nine"),
            [
                Err(No::NothingToReplace),
                Err(No::NothingToReplace),
                Ok(vec!["added"]),
                gone.clone(),
            ],
        ),
        (
            replace("a-1", "a-9", "one"),
            [
                Err(No::NothingToReplace),
                Err(No::NothingToReplace),
                Ok(vec![]),
                gone.clone(),
            ],
        ),
        (
            Act::RetireAddress(id("a-1")),
            [
                Err(No::NoSuchAddress),
                Err(No::NoSuchAddress),
                Ok(vec!["retired"]),
                gone.clone(),
            ],
        ),
        (
            Act::RetireAddress(id("a-2")),
            [
                Err(No::NoSuchAddress),
                Err(No::NoSuchAddress),
                Ok(vec![]),
                gone.clone(),
            ],
        ),
        (
            Act::RetireAddress(id("a-9")),
            [
                Err(No::NoSuchAddress),
                Err(No::NoSuchAddress),
                Err(No::NoSuchAddress),
                gone,
            ],
        ),
        (
            Act::Erase(ErasureReason::SelfService),
            [
                Ok(vec!["erased"]),
                Ok(vec!["erased"]),
                Ok(vec!["erased"]),
                Ok(vec![]),
            ],
        ),
    ];
    for (act, expected) in table {
        let command = at(10, act);
        let states = [None, bare.as_ref(), known.as_ref(), erased.as_ref()];
        for (state, expected) in states.into_iter().zip(expected) {
            assert_eq!(outcome(state, &command), expected, "{command:?} of {state:?}");
        }
    }
}

#[test]
fn what_is_left_of_an_erased_customer_is_when_and_why() {
    let erased = after(vec![
        at(0, Act::SetProfile(profile("花子"))),
        at(1, add("a-1", "one")),
        at(2, Act::Erase(ErasureReason::SelfService)),
        at(3, Act::Erase(ErasureReason::RetentionEnded)),
    ]);
    let left = Customer::Erased(Erased {
        at: START.plus_seconds(2),
        reason: ErasureReason::SelfService,
    });
    assert_eq!(erased, Some(left));
}

#[test]
fn saying_the_same_again_does_not_move_the_instant_of_a_consent() {
    let state = after(vec![
        at(0, consent(true, "1")),
        at(5, consent(true, "1")),
    ]);
    let Some(Customer::Known(known)) = state else {
        panic!("they are known")
    };
    let said = Consent {
        given: true,
        text_version: version("1"),
        at: START,
    };
    assert_eq!((known.registered_at, known.consent), (START, Some(said)));
}

#[test]
fn an_address_book_is_bounded_and_a_full_one_can_still_be_changed() {
    let full = (0..MAX_ADDRESSES).map(|n| at(0, add(&format!("a-{n}"), &format!("street {n}"))));
    let full = after(full.collect());
    let more = at(1, add("b", "street b"));
    assert_eq!(outcome(full.as_ref(), &more), Err(No::TooManyAddresses));
    let instead = at(1, replace("a-0", "b", "street b"));
    assert_eq!(outcome(full.as_ref(), &instead), Ok(vec!["retired", "added"]));
    // Giving up one that was given up before makes no room.
    let events = Customer::decide(full.as_ref(), &instead).unwrap();
    let full = apply(full, &events);
    let again = at(2, replace("a-0", "c", "street c"));
    assert_eq!(outcome(full.as_ref(), &again), Err(No::TooManyAddresses));
}

#[test]
fn old_addresses_are_kept_for_a_time_and_then_forgotten() {
    // Each takes the place of the one before.
    let mut commands = vec![at(0, add("a-0", "street 0"))];
    commands.extend((1..MAX_KEPT_ADDRESSES).map(|n| {
        let (old, new) = (format!("a-{}", n - 1), format!("a-{n}"));
        at(0, replace(&old, &new, &format!("street {n}")))
    }));
    let state = after(commands);
    let next = |seconds| at(seconds, add("b", "street b"));
    let soon = outcome(state.as_ref(), &next(RETIRED_KEPT_SECONDS - 1));
    assert_eq!(soon, Err(No::TooManyChanges));
    let late = Customer::decide(state.as_ref(), &next(RETIRED_KEPT_SECONDS)).unwrap();
    let dropped = late
        .iter()
        .filter(|event| matches!(event, CustomerEvent::AddressDropped(_)));
    assert_eq!(dropped.count(), MAX_KEPT_ADDRESSES - 1);
    let Some(Customer::Known(known)) = apply(state, &late) else {
        panic!("they are known")
    };
    let kept: Vec<&str> = known
        .addresses
        .iter()
        .map(|address: &Address| address.address_id.as_str())
        .collect();
    assert_eq!(kept, ["a-59", "b"]);
}
