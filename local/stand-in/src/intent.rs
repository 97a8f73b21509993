//! A payment intent and its life: every verb switches on the state and returns what happened, or refuses
//! (<https://docs.stripe.com/payments/paymentintents/lifecycle>). No clock, no storage, no HTTP in here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cards::{self, Behaviour, Failure};
use crate::charge::Charge;
use crate::event::Happening;
use crate::refusal::Refusal;

/// A hold on a card lasts seven days (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).
pub(crate) const HOLD_MS: i64 = 7 * DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long [`Behaviour::TakesTime`] takes.
const PROCESSING_MS: i64 = 10_000;
/// Japan has no summer time, so its day always begins 9 hours before the UTC day.
const JST_OFFSET_MS: i64 = 9 * 60 * 60 * 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    RequiresCapture,
    Succeeded,
    Canceled,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaptureMethod {
    Automatic,
    AutomaticAsync,
    Manual,
}

impl CaptureMethod {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::AutomaticAsync => "automatic_async",
            Self::Manual => "manual",
        }
    }
}

/// What the customer pays with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    /// A test card's id.
    Card(String),
    /// Cash at a convenience store.
    Konbini,
}

impl Method {
    pub fn id(&self) -> &str {
        match self {
            Self::Card(id) => id,
            Self::Konbini => "pm_konbini",
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::Konbini => "konbini",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub id: String,
    pub client_secret: String,
    pub created_seconds: i64,
    pub amount_minor: i64,
    pub currency: String,
    pub capture_method: CaptureMethod,
    pub status: Status,
    pub method: Option<Method>,
    pub method_types: Vec<String>,
    pub konbini_days: i64,
    pub description: Option<String>,
    pub customer: Option<String>,
    pub receipt_email: Option<String>,
    pub statement_descriptor: Option<String>,
    pub statement_descriptor_suffix: Option<String>,
    pub return_url: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub charges: Vec<Charge>,
    pub last_failure: Option<(Failure, Option<Method>)>,
    pub cancellation_reason: Option<String>,
    pub canceled_at_seconds: Option<i64>,
    /// When time alone changes the state: the hold, the cash payment or the processing ends.
    pub due_ms: Option<i64>,
}

/// What a verb did.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub happenings: Vec<Happening>,
    /// The attempt failed, and the caller of a confirmation is told so with a 402.
    pub failure: Option<Failure>,
    /// A hold, or the rest of one, was let go.
    pub released_minor: Option<i64>,
}

impl Step {
    fn of(happenings: &[Happening]) -> Self {
        Self {
            happenings: happenings.to_vec(),
            ..Self::default()
        }
    }
}

/// How a confirmation is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Confirmation {
    /// The customer is not there to authenticate.
    pub off_session: bool,
    /// Fail instead of waiting for the customer.
    pub error_on_requires_action: bool,
}

impl Intent {
    pub fn latest_charge(&self) -> Option<&Charge> {
        self.charges.last()
    }

    /// The charge that was approved; there is never more than one.
    pub fn approved_charge(&self) -> Option<&Charge> {
        self.charges.iter().find(|charge| charge.approved())
    }

    fn approved_charge_mut(&mut self) -> Option<&mut Charge> {
        self.charges.iter_mut().find(|charge| charge.approved())
    }

    pub fn amount_capturable_minor(&self) -> i64 {
        if self.status == Status::RequiresCapture {
            self.amount_minor
        } else {
            0
        }
    }

    pub fn amount_received_minor(&self) -> i64 {
        self.approved_charge()
            .map_or(0, |charge| charge.amount_captured_minor)
    }

    /// Tries to pay.
    pub fn confirm(&mut self, how: Confirmation, now_ms: i64) -> Result<Step, Refusal> {
        match self.status {
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction => {}
            Status::Succeeded | Status::RequiresCapture => {
                return Err(Refusal::unexpected_state(
                    "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
                ));
            }
            Status::Processing | Status::Canceled => {
                return Err(Refusal::unexpected_state(format!(
                    "You cannot confirm this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of \
                     the following statuses may be confirmed: requires_confirmation, requires_action.",
                    self.status.as_str()
                )));
            }
        }
        let Some(method) = self.method.clone() else {
            return Err(Refusal::unexpected_state(
                "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with \
                 a payment method and then confirm it again, or confirm it again directly with a payment method.",
            ));
        };
        let behaviour = match &method {
            Method::Konbini => {
                self.status = Status::RequiresAction;
                self.due_ms = Some(konbini_expiry_ms(now_ms, self.konbini_days));
                return Ok(Step::of(&[Happening::RequiresAction]));
            }
            Method::Card(id) => cards::find(id)
                .map(|card| card.behaviour)
                .ok_or_else(|| no_such_method(id))?,
        };
        match behaviour {
            Behaviour::Approves => Ok(self.approve(now_ms)),
            Behaviour::Declines(failure) => Ok(self.fail(failure, now_ms)),
            Behaviour::Authenticates(_) if how.off_session || how.error_on_requires_action => {
                Ok(self.fail(Failure::AuthenticationRequired, now_ms))
            }
            Behaviour::Authenticates(_) => {
                self.status = Status::RequiresAction;
                self.due_ms = None;
                Ok(Step::of(&[Happening::RequiresAction]))
            }
            Behaviour::TakesTime => {
                self.status = Status::Processing;
                self.due_ms = Some(now_ms + PROCESSING_MS);
                Ok(Step::of(&[Happening::Processing]))
            }
        }
    }

