//! What all ports of a world share: its clock, agenda, dice and faults, who runs just now, and what left through a port.
//!
//! Every call of a port goes through [`Fabric::begin`] and [`Fabric::end`]: there it takes its time, there it goes
//! wrong, and there its process dies. One thread runs a world, so the lock is never waited for; it is there because
//! the contexts' traits ask for it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use contracts::CloudEvent;
use notifications::mail::Mail;
use parking_lot::{Mutex, MutexGuard};
use payments::provider::Intent;

use crate::agenda::{Agenda, Due, TaskId};
use crate::dice::Dice;
use crate::faults::{Fault, Fired, Rates};
use crate::planted::Plant;
use crate::provider::Books;
use crate::site::Site;
use crate::trace::Trace;

/// Which port a call goes through, as far as faults care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// A read of the store.
    Read,
    /// A read of the store that may show an older version.
    EventualRead,
    /// A page of an index or partition.
    Query,
    /// A write of one item.
    Commit,
    /// A write of several items.
    Transact,
    /// A `PublishBatch`.
    Publish,
    /// A message put in the dead-letter queue.
    Bury,
    /// A call of the provider that changes something.
    Charge,
    /// A call of the provider that only looks.
    Look,
    /// A mail.
    Mail,
}

/// When in a call a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// Before it is made.
    Before,
    /// When it was made and not yet answered.
    After,
}

/// A point at which a process is killed: the n-th call of the world, and when in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrashPoint {
    /// Which call, counted from 0.
    pub call: u64,
    /// When.
    pub moment: Moment,
}

/// Who runs just now.
#[derive(Debug, Clone)]
pub struct Running {
    /// The invocation.
    pub task: TaskId,
    /// How far the process's clock is off, in milliseconds.
    pub skew_ms: i64,
    /// Whether it runs a version with a field more.
    pub is_newer: bool,
    /// Whether its calls take long.
    pub is_slow: bool,
    /// At which of its calls it is killed, if at any.
    pub killed_at: Option<u32>,
    /// At which of its calls its clock steps back, if at any, and by how much, in milliseconds.
    pub steps_back: Option<(u32, i64)>,
    /// How many calls it has made.
    pub calls: u32,
    /// How many of its next writes meet a conflict.
    pub storm: u32,
    /// Until when the store refuses it.
    pub throttled_until: i64,
    /// Whether it made a call of the provider that changes something.
    pub charged: bool,
    /// Whether it began to publish.
    pub published: bool,
    /// What the webhook says that it handles; known only where a mistake is planted.
    pub told: Option<Intent>,
}

