//! How far back an item remembers: which of its oldest messages give way to a new one.
//!
//! By count, and beyond the count for two reasons. An idempotency key is held for an hour, whatever else happens to the
//! item meanwhile. And an operator may still have to publish again: a table's stream that was not read for longer than
//! it keeps its records has lost what it had to say, and the item is then the only one that knows.

use contracts::Announcement;
use identifiers::Timestamp;

use crate::Stored;
use crate::document::Handled;

/// How long an announcement outlives the count of [`Stored::REMEMBERED`] where the aggregate has no other rule, in
/// seconds: 14 days, as long as a dead-letter queue keeps a message.
///
/// ```
/// assert_eq!(decider::ANNOUNCED_KEPT_SECONDS / 86_400, 14);
/// ```
pub const ANNOUNCED_KEPT_SECONDS: i64 = 14 * 86_400;
/// How long the idempotency key of a request outlives the count of [`Stored::REMEMBERED`], in seconds: an hour, which is
/// also how long Powertools for AWS Lambda keeps a key where nothing else is said.
///
/// ```
/// assert_eq!(decider::KEY_KEPT_SECONDS / 60, 60);
/// ```
pub const KEY_KEPT_SECONDS: i64 = 3600;
/// The most bytes that are kept beyond the count: an item must stay far below the store's limit of 400 KB.
pub(crate) const MOST_BYTES_BEYOND: usize = 64 * 1024;

/// About how many bytes the record of a message takes beside what was announced: its id, version, time, digest, trace.
const RECORD_BYTES: usize = 200;

/// Lets the oldest messages go that give way to the newest. Returns when the youngest of those was handled whose
/// announcements might have been wanted and had no room any more, if there was one.
pub(crate) fn make_room<A: Stored>(
    handled: &mut Vec<Handled>,
    now: Timestamp,
) -> Option<Timestamp> {
    let surplus = handled.len().saturating_sub(A::REMEMBERED);
    if surplus == 0 {
        return None;
    }
    let wanted_since = now.plus_seconds(-A::ANNOUNCED_KEPT_SECONDS);
    let keys_held_since = now.plus_seconds(-KEY_KEPT_SECONDS);
    let (mut bytes, mut had_no_room) = (0, None);
    let mut keeps = vec![true; handled.len()];
    for place in (0..surplus).rev() {
        let (before, later) = handled.split_at(place + 1);
        let one = &before[place];
        let wanted = one.at() > wanted_since
            && one
                .announced()
                .iter()
                .any(|said| !outdone::<A>(said, later));
        let holds_key = one.is_keyed() && one.at() > keys_held_since;
        let size = RECORD_BYTES
            + one
                .announced()
                .iter()
                .map(|said| said.data.get().len())
                .sum::<usize>();
        keeps[place] = (wanted || holds_key) && bytes + size <= MOST_BYTES_BEYOND;
        if keeps[place] {
            bytes += size;
        } else if wanted {
            had_no_room = had_no_room.max(Some(one.at()));
        }
    }
    let mut keeps = keeps.into_iter();
    handled.retain(|_| keeps.next().unwrap_or(true));
    had_no_room
}

