//! Stripe's test payment methods and what each does (<https://docs.stripe.com/testing>).

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// What happens when an intent is confirmed with a payment method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Approves,
    Declines(Failure),
    /// The customer must act first; then it approves, or declines.
    Authenticates(Option<Failure>),
    /// The outcome comes later: `processing` until then.
    TakesTime,
}

pub(crate) struct TestCard {
    pub id: &'static str,
    pub brand: &'static str,
    pub last4: &'static str,
    pub country: &'static str,
    pub behaviour: Behaviour,
}

const fn card(
    id: &'static str,
    brand: &'static str,
    last4: &'static str,
    behaviour: Behaviour,
) -> TestCard {
    TestCard {
        id,
        brand,
        last4,
        country: "US",
        behaviour,
    }
}

use Behaviour::{Approves, Authenticates, Declines, TakesTime};

const CARDS: &[TestCard] = &[
    card("pm_card_visa", "visa", "4242", Approves),
    card("pm_card_visa_debit", "visa", "5556", Approves),
    card("pm_card_mastercard", "mastercard", "4444", Approves),
    card("pm_card_mastercard_debit", "mastercard", "8210", Approves),
    card("pm_card_mastercard_prepaid", "mastercard", "5100", Approves),
    card("pm_card_amex", "amex", "0005", Approves),
    card("pm_card_discover", "discover", "1117", Approves),
    card("pm_card_diners", "diners", "0004", Approves),
    card("pm_card_unionpay", "unionpay", "0005", Approves),
    card("pm_card_us", "visa", "4242", Approves),
    TestCard {
        id: "pm_card_jcb",
        brand: "jcb",
        last4: "0505",
        country: "JP",
        behaviour: Approves,
    },
    TestCard {
        id: "pm_card_jp",
        brand: "visa",
        last4: "0003",
        country: "JP",
        behaviour: Approves,
    },
    card("pm_card_threeDSecureOptional", "visa", "3055", Approves),
    card(
        "pm_card_chargeDeclined",
        "visa",
        "0002",
        Declines(Failure::GenericDecline),
    ),
    card(
        "pm_card_chargeCustomerFail",
        "visa",
        "0341",
        Declines(Failure::GenericDecline),
    ),
    card(
        "pm_card_chargeDeclinedInsufficientFunds",
        "visa",
        "9995",
        Declines(Failure::InsufficientFunds),
    ),
    card(
        "pm_card_chargeDeclinedLostCard",
        "visa",
        "9987",
        Declines(Failure::LostCard),
    ),
    card(
        "pm_card_chargeDeclinedStolenCard",
        "visa",
        "9979",
        Declines(Failure::StolenCard),
    ),
    card(
        "pm_card_chargeDeclinedVelocityLimitExceeded",
        "visa",
        "6975",
        Declines(Failure::VelocityExceeded),
    ),
    card(
        "pm_card_chargeDeclinedFraudulent",
        "visa",
        "0019",
        Declines(Failure::Fraudulent),
    ),
    card(
        "pm_card_radarBlock",
        "visa",
        "0019",
        Declines(Failure::Fraudulent),
    ),
    card(
        "pm_card_chargeDeclinedExpiredCard",
        "visa",
        "0069",
        Declines(Failure::ExpiredCard),
    ),
    card(
        "pm_card_chargeDeclinedIncorrectCvc",
        "visa",
        "0127",
        Declines(Failure::IncorrectCvc),
    ),
    card(
        "pm_card_chargeDeclinedProcessingError",
        "visa",
        "0119",
        Declines(Failure::ProcessingError),
    ),
    card(
        "pm_card_authenticationRequired",
        "visa",
        "3184",
        Authenticates(None),
    ),
    card(
        "pm_card_authenticationRequiredOnSetup",
        "visa",
        "3155",
        Authenticates(None),
    ),
    card(
        "pm_card_threeDSecureRequired",
        "visa",
        "3063",
        Authenticates(None),
    ),
    card(
        "pm_card_threeDSecure2Required",
        "visa",
        "3220",
        Authenticates(None),
    ),
    card(
        "pm_card_threeDSecureRequiredChargeDeclined",
        "visa",
        "1629",
        Authenticates(Some(Failure::GenericDecline)),
    ),
    card(
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "visa",
        "3178",
        Authenticates(Some(Failure::InsufficientFunds)),
    ),
    // Not one of Stripe's: card payments pass through `processing` too quickly there to be tried out.
    card("pm_card_standInProcessing", "visa", "4242", TakesTime),
];

