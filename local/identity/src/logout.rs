//! `GET /logout`: ends the issuer's session and the refresh tokens of who is signed in. Takes Cognito's parameters and
//! OpenID Connect's (RP-initiated logout).

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::authorize::{COOKIE, session};
use crate::client::may_return_to;
use crate::language::words;
use crate::page::{failed, notice};
use crate::{Identity, now_seconds};

pub(crate) async fn answer(
    State(identity): State<Identity>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let get = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let words = words(
        get("lang").or_else(|| get("ui_locales")).as_deref(),
        &headers,
    );
    if let Some(session) = session(&headers) {
        let mut sessions = identity.inner.sessions.lock();
        let who = sessions.signed_in(session, now_seconds());
        sessions.sign_out(session);
        drop(sessions);
        if let Some((username, _)) = who
            && let Err(error) = identity.inner.store.lock().forget_refresh(&username)
        {
            return failed(words, &error);
        }
    }
    let back = get("post_logout_redirect_uri").or_else(|| get("logout_uri"));
    let mut response = match back {
        Some(back) if may_return_to(&back) => {
            let state = get("state").map(|state| {
                form_urlencoded::Serializer::new(String::new())
                    .append_pair("state", &state)
                    .finish()
            });
            let to = match state {
                Some(state) => format!(
                    "{back}{}{state}",
                    if back.contains('?') { '&' } else { '?' }
                ),
                None => back,
            };
            Redirect::to(&to).into_response()
        }
        Some(_) => {
            return notice(
                StatusCode::BAD_REQUEST,
                words,
                words.bad_request,
                "logout_uri",
            );
        }
        None => notice(StatusCode::OK, words, words.signed_out, ""),
    };
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    if let Ok(gone) = HeaderValue::try_from(gone) {
        response.headers_mut().append(header::SET_COOKIE, gone);
    }
    response
}