fn outdone<A: Stored>(said: &Announcement, later: &[Handled]) -> bool {
    let mut later = later.iter().flat_map(Handled::announced);
    later.any(|later| A::outdoes(later, said))
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use contracts::{Cause, EventData, RequestDigest};
    use identifiers::{CorrelationId, MessageId};
    use serde_json::value::to_raw_value;
    use store::Key;

    use super::*;
    use crate::Aggregate;

    /// A page of a diary that says what is written on it, and remembers two messages by count.
    struct Diary;

    #[derive(Debug)]
    struct Never;

    impl fmt::Display for Never {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Ok(())
        }
    }

    impl Aggregate for Diary {
        type Command = ();
        type Event = ();
        type State = ();
        type Rejection = Never;
        fn decide(_: Option<&()>, (): &()) -> Result<Vec<()>, Never> {
            Ok(Vec::new())
        }
        fn evolve(_: Option<()>, (): &()) {}
    }

    impl Stored for Diary {
        type Id = String;
        const REMEMBERED: usize = 2;
        fn key(id: &String) -> Key {
            Key::new(id.as_str(), "diary")
        }
        fn announce((): &(), (): &()) -> Option<Announcement> {
            None
        }
        fn outdoes(later: &Announcement, earlier: &Announcement) -> bool {
            later.data.get() == earlier.data.get()
        }
    }

    const NOW: i64 = 1_795_512_600_000;
    const DAY: i64 = 86_400_000;
    const MINUTE: i64 = 60_000;

    fn handled(version: u64, days_ago: i64, words: &[&str]) -> Handled {
        handled_at(version, days_ago * DAY, None, words)
    }

    fn keyed(version: u64, minutes_ago: i64, words: &[&str]) -> Handled {
        let digest = RequestDigest::new("0badcafe");
        handled_at(version, minutes_ago * MINUTE, Some(digest), words)
    }

    fn handled_at(
        version: u64,
        milliseconds_ago: i64,
        request: Option<RequestDigest>,
        words: &[&str],
    ) -> Handled {
        let cause = Cause {
            message_id: MessageId::new(format!("m{version}")).unwrap(),
            correlation_id: CorrelationId::new("diary").unwrap(),
            traceparent: None,
            request,
            now: Timestamp::from_milliseconds(NOW - milliseconds_ago),
        };
        let said = |word: &&str| Announcement {
            event_type: contracts::catalog::ProductRetired::TYPE.into(),
            data: to_raw_value(word).unwrap(),
        };
        Handled::new(
            "diary",
            &cause,
            store::Origin::Http,
            version,
            words.iter().map(said).collect(),
        )
    }

    fn left(mut all: Vec<Handled>) -> (Vec<u64>, Option<i64>) {
        let no_room = make_room::<Diary>(&mut all, Timestamp::from_milliseconds(NOW));
        let left = all.iter().map(Handled::version).collect();
        (left, no_room.map(|at| (NOW - at.milliseconds()) / DAY))
    }

    #[test]
    fn what_said_nothing_or_is_old_gives_way_and_what_was_announced_lately_does_not() {
        let all = vec![
            handled(1, 15, &["old"]),
            handled(2, 13, &["young"]),
            handled(3, 9, &[]),
            handled(4, 2, &["last"]),
            handled(5, 0, &[]),
        ];
        assert_eq!(left(all), (vec![2, 4, 5], None));
        let few = vec![handled(1, 99, &[]), handled(2, 98, &[])];
        assert_eq!(left(few), (vec![1, 2], None));
    }

    #[test]
    fn a_key_is_held_for_an_hour_whatever_was_said() {
        let all = vec![
            keyed(1, 61, &[]),
            keyed(2, 59, &[]),
            handled_at(3, 58 * MINUTE, None, &[]),
            keyed(4, 57, &["a"]),
            keyed(5, 1, &["a"]),
            keyed(6, 0, &["a"]),
        ];
        assert_eq!(left(all), (vec![2, 4, 5, 6], None));
    }

    #[test]
    fn keys_are_bounded_and_none_of_them_is_to_be_told() {
        let long = "a".repeat(MOST_BYTES_BEYOND / 3);
        let all = (1..=6).map(|version| keyed(version, 10, &[&long]));
        assert_eq!(left(all.collect()), (vec![3, 4, 5, 6], None));
    }

    #[test]
    fn what_a_later_word_outdoes_gives_way() {
        let all = vec![
            handled(1, 5, &["a"]),
            handled(2, 4, &["a", "b"]),
            handled(3, 3, &["a"]),
            handled(4, 2, &["c"]),
            handled(5, 1, &["a"]),
        ];
        assert_eq!(left(all), (vec![2, 4, 5], None));
    }

    #[test]
    fn there_is_a_bound_and_what_it_drops_is_told() {
        let long = |letter: &str| letter.repeat(MOST_BYTES_BEYOND / 3);
        let (a, b, c, d) = (long("a"), long("b"), long("c"), long("d"));
        let all = vec![
            handled(1, 7, &[&a]),
            handled(2, 6, &[&b]),
            handled(3, 5, &[&c]),
            handled(4, 4, &[&d]),
            handled(5, 1, &[]),
            handled(6, 0, &[]),
        ];
        assert_eq!(left(all), (vec![3, 4, 5, 6], Some(6)));
    }
}
