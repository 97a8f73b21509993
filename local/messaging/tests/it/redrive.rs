//! Dead letters of queues: giving up, keeping what a message was, and moving back.

use std::time::Duration;

use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use crate::service::{Service, code};

fn policy(target: &str, count: u32) -> String {
    format!(
        r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":{count}}}"#,
        Service::queue_arn(target)
    )
}

/// A queue that gives up after two receives, with its dead-letter queue: both URLs.
async fn queue_with_dead_letters(service: &Service) -> (String, String) {
    let dead = service.queue("orders-dead", &[]).await;
    let redrive = policy("orders-dead", 2);
    let url = service
        .queue(
            "orders",
            &[("VisibilityTimeout", "0"), ("RedrivePolicy", &redrive)],
        )
        .await;
    (url, dead)
}

#[tokio::test]
async fn a_message_is_given_up_after_as_many_receives_as_the_policy_says() {
    let service = Service::start().await;
    let (url, dead) = queue_with_dead_letters(&service).await;
    service.send(&url, "poison").await;
    let id = service.receive(&url).await[0].message_id.clone();
    service.clock.advance(Duration::from_secs(7));
    assert_eq!(service.bodies(&url).await, ["poison"]);
    assert!(service.receive(&url).await.is_empty());
    assert_eq!(service.counts(&url).await, [0, 0, 0]);

    let letter = service.receive(&dead).await.remove(0);
    assert_eq!(letter.message_id, id);
    let system = letter.attributes().unwrap();
    assert_eq!(
        system[&MessageSystemAttributeName::SentTimestamp],
        "1795478400000",
        "retention runs on from the first send"
    );
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateReceiveCount],
        "3",
        "counted across queues"
    );
    assert_eq!(
        system[&MessageSystemAttributeName::DeadLetterQueueSourceArn],
        Service::queue_arn("orders")
    );
}

#[tokio::test]
async fn without_its_dead_letter_queue_a_message_stays() {
    let service = Service::start().await;
    let (url, dead) = queue_with_dead_letters(&service).await;
    service.send(&url, "poison").await;
    service
        .sqs
        .delete_queue()
        .queue_url(&dead)
        .send()
        .await
        .unwrap();
    for _ in 0..5 {
        assert_eq!(service.bodies(&url).await, ["poison"]);
    }
}

