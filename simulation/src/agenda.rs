//! What happens next: instants in order, those of the same instant in the order in which they were put down.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::task::Waker;

use crate::people::Errand;
use crate::site::Site;

/// A running invocation, by a number that is never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u32);

/// Something that is due at an instant.
#[derive(Debug)]
pub enum Due {
    /// A suspended call of an invocation goes on.
    Wake(TaskId, Waker),
    /// An invocation has run for as long as a function may.
    TimeLimit(TaskId),
    /// A message becomes visible in a queue.
    Arrive(Site, u32),
    /// A queue's poller looks for messages.
    Poll(Site),
    /// A shard's poller looks for records.
    Shard(Site, u8),
    /// The schedule of deadlines ticks.
    Tick(Site),
    /// Somebody does something.
    Errand(Errand),
    /// The provider lets go of a hold.
    HoldEnds(u32),
    /// The provider sends a webhook, for the n-th time.
    Webhook(u32, u8),
    /// A window of trouble opens or closes.
    Window(u8),
    /// An operator redrives dead letters.
    Redrive(Site),
    /// A phase of the world ends.
    Phase,
}

#[derive(Debug)]
struct Entry {
    at: i64,
    serial: u64,
    due: Due,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.serial) == (other.at, other.serial)
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

/// What is due, by instant.
#[derive(Debug, Default)]
pub struct Agenda {
    heap: BinaryHeap<Reverse<Entry>>,
    serial: u64,
}

impl Agenda {
    /// Puts something down.
    pub fn put(&mut self, at: i64, due: Due) {
        self.serial += 1;
        self.heap.push(Reverse(Entry {
            at,
            serial: self.serial,
            due,
        }));
    }

    /// Takes what is next.
    pub fn next(&mut self) -> Option<(i64, Due)> {
        let Reverse(entry) = self.heap.pop()?;
        Some((entry.at, entry.due))
    }
}
