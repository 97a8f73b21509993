//! The provider's books: payments, what is held, taken and given back of each, and the answers stored under keys.
//!
//! They are the world's own, and never written by anything but calls of the port, customers and time. What must hold of
//! them is checked with each change.

use std::collections::BTreeMap;

use identifiers::{OrderId, Timestamp};
use money::Money;
use payments::provider::{Authorisation, Intent, Phase, ProviderFailure, RefundWish};
use rustc_hash::FxHashMap;

use super::Method;
use crate::dice::Dice;
use crate::fabric::Effect;

/// How long an answer is kept under its key (Stripe: at least 24 hours), in milliseconds.
const KEY_LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// How far the search is behind at most, in milliseconds.
const SEARCH_BEHIND_MS: i64 = 60_000;

/// A call that changes something.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    /// Hold an amount.
    Authorise(Authorisation<'a>),
    /// Take what is held.
    Capture(&'a str),
    /// Let go of it.
    Void(&'a str),
    /// Give money back.
    Refund(RefundWish<'a>),
}

impl Wish<'_> {
    fn parameters(&self) -> String {
        match self {
            Self::Authorise(wish) => format!(
                "authorise {} {} {} {}",
                wish.order_id, wish.attempt, wish.amount, wish.payment_method
            ),
            Self::Capture(intent_id) => format!("capture {intent_id}"),
            Self::Void(intent_id) => format!("void {intent_id}"),
            Self::Refund(wish) => {
                format!("refund {} {} {}", wish.intent_id, wish.number, wish.amount)
            }
        }
    }
}

/// What a call that changed something answers.
#[derive(Debug, Clone)]
pub enum Answered {
    /// A payment as it stands then.
    Intent(Intent),
    /// The id of a refund.
    Refund(String),
}

/// A payment in the books.
#[derive(Debug, Clone)]
pub struct Booked {
    /// How it stands.
    pub intent: Intent,
    /// What was ever held, in minor units.
    pub held_minor: i64,
    /// What was taken, in minor units.
    pub captured_minor: i64,
    /// What went back, by the number written on the refund, in minor units.
    pub refunds: BTreeMap<u32, i64>,
    method: Method,
    shows_at: i64,
}

impl Booked {
    /// What went back, in minor units.
    pub fn refunded_minor(&self) -> i64 {
        self.refunds.values().sum()
    }

    /// Whether the provider holds the amount.
    pub fn is_held(&self) -> bool {
        matches!(self.intent.phase, Phase::Held { .. })
    }
}

#[derive(Debug)]
struct Stored {
    parameters: String,
    answer: Option<Result<Answered, ProviderFailure>>,
    at: i64,
}

/// The books.
#[derive(Debug, Default)]
pub struct Books {
    payments: Vec<Booked>,
    by_order: FxHashMap<String, Vec<u32>>,
    answers: FxHashMap<String, Stored>,
}

impl Books {
    /// Every payment, oldest first.
    pub fn payments(&self) -> &[Booked] {
        &self.payments
    }

    /// The payments of an order.
    pub fn of_order(&self, order_id: &str) -> impl Iterator<Item = &Booked> {
        let numbers = self.by_order.get(order_id).map_or(&[][..], Vec::as_slice);
        numbers
            .iter()
            .map(|number| &self.payments[*number as usize])
    }

    /// The payment of an order that waits for its customer.
    pub fn waiting_for_customer(&self, order_id: &str) -> Option<u32> {
        let numbers = self.by_order.get(order_id)?;
        let waits = |number: &&u32| {
            matches!(
                self.payments[**number as usize].intent.phase,
                Phase::ActionRequired { .. }
            )
        };
        numbers.iter().rev().find(waits).copied()
    }

    /// A payment by its id.
    pub fn intent(&self, intent_id: &str) -> Option<Intent> {
        self.position(intent_id)
            .map(|position| self.payments[position].intent.clone())
    }

    /// The payment of an attempt, as far as the search shows it.
    pub fn search(&self, now: i64, order_id: &OrderId, attempt: u32) -> Option<Intent> {
        let mut shown = self.of_order(order_id.as_str());
        let found =
            shown.find(|booked| booked.intent.attempt == Some(attempt) && booked.shows_at <= now);
        found.map(|booked| booked.intent.clone())
    }

    /// The id of a payment's refund.
    pub fn refund_of(&self, intent_id: &str, number: u32) -> Option<String> {
        let booked = &self.payments[self.position(intent_id)?];
        booked
            .refunds
            .contains_key(&number)
            .then(|| refund_id(intent_id, number))
    }

    fn position(&self, intent_id: &str) -> Option<usize> {
        let number: usize = intent_id.strip_prefix("pi_")?.parse().ok()?;
        (number < self.payments.len()).then_some(number)
    }

    /// Makes a call once per key; a repeat gets the stored answer. `fails_stored`: the first call fails and that is
    /// stored; true where the call was done all the same.
    ///
    /// # Errors
    /// As the provider refuses, or has refused.
    pub fn keyed(
        &mut self,
        now: i64,
        key: &str,
        wish: Wish<'_>,
        fails_stored: Option<bool>,
        dice: &mut Dice,
        effects: &mut Vec<Effect>,
    ) -> Result<Answered, ProviderFailure> {
        let parameters = wish.parameters();
        if let Some(stored) = self
            .answers
            .get(key)
            .filter(|stored| stored.at + KEY_LIFE_MS > now)
        {
            if stored.parameters != parameters {
                return Err(refused("idempotency_error"));
            }
            return stored
                .answer
                .clone()
                .unwrap_or(Err(ProviderFailure::KeyBurnt));
        }
        let answer = match fails_stored {
            Some(false) => None,
            Some(true) => {
                let _done = self.act(now, wish, dice, effects);
                None
            }
            None => Some(self.act(now, wish, dice, effects)),
        };
        let stored = Stored {
            parameters,
            answer: answer.clone(),
            at: now,
        };
        self.answers.insert(key.to_owned(), stored);
        answer.unwrap_or(Err(ProviderFailure::Unreachable("status 500".to_owned())))
    }

    fn act(
        &mut self,
        now: i64,
        wish: Wish<'_>,
        dice: &mut Dice,
        effects: &mut Vec<Effect>,
    ) -> Result<Answered, ProviderFailure> {
        let position = match wish {
            Wish::Authorise(wish) => self.authorise(now, &wish, dice, effects)?,
            Wish::Capture(intent_id) => {
                let position = self.known(intent_id)?;
                let booked = &mut self.payments[position];
                if !booked.is_held() {
                    return Err(refused("payment_intent_unexpected_state"));
                }
                booked.intent.phase = Phase::Captured;
                booked.captured_minor += booked.intent.amount.amount_minor;
                position
            }
            Wish::Void(intent_id) => {
                let position = self.known(intent_id)?;
                let booked = &mut self.payments[position];
                match booked.intent.phase {
                    Phase::Captured | Phase::Cancelled | Phase::Processing => {
                        return Err(refused("payment_intent_unexpected_state"));
                    }
                    Phase::Held { .. } | Phase::ActionRequired { .. } | Phase::Failed { .. } => {}
                }
                booked.intent.phase = Phase::Cancelled;
                position
            }
            Wish::Refund(wish) => {
                let position = self.known(wish.intent_id)?;
                let booked = &mut self.payments[position];
                let left_minor = booked.captured_minor - booked.refunded_minor();
                if wish.amount.amount_minor > left_minor {
                    return Err(refused("charge_already_refunded"));
                }
                *booked.refunds.entry(wish.number).or_insert(0) += wish.amount.amount_minor;
                self.changed(position, effects);
                return Ok(Answered::Refund(refund_id(wish.intent_id, wish.number)));
            }
        };
        self.changed(position, effects);
        Ok(Answered::Intent(self.payments[position].intent.clone()))
    }

    fn authorise(
        &mut self,
        now: i64,
        wish: &Authorisation<'_>,
        dice: &mut Dice,
        effects: &mut Vec<Effect>,
    ) -> Result<usize, ProviderFailure> {
        let method = Method::of(wish.payment_method);
        let position = self.payments.len();
        let intent_id = format!("pi_{position}");
        let phase = match method {
            Method::Unknown => return Err(refused("resource_missing")),
            Method::Declines => Phase::Failed {
                code: "insufficient_funds".to_owned(),
            },
            Method::Asks => Phase::ActionRequired {
                url: Some(format!("https://bank.example/{intent_id}")),
            },
            Method::Good | Method::Short => self.hold(now, position, method, effects),
        };
        let is_held = matches!(phase, Phase::Held { .. });
        let intent = Intent {
            intent_id,
            order_id: Some(wish.order_id.clone()),
            attempt: Some(wish.attempt),
            amount: wish.amount,
            phase,
        };
        let held_minor = if is_held { wish.amount.amount_minor } else { 0 };
        let shows_at = now + dice.between(0, SEARCH_BEHIND_MS);
        self.payments.push(Booked {
            intent,
            held_minor,
            captured_minor: 0,
            refunds: BTreeMap::new(),
            method,
            shows_at,
        });
        let numbers = self.by_order.entry(wish.order_id.to_string()).or_default();
        numbers.push(position as u32);
        Ok(position)
    }

    fn hold(&self, now: i64, position: usize, method: Method, effects: &mut Vec<Effect>) -> Phase {
        let until_ms = now + method.hold_seconds() * 1000;
        effects.push(Effect::Held(position as u32, until_ms));
        Phase::Held {
            until: Timestamp::from_milliseconds(until_ms),
        }
    }

    /// The customer confirms the payment, or fails to; nothing where it does not wait for that.
    pub fn confirm(&mut self, now: i64, number: u32, succeeds: bool, effects: &mut Vec<Effect>) {
        let position = number as usize;
        let Some(booked) = self.payments.get(position) else {
            return;
        };
        if !matches!(booked.intent.phase, Phase::ActionRequired { .. }) {
            return;
        }
        let method = booked.method;
        let phase = if succeeds {
            self.hold(now, position, method, effects)
        } else {
            Phase::Failed {
                code: "authentication_failed".to_owned(),
            }
        };
        let booked = &mut self.payments[position];
        if succeeds {
            booked.held_minor = booked.intent.amount.amount_minor;
        }
        booked.intent.phase = phase;
        self.changed(position, effects);
    }

    /// Lets go of a hold whose time is over; whether there was one.
    pub fn let_go(&mut self, now: i64, number: u32, effects: &mut Vec<Effect>) -> bool {
        let position = number as usize;
        let is_over = matches!(
            self.payments[position].intent.phase,
            Phase::Held { until } if until.milliseconds() <= now
        );
        if is_over {
            self.payments[position].intent.phase = Phase::Cancelled;
            self.changed(position, effects);
        }
        is_over
    }

    fn known(&self, intent_id: &str) -> Result<usize, ProviderFailure> {
        self.position(intent_id)
            .ok_or_else(|| refused("resource_missing"))
    }

    /// After each change: what must hold of a payment, and of its order's others; and the world is told.
    fn changed(&self, position: usize, effects: &mut Vec<Effect>) {
        let booked = &self.payments[position];
        let (held, captured, refunded) = (
            booked.held_minor,
            booked.captured_minor,
            booked.refunded_minor(),
        );
        if !(0 <= refunded && refunded <= captured && captured <= held) {
            let detail = format!(
                "{}: held {held}, captured {captured}, refunded {refunded}",
                booked.intent.intent_id
            );
            effects.push(Effect::Broken(
                "refunded_within_captured_within_held",
                detail,
            ));
        }
        if let Some(order_id) = &booked.intent.order_id {
            let attempt = booked.intent.attempt;
            let live = self.of_order(order_id.as_str()).filter(|other| {
                other.intent.attempt == attempt && (other.is_held() || other.captured_minor > 0)
            });
            let live = live.count();
            if live > 1 {
                let detail = format!("order {order_id}, attempt {attempt:?}: {live}");
                effects.push(Effect::Broken("one_live_authorisation", detail));
            }
        }
        effects.push(Effect::Hint(position as u32));
    }
}

/// The amount of a payment in the books.
impl Booked {
    /// What it is about.
    pub fn amount(&self) -> Money {
        self.intent.amount
    }
}

fn refund_id(intent_id: &str, number: u32) -> String {
    format!("re_{intent_id}_{number}")
}

fn refused(code: &str) -> ProviderFailure {
    ProviderFailure::Refused {
        code: code.to_owned(),
        message: code.to_owned(),
    }
}