#[tokio::test]
async fn redrive_policies_are_checked_against_the_dead_letter_queue() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    let set = |value: String| {
        service
            .sqs
            .set_queue_attributes()
            .queue_url(&url)
            .attributes(QueueAttributeName::RedrivePolicy, value)
            .send()
    };
    for wrong in [
        policy("orders-dead", 3),
        policy("orders", 3),
        policy("orders-dead", 0),
        "{".to_owned(),
    ] {
        assert_eq!(
            code(&set(wrong.clone()).await.unwrap_err()),
            "InvalidParameterValue",
            "{wrong}"
        );
    }
    service
        .queue(
            "orders-dead",
            &[("RedriveAllowPolicy", r#"{"redrivePermission":"denyAll"}"#)],
        )
        .await;
    assert_eq!(
        code(&set(policy("orders-dead", 3)).await.unwrap_err()),
        "InvalidParameterValue"
    );
    let by_queue =
        |arn: &str| format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{arn}"]}}"#);
    service
        .queue(
            "orders-dead",
            &[(
                "RedriveAllowPolicy",
                &by_queue(&Service::queue_arn("other")),
            )],
        )
        .await;
    assert_eq!(
        code(&set(policy("orders-dead", 3)).await.unwrap_err()),
        "InvalidParameterValue"
    );
    service
        .queue(
            "orders-dead",
            &[(
                "RedriveAllowPolicy",
                &by_queue(&Service::queue_arn("orders")),
            )],
        )
        .await;
    set(policy("orders-dead", 3)).await.unwrap();

    let dead = service
        .sqs
        .get_queue_url()
        .queue_name("orders-dead")
        .send()
        .await
        .unwrap()
        .queue_url
        .unwrap();
    let sources = service
        .sqs
        .list_dead_letter_source_queues()
        .queue_url(&dead)
        .send()
        .await
        .unwrap();
    assert_eq!(sources.queue_urls(), std::slice::from_ref(&url));
    set(String::new()).await.unwrap();
    let sources = service
        .sqs
        .list_dead_letter_source_queues()
        .queue_url(&dead)
        .send()
        .await
        .unwrap();
    assert!(sources.queue_urls().is_empty());
}

/// The latest move task's status and how many messages it has moved.
async fn task(service: &Service) -> (String, i64) {
    let arn = Service::queue_arn("orders-dead");
    let tasks = service
        .sqs
        .list_message_move_tasks()
        .source_arn(arn)
        .send()
        .await
        .unwrap();
    let task = &tasks.results()[0];
    (
        task.status().unwrap().to_owned(),
        task.approximate_number_of_messages_moved(),
    )
}

#[tokio::test]
async fn dead_letters_move_back_as_new_messages() {
    let service = Service::start().await;
    let (url, dead) = queue_with_dead_letters(&service).await;
    for body in ["one", "two"] {
        service.send(&url, body).await;
    }
    let id = service.receive(&url).await[0].message_id.clone();
    while !service.receive(&url).await.is_empty() {}
    assert_eq!(service.counts(&dead).await, [2, 0, 0]);

    service.clock.advance(Duration::from_secs(9));
    let start = service
        .sqs
        .start_message_move_task()
        .source_arn(Service::queue_arn("orders-dead"));
    start.send().await.unwrap();
    while task(&service).await != ("COMPLETED".to_owned(), 2) {
        tokio::task::yield_now().await;
    }
    assert_eq!(service.counts(&dead).await, [0, 0, 0]);
    let received = service.receive(&url).await;
    let mut bodies: Vec<&str> = received
        .iter()
        .map(|message| message.body().unwrap())
        .collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["one", "two"]);
    assert!(received.iter().all(|message| message.message_id != id));
    let system = received[0].attributes().unwrap();
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateReceiveCount],
        "1"
    );
    assert_eq!(
        system[&MessageSystemAttributeName::SentTimestamp],
        "1795478409000"
    );
}

#[tokio::test]
async fn a_move_at_a_rate_can_be_cancelled() {
    let service = Service::start().await;
    let (_, dead) = queue_with_dead_letters(&service).await;
    let other = service.queue("other", &[]).await;
    for _ in 0..3 {
        service.send(&dead, "letter").await;
    }
    let start = || {
        let request = service
            .sqs
            .start_message_move_task()
            .source_arn(Service::queue_arn("orders-dead"));
        request
            .destination_arn(Service::queue_arn("other"))
            .max_number_of_messages_per_second(1)
            .send()
    };
    let handle = start().await.unwrap().task_handle.unwrap();
    while task(&service).await.1 != 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        code(&start().await.unwrap_err()),
        "AWS.SimpleQueueService.UnsupportedOperation"
    );
    let cancel = || {
        service
            .sqs
            .cancel_message_move_task()
            .task_handle(&handle)
            .send()
    };
    assert_eq!(
        cancel()
            .await
            .unwrap()
            .approximate_number_of_messages_moved(),
        1
    );
    while task(&service).await.0 != "CANCELLED" {
        service.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    assert!(cancel().await.is_err());
    assert_eq!(service.counts(&other).await, [1, 0, 0]);
    assert_eq!(service.counts(&dead).await, [2, 0, 0]);
}

#[tokio::test]
async fn only_dead_letter_queues_have_their_messages_moved() {
    let service = Service::start().await;
    service.queue("orders", &[]).await;
    let start = |arn: String| service.sqs.start_message_move_task().source_arn(arn).send();
    assert_eq!(
        code(&start(Service::queue_arn("orders")).await.unwrap_err()),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(&start(Service::queue_arn("none")).await.unwrap_err()),
        "ResourceNotFoundException"
    );
}
