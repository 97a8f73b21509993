//! Signing in: the request of an application, the login page, making an account, and the way back with a code.

use axum::extract::{Form, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use minijinja::context;
use serde::Deserialize;

use crate::accounts::{self, Account, SEEDED};
use crate::client::{self, CLIENT_ID};
use crate::language::{Words, words};
use crate::page::{failed, notice, page};
use crate::sessions::{Pending, SESSION_SECONDS};
use crate::{Identity, now_seconds};

/// The cookie of the issuer's own session.
pub(crate) const COOKIE: &str = "noren_session";

/// An application's request, as it came in the query and goes through the forms.
#[derive(Debug, Clone, Default)]
struct Wish {
    pairs: Vec<(String, String)>,
}

/// A request that can be answered: the application and the way back are ours.
struct Known {
    redirect_uri: String,
    state: Option<String>,
}

struct Asked {
    scope: String,
    nonce: Option<String>,
    challenge: String,
    must_log_in: bool,
    may_log_in: bool,
}

#[derive(Deserialize)]
pub(crate) struct Credentials {
    request: String,
    username: String,
    password: String,
}

impl Wish {
    fn read(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Self { pairs }
    }

    /// A parameter that is given once; one given twice counts as none (RFC 6749, section 3.1).
    fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.pairs.iter().filter(|(key, _)| key == name);
        let value = found.next().map(|(_, value)| value.as_str());
        value.filter(|value| found.next().is_none() && !value.is_empty())
    }

    fn language(&self) -> Option<&str> {
        self.get("lang").or_else(|| self.get("ui_locales"))
    }

    fn text(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.pairs)
            .finish()
    }

    fn switched_from(&self, words: &Words) -> String {
        let other = if words.lang == "ja" { "en" } else { "ja" };
        let mut wish = self.clone();
        wish.pairs.retain(|(key, _)| key != "lang");
        wish.pairs.push(("lang".to_owned(), other.to_owned()));
        wish.text()
    }

    /// Holds it against the client. Whom we cannot trust to be the client's address is never redirected to.
    fn known(&self) -> Result<Known, &'static str> {
        if self.get("client_id") != Some(CLIENT_ID) {
            return Err("client_id");
        }
        let redirect_uri = self
            .get("redirect_uri")
            .filter(|uri| client::may_return_to(uri));
        Ok(Known {
            redirect_uri: redirect_uri.ok_or("redirect_uri")?.to_owned(),
            state: self.get("state").map(str::to_owned),
        })
    }

    /// What is asked for, or by which of OAuth's errors it is refused.
    fn asked(&self) -> Result<Asked, &'static str> {
        if self.get("response_type") != Some("code") {
            return Err("unsupported_response_type");
        }
        let scope = client::scopes(self.get("scope").unwrap_or("openid")).ok_or("invalid_scope")?;
        // RFC 7636: SHA-256 in base64url is always 43 characters.
        let challenge = self
            .get("code_challenge")
            .filter(|challenge| challenge.len() == 43);
        let is_s256 = self.get("code_challenge_method") == Some("S256");
        let challenge = challenge.filter(|_| is_s256).ok_or("invalid_request")?;
        Ok(Asked {
            scope,
            nonce: self.get("nonce").map(str::to_owned),
            challenge: challenge.to_owned(),
            must_log_in: self.get("prompt") == Some("login"),
            may_log_in: self.get("prompt") != Some("none"),
        })
    }
}

impl Known {
    fn go_back(&self, pairs: &[(&str, &str)]) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        let joint = if self.redirect_uri.contains('?') {
            '&'
        } else {
            '?'
        };
        let to = format!("{}{joint}{}", self.redirect_uri, query.finish());
        let mut response = Redirect::to(&to).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    fn grant(
        &self,
        identity: &Identity,
        asked: &Asked,
        username: &str,
        signed_in_at: i64,
    ) -> Response {
        let pending = Pending {
            username: username.to_owned(),
            scope: asked.scope.clone(),
            nonce: asked.nonce.clone(),
            redirect_uri: self.redirect_uri.clone(),
            challenge: asked.challenge.clone(),
            signed_in_at,
        };
        let code = identity
            .inner
            .sessions
            .lock()
            .new_code(pending, now_seconds());
        self.go_back(&[("code", &code)])
    }

