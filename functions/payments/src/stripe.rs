//! The provider port, implemented with Stripe's PaymentIntents: a thin client of its own over HTTP.
//!
//! Amounts are held by manual capture and taken whole. Owns requests, keys, time-outs and what each answer means for
//! a retry; the objects' shapes stand in `stripe_object.rs`.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, Limited};
use identifiers::OrderId;
use serde::de::DeserializeOwned;

use crate::provider::{Authorisation, Intent, Phase, Provider, ProviderFailure, RefundWish};
use crate::stripe_object::{ErrorBody, IntentObject, ListObject, RefundObject, chargeable_minor};

/// The version of the API that requests and answers are written in.
const API_VERSION: &str = "2025-09-30.clover";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest that a call may take, answer and all. A call and a look after it fit the function's ten seconds.
const CALL_TIMEOUT: Duration = Duration::from_secs(4);
/// Far above any answer that is asked for here, in bytes.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// The most refunds that one list shows; more than an order may have.
const REFUNDS_LISTED: &str = "100";

type Parameters<'a> = Vec<(&'a str, &'a str)>;

/// Stripe, or what speaks like it.
pub struct Stripe {
    base_url: String,
    authorization: String,
    return_url: Option<String>,
    connector: OnceLock<Connector>,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// Connections with time-outs; a connection is kept for the next call.
fn connector() -> Connector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(CALL_TIMEOUT)
        .build();
    door::connector(settings)
}

/// An answer, before it is known what it means.
struct Answer {
    status: u16,
    /// Whether it is the stored answer to an earlier request with the same key.
    replayed: bool,
    body: Vec<u8>,
}

impl Stripe {
    /// A client of the API at that base URL, authenticated by the secret key. A customer who has confirmed a payment is
    /// sent back to the return URL, where `{order_id}` stands for the order.
    pub fn new(base_url: &str, secret_key: &str, return_url: Option<String>) -> Self {
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {secret_key}"),
            return_url,
            connector: OnceLock::new(),
        }
    }

    fn connector(&self) -> &Connector {
        self.connector.get_or_init(connector)
    }

    async fn post(
        &self,
        path: &str,
        parameters: &Parameters<'_>,
        key: &str,
    ) -> Result<Answer, ProviderFailure> {
        let form = encoded(parameters)?;
        let mut request = self.request("POST", path, SdkBody::from(form))?;
        let headers = request.headers_mut();
        headers.insert("content-type", "application/x-www-form-urlencoded");
        headers
            .try_insert("idempotency-key", key.to_owned())
            .map_err(unsendable)?;
        self.send(request).await
    }

    async fn get(
        &self,
        path: &str,
        parameters: &Parameters<'_>,
    ) -> Result<Answer, ProviderFailure> {
        let query = encoded(parameters)?;
        self.send(self.request("GET", &format!("{path}?{query}"), SdkBody::empty())?)
            .await
    }

    fn request(
        &self,
        method: &'static str,
        path: &str,
        body: SdkBody,
    ) -> Result<Request, ProviderFailure> {
        let mut request = Request::new(body);
        request.set_method(method).map_err(unsendable)?;
        request
            .set_uri(format!("{}{path}", self.base_url))
            .map_err(unsendable)?;
        let headers = request.headers_mut();
        headers
            .try_insert("authorization", self.authorization.clone())
            .map_err(unsendable)?;
        headers.insert("stripe-version", API_VERSION);
        Ok(request)
    }

    async fn send(&self, request: Request) -> Result<Answer, ProviderFailure> {
        let exchange = async {
            let response = self.connector().call(request).await;
            let response = response.map_err(|error| unreachable_because(&error))?;
            let status = response.status().as_u16();
            let replayed = response.headers().get("idempotent-replayed") == Some("true");
            let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
                .collect()
                .await;
            let body = body
                .map_err(|error| ProviderFailure::Unreachable(error.to_string()))?
                .to_bytes()
                .to_vec();
            Ok(Answer {
                status,
                replayed,
                body,
            })
        };
        match tokio::time::timeout(CALL_TIMEOUT, exchange).await {
            Ok(result) => result,
            Err(_) => Err(ProviderFailure::Unreachable("it timed out".to_owned())),
        }
    }
}

fn encoded(parameters: &Parameters<'_>) -> Result<String, ProviderFailure> {
    serde_urlencoded::to_string(parameters).map_err(unsendable)
}

fn unsendable(error: impl fmt::Display) -> ProviderFailure {
    ProviderFailure::Unreachable(format!("the request cannot be sent: {error}"))
}

fn unreachable_because(error: &dyn std::error::Error) -> ProviderFailure {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    ProviderFailure::Unreachable(reason)
}

impl Answer {
    /// The object of a successful answer; what kind of failure it is otherwise.
    fn object<T: DeserializeOwned>(&self) -> Result<T, ProviderFailure> {
        if (200..300).contains(&self.status) {
            return serde_json::from_slice(&self.body).map_err(|error| {
                ProviderFailure::Unreachable(format!("the answer cannot be read: {error}"))
            });
        }
        Err(self.failure(&self.error()))
    }

