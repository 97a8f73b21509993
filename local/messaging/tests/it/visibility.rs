//! Time in a queue: visibility, delay, retention, long polls; all of it on the test's clock.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;

use crate::service::{Service, code};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_message_in_flight_comes_back_when_its_time_is_up() {
    let service = Service::start().await;
    let url = service
        .queue("orders", &[("VisibilityTimeout", "30")])
        .await;
    service.send(&url, "one").await;
    let first = service.receive(&url).await.remove(0);
    assert_eq!(service.counts(&url).await, [0, 1, 0]);
    service.clock.advance(seconds(29));
    assert!(service.receive(&url).await.is_empty());
    service.clock.advance(seconds(1));
    let second = service.receive(&url).await.remove(0);
    assert_eq!(second.message_id(), first.message_id());
    assert_ne!(second.receipt_handle(), first.receipt_handle());
    let system = second.attributes().unwrap();
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateReceiveCount],
        "2"
    );
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateFirstReceiveTimestamp],
        "1795478400000"
    );

    // The older receipt is accepted and deletes nothing; the latest does.
    let delete = |handle: Option<&str>| {
        service
            .sqs
            .delete_message()
            .queue_url(&url)
            .receipt_handle(handle.unwrap())
            .send()
    };
    delete(first.receipt_handle()).await.unwrap();
    assert_eq!(service.counts(&url).await, [0, 1, 0]);
    delete(second.receipt_handle()).await.unwrap();
    delete(second.receipt_handle()).await.unwrap();
    assert_eq!(service.counts(&url).await, [0, 0, 0]);
    assert_eq!(
        code(&delete(Some("nonsense")).await.unwrap_err()),
        "ReceiptHandleIsInvalid"
    );
}

#[tokio::test]
async fn a_late_receipt_still_deletes_what_nobody_else_received() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    service.send(&url, "one").await;
    let received = service.receive(&url).await.remove(0);
    service.clock.advance(seconds(31));
    assert_eq!(service.counts(&url).await, [1, 0, 0]);
    let handle = received.receipt_handle().unwrap();
    service
        .sqs
        .delete_message()
        .queue_url(&url)
        .receipt_handle(handle)
        .send()
        .await
        .unwrap();
    assert_eq!(service.counts(&url).await, [0, 0, 0]);
}

#[tokio::test]
async fn visibility_is_changed_within_twelve_hours_of_the_receive() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    service.send(&url, "one").await;
    let received = service.receive(&url).await.remove(0);
    let handle = received.receipt_handle().unwrap();
    let change = |timeout: i32| {
        let request = service
            .sqs
            .change_message_visibility()
            .queue_url(&url)
            .receipt_handle(handle);
        request.visibility_timeout(timeout).send()
    };
    change(43_200).await.unwrap();
    service.clock.advance(seconds(10_000));
    assert_eq!(service.counts(&url).await, [0, 1, 0]);
    assert_eq!(
        code(&change(43_200).await.unwrap_err()),
        "InvalidParameterValue",
        "beyond twelve hours in all"
    );
    change(0).await.unwrap();
    assert_eq!(service.counts(&url).await, [1, 0, 0]);
    assert_eq!(
        code(&change(10).await.unwrap_err()),
        "AWS.SimpleQueueService.MessageNotInflight"
    );
    assert_eq!(
        code(&change(43_201).await.unwrap_err()),
        "InvalidParameterValue"
    );
    service
        .sqs
        .delete_message()
        .queue_url(&url)
        .receipt_handle(handle)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(&change(10).await.unwrap_err()),
        "InvalidParameterValue",
        "the message is gone"
    );
}

#[tokio::test]
async fn delays_hold_messages_back() {
    let service = Service::start().await;
    let url = service.queue("orders", &[("DelaySeconds", "20")]).await;
    service.send(&url, "queue's delay").await;
    service
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("own delay")
        .delay_seconds(5)
        .send()
        .await
        .unwrap();
    service
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("none")
        .delay_seconds(0)
        .send()
        .await
        .unwrap();
    assert_eq!(service.counts(&url).await, [1, 0, 2]);
    assert_eq!(service.bodies(&url).await, ["none"]);
    service.clock.advance(seconds(5));
    assert_eq!(service.bodies(&url).await, ["own delay"]);
    service.clock.advance(seconds(15));
    assert_eq!(service.bodies(&url).await, ["queue's delay"]);
}

#[tokio::test]
async fn messages_past_their_retention_are_gone() {
    let service = Service::start().await;
    let url = service
        .queue("orders", &[("MessageRetentionPeriod", "60")])
        .await;
    service.send(&url, "old").await;
    service.clock.advance(seconds(30));
    service.send(&url, "young").await;
    service.clock.advance(seconds(30));
    assert_eq!(service.bodies(&url).await, ["young"]);
    service.clock.advance(seconds(30));
    assert_eq!(
        service.counts(&url).await,
        [0, 0, 0],
        "also while in flight"
    );
}

/// Waits until a receive waits on the clock, which is as far as it gets with nothing to receive.
async fn until_waiting(service: &Service, requests: u64) {
    let key = ("orders".to_owned(), "ReceiveMessage".to_owned());
    while service
        .messaging
        .counts()
        .get(&key)
        .copied()
        .unwrap_or_default()
        < requests
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_poll_wakes_when_a_message_arrives() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    let poll = service
        .sqs
        .receive_message()
        .queue_url(&url)
        .wait_time_seconds(20)
        .send();
    let poll = tokio::spawn(poll);
    until_waiting(&service, 1).await;
    service.send(&url, "one").await;
    let received = poll.await.unwrap().unwrap().messages.unwrap();
    assert_eq!(received[0].body(), Some("one"), "and the clock never moved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_poll_wakes_when_a_message_becomes_visible() {
    let service = Service::start().await;
    let url = service
        .queue("orders", &[("ReceiveMessageWaitTimeSeconds", "20")])
        .await;
    service
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("late")
        .delay_seconds(10)
        .send()
        .await
        .unwrap();
    let poll = tokio::spawn(service.sqs.receive_message().queue_url(&url).send());
    until_waiting(&service, 1).await;
    service.clock.advance(seconds(10));
    assert_eq!(
        poll.await.unwrap().unwrap().messages.unwrap()[0].body(),
        Some("late")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_poll_ends_empty() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    let poll = tokio::spawn(
        service
            .sqs
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(5)
            .send(),
    );
    until_waiting(&service, 1).await;
    // The poll may not have read the clock yet, so it is moved until the poll has seen its end.
    while !poll.is_finished() {
        service.clock.advance(seconds(5));
        tokio::task::yield_now().await;
    }
    assert_eq!(poll.await.unwrap().unwrap().messages, None);
}
