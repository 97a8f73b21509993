//! What an aggregate is, and what it takes to store one.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};

use contracts::Announcement;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Indexed, Key};

/// A consistency boundary: one item, changed one step at a time.
///
/// Both functions are pure: no clock, no randomness, no I/O. Time and identifiers arrive in the command.
///
/// ```
/// use decider::Aggregate;
///
/// /// A course of two seats; its state is how many are taken.
/// struct Course;
/// struct Enrol;
/// struct Enrolled;
/// #[derive(Debug, PartialEq)]
/// struct Full;
///
/// impl Aggregate for Course {
///     type Command = Enrol;
///     type Event = Enrolled;
///     type State = u32;
///     type Rejection = Full;
///
///     fn decide(taken: Option<&u32>, _: &Enrol) -> Result<Vec<Enrolled>, Full> {
///         match taken {
///             Some(2..) => Err(Full),
///             Some(_) | None => Ok(vec![Enrolled]),
///         }
///     }
///
///     fn evolve(taken: Option<u32>, _: &Enrolled) -> u32 {
///         taken.unwrap_or(0) + 1
///     }
/// }
///
/// let happened = Course::decide(None, &Enrol).unwrap();
/// assert_eq!(Course::evolve(None, &happened[0]), 1);
/// assert_eq!(Course::decide(Some(&2), &Enrol).err(), Some(Full));
/// ```
pub trait Aggregate {
    /// What it is asked to do, in the imperative.
    type Command;
    /// What happened to it, in the past tense.
    type Event;
    /// What it is.
    type State;
    /// Why it refuses. Business, never I/O.
    type Rejection;

    /// What happens on the command. No events means that there is nothing left to do: a repeat, or a message that
    /// came late and changes nothing any more.
    ///
    /// # Errors
    /// With the reason, where the command may not be done in this state.
    fn decide(
        state: Option<&Self::State>,
        command: &Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after the event.
    fn evolve(state: Option<Self::State>, event: &Self::Event) -> Self::State;
}

/// How an aggregate is kept, found and heard.
///
/// ```
/// # mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/course.rs")); }
/// # use course::*;
/// use std::collections::BTreeMap;
///
/// use contracts::Announcement;
/// use decider::{Aggregate, Stored};
/// use identifiers::ProductId;
/// use store::{Indexed, Key};
///
/// # struct Counted;
/// # impl Aggregate for Counted {
/// #     type Command = Enrol;
/// #     type Event = Enrolled;
/// #     type State = Course;
/// #     type Rejection = Full;
/// #     fn decide(course: Option<&Course>, command: &Enrol) -> Result<Vec<Enrolled>, Full> {
/// #         Course::decide(course, command)
/// #     }
/// #     fn evolve(course: Option<Course>, event: &Enrolled) -> Course {
/// #         Course::evolve(course, event)
/// #     }
/// # }
/// impl Stored for Counted {
///     type Id = ProductId;
///     const REMEMBERED: usize = 8;
///
///     fn key(id: &ProductId) -> Key {
///         Key::new(format!("course#{id}"), "course")
///     }
///
///     fn indexed(course: &Course) -> BTreeMap<String, Indexed> {
///         BTreeMap::from([("taken".to_owned(), Indexed::Number(course.students.len() as i64))])
///     }
///
///     fn announce(event: &Enrolled, _: &Course) -> Option<Announcement> {
///         Some(Announcement::of(event))
///     }
/// }
///
/// let two = Course { students: vec!["mia".to_owned(), "ken".to_owned()] };
/// assert_eq!(Counted::indexed(&two)["taken"], Indexed::Number(2));
/// ```
pub trait Stored:
    Aggregate<State: Serialize + DeserializeOwned + Clone + Send + Sync, Rejection: Debug>
{
    /// What identifies one.
    type Id: Display + Sync;

    /// How many handled messages an item remembers, with what each emitted. Above the number that one aggregate meets
    /// within the time that messages can repeat, or the guards of `decide` must hold for ever. Requests with an
    /// idempotency key are remembered for [`crate::KEY_KEPT_SECONDS`] beyond it.
    const REMEMBERED: usize = 32;

    /// For how long what was announced is remembered beyond that count, in seconds: it may have to be published again.
    /// Nothing for an aggregate that queues' messages alone change: what they cause is published before they are
    /// acknowledged, so that no stream can lose it.
    const ANNOUNCED_KEPT_SECONDS: i64 = crate::ANNOUNCED_KEPT_SECONDS;

    /// The item's key.
    fn key(id: &Self::Id) -> Key;

    /// The attributes that indexes use. What changes here costs an index write on top of the item's own.
    fn indexed(_state: &Self::State) -> BTreeMap<String, Indexed> {
        BTreeMap::new()
    }

    /// When the item may be deleted, in seconds since the Unix epoch.
    fn expires_at_seconds(_state: &Self::State) -> Option<i64> {
        None
    }

    /// What is said to other contexts about the event, if anything. The state is the one after the whole step.
    fn announce(event: &Self::Event, state: &Self::State) -> Option<Announcement>;

    /// Whether whoever has heard the later announcement misses nothing for not having heard the earlier: a price, where
    /// there is a newer one of the same SKU. Most of what is said stands for itself.
    fn outdoes(_later: &Announcement, _earlier: &Announcement) -> bool {
        false
    }
}
