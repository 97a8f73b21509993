//! Given what was told, when a step is asked for, then what happens: every progress against every act.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use decider::Aggregate as _;
use identifiers::{CustomerId, OrderId, Timestamp};
use notifications::contact::{Contact, Email, Language};
use notifications::reach::{Reach, ReachCommand, ReachEvent, ReachRejection};
use notifications::notice::{Kind, Notice};
use notifications::told::{
    Act, LEASE_SECONDS, Progress, Progressed, SkipReason, TellCommand, TellRejection, Told,
};

const NOON: Timestamp = Timestamp::from_milliseconds(1_795_512_600_000);
const PARCEL: Notice = Notice::new(Kind::ShipmentDispatched, 2);
const CONFIRMED: Notice = Notice::new(Kind::OrderConfirmed, 1);
const CANCELLED: Notice = Notice::new(Kind::OrderCancelled, 1);

fn event(notice: Notice, progress: Progress) -> Progressed {
    Progressed {
        order_id: OrderId::new("order-1").unwrap(),
        customer_id: CustomerId::new("c-1").unwrap(),
        notice,
        progress,
    }
}

fn given(events: &[(Notice, Progress)]) -> Option<Told> {
    events.iter().fold(None, |told, (notice, progress)| {
        Some(Told::evolve(told, &event(*notice, *progress)))
    })
}

fn command(notice: Notice, act: Act, at: Timestamp) -> TellCommand {
    TellCommand {
        order_id: OrderId::new("order-1").unwrap(),
        customer_id: CustomerId::new("c-1").unwrap(),
        notice,
        at,
        act,
    }
}

fn claimed() -> Progress {
    Progress::Claimed { at: NOON }
}

fn sent() -> Progress {
    Progress::Sent {
        at: NOON,
        language: Language::En,
    }
}

fn skipped() -> Progress {
    Progress::Skipped {
        at: NOON,
        reason: SkipReason::NoContact,
    }
}

#[test]
fn every_progress_meets_every_act() {
    let young = NOON.plus_seconds(LEASE_SECONDS - 1);
    let old = NOON.plus_seconds(LEASE_SECONDS);
    let claim = |at| Ok(vec![Progress::Claimed { at }]);
    let mark = |at| {
        Ok(vec![Progress::Sent {
            at,
            language: Language::Ja,
        }])
    };
    let skip = |at| {
        Ok(vec![Progress::Skipped {
            at,
            reason: SkipReason::NoContact,
        }])
    };
    let nothing = || Ok(Vec::new());
    let refused = Err;
    // Given, when, then of Claim, MarkSent and Skip.
    let table = [
        (
            None,
            young,
            claim(young),
            refused(TellRejection::NotClaimed),
            skip(young),
        ),
        (
            Some(claimed()),
            young,
            refused(TellRejection::BeingTold),
            mark(young),
            refused(TellRejection::BeingTold),
        ),
        (Some(claimed()), old, claim(old), mark(old), skip(old)),
        (Some(sent()), old, nothing(), nothing(), nothing()),
        (Some(skipped()), old, nothing(), nothing(), nothing()),
    ];
    for (progress, at, on_claim, on_mark, on_skip) in table {
        let told = given(
            &progress
                .map(|progress| (PARCEL, progress))
                .into_iter()
                .collect::<Vec<_>>(),
        );
        let acts = [
            (Act::Claim, on_claim),
            (Act::MarkSent(Language::Ja), on_mark),
            (Act::Skip(SkipReason::NoContact), on_skip),
        ];
        for (act, then) in acts {
            let decided = Told::decide(told.as_ref(), &command(PARCEL, act, at));
            let then = then.map(|happened| {
                happened
                    .into_iter()
                    .map(|progress| event(PARCEL, progress))
                    .collect::<Vec<_>>()
            });
            assert_eq!(decided, then, "{progress:?} {act:?} at {at}");
        }
    }
}

#[test]
fn notices_of_an_order_do_not_stand_in_each_others_way() {
    let told = given(&[(CONFIRMED, sent()), (PARCEL, claimed())]);
    for notice in [
        CANCELLED,
        Notice::new(Kind::ShipmentDispatched, 1),
        Notice::new(Kind::PaymentRefunded, 2),
    ] {
        let decided = Told::decide(told.as_ref(), &command(notice, Act::Claim, NOON));
        assert_eq!(decided, Ok(vec![event(notice, claimed())]));
    }
}

#[test]
fn a_confirmation_after_the_cancellation_is_not_told_any_more() {
    for (progress, then) in [
        (
            claimed(),
            Progress::Skipped {
                at: NOON,
                reason: SkipReason::Superseded,
            },
        ),
        (
            sent(),
            Progress::Skipped {
                at: NOON,
                reason: SkipReason::Superseded,
            },
        ),
        (skipped(), claimed()),
    ] {
        let told = given(&[(CANCELLED, progress)]);
        let decided = Told::decide(told.as_ref(), &command(CONFIRMED, Act::Claim, NOON));
        assert_eq!(decided, Ok(vec![event(CONFIRMED, then)]));
    }
    let told = given(&[(CONFIRMED, sent())]);
    let decided = Told::decide(told.as_ref(), &command(CANCELLED, Act::Claim, NOON));
    assert_eq!(decided, Ok(vec![event(CANCELLED, claimed())]));
}