    /// As [`Self::grant`], with the issuer's own session begun.
    fn sign_in(&self, identity: &Identity, asked: &Asked, username: &str) -> Response {
        let now = now_seconds();
        let session = identity.inner.sessions.lock().sign_in(username, now);
        let mut response = self.grant(identity, asked, username, now);
        let cookie = format!(
            "{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax; Max-Age={SESSION_SECONDS}"
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// The session that a browser sends, if it sends one.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}

/// `GET /authorize`.
pub(crate) async fn show(
    State(identity): State<Identity>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let wish = Wish::read(&query.unwrap_or_default());
    let words = words(wish.language(), &headers);
    let known = match wish.known() {
        Ok(known) => known,
        Err(parameter) => {
            return notice(StatusCode::BAD_REQUEST, words, words.bad_request, parameter);
        }
    };
    let asked = match wish.asked() {
        Ok(asked) => asked,
        Err(error) => return known.go_back(&[("error", error)]),
    };
    let signed_in = session(&headers)
        .and_then(|session| {
            identity
                .inner
                .sessions
                .lock()
                .signed_in(session, now_seconds())
        })
        .filter(|_| !asked.must_log_in);
    match signed_in {
        Some((username, since)) => known.grant(&identity, &asked, &username, since),
        None if !asked.may_log_in => known.go_back(&[("error", "login_required")]),
        None => login_page(&wish, words, "", false),
    }
}

fn login_page(wish: &Wish, words: &Words, username: &str, wrong: bool) -> Response {
    let status = if wrong {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::OK
    };
    let (request, switched) = (wish.text(), wish.switched_from(words));
    page(
        status,
        "login.html",
        words,
        context! { request, switched, username, wrong, seeded => SEEDED.to_vec() },
    )
}

/// What a form of ours carries on. A form that another site's page has sent is not ours.
fn form(identity: &Identity, wish: &Wish, headers: &HeaderMap) -> Option<(Known, Asked)> {
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let is_own = origin.is_none_or(|origin| origin == identity.issuer().as_bytes());
    match (wish.known(), wish.asked()) {
        (Ok(known), Ok(asked)) if is_own => Some((known, asked)),
        _ => None,
    }
}

/// `POST /login`.
pub(crate) async fn log_in(
    State(identity): State<Identity>,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Response {
    let wish = Wish::read(&given.request);
    let words = words(wish.language(), &headers);
    let Some((known, asked)) = form(&identity, &wish, &headers) else {
        return notice(StatusCode::BAD_REQUEST, words, words.bad_request, "");
    };
    let found = identity
        .inner
        .store
        .lock()
        .log_in(&given.username, &given.password);
    match found {
        Ok(Some(account)) => known.sign_in(&identity, &asked, &account.username),
        Ok(None) => login_page(&wish, words, &given.username, true),
        Err(error) => failed(words, &error),
    }
}

/// `GET /register`.
pub(crate) async fn show_registration(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let wish = Wish::read(&query.unwrap_or_default());
    registration_page(&wish, words(wish.language(), &headers), "", StatusCode::OK)
}

fn registration_page(wish: &Wish, words: &Words, username: &str, status: StatusCode) -> Response {
    let (request, switched) = (wish.text(), wish.switched_from(words));
    let unusable = status == StatusCode::BAD_REQUEST;
    let taken = status == StatusCode::CONFLICT;
    page(
        status,
        "register.html",
        words,
        context! { request, switched, username, unusable, taken },
    )
}

/// `POST /register`.
pub(crate) async fn register(
    State(identity): State<Identity>,
    headers: HeaderMap,
    Form(given): Form<Credentials>,
) -> Response {
    let wish = Wish::read(&given.request);
    let words = words(wish.language(), &headers);
    let Some((known, asked)) = form(&identity, &wish, &headers) else {
        return notice(StatusCode::BAD_REQUEST, words, words.bad_request, "");
    };
    let email = accounts::readable_email(&given.username);
    let Some(email) = email.filter(|_| accounts::is_password(&given.password)) else {
        return registration_page(&wish, words, &given.username, StatusCode::BAD_REQUEST);
    };
    let account = Account::registered(&email);
    let kept = identity
        .inner
        .store
        .lock()
        .register(&account, &given.password);
    match kept {
        Ok(true) => known.sign_in(&identity, &asked, &account.username),
        Ok(false) => registration_page(&wish, words, &given.username, StatusCode::CONFLICT),
        Err(error) => failed(words, &error),
    }
}