/// Finds a test card; Stripe writes its declining cards with and without the brand (`pm_card_visa_chargeDeclined`).
pub(crate) fn find(id: &str) -> Option<&'static TestCard> {
    let plain = id.replacen("pm_card_visa_chargeDeclined", "pm_card_chargeDeclined", 1);
    CARDS.iter().find(|card| card.id == plain)
}

/// Why a payment attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Failure {
    GenericDecline,
    InsufficientFunds,
    LostCard,
    StolenCard,
    VelocityExceeded,
    Fraudulent,
    ExpiredCard,
    IncorrectCvc,
    ProcessingError,
    /// The bank wants the customer, who is not there (`off_session`).
    AuthenticationRequired,
    /// The customer did not pass the authentication.
    AuthenticationFailed,
    /// Nobody paid at the convenience store in time.
    CashNotPaid,
    /// A payment that took its time and came to nothing.
    AttemptFailed,
}

/// A failure in the provider's words.
pub(crate) struct FailureFacts {
    pub kind: &'static str,
    pub code: &'static str,
    pub decline_code: Option<&'static str>,
    pub message: &'static str,
    pub param: Option<&'static str>,
}

impl Failure {
    pub fn facts(self) -> FailureFacts {
        let (code, decline_code, message) = match self {
            Self::GenericDecline => (
                "card_declined",
                Some("generic_decline"),
                "Your card was declined.",
            ),
            Self::InsufficientFunds => (
                "card_declined",
                Some("insufficient_funds"),
                "Your card has insufficient funds.",
            ),
            Self::LostCard => (
                "card_declined",
                Some("lost_card"),
                "Your card was declined.",
            ),
            Self::StolenCard => (
                "card_declined",
                Some("stolen_card"),
                "Your card was declined.",
            ),
            Self::VelocityExceeded => (
                "card_declined",
                Some("card_velocity_exceeded"),
                "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
            ),
            Self::Fraudulent => (
                "card_declined",
                Some("fraudulent"),
                "Your card was declined.",
            ),
            Self::ExpiredCard => ("expired_card", None, "Your card has expired."),
            Self::IncorrectCvc => (
                "incorrect_cvc",
                None,
                "Your card's security code is incorrect.",
            ),
            Self::ProcessingError => (
                "processing_error",
                None,
                "An error occurred while processing your card. Try again in a little bit.",
            ),
            Self::AuthenticationRequired => (
                "authentication_required",
                Some("authentication_required"),
                "Your card was declined. This transaction requires authentication.",
            ),
            Self::AuthenticationFailed => (
                "payment_intent_authentication_failure",
                None,
                "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
                 PaymentMethod to attempt to fulfill this PaymentIntent again.",
            ),
            Self::CashNotPaid => (
                "payment_intent_payment_attempt_expired",
                None,
                "The payment attempt expired because the customer did not pay in time.",
            ),
            Self::AttemptFailed => (
                "payment_intent_payment_attempt_failed",
                None,
                "The payment failed.",
            ),
        };
        // Stripe calls it a card error when the card's bank or network refused.
        let kind = if self.leaves_charge() && self != Self::AttemptFailed {
            "card_error"
        } else {
            "invalid_request_error"
        };
        let param = if self == Self::ExpiredCard {
            Some("exp_month")
        } else if self == Self::IncorrectCvc {
            Some("cvc")
        } else {
            None
        };
        FailureFacts {
            kind,
            code,
            decline_code,
            message,
            param,
        }
    }

    /// The 402 that confirms this failure to the caller.
    pub fn refusal(self) -> Refusal {
        let facts = self.facts();
        Refusal::payment_failed(
            facts.kind,
            facts.code,
            facts.decline_code,
            facts.message,
            facts.param,
        )
    }

    /// Whether the attempt reached the bank and so left a failed charge behind.
    pub fn leaves_charge(self) -> bool {
        !matches!(self, Self::AuthenticationFailed | Self::CashNotPaid)
    }
}
