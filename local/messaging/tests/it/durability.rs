//! What survives: the end of a process, however it came.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use local_messaging::{
    ManualClock, MessageAttribute, MessageAttributes, Messaging, OpenError, Options,
};

use crate::service::{Service, map};

fn open(directory: &Path) -> Messaging {
    let clock = ManualClock::new("2026-11-24T00:00:00Z".parse().unwrap());
    Messaging::open(Options {
        directory: Some(directory.to_owned()),
        clock: Arc::new(clock),
        ..Options::default()
    })
    .unwrap()
}

#[tokio::test]
async fn a_message_that_was_in_flight_at_every_end_is_no_dead_letter() {
    let directory = tempfile::tempdir().unwrap();
    let arn = Service::queue_arn;
    let redrive = format!(
        r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":2}}"#,
        arn("dead")
    );
    {
        let messaging = open(directory.path());
        messaging.create_queue("dead", map(&[])).await.unwrap();
        messaging
            .create_queue("orders", map(&[("RedrivePolicy", &redrive)]))
            .await
            .unwrap();
        messaging
            .send(&arn("orders"), "o-1", MessageAttributes::new())
            .await
            .unwrap();
    }
    for life in 1..=9 {
        let messaging = open(directory.path());
        let received = messaging
            .receive(&arn("orders"), 10, Duration::ZERO, None)
            .await
            .unwrap();
        let counts: Vec<&str> = received
            .iter()
            .map(|message| message.attributes["ApproximateReceiveCount"].as_str())
            .collect();
        assert_eq!(counts, [life.to_string()]);
    }
}

#[tokio::test]
async fn everything_but_being_in_flight_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let arn = Service::queue_arn;
    {
        let messaging = open(directory.path());
        messaging.create_queue("dead", map(&[])).await.unwrap();
        let redrive = format!(
            r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":2}}"#,
            arn("dead")
        );
        messaging
            .create_queue(
                "orders",
                map(&[("VisibilityTimeout", "99"), ("RedrivePolicy", &redrive)]),
            )
            .await
            .unwrap();
        let topic = messaging
            .create_topic("orders", map(&[("DisplayName", "Orders")]))
            .await
            .unwrap();
        let filter = map(&[
            ("FilterPolicy", r#"{"type":["a"]}"#),
            ("RawMessageDelivery", "true"),
        ]);
        messaging
            .subscribe(&topic, &arn("orders"), filter)
            .await
            .unwrap();
        let attributes =
            MessageAttributes::from([("type".to_owned(), MessageAttribute::string("a"))]);
        for body in ["deleted", "received", "untouched"] {
            messaging
                .send(&arn("orders"), body, attributes.clone())
                .await
                .unwrap();
        }
        let received = messaging
            .receive(&arn("orders"), 2, Duration::ZERO, None)
            .await
            .unwrap();
        messaging
            .delete(&arn("orders"), &[&received[0].receipt_handle])
            .await
            .unwrap();
    }
    let messaging = open(directory.path());
    let depth = messaging.depth(&arn("orders")).unwrap();
    assert_eq!((depth.visible, depth.in_flight), (2, 0));
    let received = messaging
        .receive(&arn("orders"), 10, Duration::ZERO, Some(Duration::ZERO))
        .await
        .unwrap();
    let seen: Vec<_> = received
        .iter()
        .map(|message| {
            (
                message.body.as_str(),
                message.attributes["ApproximateReceiveCount"].as_str(),
            )
        })
        .collect();
    assert_eq!(seen, [("received", "2"), ("untouched", "1")]);
    assert_eq!(
        received[0].message_attributes["type"],
        MessageAttribute::string("a")
    );
    // The redrive policy is still there. The receive that the process did not live to see the end of does not count.
    for _ in 0..2 {
        assert!(messaging.peek(&arn("dead"), 10).unwrap().is_empty());
        messaging
            .receive(&arn("orders"), 10, Duration::ZERO, Some(Duration::ZERO))
            .await
            .unwrap();
    }
    assert_eq!(
        messaging.peek(&arn("dead"), 10).unwrap()[0].body,
        "received"
    );
    drop(messaging);

    let messaging = open(directory.path());
    let letter = &messaging.peek(&arn("dead"), 10).unwrap()[0];
    assert_eq!(letter.attributes["DeadLetterQueueSourceArn"], arn("orders"));
    assert_eq!(
        messaging.all_topics(),
        ["arn:aws:sns:us-east-1:000000000000:orders"]
    );
}

