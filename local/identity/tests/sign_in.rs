//! Signing in as a browser does, and what the tokens are worth.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use local_identity::{CLIENT_ID, Identity, Invalid, KeySet, Options, Rules, verify};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

const ISSUER: &str = "http://127.0.0.1:9";
const BACK: &str = "http://127.0.0.1:8080/signed-in";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";

struct Answer {
    status: StatusCode,
    location: String,
    cookie: Option<String>,
    headers: http::HeaderMap,
    body: String,
}

fn open() -> Identity {
    let options = Options {
        directory: None,
        issuer: ISSUER.to_owned(),
    };
    Identity::open(options).unwrap()
}

async fn send(router: &Router, request: http::request::Builder, body: String) -> Answer {
    let request: Request<Body> = request.body(Body::from(body)).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let headers = response.headers().clone();
    let text = |name| {
        headers
            .get(name)
            .map(|value: &http::HeaderValue| value.to_str().unwrap().to_owned())
    };
    let cookie =
        text(header::SET_COOKIE).map(|cookie| cookie.split(';').next().unwrap().to_owned());
    Answer {
        status: response.status(),
        location: text(header::LOCATION).unwrap_or_default(),
        cookie,
        headers: headers.clone(),
        body: String::from_utf8(
            response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .to_vec(),
        )
        .unwrap(),
    }
}