    /// The customer went through what the bank asked of them, or did not.
    pub fn act(&mut self, passed: bool, now_ms: i64) -> Result<Step, Refusal> {
        match (self.status, &self.method) {
            (Status::RequiresAction, Some(Method::Card(id))) => {
                let after = match cards::find(id).map(|card| card.behaviour) {
                    Some(Behaviour::Authenticates(after)) => after,
                    Some(Behaviour::Approves | Behaviour::Declines(_) | Behaviour::TakesTime)
                    | None => None,
                };
                Ok(match (passed, after) {
                    (false, _) => self.fail(Failure::AuthenticationFailed, now_ms),
                    (true, Some(failure)) => self.fail(failure, now_ms),
                    (true, None) => self.approve(now_ms),
                })
            }
            (Status::Processing, _) if passed => Ok(self.approve(now_ms)),
            (Status::Processing, _) => Ok(self.fail(Failure::AttemptFailed, now_ms)),
            _ => Err(self.nothing_to_do("an authentication")),
        }
    }

    /// The customer paid at the till.
    pub fn pay_cash(&mut self, now_ms: i64) -> Result<Step, Refusal> {
        match (self.status, &self.method) {
            (Status::RequiresAction, Some(Method::Konbini)) => Ok(self.approve(now_ms)),
            _ => Err(self.nothing_to_do("a convenience store payment")),
        }
    }

    fn nothing_to_do(&self, what: &str) -> Refusal {
        Refusal::unexpected_state(format!(
            "This PaymentIntent does not wait for {what}: it has a status of {}.",
            self.status.as_str()
        ))
    }

    pub fn capture(&mut self, amount_minor: Option<i64>) -> Result<Step, Refusal> {
        match self.status {
            Status::RequiresCapture => {}
            Status::Succeeded => {
                return Err(Refusal::unexpected_state(
                    "This PaymentIntent could not be captured because it has already been captured.",
                ));
            }
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction
            | Status::Processing
            | Status::Canceled => {
                return Err(Refusal::unexpected_state(format!(
                    "This PaymentIntent could not be captured because it has a status of {}. Only a PaymentIntent with one \
                     of the following statuses may be captured: requires_capture.",
                    self.status.as_str()
                )));
            }
        }
        let held_minor = self.amount_minor;
        let amount_minor = amount_minor.unwrap_or(held_minor);
        if amount_minor > held_minor {
            return Err(Refusal::invalid_request(
                Some("amount_too_large"),
                Some("amount_to_capture"),
                "The amount_to_capture is greater than the amount_capturable of this PaymentIntent.",
            ));
        }
        let released_minor = held_minor - amount_minor;
        self.status = Status::Succeeded;
        self.due_ms = None;
        if let Some(charge) = self.approved_charge_mut() {
            charge.captured = true;
            charge.amount_captured_minor = amount_minor;
            charge.amount_released_minor = released_minor;
        }
        let mut step = Step::of(&[Happening::ChargeCaptured]);
        step.release(released_minor);
        step.happenings.push(Happening::IntentSucceeded);
        Ok(step)
    }

    pub fn cancel(&mut self, reason: Option<String>, now_ms: i64) -> Result<Step, Refusal> {
        match self.status {
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction
            | Status::RequiresCapture => Ok(self.end(reason, now_ms, &[])),
            Status::Processing | Status::Succeeded | Status::Canceled => {
                Err(Refusal::unexpected_state(format!(
                    "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the \
                 following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, \
                 requires_action.",
                    self.status.as_str()
                )))
            }
        }
    }

    /// What time alone does once `due_ms` has come; nothing before.
    pub fn lapse(&mut self, now_ms: i64) -> Option<Step> {
        if self.due_ms.is_none_or(|due_ms| due_ms > now_ms) {
            return None;
        }
        match self.status {
            Status::RequiresCapture => Some(self.end(
                Some("automatic".to_owned()),
                now_ms,
                &[Happening::ChargeExpired],
            )),
            Status::RequiresAction => {
                let mut step = self.fail(Failure::CashNotPaid, now_ms);
                step.failure = None;
                Some(step)
            }
            Status::Processing => Some(self.approve(now_ms)),
            Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::Succeeded
            | Status::Canceled => None,
        }
    }