#[tokio::test]
async fn deleted_and_purged_queues_stay_so() {
    let directory = tempfile::tempdir().unwrap();
    {
        let service = Service::start_in(Some(directory.path())).await;
        for name in ["deleted", "purged", "again"] {
            let url = service.queue(name, &[]).await;
            service.send(&url, "x").await;
        }
        let url = |name: &str| format!("{}/000000000000/{name}", service.endpoint);
        service
            .sqs
            .delete_queue()
            .queue_url(url("deleted"))
            .send()
            .await
            .unwrap();
        service
            .sqs
            .purge_queue()
            .queue_url(url("purged"))
            .send()
            .await
            .unwrap();
        service
            .sqs
            .delete_queue()
            .queue_url(url("again"))
            .send()
            .await
            .unwrap();
        service.queue("again", &[]).await;
        // Connections still hold handles; the file is free all the same.
        service.messaging.close();
        let error = service
            .sqs
            .send_message()
            .queue_url(url("again"))
            .message_body("late")
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.raw_response().unwrap().status().as_u16(), 500);
    }
    let messaging = open(directory.path());
    let names: Vec<String> = messaging
        .all_queues()
        .into_iter()
        .map(|queue| queue.name)
        .collect();
    assert_eq!(names, ["again", "purged"]);
    for name in names {
        assert_eq!(
            messaging.depth(&Service::queue_arn(&name)).unwrap().visible,
            0
        );
    }
}

#[test]
fn a_damaged_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("messages.sqlite");
    std::fs::write(
        &file,
        "this is no database, and long enough to be looked at as one".repeat(100),
    )
    .unwrap();
    let options = Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let error = Messaging::open(options.clone()).unwrap_err();
    assert!(matches!(error, OpenError::Unreadable { .. }));
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );

    let blocked = Options {
        directory: Some(file.join("below")),
        ..options
    };
    let error = Messaging::open(blocked).unwrap_err();
    assert!(error.to_string().contains("below"), "{error}");
}

#[tokio::test]
async fn a_file_damaged_inside_is_named() {
    let directory = tempfile::tempdir().unwrap();
    {
        let messaging = open(directory.path());
        messaging.create_queue("orders", map(&[])).await.unwrap();
        for _ in 0..100 {
            messaging
                .send(
                    &Service::queue_arn("orders"),
                    &"x".repeat(2000),
                    MessageAttributes::new(),
                )
                .await
                .unwrap();
        }
    }
    let file = directory.path().join("messages.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xA5);
    std::fs::write(&file, bytes).unwrap();
    let options = Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let error = Messaging::open(options).unwrap_err();
    assert!(
        matches!(
            error,
            OpenError::Damaged { .. } | OpenError::Unreadable { .. }
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_serves_one_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = open(directory.path());
    let options = Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    let error = Messaging::open(options.clone()).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    drop(first);
    Messaging::open(options).unwrap();
}

#[test]
fn a_newer_file_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = rusqlite::Connection::open(directory.path().join("messages.sqlite")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let options = Options {
        directory: Some(directory.path().to_owned()),
        ..Options::default()
    };
    assert!(matches!(
        Messaging::open(options).unwrap_err(),
        OpenError::Format { found: 99, .. }
    ));
}

/// A process of its own, killed at once after it was told that its messages are kept. It runs this test binary.
#[tokio::test]
async fn what_was_answered_survives_a_killed_process() {
    const ROLE: &str = "MESSAGING_TEST_DIRECTORY_TO_FILL";
    if let Ok(directory) = std::env::var(ROLE) {
        let messaging = open(Path::new(&directory));
        messaging.create_queue("orders", map(&[])).await.unwrap();
        for n in 0..100 {
            messaging
                .send(
                    &Service::queue_arn("orders"),
                    &n.to_string(),
                    MessageAttributes::new(),
                )
                .await
                .unwrap();
        }
        println!("all answered");
        std::future::pending::<()>().await;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "durability::what_was_answered_survives_a_killed_process",
            "--nocapture",
        ])
        .env(ROLE, directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = std::io::BufReader::new(child.stdout.take().unwrap());
    let answered = std::io::BufRead::lines(output)
        .map_while(Result::ok)
        .any(|line| line.contains("all answered"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answered);
    let messaging = open(directory.path());
    assert_eq!(
        messaging
            .depth(&Service::queue_arn("orders"))
            .unwrap()
            .visible,
        100
    );
}
