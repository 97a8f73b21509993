//! SNS through the SDK: topics, subscriptions, publishing, and what becomes of a message that a queue does not take.

use std::collections::HashMap;

use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry, Tag};
use local_messaging::PublishVerdict;
use serde_json::Value;

use crate::service::{Service, code, map};

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap()
}

fn entry(id: &str, message: &str, kind: &str) -> PublishBatchRequestEntry {
    PublishBatchRequestEntry::builder()
        .id(id)
        .message(message)
        .message_attributes("type", text(kind))
        .build()
        .unwrap()
}

fn url(service: &Service, queue: &str) -> String {
    format!("{}/000000000000/{queue}", service.endpoint)
}

#[tokio::test]
async fn a_topic_is_made_listed_tagged_and_deleted() {
    let service = Service::start().await;
    let sns = &service.sns;
    let tag = |key: &str| Tag::builder().key(key).value("v").build().unwrap();
    let arn = sns
        .create_topic()
        .name("orders")
        .tags(tag("a"))
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    assert_eq!(arn, "arn:aws:sns:us-east-1:000000000000:orders");
    assert_eq!(
        sns.create_topic()
            .name("orders")
            .send()
            .await
            .unwrap()
            .topic_arn
            .unwrap(),
        arn
    );
    assert_eq!(
        sns.list_topics().send().await.unwrap().topics()[0].topic_arn(),
        Some(arn.as_str())
    );
    sns.tag_resource()
        .resource_arn(&arn)
        .tags(tag("b"))
        .send()
        .await
        .unwrap();
    sns.untag_resource()
        .resource_arn(&arn)
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let tags = sns
        .list_tags_for_resource()
        .resource_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(tags.tags().iter().map(Tag::key).collect::<Vec<_>>(), ["b"]);

    let set = sns
        .set_topic_attributes()
        .topic_arn(&arn)
        .attribute_name("DisplayName")
        .attribute_value("Orders");
    set.send().await.unwrap();
    let attributes = sns
        .get_topic_attributes()
        .topic_arn(&arn)
        .send()
        .await
        .unwrap()
        .attributes
        .unwrap();
    assert_eq!(attributes["DisplayName"], "Orders");
    assert_eq!(attributes["SubscriptionsConfirmed"], "0");

    sns.delete_topic().topic_arn(&arn).send().await.unwrap();
    sns.delete_topic().topic_arn(&arn).send().await.unwrap();
    let error = sns
        .publish()
        .topic_arn(&arn)
        .message("x")
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_not_found_exception());
    assert_eq!(code(&error), "NotFound");
}

#[tokio::test]
async fn fifo_topics_are_refused_by_name() {
    let service = Service::start().await;
    let error = service
        .sns
        .create_topic()
        .name("orders.fifo")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&error), "InvalidParameter");
    assert!(
        error
            .as_service_error()
            .unwrap()
            .meta()
            .message()
            .unwrap()
            .contains("orders.fifo")
    );
    let error = service
        .sns
        .create_topic()
        .name("orders")
        .attributes("FifoTopic", "true")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&error), "InvalidParameter");
}

#[tokio::test]
async fn topics_are_listed_in_pages() {
    let service = Service::start().await;
    for n in 0..150 {
        service
            .messaging
            .create_topic(&format!("topic-{n:03}"), map(&[]))
            .await
            .unwrap();
    }
    let first = service.sns.list_topics().send().await.unwrap();
    let second = service
        .sns
        .list_topics()
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            first.topics().len(),
            second.topics().len(),
            second.next_token()
        ),
        (100, 50, None)
    );
}

