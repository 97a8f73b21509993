//! The mail server through the real SDK over plain HTTP, and its pages through the router.

#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends with a panic"
)]

use std::sync::Arc;

use aws_sdk_sesv2::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sesv2::error::ProvideErrorMetadata;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message as SdkMessage, MessageTag, RawMessage,
};
use axum::body::Body as HttpBody;
use bytes::Bytes;
use http::Request;
use local_mail::{Filter, Mail, OpenError, Options, Verdict};
use serde_json::{Value, json};
use tower::ServiceExt;

async fn client_of(mail: &Mail) -> aws_sdk_sesv2::Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = mail.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = aws_sdk_sesv2::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(aws_sdk_sesv2::config::retry::RetryConfig::disabled())
        .build();
    aws_sdk_sesv2::Client::from_conf(config)
}

fn text(data: &str) -> Content {
    Content::builder()
        .data(data)
        .charset("UTF-8")
        .build()
        .unwrap()
}

fn simple(subject: &str, plain: &str, html: &str) -> EmailContent {
    let body = Body::builder().text(text(plain)).html(text(html)).build();
    EmailContent::builder()
        .simple(
            SdkMessage::builder()
                .subject(text(subject))
                .body(body)
                .build(),
        )
        .build()
}

#[tokio::test]
async fn a_simple_mail_through_the_sdk() {
    let mail = Mail::open(Options::default()).unwrap();
    let sent = client_of(&mail)
        .await
        .send_email()
        .from_email_address("のれん <shop@example.com>")
        .destination(
            Destination::builder()
                .to_addresses("Taro@example.com")
                .cc_addresses("cc@example.com")
                .build(),
        )
        .reply_to_addresses("help@example.com")
        .content(simple(
            "ご注文を承りました",
            "ありがとう",
            "<p>ありがとう</p>",
        ))
        .email_tags(
            MessageTag::builder()
                .name("kind")
                .value("order-confirmed")
                .build()
                .unwrap(),
        )
        .configuration_set_name("transactional")
        .send()
        .await
        .unwrap();
    let kept = mail.messages(&Filter::default()).unwrap().remove(0);
    assert_eq!(sent.message_id(), Some(kept.message_id.as_str()));
    assert_eq!(kept.from, "のれん <shop@example.com>");
    assert_eq!(
        (kept.to, kept.cc),
        (
            vec!["Taro@example.com".to_owned()],
            vec!["cc@example.com".to_owned()]
        )
    );
    assert_eq!(kept.reply_to, ["help@example.com"]);
    assert_eq!(kept.subject, "ご注文を承りました");
    assert_eq!(
        (kept.text.as_deref(), kept.html.as_deref()),
        (Some("ありがとう"), Some("<p>ありがとう</p>"))
    );
    assert_eq!(kept.tags["kind"], "order-confirmed");
    assert_eq!(kept.configuration_set.as_deref(), Some("transactional"));
    assert_eq!(mail.count().unwrap(), 1);
}

#[tokio::test]
async fn a_raw_mail_through_the_sdk() {
    let mail = Mail::open(Options::default()).unwrap();
    let raw = "From: shop@example.com\r\nTo: taro@example.com\r\nSubject: Raw\r\n\r\nhello\r\n";
    let content = EmailContent::builder()
        .raw(
            RawMessage::builder()
                .data(Blob::new(raw.as_bytes()))
                .build()
                .unwrap(),
        )
        .build();
    client_of(&mail)
        .await
        .send_email()
        .content(content)
        .send()
        .await
        .unwrap();
    let kept = mail.messages(&Filter::default()).unwrap().remove(0);
    assert_eq!(
        (kept.from.as_str(), kept.subject.as_str()),
        ("shop@example.com", "Raw")
    );
    assert_eq!(kept.to, ["taro@example.com"]);
    assert_eq!(kept.text.as_deref().map(str::trim), Some("hello"));
    assert_eq!(kept.html, None);
}

#[tokio::test]
async fn the_sdk_sees_typed_errors() {
    let mail = Mail::open(Options::default()).unwrap();
    let client = client_of(&mail).await;
    let none = client
        .send_email()
        .from_email_address("shop@example.com")
        .content(simple("s", "t", "h"));
    let error = none.send().await.unwrap_err().into_service_error();
    assert!(error.is_message_rejected(), "{error:?}");
    let bad = client
        .send_email()
        .from_email_address("shop")
        .destination(
            Destination::builder()
                .to_addresses("taro@example.com")
                .build(),
        )
        .content(simple("s", "t", "h"));
    let error = bad.send().await.unwrap_err().into_service_error();
    assert!(error.is_bad_request_exception(), "{error:?}");
    assert_eq!(error.message(), Some("Missing final '@domain'"));
    let error = client
        .get_account()
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    assert_eq!(mail.count().unwrap(), 0);
}

fn request(body: &Value) -> Request<Bytes> {
    Request::post("/v2/email/outbound-emails")
        .body(Bytes::from(body.to_string()))
        .unwrap()
}

