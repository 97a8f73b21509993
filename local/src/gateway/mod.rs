//! The HTTP API in front of the functions, as API Gateway's HTTP API (payload format 2.0) behaves. Owns routes, the
//! authoriser, CORS, limits, and the two translations between HTTP and an invocation; not what the functions answer.

mod authoriser;
mod cors;
mod keys;
mod request;
mod response;
mod route;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use api_reference::Pages;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body as _, Incoming};
use sam_template::{Api, EventSource, Template};

use crate::activity::Activity;
use crate::invoke::{Lambda, PAYLOAD_LIMIT_BYTES, Trigger};

use authoriser::{Authoriser, Denied};
use cors::Cors;
use route::{Route, Routes};

pub(crate) use request::new_trace_id;

/// Largest body of a request, in bytes (API Gateway quota for HTTP APIs, not adjustable).
const BODY_LIMIT_BYTES: usize = 10 * 1024 * 1024;

/// The answers that API Gateway gives by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    NotFound,
    Unauthorized,
    Forbidden,
    TooLarge,
    Unreadable,
    FunctionFailed,
    TooSlow,
}

impl Refusal {
    fn status_and_message(self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::FunctionFailed => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            Self::TooSlow => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }
}

/// The HTTP API of a template.
pub(crate) struct Gateway {
    routes: Routes,
    cors: Option<Cors>,
    stage: request::Stage,
    integration_timeout: Duration,
    payload_limit_bytes: usize,
    activity: Arc<Activity>,
    /// The binaries of the functions, of whose contexts the pages are.
    binaries: BTreeSet<String>,
    /// The API's description. Only for local use: the deployed gateway has no such routes.
    pages: OnceLock<Option<Pages>>,
}

impl Gateway {
    /// The routes of all functions. `functions` gives the running function to each of the template's.
    pub(crate) fn new(
        template: &Template,
        api: &Api,
        functions: impl Fn(&sam_template::Function) -> Arc<Lambda>,
        account_id: &str,
        activity: Arc<Activity>,
    ) -> Self {
        let mut routes = Routes::default();
        let authorisers: BTreeMap<&str, Arc<Authoriser>> = api
            .authorizers
            .iter()
            .map(|(name, authoriser)| (name.as_str(), Arc::new(Authoriser::new(authoriser))))
            .collect();
        for function in &template.functions {
            let lambda = functions(function);
            for source in &function.event_sources {
                if let EventSource::Http {
                    method,
                    path,
                    authorizer,
                    scopes,
                    ..
                } = source
                {
                    let authoriser = authorizer.as_deref().and_then(|name| authorisers.get(name));
                    routes.add(Route::new(
                        method,
                        path,
                        authoriser.cloned(),
                        scopes.clone(),
                        Arc::clone(&lambda),
                    ));
                }
            }
        }
        Self {
            routes,
            cors: api.cors.as_ref().map(Cors::new),
            stage: request::Stage {
                account_id: account_id.to_owned(),
                api_id: api.logical_id.to_lowercase(),
            },
            integration_timeout: api.integration_timeout,
            payload_limit_bytes: api.request_limit_bytes.min(PAYLOAD_LIMIT_BYTES),
            activity,
            binaries: template
                .functions
                .iter()
                .map(|function| function.binary.clone())
                .collect(),
            pages: OnceLock::new(),
        }
    }

    /// Answers one request.
    pub(crate) async fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Response<Full<Bytes>> {
        let _running = self.activity.begin();
        let (head, body) = request.into_parts();
        let request_id = request::new_request_id();
        let origin = head.headers.get(http::header::ORIGIN).cloned();
        let mut response = match self.answer(head, body, &request_id).await {
            Ok(response) => response,
            Err((refusal, challenge)) => response::refusal(refusal, challenge),
        };
        if let (Some(cors), Some(origin)) = (&self.cors, &origin) {
            cors.decorate(origin, response.headers_mut());
        }
        response::sign(&mut response, &request_id);
        response
    }

    async fn answer(
        &self,
        head: http::request::Parts,
        body: Incoming,
        request_id: &str,
    ) -> Result<Response<Full<Bytes>>, (Refusal, Option<String>)> {
        let plain = |refusal| (refusal, None);
        let Some(path) = request::decoded(head.uri.path()) else {
            return Err(plain(Refusal::Unreadable));
        };
        let Some(found) = self.routes.find(&head.method, &path) else {
            if let Some(page) = self.page(&head) {
                return Ok(page);
            }
            // The gateway answers a browser's question by itself, unless a route takes it.
            return match &self.cors {
                Some(cors) if head.method == Method::OPTIONS => Ok(cors.preflight(&head.headers)),
                Some(_) | None => Err(plain(Refusal::NotFound)),
            };
        };
        let route = found.route;
        let claims = match &route.authoriser {
            None => None,
            Some(authoriser) => {
                let admitted = authoriser.admit(&head.headers, &route.scopes).await;
                Some(admitted.map_err(|denied| {
                    let refusal = match denied {
                        Denied::NoIdentity | Denied::Invalid(_) => Refusal::Unauthorized,
                        Denied::Scope(_) => Refusal::Forbidden,
                    };
                    (refusal, Some(denied.challenge()))
                })?)
            }
        };
        let body = read_body(body).await.map_err(plain)?;
        let payload = request::Payload {
            stage: &self.stage,
            head: &head,
            path: &path,
            body: &body,
            route,
            path_parameters: found.parameters,
            claims: claims.as_ref(),
            request_id,
        }
        .to_json();
        if payload.len() > self.payload_limit_bytes {
            return Err(plain(Refusal::TooLarge));
        }
        let invocation = route.lambda.invoke(Trigger::Http, payload);
        match tokio::time::timeout(self.integration_timeout, invocation).await {
            Err(_) => Err(plain(Refusal::TooSlow)),
            // The invocation's own failure is logged where it happened.
            Ok(Err(_)) => Err(plain(Refusal::FunctionFailed)),
            Ok(Ok(answer)) => response::from_function(&answer).map_err(|reason| {
                tracing::warn!(
                    function = route.lambda.name,
                    route = route.key,
                    reason,
                    "a function's answer is no HTTP response"
                );
                plain(Refusal::FunctionFailed)
            }),
        }
    }

    /// The API's description, where that is asked for and no function has such a route.
    fn page(&self, head: &http::request::Parts) -> Option<Response<Full<Bytes>>> {
        if !api_reference::serves(&head.method, head.uri.path()) {
            return None;
        }
        let make = || Pages::of(|context| self.binaries.contains(context));
        let pages = self.pages.get_or_init(make).as_ref()?;
        let host = head.headers.get(http::header::HOST);
        let host = host.and_then(|host| host.to_str().ok());
        let address = format!("http://{}", host.unwrap_or("127.0.0.1"));
        let query = head.uri.query().unwrap_or_default();
        let page = pages.answer(head.uri.path(), query, &address);
        Some(page.map(Full::new))
    }
}

async fn read_body(body: Incoming) -> Result<Bytes, Refusal> {
    if body.size_hint().lower() > BODY_LIMIT_BYTES as u64 {
        return Err(Refusal::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    match Limited::new(body, BODY_LIMIT_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Refusal::TooLarge),
        Err(_) => Err(Refusal::Unreadable),
    }
}