/// Something that left through a port.
#[derive(Debug)]
pub enum Effect {
    /// An event reached its topic.
    Published(Site, CloudEvent, bool),
    /// A message was put in a dead-letter queue, with the reason.
    Buried(Site, String, String),
    /// A mail left.
    Mailed(TaskId, Mail),
    /// The provider has something to tell: of the payment of that number.
    Hint(u32),
    /// The provider holds an amount until then.
    Held(u32, i64),
    /// Something that must never be was seen at a port.
    Broken(&'static str, String),
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fate {
    /// What goes wrong, if anything.
    pub fault: Option<Fault>,
    dies_after: bool,
}

/// The parts of the fabric.
#[derive(Debug)]
pub struct Parts {
    /// The present, in milliseconds since the Unix epoch.
    pub now: i64,
    /// What is due.
    pub agenda: Agenda,
    /// Chance.
    pub dice: Dice,
    /// What goes wrong how often.
    pub rates: Rates,
    /// Whether calls take no time: where nothing goes wrong, nothing is gained by it.
    pub is_instant: bool,
    /// What has gone wrong.
    pub fired: Fired,
    /// Who runs.
    pub running: Option<Running>,
    /// Whether the one who runs dies.
    pub dies: bool,
    /// How many calls were made through ports.
    pub calls: u64,
    /// Where processes are killed.
    pub crash_points: Vec<CrashPoint>,
    /// What has left through ports and was not looked at yet.
    pub effects: Vec<Effect>,
    /// The provider's books.
    pub books: Books,
    /// Until when the provider gives no answer.
    pub provider_down_until: i64,
    /// A mistake that was planted.
    pub plant: Option<Arc<dyn Plant>>,
    /// What happened, for people and as a hash.
    pub trace: Trace,
}

impl Parts {
    /// Whether the fault happens now; counted if so.
    pub fn fires(&mut self, fault: Fault) -> bool {
        let rate = self.rates.of(fault);
        let happens = rate > 0 && self.dice.happens(rate);
        if happens {
            self.fired.count(fault);
        }
        happens
    }

    /// Whether the fault shall be brought about; counted where it then is.
    pub fn draws(&mut self, fault: Fault) -> bool {
        let rate = self.rates.of(fault);
        self.dice.happens(rate)
    }

    /// At most one of the faults, by one draw.
    pub fn one_of(&mut self, faults: &[Fault]) -> Option<Fault> {
        let total: u64 = faults
            .iter()
            .map(|fault| u64::from(self.rates.of(*fault)))
            .sum();
        if total == 0 {
            return None;
        }
        let mut drawn = self.dice.below(1_000_000);
        for fault in faults {
            let rate = u64::from(self.rates.of(*fault));
            if drawn < rate {
                self.fired.count(*fault);
                return Some(*fault);
            }
            drawn -= rate;
        }
        None
    }

    /// Puts something down for later.
    pub fn later(&mut self, milliseconds: i64, due: Due) {
        let at = self.now + milliseconds.max(0);
        self.agenda.put(at, due);
    }

    fn is_here(&self, call: u64, moment: Moment) -> bool {
        self.crash_points.contains(&CrashPoint { call, moment })
    }

    /// Decides what becomes of a call: whether its process dies, how long it takes, what goes wrong.
    fn decide(&mut self, port: Port) -> (i64, Fate, bool) {
        let call = self.calls;
        self.calls += 1;
        let killed_here = match &mut self.running {
            None => false,
            Some(running) => {
                running.calls += 1;
                running.charged |= port == Port::Charge;
                running.published |= port == Port::Publish;
                if let Some((_, by_ms)) = running.steps_back.filter(|(at, _)| *at == running.calls)
                {
                    running.skew_ms -= by_ms;
                    running.steps_back = None;
                    self.fired.count(Fault::ClockStepsBack);
                }
                running.killed_at.is_some_and(|at| at < running.calls)
            }
        };
        if killed_here {
            self.fired.count(Fault::BatchKilled);
        }
        if killed_here || self.is_here(call, Moment::Before) {
            self.dies = true;
            return (0, Fate::default(), true);
        }
        let mut dies_after = self.is_here(call, Moment::After);
        match self.one_of(&[Fault::CrashBeforeCall, Fault::CrashAfterCall]) {
            Some(Fault::CrashBeforeCall) => {
                self.dies = true;
                return (0, Fate::default(), true);
            }
            Some(_) => dies_after = true,
            None => {}
        }
        let fault = self.fault_of(port);
        (self.latency(port, fault), Fate { fault, dies_after }, false)
    }

    fn fault_of(&mut self, port: Port) -> Option<Fault> {
        match port {
            Port::Read | Port::EventualRead | Port::Query | Port::Commit | Port::Transact => {
                self.store_fault(port)
            }
            Port::Publish => self.one_of(&[Fault::PublishPartlyFailed, Fault::PublishTimeoutDone]),
            Port::Charge => {
                if self.now < self.provider_down_until {
                    self.fired.count(Fault::ProviderDownHour);
                    return Some(Fault::ProviderDownHour);
                }
                self.one_of(&[
                    Fault::ProviderTimeoutDone,
                    Fault::ProviderTimeoutNotDone,
                    Fault::ProviderFailureStored,
                ])
            }
            Port::Look => {
                if self.now < self.provider_down_until {
                    self.fired.count(Fault::ProviderDownHour);
                    return Some(Fault::ProviderDownHour);
                }
                self.one_of(&[Fault::ProviderTimeoutNotDone])
            }
            Port::Mail => self.one_of(&[Fault::MailTimeoutDone, Fault::MailFailed]),
            Port::Bury => None,
        }
    }

    fn store_fault(&mut self, port: Port) -> Option<Fault> {
        let writes = matches!(port, Port::Commit | Port::Transact);
        let now = self.now;
        if let Some(running) = &mut self.running {
            if running.throttled_until > now {
                return Some(Fault::StoreThrottled);
            }
            if writes && running.storm > 0 {
                running.storm -= 1;
                self.fired.count(Fault::ConflictStorm);
                return Some(Fault::ConflictStorm);
            }
        }
        let fault = match port {
            Port::Commit | Port::Transact => self.one_of(&[
                Fault::StoreTimeoutDone,
                Fault::StoreTimeoutNotDone,
                Fault::ConflictStorm,
                Fault::StoreThrottled,
            ]),
            Port::EventualRead => self.one_of(&[
                Fault::StoreTimeoutNotDone,
                Fault::StoreThrottled,
                Fault::StaleRead,
            ]),
            Port::Query => self.one_of(&[
                Fault::StoreTimeoutNotDone,
                Fault::StoreThrottled,
                Fault::StaleIndex,
            ]),
            Port::Read | Port::Publish | Port::Bury | Port::Charge | Port::Look | Port::Mail => {
                self.one_of(&[Fault::StoreTimeoutNotDone, Fault::StoreThrottled])
            }
        };
        let storm = self.dice.between(1, 7) as u32;
        let throttled_ms = self.dice.between(10, 3_000);
        if let Some(running) = &mut self.running {
            match fault {
                Some(Fault::ConflictStorm) => running.storm = storm,
                Some(Fault::StoreThrottled) => running.throttled_until = now + throttled_ms,
                _ => {}
            }
        }
        fault
    }

    /// How long a call takes, in milliseconds. Where nothing can go wrong, nothing takes time.
    fn latency(&mut self, port: Port, fault: Option<Fault>) -> i64 {
        if self.is_instant {
            return 0;
        }
        let slow = self.running.as_ref().is_some_and(|running| running.is_slow);
        let usual = match port {
            Port::Charge | Port::Look => self.dice.between(50, 900),
            Port::Mail => self.dice.between(20, 300),
            _ => self.dice.between(0, 12),
        };
        let usual = if slow {
            usual + self.dice.between(100, 700)
        } else {
            usual
        };
        match fault {
            Some(
                Fault::StoreTimeoutDone | Fault::StoreTimeoutNotDone | Fault::PublishTimeoutDone,
            ) => self.dice.between(1_000, 3_000),
            Some(
                Fault::ProviderTimeoutDone
                | Fault::ProviderTimeoutNotDone
                | Fault::ProviderDownHour,
            ) => self.dice.between(1_000, 4_000),
            _ => usual,
        }
    }
}

/// What all ports share.
#[derive(Debug)]
pub struct Fabric(Mutex<Parts>);

impl Fabric {
    /// The fabric of these parts.
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self(Mutex::new(parts)))
    }