fn valid() -> Value {
    json!({
        "FromEmailAddress": "shop@example.com",
        "Destination": { "ToAddresses": ["taro@example.com"] },
        "Content": { "Simple": { "Subject": { "Data": "s" }, "Body": { "Text": { "Data": "t" } } } },
    })
}

#[tokio::test]
async fn bad_mails() {
    let mail = Mail::open(Options::default()).unwrap();
    let many: Vec<String> = (0..51)
        .map(|number| format!("a{number}@example.com"))
        .collect();
    let cases = [
        (
            "/FromEmailAddress",
            json!("shop@"),
            "BadRequestException",
            "Missing final '@domain'",
        ),
        (
            "/FromEmailAddress",
            Value::Null,
            "BadRequestException",
            "FromEmailAddress",
        ),
        (
            "/Destination",
            json!({}),
            "MessageRejected",
            "no recipients",
        ),
        (
            "/Destination/ToAddresses",
            json!(many),
            "MessageRejected",
            "exceeds 50",
        ),
        (
            "/Destination/ToAddresses",
            json!(["x@example.com\r\nBcc: y@example.com"]),
            "BadRequestException",
            "control",
        ),
        ("/Content", json!({}), "BadRequestException", "exactly one"),
        (
            "/Content",
            json!({ "Template": { "TemplateName": "t" } }),
            "BadRequestException",
            "Template",
        ),
        (
            "/Content/Simple/Body",
            json!({}),
            "BadRequestException",
            "Text or Html",
        ),
        (
            "/Content/Simple/Subject/Data",
            json!("a\nBcc: y@example.com"),
            "BadRequestException",
            "line break",
        ),
        (
            "/Content",
            json!({ "Raw": { "Data": "%%%" } }),
            "BadRequestException",
            "base64",
        ),
        (
            "/Content",
            json!({ "Raw": { "Data": "" } }),
            "BadRequestException",
            "MIME",
        ),
    ];
    for (pointer, value, name, message) in cases {
        let mut body = valid();
        *body.pointer_mut(pointer).unwrap() = value;
        let response = mail.handle(request(&body)).await;
        assert_eq!(response.status(), 400, "{body}");
        assert_eq!(response.headers()["x-amzn-errortype"], name, "{body}");
        let found = String::from_utf8(response.body().to_vec()).unwrap();
        assert!(found.contains(message), "{found}");
    }
    for (field, value) in [
        ("ListManagementOptions", json!({})),
        ("EmailTags", json!([{ "Name": "a b", "Value": "c" }])),
    ] {
        let mut body = valid();
        body[field] = value;
        assert_eq!(mail.handle(request(&body)).await.status(), 400, "{field}");
    }
    let garbage = Request::post("/v2/email/outbound-emails")
        .body(Bytes::from_static(b"not json"))
        .unwrap();
    assert_eq!(mail.handle(garbage).await.status(), 400);
    assert_eq!(mail.count().unwrap(), 0);
    assert_eq!(mail.handle(request(&valid())).await.status(), 200);
}

#[tokio::test]
async fn faults() {
    let cases = [
        (Verdict::Proceed, 200, 1),
        (Verdict::TimeOutAfterDoing, 504, 1),
        (Verdict::Throttle, 429, 0),
        (Verdict::Reject, 400, 0),
        (Verdict::Fail500, 500, 0),
        (Verdict::Down, 503, 0),
    ];
    for (verdict, status, kept) in cases {
        let faults: local_mail::OnSend = Arc::new(move |summary: &local_mail::SendSummary<'_>| {
            assert_eq!(summary.recipients, ["taro@example.com"]);
            verdict
        });
        let mail = Mail::open(Options {
            faults: Some(faults),
            ..Options::default()
        })
        .unwrap();
        assert_eq!(
            mail.handle(request(&valid())).await.status(),
            status,
            "{verdict:?}"
        );
        assert_eq!(mail.count().unwrap(), kept, "{verdict:?}");
    }
}

async fn get(mail: &Mail, path: &str, language: &str) -> (u16, http::HeaderMap, String) {
    let request = Request::get(path)
        .header("accept-language", language)
        .body(HttpBody::empty())
        .unwrap();
    let response = mail.router().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (
        parts.status.as_u16(),
        parts.headers,
        String::from_utf8(bytes.to_vec()).unwrap(),
    )
}

