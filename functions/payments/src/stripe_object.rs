//! Stripe's objects, as far as they are read, and what they mean.

use std::collections::BTreeMap;

use identifiers::{OrderId, Timestamp};
use money::{Currency, Money};
use serde::Deserialize;
use serde_json::Value;

use crate::provider::{Intent, Phase, ProviderFailure};

/// How long a hold lasts where the object does not say, in seconds: seven days for most cards
/// (<https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>).
const HOLD_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Currencies whose minor unit with Stripe is not the one of ISO 4217
/// (<https://docs.stripe.com/currencies#special-cases>): charging them would be off by a factor of a hundred.
const OTHER_MINOR_UNIT: &[&str] = &["ISK", "MGA", "UGX"];

/// The amount as Stripe counts it.
///
/// # Errors
/// When Stripe counts the currency in another unit than ISO 4217 does.
pub(crate) fn chargeable_minor(amount: Money) -> Result<i64, ProviderFailure> {
    if OTHER_MINOR_UNIT.contains(&amount.currency.code()) {
        return Err(ProviderFailure::Refused {
            code: "currency_not_supported".to_owned(),
            message: format!(
                "{} has another minor unit with the provider",
                amount.currency
            ),
        });
    }
    Ok(amount.amount_minor)
}

#[derive(Debug, Deserialize)]
pub(crate) struct ListObject<T> {
    pub data: Vec<T>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct IntentObject {
    id: String,
    status: String,
    amount: i64,
    currency: String,
    created: i64,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    next_action: Option<Value>,
    last_payment_error: Option<ErrorObject>,
    latest_charge: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorBody {
    pub error: ErrorObject,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct ErrorObject {
    #[serde(rename = "type", default)]
    pub kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    #[serde(default)]
    pub message: String,
    pub payment_intent: Option<Box<IntentObject>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RefundObject {
    id: String,
    status: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

impl ErrorObject {
    /// The most exact code that there is for it.
    pub fn reason(&self) -> String {
        let code = self.decline_code.as_ref().or(self.code.as_ref());
        code.map_or_else(
            || "declined".to_owned(),
            |code| code.chars().take(64).collect(),
        )
    }
}

impl IntentObject {
    /// The payment in our own words.
    ///
    /// # Errors
    /// When it is in a state that this version of the API does not have.
    pub fn to_intent(&self) -> Result<Intent, ProviderFailure> {
        let currency: Currency = self
            .currency
            .to_ascii_uppercase()
            .parse()
            .map_err(unreadable)?;
        Ok(Intent {
            intent_id: self.id.clone(),
            order_id: self
                .metadata
                .get("order_id")
                .and_then(|id| OrderId::new(id).ok()),
            attempt: self
                .metadata
                .get("attempt")
                .and_then(|attempt| attempt.parse().ok()),
            amount: Money::new(self.amount, currency),
            phase: self.phase()?,
        })
    }

    fn phase(&self) -> Result<Phase, ProviderFailure> {
        Ok(match self.status.as_str() {
            "requires_capture" => Phase::Held {
                until: self.held_until(),
            },
            "requires_action" => Phase::ActionRequired {
                url: self.action_url(),
            },
            "processing" => Phase::Processing,
            "succeeded" => Phase::Captured,
            "canceled" => Phase::Cancelled,
            // It goes back here after a failed attempt; it is never left unconfirmed, so there always was one.
            "requires_payment_method" | "requires_confirmation" => Phase::Failed {
                code: self
                    .last_payment_error
                    .as_ref()
                    .map_or_else(|| "declined".to_owned(), ErrorObject::reason),
            },
            other => return Err(unreadable(format!("a payment has the status {other}"))),
        })
    }

    fn held_until(&self) -> Timestamp {
        let told = self.latest_charge.as_ref().and_then(|charge| {
            charge
                .pointer("/payment_method_details/card/capture_before")
                .and_then(Value::as_i64)
        });
        let created = Timestamp::from_milliseconds(self.created.saturating_mul(1000));
        told.map_or(created.plus_seconds(HOLD_SECONDS), |seconds| {
            Timestamp::from_milliseconds(seconds.saturating_mul(1000))
        })
    }

    fn action_url(&self) -> Option<String> {
        let url = self
            .next_action
            .as_ref()?
            .pointer("/redirect_to_url/url")?
            .as_str()?;
        Some(url.to_owned())
    }
}

impl RefundObject {
    /// Whether that number is written on it.
    pub fn is_number(&self, number: u32) -> bool {
        self.metadata
            .get("refund")
            .is_some_and(|text| *text == number.to_string())
    }

    /// Its id, if it is under way or done.
    ///
    /// # Errors
    /// When the bank has refused it.
    pub fn to_refund_id(&self) -> Result<String, ProviderFailure> {
        match self.status.as_deref() {
            Some(status @ ("failed" | "canceled")) => Err(ProviderFailure::Refused {
                code: format!("refund_{status}"),
                message: "the refund did not go through".to_owned(),
            }),
            Some(_) | None => Ok(self.id.clone()),
        }
    }
}

fn unreadable(reason: impl ToString) -> ProviderFailure {
    ProviderFailure::Unreachable(format!("the answer makes no sense: {}", reason.to_string()))
}