    /// Books a refund on the approved charge; the endpoint has checked the amount.
    pub fn refund(&mut self, amount_minor: i64) -> Step {
        if let Some(charge) = self.approved_charge_mut() {
            charge.amount_refunded_minor += amount_minor;
        }
        Step::of(&[Happening::RefundCreated, Happening::ChargeRefunded])
    }

    fn end(&mut self, reason: Option<String>, now_ms: i64, first: &[Happening]) -> Step {
        let held_minor = self.amount_capturable_minor();
        self.status = Status::Canceled;
        self.cancellation_reason = reason;
        self.canceled_at_seconds = Some(now_ms / 1000);
        self.due_ms = None;
        if held_minor > 0
            && let Some(charge) = self.approved_charge_mut()
        {
            charge.amount_released_minor = held_minor;
        }
        let mut step = Step::of(first);
        step.release(held_minor);
        step.happenings.push(Happening::IntentCanceled);
        step
    }

    fn approve(&mut self, now_ms: i64) -> Step {
        let manual = self.capture_method == CaptureMethod::Manual;
        self.add_charge(None, now_ms, !manual);
        self.last_failure = None;
        if manual {
            self.status = Status::RequiresCapture;
            self.due_ms = Some(now_ms + HOLD_MS);
            Step::of(&[Happening::ChargeSucceeded, Happening::CapturableUpdated])
        } else {
            self.status = Status::Succeeded;
            self.due_ms = None;
            Step::of(&[Happening::ChargeSucceeded, Happening::IntentSucceeded])
        }
    }

    fn fail(&mut self, failure: Failure, now_ms: i64) -> Step {
        let mut step = Step {
            failure: Some(failure),
            ..Step::default()
        };
        if failure.leaves_charge() {
            self.add_charge(Some(failure), now_ms, false);
            step.happenings.push(Happening::ChargeFailed);
        }
        self.status = Status::RequiresPaymentMethod;
        self.last_failure = Some((failure, self.method.take()));
        self.due_ms = None;
        step.happenings.push(Happening::PaymentFailed);
        step
    }

    fn add_charge(&mut self, failure: Option<Failure>, now_ms: i64, captured: bool) {
        self.charges.push(Charge {
            id: Charge::id_of(&self.id, self.charges.len() + 1),
            created_seconds: now_ms / 1000,
            amount_minor: self.amount_minor,
            amount_captured_minor: if captured { self.amount_minor } else { 0 },
            amount_refunded_minor: 0,
            amount_released_minor: 0,
            captured,
            failure,
            method: self.method.as_ref().map_or("", Method::id).to_owned(),
        });
    }
}

impl Step {
    /// Stripe books what it lets go as a refund on the charge.
    fn release(&mut self, released_minor: i64) {
        if released_minor > 0 {
            self.released_minor = Some(released_minor);
            self.happenings
                .extend([Happening::RefundCreated, Happening::ChargeRefunded]);
        }
    }
}

pub(crate) fn no_such_method(id: &str) -> Refusal {
    Refusal::no_such("PaymentMethod", id, "payment_method", false)
}

/// 23:59:59 in Japan on the day `days` after today (<https://docs.stripe.com/payments/konbini>).
fn konbini_expiry_ms(now_ms: i64, days: i64) -> i64 {
    let today = (now_ms + JST_OFFSET_MS).div_euclid(DAY_MS);
    (today + days + 1) * DAY_MS - JST_OFFSET_MS - 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cash_may_be_paid_until_the_last_second_of_the_day_in_japan() {
        let noon_utc: jiff::Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let expiry =
            jiff::Timestamp::from_millisecond(konbini_expiry_ms(noon_utc.as_millisecond(), 3))
                .unwrap();
        assert_eq!(expiry.to_string(), "2026-11-27T14:59:59Z");
        let evening_utc: jiff::Timestamp = "2026-11-24T15:00:00Z".parse().unwrap();
        let expiry =
            jiff::Timestamp::from_millisecond(konbini_expiry_ms(evening_utc.as_millisecond(), 0))
                .unwrap();
        assert_eq!(expiry.to_string(), "2026-11-25T14:59:59Z");
    }

    #[test]
    fn a_charge_names_its_intent() {
        let id = Charge::id_of("pi_abc", 3);
        assert_eq!(id, "ch_abc03");
        assert_eq!(Charge::intent_id_of(&id).as_deref(), Some("pi_abc"));
        assert_eq!(Charge::intent_id_of("ch_"), None);
    }
}