async fn send(mail: &Mail, to: &str, subject: &str, html: &str) -> String {
    let mut body = valid();
    body["Destination"]["ToAddresses"] = json!([to]);
    body["Content"]["Simple"]["Subject"]["Data"] = json!(subject);
    body["Content"]["Simple"]["Body"]["Html"] = json!({ "Data": html });
    let response = mail.handle(request(&body)).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    answer["MessageId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_inbox_page_lists_searches_and_speaks_two_languages() {
    let mail = Mail::open(Options::default()).unwrap();
    assert!(get(&mail, "/inbox", "en").await.2.contains("No mail yet."));
    send(&mail, "taro@example.com", "first", "<p>x</p>").await;
    send(
        &mail,
        "hanako@example.com",
        "<script>alert(1)</script>",
        "<p>x</p>",
    )
    .await;
    let (status, headers, page) = get(&mail, "/inbox", "ja,en;q=0.5").await;
    assert_eq!(status, 200);
    assert_eq!(headers["vary"], "Accept-Language");
    assert!(page.contains("<html lang=\"ja\">") && page.contains("受信箱"));
    assert!(
        page.contains("&lt;script&gt;") && !page.contains("<script>"),
        "{page}"
    );
    assert!(
        page.find("hanako@example.com").unwrap() < page.find("taro@example.com").unwrap(),
        "newest first"
    );
    let (_, _, page) = get(&mail, "/inbox?to=TARO", "en").await;
    assert!(page.contains("taro@example.com") && !page.contains("hanako@example.com"));
    assert!(
        get(&mail, "/inbox?to=nobody", "en")
            .await
            .2
            .contains("No mail to this recipient.")
    );
}

#[tokio::test]
async fn one_mail_is_shown_with_its_html_shut_away() {
    let mail = Mail::open(Options::default()).unwrap();
    let id = send(
        &mail,
        "taro@example.com",
        "Order",
        "<p>Hi</p><script>alert(1)</script>",
    )
    .await;
    let (status, headers, page) = get(&mail, &format!("/inbox/{id}"), "en").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("<iframe sandbox=\"\"") && page.contains(&format!("/inbox/{id}/html")),
        "{page}"
    );
    assert!(!page.contains("<script>"));
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    let (_, headers, html) = get(&mail, &format!("/inbox/{id}/html"), "en").await;
    assert_eq!(html, "<p>Hi</p><script>alert(1)</script>");
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("sandbox;")
    );
    for path in ["/inbox/none", "/inbox/none/html"] {
        let (status, _, page) = get(&mail, path, "ja").await;
        assert_eq!(status, 404);
        assert!(page.contains("このメールは見つかりません。"));
    }
}

#[tokio::test]
async fn pages_of_fifty() {
    let mail = Mail::open(Options::default()).unwrap();
    for number in 0..60 {
        send(&mail, "taro@example.com", &format!("mail {number:02}"), "x").await;
    }
    let (_, _, page) = get(&mail, "/inbox?to=taro", "en").await;
    assert!(page.contains("mail 59") && page.contains("mail 10") && !page.contains("mail 09"));
    let link = page
        .split("href=\"/inbox?before=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&");
    let (_, _, page) = get(&mail, &format!("/inbox?before={link}"), "en").await;
    assert!(page.contains("mail 09") && page.contains("mail 00") && !page.contains("mail 10"));
}

#[tokio::test]
async fn json_for_programs() {
    let mail = Mail::open(Options::default()).unwrap();
    for number in 0..3 {
        send(
            &mail,
            &format!("a{number}@example.com"),
            &format!("mail {number}"),
            "x",
        )
        .await;
    }
    let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let first = read(get(&mail, "/inbox.json?limit=2", "en").await.2);
    assert_eq!(
        (first["count"].as_u64(), first["has_more"].as_bool()),
        (Some(3), Some(true))
    );
    assert_eq!(first["messages"][0]["subject"], "mail 2");
    let next = format!(
        "/inbox.json?limit=2&before={}",
        first["before"].as_str().unwrap()
    );
    let last = read(get(&mail, &next, "en").await.2);
    assert_eq!(
        (
            last["messages"][0]["subject"].as_str(),
            last["has_more"].as_bool()
        ),
        (Some("mail 0"), Some(false))
    );
    let one = read(get(&mail, "/inbox.json?to=a1@example.com", "en").await.2);
    assert_eq!(one["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn mails_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let options = || Options {
        directory: Some(directory.path().join("mail")),
        ..Options::default()
    };
    let mail = Mail::open(options()).unwrap();
    send(&mail, "taro@example.com", "kept", "x").await;
    let before = mail.messages(&Filter::default()).unwrap();
    drop(mail);
    assert_eq!(
        Mail::open(options())
            .unwrap()
            .messages(&Filter::default())
            .unwrap(),
        before
    );
}

#[test]
fn a_damaged_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mail.sqlite");
    std::fs::write(
        &file,
        "this is no inbox, however long one looks at it".repeat(100),
    )
    .unwrap();
    let options = Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let Err(error) = Mail::open(options) else {
        panic!("it was opened")
    };
    assert!(matches!(&error, OpenError::Damaged { .. }));
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
}

#[test]
fn which_requests_are_its_own() {
    let mail = Mail::open(Options::default()).unwrap();
    for (path, own) in [
        ("/v2/email/outbound-emails", true),
        ("/v2/email/account", true),
        ("/inbox", false),
        ("/", false),
    ] {
        let (parts, ()) = Request::post(path).body(()).unwrap().into_parts();
        assert_eq!(mail.handles(&parts), own, "{path}");
    }
}