    fn error(&self) -> ErrorBody {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn failure(&self, body: &ErrorBody) -> ProviderFailure {
        let said = || format!("status {}: {}", self.status, body.error.message);
        match self.status {
            // The key was used with other parameters: by an earlier release, say. What it did must be looked up.
            400 if body.error.kind == "idempotency_error" => ProviderFailure::KeyBurnt,
            400 | 402 | 404 => ProviderFailure::Refused {
                code: body.error.reason(),
                message: body.error.message.clone(),
            },
            500..=599 if self.replayed => ProviderFailure::KeyBurnt,
            // 401 and 403 are our own misconfiguration: no reason to decline anybody's payment. 409 is the same key in
            // use at this moment, 429 too many requests, 5xx a failure; each may be over at the next try.
            _ => ProviderFailure::Unreachable(said()),
        }
    }
}

impl Provider for Stripe {
    async fn authorise(&self, wish: &Authorisation<'_>) -> Result<Intent, ProviderFailure> {
        let amount = chargeable_minor(wish.amount)?.to_string();
        let currency = wish.amount.currency.code().to_ascii_lowercase();
        let attempt = wish.attempt.to_string();
        let return_url = self
            .return_url
            .as_ref()
            .map(|url| url.replace("{order_id}", wish.order_id.as_str()));
        let mut parameters = vec![
            ("amount", amount.as_str()),
            ("currency", currency.as_str()),
            ("payment_method", wish.payment_method),
            ("payment_method_types[]", "card"),
            ("capture_method", "manual"),
            ("confirm", "true"),
            ("metadata[order_id]", wish.order_id.as_str()),
            ("metadata[attempt]", attempt.as_str()),
            ("expand[]", "latest_charge"),
        ];
        if let Some(return_url) = &return_url {
            parameters.push(("return_url", return_url));
        }
        let answer = self
            .post("/v1/payment_intents", &parameters, wish.key)
            .await?;
        if answer.status == 402 {
            // The payment was made and came to nothing; the error carries it.
            let body = answer.error();
            return match &body.error.payment_intent {
                Some(object) => object.to_intent(),
                None => Err(answer.failure(&body)),
            };
        }
        answer.object::<IntentObject>()?.to_intent()
    }

    async fn capture(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        let path = format!("/v1/payment_intents/{intent_id}/capture");
        let answer = self
            .post(&path, &vec![("expand[]", "latest_charge")], key)
            .await?;
        answer.object::<IntentObject>()?.to_intent()
    }

    async fn void(&self, intent_id: &str, key: &str) -> Result<Intent, ProviderFailure> {
        let path = format!("/v1/payment_intents/{intent_id}/cancel");
        let answer = self
            .post(&path, &vec![("expand[]", "latest_charge")], key)
            .await?;
        answer.object::<IntentObject>()?.to_intent()
    }

    async fn refund(&self, wish: &RefundWish<'_>) -> Result<String, ProviderFailure> {
        let amount = chargeable_minor(wish.amount)?.to_string();
        let number = wish.number.to_string();
        let parameters = vec![
            ("payment_intent", wish.intent_id),
            ("amount", amount.as_str()),
            ("metadata[refund]", number.as_str()),
        ];
        let answer = self.post("/v1/refunds", &parameters, wish.key).await?;
        answer.object::<RefundObject>()?.to_refund_id()
    }

    async fn look(&self, intent_id: &str) -> Result<Option<Intent>, ProviderFailure> {
        let path = format!("/v1/payment_intents/{intent_id}");
        let answer = self
            .get(&path, &vec![("expand[]", "latest_charge")])
            .await?;
        if answer.status == 404 {
            return Ok(None);
        }
        answer.object::<IntentObject>()?.to_intent().map(Some)
    }

    async fn find(
        &self,
        order_id: &OrderId,
        attempt: u32,
    ) -> Result<Option<Intent>, ProviderFailure> {
        let query =
            format!("metadata['order_id']:'{order_id}' AND metadata['attempt']:'{attempt}'");
        let parameters = vec![
            ("query", query.as_str()),
            ("limit", "10"),
            ("expand[]", "data.latest_charge"),
        ];
        let answer = self.get("/v1/payment_intents/search", &parameters).await?;
        let found = answer.object::<ListObject<IntentObject>>()?;
        let intents = found
            .data
            .iter()
            .map(IntentObject::to_intent)
            .collect::<Result<Vec<_>, _>>()?;
        // Of several made under several keys, the one that holds or took money is the one that counts.
        Ok(intents
            .into_iter()
            .max_by_key(|intent| weight(&intent.phase)))
    }

    async fn find_refund(
        &self,
        intent_id: &str,
        number: u32,
    ) -> Result<Option<String>, ProviderFailure> {
        let parameters = vec![("payment_intent", intent_id), ("limit", REFUNDS_LISTED)];
        let answer = self.get("/v1/refunds", &parameters).await?;
        let found = answer.object::<ListObject<RefundObject>>()?;
        let ours = found.data.iter().find(|refund| refund.is_number(number));
        ours.map(RefundObject::to_refund_id).transpose()
    }
}

fn weight(phase: &Phase) -> u8 {
    match phase {
        Phase::Captured => 4,
        Phase::Held { .. } => 3,
        Phase::ActionRequired { .. } | Phase::Processing => 2,
        Phase::Failed { .. } => 1,
        Phase::Cancelled => 0,
    }
}
