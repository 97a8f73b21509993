//! HTTP in and out: which service and protocol a request speaks, and its answer in the same protocol.

mod form;
mod xml;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use base64::Engine;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::Messaging;
use crate::rejection::{MessagingError, Rejection};

pub(crate) use form::{Form, integer};

/// Largest body that a request may have: a full batch of 1 MiB, form-encoded, and then some.
const MOST_BODY_BYTES: usize = 8 << 20;

/// The two services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Sqs,
    Sns,
}

/// The parameters of a request, in the protocol they came in.
pub(crate) enum Parameters<'a> {
    Json(&'a [u8]),
    Query(Value),
}

/// What an operation answers.
pub(crate) enum Answer {
    Json(Vec<u8>),
    Query(Value),
}

impl Parameters<'_> {
    /// Reads the parameters and says in which protocol to answer.
    pub fn read<T: DeserializeOwned>(self) -> Result<(T, Protocol), Rejection> {
        let malformed = |error: serde_json::Error| {
            Rejection::serialization(format!("Malformed request: {error}"))
        };
        match self {
            Self::Json(body) => {
                let body = if body.is_empty() { b"{}" } else { body };
                Ok((
                    serde_json::from_slice(body).map_err(malformed)?,
                    Protocol::Json,
                ))
            }
            Self::Query(parameters) => Ok((
                serde_json::from_value(parameters).map_err(malformed)?,
                Protocol::Query,
            )),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Json,
    Query,
}

impl Protocol {
    pub fn answer(self, result: &impl Serialize) -> Answer {
        match self {
            Self::Json => Answer::Json(
                serde_json::to_vec(result).expect("answers are structures with text keys"),
            ),
            Self::Query => Answer::Query(
                serde_json::to_value(result).expect("answers are structures with text keys"),
            ),
        }
    }
}

impl Messaging {
    /// A router that answers both services at every path. Signatures are not checked.
    pub fn router(&self) -> Router {
        Router::new().fallback(serve).with_state(self.clone())
    }

    /// Whether a request is one of SNS or SQS, for a dispatcher that has other services beside them.
    pub fn handles(headers: &HeaderMap, body: &[u8]) -> bool {
        target(headers).is_some_and(|target| target.starts_with("AmazonSQS."))
            || scope(headers).is_some()
            || Form::peek(body, "Version")
                .is_some_and(|version| service_of_version(&version).is_some())
    }

    /// Answers one request of either service.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let request_id = Uuid::now_v7().to_string();
        if let Some(target) = target(&head.headers) {
            let outcome = match target.strip_prefix("AmazonSQS.") {
                Some(operation) => self.sqs(operation, Parameters::Json(&body)).await,
                None => Err(Rejection::invalid_action(format!(
                    "{target} is no operation of SQS or SNS."
                ))
                .into()),
            };
            return json_response(outcome, &request_id);
        }
        let encoded = if head.method == Method::GET {
            head.uri.query().unwrap_or_default().as_bytes()
        } else {
            &body
        };
        let mut form = Form::read(encoded);
        let operation = form.take("Action").unwrap_or_default();
        let version = form.take("Version").unwrap_or_default();
        let service = service_of_version(&version)
            .or_else(|| scope(&head.headers))
            .unwrap_or(Service::Sqs);
        let outcome = match service {
            Service::Sns => {
                self.sns(&operation, Parameters::Query(form.into_sns()))
                    .await
            }
            Service::Sqs => {
                // The query protocol names the queue by the address it posts to, unless it says otherwise.
                form.set_missing("QueueUrl", head.uri.path());
                self.sqs(&operation, Parameters::Query(form.into_sqs()))
                    .await
            }
        };
        xml_response(service, &operation, outcome, &request_id)
    }
}

async fn serve(State(messaging): State<Messaging>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BODY_BYTES).await else {
        let mut response = Response::new(Body::from("request body too large or cut short"));
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    messaging
        .handle(Request::from_parts(head, body))
        .await
        .map(Body::from)
}

fn target(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-amz-target")?.to_str().ok()
}

fn service_of_version(version: &str) -> Option<Service> {
    match version {
        "2012-11-05" => Some(Service::Sqs),
        "2010-03-31" => Some(Service::Sns),
        _ => None,
    }
}

/// The service in the credential's scope: `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`.
fn scope(headers: &HeaderMap) -> Option<Service> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let credential = authorization
        .split_once("Credential=")?
        .1
        .split(',')
        .next()?;
    match credential.rsplit('/').nth(1)? {
        "sqs" => Some(Service::Sqs),
        "sns" => Some(Service::Sns),
        _ => None,
    }
}

/// An error as either protocol shows it.
struct Shown {
    status: u16,
    shape: &'static str,
    code: &'static str,
    sender: bool,
    message: String,
}

impl From<MessagingError> for Shown {
    fn from(error: MessagingError) -> Self {
        match error {
            MessagingError::Rejected(rejection) => Self {
                status: rejection.status,
                shape: rejection.shape,
                code: rejection.code,
                sender: rejection.status < 500,
                message: rejection.message,
            },
            // The journal has logged what it was.
            MessagingError::Failed(failure) => Self {
                status: 500,
                shape: "InternalFailure",
                code: "InternalError",
                sender: false,
                message: failure.to_string(),
            },
        }
    }
}

fn json_response(outcome: Result<Answer, MessagingError>, request_id: &str) -> Response<Bytes> {
    let mut response = match outcome {
        Ok(Answer::Json(body)) => Response::new(body.into()),
        Ok(Answer::Query(value)) => Response::new(value.to_string().into()),
        Err(error) => {
            let shown = Shown::from(error);
            let body = serde_json::json!({
                "__type": format!("com.amazonaws.sqs#{}", shown.shape),
                "message": shown.message,
            });
            let mut response = Response::new(Bytes::from(body.to_string()));
            // The JSON protocol of SQS answers every refusal with 400, whatever the query protocol does.
            *response.status_mut() = if shown.sender {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::INTERNAL_SERVER_ERROR
            };
            let fault = if shown.sender { "Sender" } else { "Receiver" };
            insert(
                &mut response,
                "x-amzn-query-error",
                &format!("{};{fault}", shown.code),
            );
            response
        }
    };
    insert(&mut response, "content-type", "application/x-amz-json-1.0");
    insert(&mut response, "x-amzn-requestid", request_id);
    response
}

fn xml_response(
    service: Service,
    operation: &str,
    outcome: Result<Answer, MessagingError>,
    request_id: &str,
) -> Response<Bytes> {
    let (status, body) = match outcome {
        Ok(Answer::Query(result)) => (
            StatusCode::OK,
            xml::answer(service, operation, &result, request_id),
        ),
        Ok(Answer::Json(_)) => unreachable!("operations answer in the protocol they were asked in"),
        Err(error) => {
            let shown = Shown::from(error);
            let status = StatusCode::from_u16(shown.status).unwrap_or(StatusCode::BAD_REQUEST);
            (
                status,
                xml::error(
                    service,
                    shown.code,
                    shown.sender,
                    &shown.message,
                    request_id,
                ),
            )
        }
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    insert(&mut response, "content-type", "text/xml");
    insert(&mut response, "x-amzn-requestid", request_id);
    response
}

fn insert(response: &mut Response<Bytes>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// Page tokens: the name of the last item of the page before.
pub(crate) fn page_token(last: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(last)
}

/// Reads a page token.
pub(crate) fn read_page_token(token: &str) -> Option<String> {
    String::from_utf8(
        base64::engine::general_purpose::STANDARD
            .decode(token)
            .ok()?,
    )
    .ok()
}
