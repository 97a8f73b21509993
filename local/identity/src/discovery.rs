//! What an application learns by itself, and which browsers may ask: those of this machine's own pages.

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use crate::Identity;
use crate::client::{SCOPES, is_loopback};
use crate::language::words;
use crate::page::{failed, notice};

pub(crate) async fn configuration(State(identity): State<Identity>) -> Response {
    let issuer = identity.issuer();
    let at = |path: &str| format!("{issuer}{path}");
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "end_session_endpoint": at("/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "scopes_supported": SCOPES,
        "ui_locales_supported": ["en", "ja"],
    }))
    .into_response()
}

pub(crate) async fn keys(State(identity): State<Identity>, headers: HeaderMap) -> Response {
    match identity.key_set() {
        Ok(keys) => Json(keys).into_response(),
        Err(error) => failed(words(None, &headers), &error),
    }
}

/// Who comes here by hand learns what this is.
pub(crate) async fn front(State(identity): State<Identity>, headers: HeaderMap) -> Response {
    let words = words(None, &headers);
    let configuration = format!("{}/.well-known/openid-configuration", identity.issuer());
    notice(StatusCode::OK, words, "OpenID Connect", &configuration)
}

pub(crate) async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Lets pages of this machine read what machines read. The login page and its forms are no part of that.
pub(crate) async fn cors(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let readable = path == "/token" || path.starts_with("/.well-known/");
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .filter(|_| readable)
        .cloned();
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .append(header::VARY, HeaderValue::from_static("Origin"));
    let allowed = origin.filter(|origin| origin.to_str().is_ok_and(is_loopback));
    if let Some(origin) = allowed {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, POST"),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("content-type"),
        );
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("600"),
        );
    }
    response
}