async fn get(router: &Router, uri: &str) -> Answer {
    send(router, Request::get(uri), String::new()).await
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

async fn post(router: &Router, uri: &str, pairs: &[(&str, &str)]) -> Answer {
    let request =
        Request::post(uri).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(router, request, form(pairs)).await
}

fn wish(changes: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let usual = [
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", BACK),
        ("scope", "openid noren/shop"),
        ("state", "s t&ate"),
        ("nonce", "n-1"),
        ("code_challenge", &*challenge),
        ("code_challenge_method", "S256"),
    ];
    let kept = usual
        .into_iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let pairs: Vec<_> = kept.chain(changes.iter().copied()).collect();
    form(&pairs)
}

fn answered(answer: &Answer, name: &str) -> String {
    assert!(
        answer.location.starts_with(BACK),
        "{} {}",
        answer.status,
        answer.location
    );
    let query = answer.location.split_once('?').unwrap().1;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

async fn code(router: &Router, username: &str, request: &str) -> String {
    let pairs = [
        ("request", request),
        ("username", username),
        ("password", username),
    ];
    let answer = post(router, "/login", &pairs).await;
    assert_eq!(answered(&answer, "state"), "s t&ate");
    answered(&answer, "code")
}

async fn redeem(router: &Router, code: &str, verifier: &str) -> (StatusCode, Value) {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("code", code),
        ("redirect_uri", BACK),
        ("code_verifier", verifier),
    ];
    let answer = post(router, "/token", &pairs).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

async fn refresh(router: &Router, token: &str) -> (StatusCode, Value) {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", token),
    ];
    let answer = post(router, "/token", &pairs).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

fn rules() -> Rules {
    Rules {
        issuer: ISSUER.to_owned(),
        audience: vec![CLIENT_ID.to_owned()],
    }
}

async fn keys(router: &Router) -> KeySet {
    let found = get(router, "/.well-known/openid-configuration").await;
    let found: Value = serde_json::from_str(&found.body).unwrap();
    let uri = found["jwks_uri"].as_str().unwrap();
    let answer = get(router, uri.strip_prefix(ISSUER).unwrap()).await;
    KeySet::read(answer.body.as_bytes()).unwrap()
}

#[tokio::test]
async fn a_code_becomes_tokens_in_cognitos_shape() {
    let router = open().router();
    let page = get(
        &router,
        &format!("/authorize?{}", wish(&[("ui_locales", "ja")])),
    )
    .await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains(r#"lang="ja""#) && page.body.contains("ログイン"),
        "{}",
        page.body
    );
    let code = code(
        &router,
        "operator",
        &wish(&[("scope", "openid noren/operate")]),
    )
    .await;
    let (status, tokens) = redeem(&router, &code, VERIFIER).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let keys = keys(&router).await;
    let access = verify(tokens["access_token"].as_str().unwrap(), &keys, &rules()).unwrap();
    assert_eq!(access["iss"], ISSUER);
    assert_eq!(access["sub"], "operator");
    assert_eq!(access["client_id"], CLIENT_ID);
    assert_eq!(access["token_use"], "access");
    assert_eq!(access["scope"], "openid noren/operate");
    assert_eq!(access["cognito:groups"], json!(["operators"]));
    assert!(!access.contains_key("aud"));
    let lasts = access["exp"].as_i64().unwrap() - access["iat"].as_i64().unwrap();
    assert_eq!(lasts, tokens["expires_in"].as_i64().unwrap());
    let id = verify(tokens["id_token"].as_str().unwrap(), &keys, &rules()).unwrap();
    assert_eq!(
        (&id["aud"], &id["token_use"], &id["nonce"]),
        (&json!(CLIENT_ID), &json!("id"), &json!("n-1"))
    );
    assert!(!id.contains_key("scope"));

    let (status, again) = refresh(&router, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    let access = verify(again["access_token"].as_str().unwrap(), &keys, &rules()).unwrap();
    assert_eq!(access["scope"], "openid noren/operate");
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_and_its_verifier() {
    let router = open().router();
    let first = code(&router, "customer", &wish(&[])).await;
    assert_eq!(redeem(&router, &first, VERIFIER).await.0, StatusCode::OK);
    let second = redeem(&router, &first, VERIFIER).await;
    assert_eq!(
        second,
        (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" }))
    );
    let third = code(&router, "customer", &wish(&[])).await;
    assert_eq!(
        redeem(&router, &third, "another").await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        redeem(&router, &third, VERIFIER).await.0,
        StatusCode::BAD_REQUEST,
        "one try only"
    );
    assert_eq!(refresh(&router, "made-up").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn wrong_requests_are_refused_and_nobody_is_sent_elsewhere() {
    let router = open().router();
    for (name, value) in [
        ("client_id", "other"),
        ("redirect_uri", "https://evil.example/"),
        ("redirect_uri", ""),
    ] {
        let request = wish(&[(name, value)]);
        let answer = get(&router, &format!("/authorize?{request}")).await;
        assert_eq!(
            (answer.status, &*answer.location),
            (StatusCode::BAD_REQUEST, ""),
            "{name}={value}"
        );
        let pairs = [
            ("request", &*request),
            ("username", "customer"),
            ("password", "customer"),
        ];
        let answer = post(&router, "/login", &pairs).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}={value}");
    }
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "openid admin", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("prompt", "none", "login_required"),
    ] {
        let answer = get(&router, &format!("/authorize?{}", wish(&[(name, value)]))).await;
        assert_eq!(answered(&answer, "error"), error, "{name}={value}");
    }
    let pairs = [
        ("request", &*wish(&[])),
        ("username", "customer"),
        ("password", "customer-2"),
    ];
    let answer = post(&router, "/login", &pairs).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let foreign = Request::post("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, "http://evil.example");
    let pairs = [
        ("request", &*wish(&[])),
        ("username", "customer"),
        ("password", "customer"),
    ];
    assert_eq!(
        send(&router, foreign, form(&pairs)).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_new_customer_registers_signs_in_again_and_out() {
    let router = open().router();
    let request = wish(&[]);
    let given =
        |password: &'static str| [("username", "Hanako@example.com"), ("password", password)];
    let register = |password| {
        let pairs = [[("request", &*request)].as_slice(), &given(password)].concat();
        let router = router.clone();
        async move { post(&router, "/register", &pairs).await }
    };
    assert_eq!(register("short").await.status, StatusCode::BAD_REQUEST);
    let made = register("long enough").await;
    let (_, tokens) = redeem(&router, &answered(&made, "code"), VERIFIER).await;
    let claims = verify(
        tokens["id_token"].as_str().unwrap(),
        &keys(&router).await,
        &rules(),
    )
    .unwrap();
    assert_eq!(claims["email"], "hanako@example.com");
    assert_ne!(
        claims["sub"], "hanako@example.com",
        "a subject is no personal data"
    );
    assert_eq!(register("long enough").await.status, StatusCode::CONFLICT);

    let cookie = made.cookie.unwrap();
    let again = |cookie: String| {
        let request = Request::get(format!("/authorize?{}", wish(&[("prompt", "none")])))
            .header(header::COOKIE, cookie);
        let router = router.clone();
        async move { send(&router, request, String::new()).await }
    };
    assert_ne!(
        answered(&again(cookie.clone()).await, "code"),
        "",
        "signed in already"
    );
    let out = Request::get(format!(
        "/logout?{}",
        form(&[("client_id", CLIENT_ID), ("logout_uri", BACK)])
    ));
    let out = send(&router, out.header(header::COOKIE, &cookie), String::new()).await;
    assert_eq!(out.location, BACK);
    assert_eq!(answered(&again(cookie).await, "error"), "login_required");
    let (status, _) = refresh(&router, tokens["refresh_token"].as_str().unwrap()).await;
    assert_eq!(
        status,
        StatusCode::BAD_REQUEST,
        "signing out ends refreshing"
    );
}

#[tokio::test]
async fn what_is_not_as_it_must_be_is_no_token() {
    let identity = open();
    let keys = keys(&identity.router()).await;
    let good = identity
        .access_token("customer", &["noren/shop"], 60)
        .unwrap();
    assert!(verify(&good, &keys, &rules()).is_ok());
    let parts: Vec<&str> = good.split('.').collect();
    let header = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let kid = {
        let json: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
        json["kid"].as_str().unwrap().to_owned()
    };
    let hmac = format!(
        "{}.{}.{}",
        header(&format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#)),
        parts[1],
        parts[2]
    );
    let none = format!(
        "{}.{}.",
        header(&format!(r#"{{"alg":"none","kid":"{kid}"}}"#)),
        parts[1]
    );
    let other = header(
        r#"{"sub":"operator","iss":"http://127.0.0.1:9","exp":4102444800,"client_id":"noren-storefront"}"#,
    );
    let forged = format!("{}.{other}.{}", parts[0], parts[2]);
    let expired = identity
        .access_token("customer", &["noren/shop"], -1)
        .unwrap();
    assert_eq!(verify(&hmac, &keys, &rules()), Err(Invalid::Algorithm));
    assert_eq!(verify(&none, &keys, &rules()), Err(Invalid::Unreadable));
    assert!(matches!(
        verify(&forged, &keys, &rules()),
        Err(Invalid::Claims(_))
    ));
    assert!(matches!(
        verify(&expired, &keys, &rules()),
        Err(Invalid::Claims(_))
    ));
    let elsewhere = Rules {
        audience: vec!["other".to_owned()],
        ..rules()
    };
    assert_eq!(verify(&good, &keys, &elsewhere), Err(Invalid::Audience));
    let elsewhere = Rules {
        issuer: "http://other".to_owned(),
        ..rules()
    };
    assert!(matches!(
        verify(&good, &keys, &elsewhere),
        Err(Invalid::Claims(_))
    ));
    let another = open()
        .access_token("customer", &["noren/shop"], 60)
        .unwrap();
    assert_eq!(verify(&another, &keys, &rules()), Err(Invalid::UnknownKey));
}

#[tokio::test]
async fn keys_accounts_and_refresh_tokens_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options {
        directory: Some(directory.path().to_owned()),
        issuer: ISSUER.to_owned(),
    };
    let before = Identity::open(options.clone()).unwrap();
    let code = code(&before.router(), "customer", &wish(&[])).await;
    let (_, tokens) = redeem(&before.router(), &code, VERIFIER).await;
    drop(before);
    let after = Identity::open(options).unwrap().router();
    let keys = keys(&after).await;
    assert!(verify(tokens["access_token"].as_str().unwrap(), &keys, &rules()).is_ok());
    assert_eq!(
        refresh(&after, tokens["refresh_token"].as_str().unwrap())
            .await
            .0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn pages_of_this_machine_may_ask_and_no_others() {
    let router = open().router();
    for (origin, allowed) in [
        ("http://127.0.0.1:5173", true),
        ("http://evil.example", false),
    ] {
        let request = Request::options("/token").header(header::ORIGIN, origin);
        let answer = send(&router, request, String::new()).await;
        assert_eq!(
            answer.headers.contains_key("access-control-allow-origin"),
            allowed,
            "{origin}"
        );
    }
    let request = Request::get(format!("/authorize?{}", wish(&[])))
        .header(header::ORIGIN, "http://127.0.0.1:5173");
    let page = send(&router, request, String::new()).await;
    assert!(!page.headers.contains_key("access-control-allow-origin"));
    assert!(
        page.headers["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("frame-ancestors 'none'")
    );
    // Under `no-referrer` a browser sends the page's own form with `Origin: null`, and nobody could sign in.
    assert_eq!(page.headers["referrer-policy"], "same-origin");
}
