//! The SES mailer against SES's wire protocol, over loopback.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sesv2::config::{Credentials, SharedCredentialsProvider};
use local_mail::{Filter, Mail as Inbox, Options, Verdict};
use notifications::contact::Email;
use notifications::mail::{Mail, MailFailure, Mailer as _};
use notifications::notice::{Kind, Notice};
use notifications::{Config, SesMailer};

fn sdk(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

fn mailer_at(endpoint: &str) -> SesMailer {
    let config = Config {
        mail_from: "shop@example.com".into(),
        shop_name: "Noren".into(),
        shop_url: "https://shop.example.com".into(),
    };
    SesMailer::new(&sdk(endpoint), &config)
}

async fn mailer_of(inbox: &Inbox) -> SesMailer {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = inbox.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    mailer_at(&endpoint)
}

fn mail() -> Mail {
    Mail {
        to: Email::new("taro@example.com").unwrap(),
        subject: "ご注文が確定しました".into(),
        text: "ありがとうございます。\n".into(),
        html: "<p>ありがとうございます。</p>".into(),
        notice: Notice::new(Kind::ShipmentDispatched, 2),
    }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let inbox = Inbox::open(Options::default()).unwrap();
    mailer_of(&inbox).await.send(&mail()).await.unwrap();
    assert_eq!(inbox.count().unwrap(), 1);
    let kept = inbox.messages(&Filter::default()).unwrap().remove(0);
    assert_eq!(
        (kept.from.as_str(), kept.to),
        ("shop@example.com", vec!["taro@example.com".to_owned()])
    );
    assert_eq!(kept.subject, "ご注文が確定しました");
    assert_eq!(kept.text.as_deref(), Some("ありがとうございます。\n"));
    assert_eq!(kept.html.as_deref(), Some("<p>ありがとうございます。</p>"));
    assert_eq!(
        (kept.tags["kind"].as_str(), kept.tags["number"].as_str()),
        ("shipment_dispatched", "2")
    );
}

#[tokio::test]
async fn failures_are_told_apart_never_retried_here_and_name_no_address() {
    let cases = [
        (Verdict::Reject, true, 0),
        (Verdict::Throttle, false, 0),
        (Verdict::Fail500, false, 0),
        (Verdict::Down, false, 0),
        (Verdict::TimeOutAfterDoing, false, 1),
    ];
    for (verdict, is_refused, kept) in cases {
        let options = Options {
            faults: Some(Arc::new(move |_: &local_mail::SendSummary<'_>| verdict)),
            ..Options::default()
        };
        let inbox = Inbox::open(options).unwrap();
        let failure = mailer_of(&inbox).await.send(&mail()).await.unwrap_err();
        assert_eq!(
            matches!(failure, MailFailure::Refused { .. }),
            is_refused,
            "{verdict:?}: {failure:?}"
        );
        assert!(
            !format!("{failure} {failure:?}").contains("taro"),
            "{failure:?}"
        );
        assert_eq!(inbox.count().unwrap(), kept, "{verdict:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_passing_failure() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = mailer_at(&endpoint).send(&mail()).await.unwrap_err();
    assert_eq!(
        failure,
        MailFailure::Failed {
            code: "not reached".into()
        }
    );
}
