//! A request that the provider refuses, in Stripe's error shape. Failures of the machine are not refusals; see
//! [`crate::book::BookError`].

use serde_json::{Value, json};

use crate::book::BookError;

/// Why an endpoint gave no result: the caller is at fault, or the machine is.
#[derive(Debug)]
pub(crate) enum Stop {
    Refused(Box<Refusal>),
    Failed(BookError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<BookError> for Stop {
    fn from(error: BookError) -> Self {
        Self::Failed(error)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(BookError::from(error))
    }
}

/// An answer other than 2xx, see <https://docs.stripe.com/api/errors>.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    decline_code: Option<&'static str>,
    message: String,
    param: Option<String>,
    related: Box<Related>,
    /// Whether the endpoint had begun, so that the answer is kept under the idempotency key. Stripe keeps no answer of a
    /// request whose parameters were invalid.
    pub begun: bool,
}

/// The objects that an error carries along; apart, so that passing a refusal up stays cheap.
#[derive(Debug, Default)]
struct Related {
    payment_intent: Option<Value>,
    payment_method: Option<Value>,
    charge: Option<String>,
}

impl Refusal {
    fn new(
        status: u16,
        kind: &'static str,
        code: Option<&'static str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            code,
            decline_code: None,
            message: message.into(),
            param: None,
            related: Box::default(),
            begun: true,
        }
    }

    /// A parameter that does not validate: the endpoint never begins.
    pub fn parameter(code: &'static str, param: &str, message: impl Into<String>) -> Self {
        let mut refusal = Self::new(400, "invalid_request_error", Some(code), message);
        refusal.param = Some(param.to_owned());
        refusal.begun = false;
        refusal
    }

    /// A request that cannot be read at all.
    pub fn malformed(status: u16, message: impl Into<String>) -> Self {
        let mut refusal = Self::new(status, "invalid_request_error", None, message);
        refusal.begun = false;
        refusal
    }

    pub fn missing(param: &str) -> Self {
        Self::parameter(
            "parameter_missing",
            param,
            format!("Missing required param: {param}."),
        )
    }

    /// No such object: 404 for the one in the path, 400 for one named by a parameter.
    pub fn no_such(object: &str, id: &str, param: &str, in_path: bool) -> Self {
        let status = if in_path { 404 } else { 400 };
        let mut refusal = Self::new(
            status,
            "invalid_request_error",
            Some("resource_missing"),
            format!("No such {object}: '{id}'"),
        );
        refusal.param = Some(param.to_owned());
        refusal
    }

    /// A step that the object's state does not allow.
    pub fn unexpected_state(message: impl Into<String>) -> Self {
        Self::new(
            400,
            "invalid_request_error",
            Some("payment_intent_unexpected_state"),
            message,
        )
    }

    pub fn invalid_request(
        code: Option<&'static str>,
        param: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        let mut refusal = Self::new(400, "invalid_request_error", code, message);
        refusal.param = param.map(str::to_owned);
        refusal
    }

    /// A payment that failed: 402, with the decline's own code.
    pub fn payment_failed(
        kind: &'static str,
        code: &'static str,
        decline_code: Option<&'static str>,
        message: &'static str,
        param: Option<&'static str>,
    ) -> Self {
        let mut refusal = Self::new(402, kind, Some(code), message);
        refusal.decline_code = decline_code;
        refusal.param = param.map(str::to_owned);
        refusal
    }

    pub fn unauthorised(message: impl Into<String>) -> Self {
        let mut refusal = Self::new(401, "invalid_request_error", None, message);
        refusal.begun = false;
        refusal
    }

    pub fn idempotency(
        status: u16,
        code: Option<&'static str>,
        message: impl Into<String>,
    ) -> Self {
        let mut refusal = Self::new(status, "idempotency_error", code, message);
        refusal.begun = false;
        refusal
    }

    /// The provider's own fault, as its clients see it.
    pub fn provider(status: u16, message: impl Into<String>) -> Self {
        let mut refusal = Self::new(status, "api_error", None, message);
        refusal.begun = false;
        refusal
    }

    /// Adds the intent as it is after the refusal.
    pub fn with_intent(mut self, payment_intent: Value) -> Self {
        self.related.payment_intent = Some(payment_intent);
        self
    }

    /// Adds what a failed attempt was made with, and the charge it left.
    pub fn with_attempt(mut self, payment_method: Option<Value>, charge: Option<String>) -> Self {
        self.related.payment_method = payment_method;
        self.related.charge = charge;
        self
    }

    pub fn body(&self) -> Value {
        let mut error = serde_json::Map::new();
        if let Some(charge) = &self.related.charge {
            error.insert("charge".into(), json!(charge));
        }
        if let Some(code) = self.code {
            error.insert("code".into(), json!(code));
            error.insert(
                "doc_url".into(),
                json!(format!(
                    "https://docs.stripe.com/error-codes#{}",
                    code.replace('_', "-")
                )),
            );
        }
        if let Some(decline_code) = self.decline_code {
            error.insert("decline_code".into(), json!(decline_code));
        }
        error.insert("message".into(), json!(self.message));
        if let Some(param) = &self.param {
            error.insert("param".into(), json!(param));
        }
        if let Some(payment_intent) = &self.related.payment_intent {
            error.insert("payment_intent".into(), payment_intent.clone());
        }
        if let Some(payment_method) = &self.related.payment_method {
            error.insert("payment_method".into(), payment_method.clone());
        }
        error.insert("type".into(), json!(self.kind));
        json!({ "error": error })
    }
}
