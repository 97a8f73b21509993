//! `POST /token`: a code or a refresh token for tokens (RFC 6749, sections 4.1.3, 5 and 6).

use axum::Json;
use axum::extract::{RawForm, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::accounts::random_secret;
use crate::client::CLIENT_ID;
use crate::crypto::base64url;
use crate::key::KeyError;
use crate::store::Refresh;
use crate::tokens::{Grant, REFRESH_SECONDS, TOKEN_SECONDS};
use crate::{Identity, now_seconds};

/// Why there are no tokens.
enum Refused {
    /// One of OAuth's errors.
    By(&'static str),
    Failed(KeyError),
}

impl<E: Into<KeyError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

pub(crate) async fn answer(State(identity): State<Identity>, RawForm(form): RawForm) -> Response {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(&form).into_owned().collect();
    let get = |name: &str| {
        pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let mut response = match tokens(&identity, &get) {
        Ok(tokens) => Json(tokens).into_response(),
        Err(Refused::By(error)) => {
            (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
        }
        Err(Refused::Failed(error)) => {
            tracing::error!(%error, "no tokens could be made");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                Json(json!({ "error": "server_error" })),
            )
                .into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn tokens<'a>(
    identity: &Identity,
    get: &dyn Fn(&str) -> Option<&'a str>,
) -> Result<serde_json::Value, Refused> {
    if get("client_id") != Some(CLIENT_ID) {
        return Err(Refused::By("invalid_client"));
    }
    match get("grant_type") {
        Some("authorization_code") => by_code(identity, get),
        Some("refresh_token") => by_refresh(identity, get("refresh_token").unwrap_or_default()),
        Some(_) => Err(Refused::By("unsupported_grant_type")),
        None => Err(Refused::By("invalid_request")),
    }
}

fn by_code<'a>(
    identity: &Identity,
    get: &dyn Fn(&str) -> Option<&'a str>,
) -> Result<serde_json::Value, Refused> {
    let now = now_seconds();
    let pending = identity
        .inner
        .sessions
        .lock()
        .take_code(get("code").unwrap_or_default(), now);
    let pending = pending.ok_or(Refused::By("invalid_grant"))?;
    let proof = base64url(&Sha256::digest(get("code_verifier").unwrap_or_default()));
    if proof != pending.challenge || get("redirect_uri") != Some(&*pending.redirect_uri) {
        return Err(Refused::By("invalid_grant"));
    }
    let store = identity.inner.store.lock();
    let account = store
        .account(&pending.username)?
        .ok_or(Refused::By("invalid_grant"))?;
    let refresh_token = random_secret();
    let refresh = Refresh {
        username: pending.username,
        scope: pending.scope.clone(),
        signed_in_at: pending.signed_in_at,
    };
    store.keep_refresh(&refresh_token, &refresh, now + REFRESH_SECONDS)?;
    drop(store);
    let grant = Grant::new(account, pending.scope, pending.nonce, pending.signed_in_at);
    let mut answer = made(identity, &grant)?;
    answer["refresh_token"] = json!(refresh_token);
    Ok(answer)
}

/// As Cognito does by default, the refresh token stays the same.
fn by_refresh(identity: &Identity, token: &str) -> Result<serde_json::Value, Refused> {
    let store = identity.inner.store.lock();
    let refresh = store
        .refresh(token, now_seconds())?
        .ok_or(Refused::By("invalid_grant"))?;
    let account = store
        .account(&refresh.username)?
        .ok_or(Refused::By("invalid_grant"))?;
    drop(store);
    made(
        identity,
        &Grant::new(account, refresh.scope, None, refresh.signed_in_at),
    )
}

fn made(identity: &Identity, grant: &Grant) -> Result<serde_json::Value, Refused> {
    let key = identity.key()?;
    let issuer = identity.issuer();
    let mut answer = json!({
        "access_token": key.sign(&grant.access_claims(issuer, TOKEN_SECONDS))?,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": grant.scope,
    });
    if grant.is_openid() {
        answer["id_token"] = json!(key.sign(&grant.id_claims(issuer))?);
    }
    Ok(answer)
}
