//! What is in a queue: its messages in their three states (delayed, visible, in flight) and the moves between them.
//! It reads no clock and writes no file: the moment is handed in, what must be kept is handed out.

use std::collections::{BTreeSet, HashMap};

use crate::message::Message;
use crate::queue_settings::{Attributes, QueueSettings};

/// Messages that may be in flight at once (SQS quota for standard queues).
pub(crate) const MAXIMUM_IN_FLIGHT: usize = 120_000;

/// Longest that one receive may keep a message invisible, however often the time-out is changed: 12 hours.
pub(crate) const MAXIMUM_VISIBILITY_MS: i64 = 43_200_000;

/// What changes about a queue.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub settings: QueueSettings,
    pub tags: Attributes,
    pub modified_ms: i64,
    pub deleted: bool,
    pub purged_ms: Option<i64>,
    messages: HashMap<u64, Held>,
    visible: BTreeSet<u64>,
    /// Moments at which a delayed or in-flight message becomes visible.
    due: BTreeSet<(i64, u64)>,
    by_age: BTreeSet<(i64, u64)>,
    delayed: usize,
}

#[derive(Debug)]
struct Held {
    message: Message,
    state: State,
    /// Number of the latest receive, which its receipt handle carries; 0 before the first.
    receipt: u64,
    received_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Visible,
    Delayed { until_ms: i64 },
    InFlight { until_ms: i64 },
}

/// A message handed to a consumer.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub message: Message,
    pub receipt: u64,
}

/// What came of asking for messages.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub deliveries: Vec<Delivery>,
    /// Removed from this queue, as it has given them up: they belong in its dead-letter queue.
    pub given_up: Vec<Message>,
    pub expired: Vec<u64>,
    /// The queue is at its limit of messages in flight.
    pub over_limit: bool,
    /// The next moment at which something becomes visible by itself.
    pub next_due_ms: Option<i64>,
}

/// Numbers of messages by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Ready to be received.
    pub visible: usize,
    /// Received, neither deleted nor visible again.
    pub in_flight: usize,
    /// Sent with a delay that still runs.
    pub delayed: usize,
}

/// What came of changing a message's visibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisibilityChange {
    Done,
    NoSuchMessage,
    NotInFlight,
    BeyondLimit,
}

impl Contents {
    /// No messages.
    pub fn new(settings: QueueSettings, tags: Attributes, modified_ms: i64) -> Self {
        Self {
            settings,
            tags,
            modified_ms,
            ..Self::default()
        }
    }

    /// Adds a message.
    pub fn add(&mut self, message: Message, now_ms: i64) {
        let sequence = message.sequence;
        self.by_age.insert((message.sent_ms, sequence));
        let state = if message.delayed_until_ms > now_ms {
            let until_ms = message.delayed_until_ms;
            self.delayed += 1;
            self.due.insert((until_ms, sequence));
            State::Delayed { until_ms }
        } else {
            self.visible.insert(sequence);
            State::Visible
        };
        self.messages.insert(
            sequence,
            Held {
                message,
                state,
                receipt: 0,
                received_ms: 0,
            },
        );
    }

    /// Moves what has become due and drops what is past its retention, whose sequences it returns.
    pub fn settle(&mut self, now_ms: i64) -> Vec<u64> {
        while let Some(&(until_ms, sequence)) = self.due.first() {
            if until_ms > now_ms {
                break;
            }
            self.due.pop_first();
            if let Some(held) = self.messages.get_mut(&sequence) {
                if matches!(held.state, State::Delayed { .. }) {
                    self.delayed -= 1;
                }
                held.state = State::Visible;
                self.visible.insert(sequence);
            }
        }
        let oldest_ms = now_ms - self.settings.retention_seconds * 1000;
        let mut expired = Vec::new();
        while let Some(&(sent_ms, sequence)) = self.by_age.first() {
            if sent_ms > oldest_ms {
                break;
            }
            self.remove(sequence);
            expired.push(sequence);
        }
        expired
    }

    /// Hands out up to `most` visible messages, oldest first, and makes them invisible until `visibility_ms` from now.
    /// Where `redrives` is set, messages received as often as the redrive policy allows are given up instead.
    pub fn take(
        &mut self,
        now_ms: i64,
        most: usize,
        visibility_ms: i64,
        redrives: bool,
        receipts: &mut impl FnMut() -> u64,
    ) -> Taken {
        let mut taken = Taken {
            expired: self.settle(now_ms),
            ..Taken::default()
        };
        let limit = self
            .settings
            .redrive
            .as_ref()
            .filter(|_| redrives)
            .map(|policy| policy.max_receive_count);
        while taken.deliveries.len() < most {
            if self.depth().in_flight >= MAXIMUM_IN_FLIGHT {
                taken.over_limit = true;
                break;
            }
            let Some(sequence) = self.visible.pop_first() else {
                break;
            };
            let Some(held) = self.messages.get_mut(&sequence) else {
                continue;
            };
            if limit.is_some_and(|limit| held.message.receives_here >= limit) {
                if let Some(message) = self.remove(sequence) {
                    taken.given_up.push(message);
                }
                continue;
            }
            held.message.receive_count += 1;
            held.message.receives_here += 1;
            held.message.first_received_ms.get_or_insert(now_ms);
            held.receipt = receipts();
            held.received_ms = now_ms;
            let until_ms = now_ms + visibility_ms;
            held.state = State::InFlight { until_ms };
            self.due.insert((until_ms, sequence));
            taken.deliveries.push(Delivery {
                message: held.message.clone(),
                receipt: held.receipt,
            });
        }
        taken.next_due_ms = self.due.first().map(|(due_ms, _)| *due_ms);
        taken
    }

