//! A deterministic payment provider in memory: for tests and simulation.
//!
//! Keeps a ledger of its own, which a test compares with ours, and goes wrong on demand in the ways that real ones do.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use identifiers::{OrderId, Timestamp};
use money::Money;

use crate::provider::{Authorisation, Intent, Phase, Provider, ProviderFailure, RefundWish};

/// Approves.
pub const APPROVES: &str = "pm_approves";
/// Declines with `insufficient_funds`.
pub const DECLINES: &str = "pm_declines";
/// Needs the customer's confirmation first.
pub const NEEDS_ACTION: &str = "pm_needs_action";
/// Is of no customer: the request itself is refused.
pub const UNKNOWN: &str = "pm_unknown";

const HOLD_SECONDS: i64 = 7 * 24 * 60 * 60;

/// What goes wrong with a call that changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is done, and the answer never comes.
    TimesOutButDone,
    /// Nothing is done and no answer comes.
    Down,
    /// It is done, and a failure is stored under its key.
    FailsStoredButDone,
    /// Nothing is done, and a failure is stored under its key.
    FailsStored,
}

/// A payment in the fake's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booked {
    /// The payment.
    pub intent: Intent,
    /// What was ever held, in minor units.
    pub held_minor: i64,
    /// What was taken, in minor units.
    pub captured_minor: i64,
    /// What went back, by refund number, in minor units.
    pub refunds: BTreeMap<u32, i64>,
}

#[derive(Debug, Clone)]
enum Stored {
    Intent(Result<Intent, ProviderFailure>),
    Refund(Result<String, ProviderFailure>),
    Failure,
}

#[derive(Debug, Default)]
struct Books {
    booked: Vec<Booked>,
    answers: BTreeMap<String, Stored>,
    faults: VecDeque<Fault>,
    calls: Vec<String>,
    is_down: bool,
    search_is_behind: bool,
    now: Timestamp,
}

/// The provider.
#[derive(Debug, Default)]
pub struct FakeProvider {
    books: Mutex<Books>,
}

impl FakeProvider {
    /// A provider with empty books, at that instant.
    pub fn new(now: Timestamp) -> Self {
        Self {
            books: Mutex::new(Books {
                now,
                ..Books::default()
            }),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // A panic elsewhere leaves the books whole: each change is checked before it is made.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves its clock; holds whose time is over lapse.
    pub fn set_now(&self, now: Timestamp) {
        let mut books = self.books();
        books.now = now;
        for booked in &mut books.booked {
            if matches!(booked.intent.phase, Phase::Held { until } if until <= now) {
                booked.intent.phase = Phase::Cancelled;
            }
        }
    }

    /// Lets the next calls that change something go wrong, one after another.
    pub fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        self.books().faults.extend(faults);
    }

    /// Whether it gives no answer at all.
    pub fn set_down(&self, is_down: bool) {
        self.books().is_down = is_down;
    }

    /// Whether looking for a payment by its order finds nothing, as when a search index is behind.
    pub fn set_search_behind(&self, is_behind: bool) {
        self.books().search_is_behind = is_behind;
    }

    /// The customer confirms the payment, or fails to.
    pub fn act(&self, intent_id: &str, confirms: bool) {
        let mut books = self.books();
        let until = books.now.plus_seconds(HOLD_SECONDS);
        for booked in books
            .booked
            .iter_mut()
            .filter(|booked| booked.intent.intent_id == intent_id)
        {
            if matches!(booked.intent.phase, Phase::ActionRequired { .. }) {
                booked.intent.phase = if confirms {
                    booked.held_minor = booked.intent.amount.amount_minor;
                    Phase::Held { until }
                } else {
                    Phase::Failed {
                        code: "authentication_failed".to_owned(),
                    }
                };
            }
        }
    }

    /// Its books, oldest first.
    pub fn booked(&self) -> Vec<Booked> {
        self.books().booked.clone()
    }

    /// The keys of all calls that came through, oldest first, repeats included.
    pub fn calls(&self) -> Vec<String> {
        self.books().calls.clone()
    }
}

impl Books {
    /// Does it once per key, as told by the fault; a repeat gets the stored answer.
    fn keyed(
        &mut self,
        key: &str,
        act: impl FnOnce(&mut Self) -> Stored,
    ) -> Result<Stored, ProviderFailure> {
        if self.is_down {
            return Err(no_answer());
        }
        self.calls.push(key.to_owned());
        if let Some(stored) = self.answers.get(key) {
            return Ok(stored.clone());
        }
        let fault = self.faults.pop_front();
        if fault == Some(Fault::Down) {
            return Err(no_answer());
        }
        let answer = if fault == Some(Fault::FailsStored) {
            Stored::Failure
        } else {
            act(self)
        };
        let stored = if fault == Some(Fault::FailsStoredButDone) {
            Stored::Failure
        } else {
            answer
        };
        self.answers.insert(key.to_owned(), stored.clone());
        match fault {
            None => Ok(stored),
            // The failure of the first request is not told apart from any other; only its repeat is.
            Some(_) => Err(no_answer()),
        }
    }

    fn keyed_intent(
        &mut self,
        key: &str,
        act: impl FnOnce(&mut Self) -> Result<Intent, ProviderFailure>,
    ) -> Result<Intent, ProviderFailure> {
        match self.keyed(key, |books| Stored::Intent(act(books)))? {
            Stored::Intent(answer) => answer,
            Stored::Refund(_) | Stored::Failure => Err(ProviderFailure::KeyBurnt),
        }
    }