#[test]
fn another_customers_order_is_refused() {
    let told = given(&[(CONFIRMED, sent())]);
    let mut other = command(PARCEL, Act::Claim, NOON);
    other.customer_id = CustomerId::new("c-2").unwrap();
    assert_eq!(
        Told::decide(told.as_ref(), &other),
        Err(TellRejection::OthersOrder)
    );
}

#[test]
fn what_was_told_survives_being_stored() {
    let told = given(&[
        (CONFIRMED, sent()),
        (PARCEL, claimed()),
        (CANCELLED, skipped()),
    ])
    .unwrap();
    let text = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Told>(&text).unwrap(), told);
}

#[test]
fn a_contact_is_set_once_and_again_when_it_changes_and_never_after_the_erasure() {
    let contact = |email: &str, language| Contact {
        email: Email::new(email).unwrap(),
        language,
    };
    let first = contact("taro@example.com", Language::Ja);
    let by_first = Some(Reach::By(first.clone()));
    let at = |seconds| NOON.plus_seconds(seconds);
    let now = at(7);
    let erased = Some(Reach::Erased { erased_at: at(3) });
    let set = |contact: &Contact| ReachCommand::Set(contact.clone());
    let in_english = contact("taro@example.com", Language::En);
    let elsewhere = contact("hanako@example.com", Language::Ja);
    let erase = ReachCommand::Erase { now };
    let becomes = |contact: &Contact| Ok(vec![ReachEvent::Set(contact.clone())]);
    let is_erased = Ok(vec![ReachEvent::Erased { at: now }]);
    let gone = Err(ReachRejection::Erased);
    for (command, of_nobody, of_known, of_erased) in [
        (set(&first), becomes(&first), Ok(vec![]), gone.clone()),
        (set(&in_english), becomes(&in_english), becomes(&in_english), gone.clone()),
        (set(&elsewhere), becomes(&elsewhere), becomes(&elsewhere), gone),
        (erase, is_erased.clone(), is_erased, Ok(vec![])),
    ] {
        for (state, expected) in [(&None, of_nobody), (&by_first, of_known), (&erased, of_erased)] {
            assert_eq!(Reach::decide(state.as_ref(), &command), expected, "{command:?} of {state:?}");
        }
    }
    assert_eq!(Reach::evolve(by_first.clone(), &ReachEvent::Set(elsewhere.clone())), Reach::By(elsewhere));
    assert_eq!(Reach::evolve(by_first, &ReachEvent::Erased { at: at(3) }), erased.unwrap());
}

#[test]
fn a_contact_that_was_stored_before_customers_could_be_erased_is_read() {
    let stored = r#"{"email":"taro@example.com","language":"ja"}"#;
    let read: Reach = serde_json::from_str(stored).unwrap();
    assert_eq!(read.contact().unwrap().email.reveal(), "taro@example.com");
    assert_eq!(serde_json::to_string(&read).unwrap(), stored);
    let erased = Reach::Erased { erased_at: NOON };
    let text = serde_json::to_string(&erased).unwrap();
    assert_eq!(serde_json::from_str::<Reach>(&text).unwrap(), erased);
}

#[test]
fn addresses_are_checked_bounded_and_never_printed() {
    let longest_local = "l".repeat(64);
    let domain = format!(
        "{}.{}.{}.com",
        "d".repeat(61),
        "d".repeat(61),
        "d".repeat(61)
    );
    let longest = format!("{longest_local}@{domain}");
    assert_eq!(longest.len(), 254);
    for good in [
        "taro@example.com",
        "a.b+c@xn--eckwd4c7c.jp",
        "o'hara@a-b.example.co.jp",
        &longest,
    ] {
        let email = Email::new(good).unwrap();
        assert_eq!(email.reveal(), good);
        assert!(!format!("{email} {email:?}").contains(good), "{email}");
    }
    assert_eq!(
        Email::new("taro@example.com").unwrap().to_string(),
        "t***@example.com"
    );
    assert_eq!(
        Email::new("t@example.com").unwrap().to_string(),
        "***@example.com"
    );
    for bad in [
        "",
        "taro",
        "@example.com",
        "taro@",
        "taro@example",
        "taro@@example.com",
        "taro@a@example.com",
        "taro@example.com\r\nBcc: x@example.com",
        "taro @example.com",
        "taro@exa mple.com",
        "Taro <taro@example.com>",
        "taro@example.com,hanako@example.com",
        "\"taro\"@example.com",
        "taro@[127.0.0.1]",
        "太郎@example.com",
        "taro@例え.jp",
        ".taro@example.com",
        "ta..ro@example.com",
        "taro@-a.com",
        "taro@a-.com",
        "taro@.com",
        "taro@example.com.",
        &format!("l{longest}"),
        &format!("{longest_local}@{domain}m"),
        "taro@example.com\0",
    ] {
        let error = Email::new(bad).map(|_| ()).unwrap_err().to_string();
        assert!(
            !error.contains("taro") && !error.contains(&longest_local),
            "{bad:?}: {error}"
        );
    }
}
