//! One address for all AWS services, the stack's own counts and the pages of its events, told apart by what each request
//! says of itself.

use std::sync::Arc;

use bytes::Bytes;
use event_catalogue::Pages;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use local_dynamodb::DynamoDb;
use local_mail::Mail;
use local_messaging::Messaging;

use crate::address::EVENT_PAGES;
use crate::control::{self, Control};
use crate::lambda_api;
use crate::parameter_store::ParameterStore;

/// Largest request of any service here (DynamoDB's limit: 16 MiB).
const BODY_LIMIT_BYTES: usize = 16 << 20;

/// The services behind the address.
pub(crate) struct Endpoint {
    pub(crate) dynamodb: DynamoDb,
    pub(crate) messaging: Messaging,
    pub(crate) mail: Mail,
    pub(crate) parameter_store: ParameterStore,
    pub(crate) control: Arc<Control>,
    /// What is said and heard in this stack.
    pub(crate) events: Pages,
}

impl Endpoint {
    /// Answers one request.
    pub(crate) async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = match Limited::new(body, BODY_LIMIT_BYTES).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let status = match error.is::<http_body_util::LengthLimitError>() {
                    true => StatusCode::PAYLOAD_TOO_LARGE,
                    false => StatusCode::BAD_REQUEST,
                };
                return text(status, &error.to_string());
            }
        };
        if DynamoDb::handles(&head.headers) {
            let request = Request::from_parts(head, body);
            return self.dynamodb.handle(request).await.map(Full::new);
        }
        if let Some(page) = self.event_page(&head) {
            return page;
        }
        if head.uri.path().starts_with(control::PREFIX) {
            return self.control.handle(&head).await;
        }
        if lambda_api::handles(head.uri.path()) {
            return lambda_api::handle(self.control.hands.get(), &head, body).await;
        }
        if self.mail.handles(&head) {
            let request = Request::from_parts(head, body);
            return self.mail.handle(request).await.map(Full::new);
        }
        if ParameterStore::handles(&head.headers) {
            return self.parameter_store.handle(&head.headers, &body);
        }
        if Messaging::handles(&head.headers, &body) {
            let request = Request::from_parts(head, body);
            return self.messaging.handle(request).await.map(Full::new);
        }
        let message = "This endpoint answers DynamoDB, DynamoDB Streams, SNS, SQS, SES (v2), the Parameter Store and Lambda, and nothing else.\n";
        text(StatusCode::NOT_FOUND, message)
    }

    /// A page of the event catalogue, where one is asked for.
    fn event_page(&self, head: &Parts) -> Option<Response<Full<Bytes>>> {
        let path = head.uri.path().strip_prefix(EVENT_PAGES)?;
        if head.method != Method::GET || !(path.is_empty() || path.starts_with('/')) {
            return None;
        }
        let accepted = head.headers.get(header::ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        let query = head.uri.query().unwrap_or_default();
        let page = self
            .events
            .answer(path, query, accepted.unwrap_or_default());
        Some(page.map(Full::new))
    }
}

fn text(status: StatusCode, message: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(message.as_bytes())));
    *response.status_mut() = status;
    let plain = header::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}