    /// The parts, for a moment: never held while an invocation is polled.
    pub fn parts(&self) -> MutexGuard<'_, Parts> {
        self.0.lock()
    }

    /// Begins a call: it takes its time, and it is decided what goes wrong with it.
    pub async fn begin(&self, port: Port) -> Fate {
        let (latency, fate, dies) = self.parts().decide(port);
        if dies {
            std::future::pending::<()>().await;
        }
        self.wait(latency).await;
        fate
    }

    /// Ends a call that was made: here dies who dies after it.
    pub async fn end(&self, fate: Fate) {
        if fate.dies_after {
            self.parts().dies = true;
            std::future::pending::<()>().await;
        }
    }

    /// Waits by the world's clock.
    pub async fn wait(&self, milliseconds: i64) {
        if milliseconds > 0 {
            Wait {
                fabric: self,
                milliseconds,
                until: None,
            }
            .await;
        }
    }

    /// Counts a fault that was brought about elsewhere.
    pub fn count(&self, fault: Fault) {
        self.parts().fired.count(fault);
    }
}

struct Wait<'a> {
    fabric: &'a Fabric,
    milliseconds: i64,
    until: Option<i64>,
}

impl Future for Wait<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut parts = self.fabric.parts();
        let until = match self.until {
            Some(until) if parts.now >= until => return Poll::Ready(()),
            // Polled for another's sake: its own wake is still on the agenda.
            Some(_) => return Poll::Pending,
            None => parts.now + self.milliseconds,
        };
        let task = parts.running.as_ref().map(|running| running.task);
        let task = task.expect("only invocations call ports, and one runs while it is polled");
        parts
            .agenda
            .put(until, Due::Wake(task, context.waker().clone()));
        drop(parts);
        self.until = Some(until);
        Poll::Pending
    }
}