    /// Removes a message by its latest receipt. An older receipt removes nothing: SQS asks for the most recent one.
    pub fn delete(&mut self, sequence: u64, receipt: u64) -> bool {
        match self.messages.get(&sequence) {
            Some(held) if held.receipt == receipt => self.remove(sequence).is_some(),
            Some(_) | None => false,
        }
    }

    /// Sets when a message in flight becomes visible again. The caller has settled the queue.
    pub fn change_visibility(
        &mut self,
        sequence: u64,
        receipt: u64,
        now_ms: i64,
        timeout_ms: i64,
    ) -> VisibilityChange {
        let Some(held) = self.messages.get_mut(&sequence) else {
            return VisibilityChange::NoSuchMessage;
        };
        let State::InFlight { until_ms } = held.state else {
            return VisibilityChange::NotInFlight;
        };
        if held.receipt != receipt {
            return VisibilityChange::NotInFlight;
        }
        let new_until_ms = now_ms + timeout_ms;
        if new_until_ms - held.received_ms > MAXIMUM_VISIBILITY_MS {
            return VisibilityChange::BeyondLimit;
        }
        self.due.remove(&(until_ms, sequence));
        held.state = State::InFlight {
            until_ms: new_until_ms,
        };
        self.due.insert((new_until_ms, sequence));
        VisibilityChange::Done
    }

    /// Takes out up to `most` visible messages for good. The caller has settled the queue.
    pub fn drain(&mut self, most: usize) -> Vec<Message> {
        let mut drained = Vec::new();
        while drained.len() < most {
            let Some(sequence) = self.visible.pop_first() else {
                break;
            };
            drained.extend(self.remove(sequence));
        }
        drained
    }

    /// Drops every message.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.visible.clear();
        self.due.clear();
        self.by_age.clear();
        self.delayed = 0;
    }

    /// Numbers of messages by state.
    pub fn depth(&self) -> Depth {
        let visible = self.visible.len();
        Depth {
            visible,
            delayed: self.delayed,
            in_flight: self.messages.len() - visible - self.delayed,
        }
    }

    /// The oldest messages, whatever their state, without receiving them.
    pub fn oldest(&self, most: usize) -> impl Iterator<Item = &Message> {
        self.by_age
            .iter()
            .take(most)
            .filter_map(|(_, sequence)| self.messages.get(sequence).map(|held| &held.message))
    }

    fn remove(&mut self, sequence: u64) -> Option<Message> {
        let held = self.messages.remove(&sequence)?;
        match held.state {
            State::Visible => {
                self.visible.remove(&sequence);
            }
            State::Delayed { until_ms } => {
                self.delayed -= 1;
                self.due.remove(&(until_ms, sequence));
            }
            State::InFlight { until_ms } => {
                self.due.remove(&(until_ms, sequence));
            }
        }
        self.by_age.remove(&(held.message.sent_ms, sequence));
        Some(held.message)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::message::{Content, MessageAttributes};

    fn message(sequence: u64, sent_ms: i64) -> Message {
        Message {
            sequence,
            message_id: Uuid::now_v7(),
            content: Arc::new(Content::new("x".to_owned(), MessageAttributes::new())),
            sent_ms,
            delayed_until_ms: sent_ms,
            receive_count: 0,
            receives_here: 0,
            first_received_ms: None,
            dead_letter_source: None,
        }
    }

    fn filled(count: u64) -> Contents {
        let settings = QueueSettings::read(Attributes::new()).unwrap();
        let mut contents = Contents {
            settings,
            ..Contents::default()
        };
        for sequence in 0..count {
            contents.add(message(sequence, 0), 0);
        }
        contents
    }

    #[test]
    fn no_more_is_handed_out_than_may_be_in_flight() {
        let mut contents = filled(MAXIMUM_IN_FLIGHT as u64 + 1);
        let taken = contents.take(0, usize::MAX, 1000, false, &mut || 1);
        assert_eq!(taken.deliveries.len(), MAXIMUM_IN_FLIGHT);
        assert!(taken.over_limit);
        assert!(contents.delete(0, 1));
        assert_eq!(
            contents
                .take(0, 10, 1000, false, &mut || 2)
                .deliveries
                .len(),
            1
        );
    }

    #[test]
    fn the_oldest_comes_first_also_when_it_comes_again() {
        let mut contents = filled(3);
        let sequences = |taken: Taken| -> Vec<u64> {
            taken
                .deliveries
                .iter()
                .map(|each| each.message.sequence)
                .collect()
        };
        assert_eq!(
            sequences(contents.take(0, 2, 1000, false, &mut || 1)),
            [0, 1]
        );
        assert_eq!(
            sequences(contents.take(1000, 3, 1000, false, &mut || 2)),
            [0, 1, 2]
        );
        assert!(!contents.delete(0, 1), "by an older receipt");
        assert!(contents.delete(0, 2));
        assert_eq!(
            contents.depth(),
            Depth {
                visible: 0,
                in_flight: 2,
                delayed: 0
            }
        );
    }

    #[test]
    fn emptied_in_every_state_nothing_is_left() {
        let mut contents = filled(2);
        contents.add(
            Message {
                delayed_until_ms: 5000,
                ..message(7, 0)
            },
            0,
        );
        contents.take(0, 1, 1000, false, &mut || 1);
        assert_eq!(
            contents.depth(),
            Depth {
                visible: 1,
                in_flight: 1,
                delayed: 1
            }
        );
        assert_eq!(
            contents.settle(345_600_000).len(),
            3,
            "all past the retention of four days"
        );
        assert_eq!(contents.depth(), Depth::default());
        assert!(
            contents.due.is_empty() && contents.visible.is_empty() && contents.by_age.is_empty()
        );
    }
}