    fn find(&mut self, intent_id: &str) -> Result<&mut Booked, ProviderFailure> {
        let found = self
            .booked
            .iter_mut()
            .find(|booked| booked.intent.intent_id == intent_id);
        found.ok_or_else(|| refused("resource_missing"))
    }

    fn authorise(&mut self, wish: &Authorisation<'_>) -> Result<Intent, ProviderFailure> {
        let intent_id = format!("pi_{}", self.booked.len() + 1);
        let phase = match wish.payment_method {
            DECLINES => Phase::Failed {
                code: "insufficient_funds".to_owned(),
            },
            NEEDS_ACTION => Phase::ActionRequired {
                url: Some(format!("https://bank.example/{intent_id}")),
            },
            UNKNOWN => return Err(refused("resource_missing")),
            _ => Phase::Held {
                until: self.now.plus_seconds(HOLD_SECONDS),
            },
        };
        let held_minor = if matches!(phase, Phase::Held { .. }) {
            wish.amount.amount_minor
        } else {
            0
        };
        let (order_id, attempt) = (Some(wish.order_id.clone()), Some(wish.attempt));
        let intent = Intent {
            intent_id,
            order_id,
            attempt,
            amount: wish.amount,
            phase,
        };
        let booked = Booked {
            intent: intent.clone(),
            held_minor,
            captured_minor: 0,
            refunds: BTreeMap::new(),
        };
        self.booked.push(booked);
        Ok(intent)
    }
}

impl Provider for FakeProvider {
    async fn authorise(&self, wish: &Authorisation<'_>) -> Result<Intent, ProviderFailure> {
        self.books()
            .keyed_intent(wish.key, |books| books.authorise(wish))
    }

    async fn capture(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        self.books().keyed_intent(key, |books| {
            let booked = books.find(intent_id)?;
            if !matches!(booked.intent.phase, Phase::Held { .. }) {
                return Err(refused("payment_intent_unexpected_state"));
            }
            booked.intent.phase = Phase::Captured;
            booked.captured_minor = booked.intent.amount.amount_minor;
            Ok(booked.intent.clone())
        })
    }

    async fn void(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        self.books().keyed_intent(key, |books| {
            let booked = books.find(intent_id)?;
            if matches!(
                booked.intent.phase,
                Phase::Captured | Phase::Cancelled | Phase::Processing
            ) {
                return Err(refused("payment_intent_unexpected_state"));
            }
            booked.intent.phase = Phase::Cancelled;
            Ok(booked.intent.clone())
        })
    }

    async fn refund(&self, wish: &RefundWish<'_>) -> Result<String, ProviderFailure> {
        let act = |books: &mut Books| {
            let booked = match books.find(wish.intent_id) {
                Ok(booked) => booked,
                Err(failure) => return Stored::Refund(Err(failure)),
            };
            let left_minor = booked.captured_minor - booked.refunds.values().sum::<i64>();
            if wish.amount.amount_minor > left_minor {
                return Stored::Refund(Err(refused("charge_already_refunded")));
            }
            booked.refunds.insert(wish.number, wish.amount.amount_minor);
            Stored::Refund(Ok(refund_id(wish.intent_id, wish.number)))
        };
        match self.books().keyed(wish.key, act)? {
            Stored::Refund(answer) => answer,
            Stored::Intent(_) | Stored::Failure => Err(ProviderFailure::KeyBurnt),
        }
    }

    async fn look(&self, intent_id: &str) -> Result<Option<Intent>, ProviderFailure> {
        let mut books = self.books();
        if books.is_down {
            return Err(no_answer());
        }
        Ok(books
            .find(intent_id)
            .ok()
            .map(|booked| booked.intent.clone()))
    }

    async fn find(
        &self,
        order_id: &OrderId,
        attempt: u32,
    ) -> Result<Option<Intent>, ProviderFailure> {
        let books = self.books();
        if books.is_down {
            return Err(no_answer());
        }
        let is_it = |booked: &&Booked| {
            booked.intent.order_id.as_ref() == Some(order_id)
                && booked.intent.attempt == Some(attempt)
        };
        let found = books
            .booked
            .iter()
            .find(is_it)
            .filter(|_| !books.search_is_behind);
        Ok(found.map(|booked| booked.intent.clone()))
    }

    async fn find_refund(
        &self,
        intent_id: &str,
        number: u32,
    ) -> Result<Option<String>, ProviderFailure> {
        let mut books = self.books();
        if books.is_down {
            return Err(no_answer());
        }
        let booked = books.find(intent_id)?;
        Ok(booked
            .refunds
            .contains_key(&number)
            .then(|| refund_id(intent_id, number)))
    }
}

impl Booked {
    /// What the provider holds now.
    pub fn live_hold(&self) -> Option<Money> {
        matches!(self.intent.phase, Phase::Held { .. }).then_some(self.intent.amount)
    }
}

fn refund_id(intent_id: &str, number: u32) -> String {
    format!("re_{intent_id}_{number}")
}

fn no_answer() -> ProviderFailure {
    ProviderFailure::Unreachable("no answer".to_owned())
}

fn refused(code: &str) -> ProviderFailure {
    ProviderFailure::Refused {
        code: code.to_owned(),
        message: code.to_owned(),
    }
}