#[tokio::test]
async fn a_subscription_is_made_listed_changed_and_deleted() {
    let service = Service::start().await;
    let sns = &service.sns;
    let topic = service
        .messaging
        .create_topic("orders", map(&[]))
        .await
        .unwrap();
    let queue = service
        .messaging
        .create_queue("inventory", map(&[]))
        .await
        .unwrap();
    let subscribe = |raw: &str| {
        let request = sns
            .subscribe()
            .topic_arn(&topic)
            .protocol("sqs")
            .endpoint(&queue.arn);
        request
            .attributes("RawMessageDelivery", raw)
            .return_subscription_arn(true)
            .send()
    };
    let arn = subscribe("true").await.unwrap().subscription_arn.unwrap();
    assert!(arn.starts_with(&format!("{topic}:")));
    assert_eq!(
        subscribe("true").await.unwrap().subscription_arn.unwrap(),
        arn
    );
    assert_eq!(
        code(&subscribe("false").await.unwrap_err()),
        "InvalidParameter",
        "it exists with other attributes"
    );

    let all = sns.list_subscriptions().send().await.unwrap();
    let of_topic = sns
        .list_subscriptions_by_topic()
        .topic_arn(&topic)
        .send()
        .await
        .unwrap();
    assert_eq!(all.subscriptions(), of_topic.subscriptions());
    assert_eq!(all.subscriptions()[0].endpoint(), Some(queue.arn.as_str()));

    let set = |name: &str, value: &str| {
        sns.set_subscription_attributes()
            .subscription_arn(&arn)
            .attribute_name(name)
            .attribute_value(value)
            .send()
    };
    set("FilterPolicy", r#"{"type":["a"]}"#).await.unwrap();
    let attributes = sns
        .get_subscription_attributes()
        .subscription_arn(&arn)
        .send()
        .await
        .unwrap()
        .attributes
        .unwrap();
    for (name, value) in [
        ("FilterPolicy", r#"{"type":["a"]}"#),
        ("FilterPolicyScope", "MessageAttributes"),
        ("RawMessageDelivery", "true"),
        ("Protocol", "sqs"),
        ("PendingConfirmation", "false"),
    ] {
        assert_eq!(attributes[name], value, "{name}");
    }
    for (name, value) in [
        ("FilterPolicy", r#"{"type":"a"}"#),
        ("FilterPolicyScope", "Elsewhere"),
        ("RawMessageDelivery", "maybe"),
        ("RedrivePolicy", r#"{"deadLetterTargetArn":"x"}"#),
        ("Colour", "red"),
    ] {
        assert_eq!(
            code(&set(name, value).await.unwrap_err()),
            "InvalidParameter",
            "{name}={value}"
        );
    }
    sns.unsubscribe()
        .subscription_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(&set("RawMessageDelivery", "true").await.unwrap_err()),
        "NotFound"
    );
    let other = sns
        .subscribe()
        .topic_arn(&topic)
        .protocol("email")
        .endpoint("a@example.com");
    assert_eq!(code(&other.send().await.unwrap_err()), "InvalidParameter");
}

#[tokio::test]
async fn raw_delivery_is_the_message_itself() {
    let service = Service::start().await;
    let topic = service
        .subscribed("orders", &[("RawMessageDelivery", "true")])
        .await;
    let publish = service
        .sns
        .publish()
        .topic_arn(&topic)
        .message("{\"a\":1}")
        .subject("ignored");
    publish
        .message_attributes("type", text("a"))
        .send()
        .await
        .unwrap();
    let message = service.receive(&url(&service, "orders")).await.remove(0);
    assert_eq!(message.body(), Some("{\"a\":1}"));
    assert_eq!(
        message.message_attributes().unwrap()["type"].string_value(),
        Some("a")
    );
}

#[tokio::test]
async fn raw_delivery_discards_messages_with_more_than_ten_attributes() {
    let service = Service::start().await;
    let topic = service
        .subscribed("orders", &[("RawMessageDelivery", "true")])
        .await;
    for count in [10, 11] {
        let attributes: HashMap<String, _> =
            (0..count).map(|n| (format!("a{n}"), text("x"))).collect();
        let publish = service
            .sns
            .publish()
            .topic_arn(&topic)
            .message(format!("{count} attributes"));
        publish
            .set_message_attributes(Some(attributes))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(
        service.bodies(&url(&service, "orders")).await,
        ["10 attributes"]
    );
}

#[tokio::test]
async fn other_delivery_is_wrapped() {
    let service = Service::start().await;
    let topic = service.subscribed("orders", &[]).await;
    let publish = service
        .sns
        .publish()
        .topic_arn(&topic)
        .message("text \"quoted\"")
        .subject("Subject");
    let id = publish
        .message_attributes("type", text("a"))
        .send()
        .await
        .unwrap()
        .message_id
        .unwrap();
    let message = service.receive(&url(&service, "orders")).await.remove(0);
    let body: Value = serde_json::from_str(message.body().unwrap()).unwrap();
    assert_eq!(body["Type"], "Notification");
    assert_eq!(body["MessageId"], id);
    assert_eq!(body["TopicArn"], topic);
    assert_eq!(body["Subject"], "Subject");
    assert_eq!(body["Message"], "text \"quoted\"");
    assert_eq!(body["Timestamp"], "2026-11-24T00:00:00.000Z");
    assert_eq!(
        body["MessageAttributes"]["type"],
        serde_json::json!({"Type": "String", "Value": "a"})
    );
    assert!(message.message_attributes().is_none());
}

#[tokio::test]
async fn a_message_may_have_a_text_per_protocol() {
    let service = Service::start().await;
    let topic = service
        .subscribed("orders", &[("RawMessageDelivery", "true")])
        .await;
    let publish = |message: &str| {
        service
            .sns
            .publish()
            .topic_arn(&topic)
            .message_structure("json")
            .message(message)
            .send()
    };
    publish(r#"{"default":"d","sqs":"q"}"#).await.unwrap();
    publish(r#"{"default":"d","email":"e"}"#).await.unwrap();
    assert_eq!(service.bodies(&url(&service, "orders")).await, ["q", "d"]);
    for wrong in ["no json", r#"{"sqs":"q"}"#] {
        assert_eq!(
            code(&publish(wrong).await.unwrap_err()),
            "InvalidParameter",
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn filters_choose_on_attributes_and_on_bodies() {
    let service = Service::start().await;
    let topic = service
        .subscribed(
            "by-type",
            &[
                ("FilterPolicy", r#"{"type":["a"]}"#),
                ("RawMessageDelivery", "true"),
            ],
        )
        .await;
    let by_body = service
        .messaging
        .create_queue("by-body", map(&[]))
        .await
        .unwrap();
    let attributes = map(&[
        (
            "FilterPolicy",
            r#"{"data":{"total":[{"numeric":[">",100]}]}}"#,
        ),
        ("FilterPolicyScope", "MessageBody"),
        ("RawMessageDelivery", "true"),
    ]);
    service
        .messaging
        .subscribe(&topic, &by_body.arn, attributes)
        .await
        .unwrap();
    let (small, large) = (r#"{"data":{"total":5}}"#, r#"{"data":{"total":500}}"#);
    let batch = service.sns.publish_batch().topic_arn(&topic);
    let batch = batch
        .publish_batch_request_entries(entry("1", small, "a"))
        .publish_batch_request_entries(entry("2", large, "b"));
    batch
        .publish_batch_request_entries(entry("3", "no json", "a"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        service.bodies(&url(&service, "by-type")).await,
        [small, "no json"]
    );
    assert_eq!(service.bodies(&by_body.url).await, [large]);
}

#[tokio::test]
async fn a_batch_answers_per_entry() {
    let service = Service::start().await;
    let topic = service
        .subscribed("orders", &[("RawMessageDelivery", "true")])
        .await;
    let bad = PublishBatchRequestEntry::builder()
        .id("b")
        .message("")
        .build()
        .unwrap();
    let batch = service.sns.publish_batch().topic_arn(&topic);
    let batch = batch
        .publish_batch_request_entries(entry("a", "one", "t"))
        .publish_batch_request_entries(bad);
    let outcome = batch.send().await.unwrap();
    assert_eq!(outcome.successful()[0].id(), Some("a"));
    let failed = &outcome.failed()[0];
    assert_eq!(
        (failed.id(), failed.code(), failed.sender_fault()),
        ("b", "InvalidParameter", true)
    );
    assert_eq!(service.bodies(&url(&service, "orders")).await, ["one"]);
}

#[tokio::test]
async fn batches_and_messages_out_of_bounds_are_refused() {
    let service = Service::start().await;
    let topic = service.subscribed("orders", &[]).await;
    let half = "x".repeat(140_000);
    for (entries, expected) in [
        (vec![], "EmptyBatchRequest"),
        (
            (0..11).map(|n| entry(&n.to_string(), "x", "t")).collect(),
            "TooManyEntriesInBatchRequest",
        ),
        (
            vec![entry("a", "x", "t"), entry("a", "x", "t")],
            "BatchEntryIdsNotDistinct",
        ),
        (vec![entry("a.b", "x", "t")], "InvalidBatchEntryId"),
        (
            vec![entry("a", &half, "t"), entry("b", &half, "t")],
            "BatchRequestTooLong",
        ),
    ] {
        let request = service
            .sns
            .publish_batch()
            .topic_arn(&topic)
            .set_publish_batch_request_entries(Some(entries));
        assert_eq!(code(&request.send().await.unwrap_err()), expected);
    }
    let publish = |bytes: usize| {
        service
            .sns
            .publish()
            .topic_arn(&topic)
            .message("x".repeat(bytes))
            .send()
    };
    publish(262_144).await.unwrap();
    assert_eq!(
        code(&publish(262_145).await.unwrap_err()),
        "InvalidParameter"
    );
    let raise = service
        .sns
        .set_topic_attributes()
        .topic_arn(&topic)
        .attribute_name("MaximumMessageSize");
    raise.attribute_value("1048576").send().await.unwrap();
    publish(262_145).await.unwrap();
    let reserved = service
        .sns
        .publish()
        .topic_arn(&topic)
        .message("x")
        .message_attributes("AWS.x", text("y"));
    assert_eq!(
        code(&reserved.send().await.unwrap_err()),
        "ParameterValueInvalid"
    );
}

#[tokio::test]
async fn what_a_queue_does_not_take_goes_to_the_subscriptions_dead_letter_queue() {
    let service = Service::start().await;
    let dead = service.queue("dead", &[]).await;
    let redrive = format!(
        r#"{{"deadLetterTargetArn":"{}"}}"#,
        Service::queue_arn("dead")
    );
    let attributes = [
        ("RawMessageDelivery", "true"),
        ("RedrivePolicy", redrive.as_str()),
    ];
    let topic = service.subscribed("orders", &attributes).await;
    let publish = |message: &str| {
        service
            .sns
            .publish()
            .topic_arn(&topic)
            .message(message)
            .send()
    };

    let denying = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage",
        "Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:000000000000:other"}}}]}"#;
    service.queue("orders", &[("Policy", denying)]).await;
    publish("denied").await.unwrap();
    service
        .queue(
            "orders",
            &[("Policy", &denying.replace(":other", ":orders"))],
        )
        .await;
    publish("allowed").await.unwrap();
    service
        .queue("orders", &[("MaximumMessageSize", "1024")])
        .await;
    publish(&"x".repeat(1025)).await.unwrap();
    assert_eq!(service.bodies(&url(&service, "orders")).await, ["allowed"]);
    service
        .sqs
        .delete_queue()
        .queue_url(url(&service, "orders"))
        .send()
        .await
        .unwrap();
    publish("nowhere").await.unwrap();

    let letters = service.bodies(&dead).await;
    assert_eq!(letters, ["denied", &"x".repeat(1025), "nowhere"]);
}

#[tokio::test]
async fn a_hook_decides_what_becomes_of_a_publish() {
    let service = Service::start().await;
    let topic = service
        .subscribed("orders", &[("RawMessageDelivery", "true")])
        .await;
    let batch = || {
        let request = service.sns.publish_batch().topic_arn(&topic);
        request
            .publish_batch_request_entries(entry("a", "one", "t"))
            .publish_batch_request_entries(entry("b", "two", "t"))
    };
    let expected = topic.clone();
    service.messaging.on_publish(Box::new(move |attempt| {
        assert_eq!((attempt.topic_arn, attempt.entries), (expected.as_str(), 2));
        PublishVerdict::FailEntries(vec![0])
    }));
    let outcome = batch().send().await.unwrap();
    assert_eq!(outcome.failed()[0].id(), "a");
    assert!(!outcome.failed()[0].sender_fault());
    assert_eq!(outcome.successful()[0].id(), Some("b"));
    assert_eq!(service.bodies(&url(&service, "orders")).await, ["two"]);

    service
        .messaging
        .on_publish(Box::new(|_| PublishVerdict::Refuse));
    let error = batch().send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 500);

    let (reached, arrival) = tokio::sync::oneshot::channel();
    let reached = std::sync::Mutex::new(Some(reached));
    service.messaging.on_publish(Box::new(move |_| {
        reached
            .lock()
            .unwrap()
            .take()
            .map(|reached| reached.send(()));
        PublishVerdict::Hang
    }));
    let hanging = tokio::spawn(batch().send());
    arrival.await.unwrap();
    assert!(!hanging.is_finished());
    hanging.abort();
    assert_eq!(service.counts(&url(&service, "orders")).await[0], 0);

    service
        .messaging
        .on_publish(Box::new(|_| PublishVerdict::Proceed));
    batch().send().await.unwrap();
    assert_eq!(service.counts(&url(&service, "orders")).await[0], 2);
}
