//! SQS through the SDK: queues, messages, batches, limits.

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};

use crate::service::{Service, code, map};

fn text(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap()
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder()
        .id(id)
        .message_body(body)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_queue_is_made_found_listed_and_deleted() {
    let service = Service::start().await;
    let sqs = &service.sqs;
    let made = sqs
        .create_queue()
        .queue_name("orders")
        .attributes(QueueAttributeName::VisibilityTimeout, "90")
        .tags("context", "orders")
        .send()
        .await
        .unwrap();
    let url = made.queue_url.unwrap();
    assert_eq!(url, format!("{}/000000000000/orders", service.endpoint));
    assert_eq!(
        sqs.get_queue_url()
            .queue_name("orders")
            .send()
            .await
            .unwrap()
            .queue_url
            .unwrap(),
        url
    );

    let again = sqs
        .create_queue()
        .queue_name("orders")
        .send()
        .await
        .unwrap();
    assert_eq!(
        again.queue_url.unwrap(),
        url,
        "left-out attributes do not disagree"
    );
    let differing = sqs
        .create_queue()
        .queue_name("orders")
        .attributes(QueueAttributeName::VisibilityTimeout, "91")
        .send()
        .await;
    let error = differing.unwrap_err();
    assert!(error.as_service_error().unwrap().is_queue_name_exists());
    assert_eq!(
        code(&error),
        "QueueAlreadyExists",
        "the query protocol's code travels in a header"
    );

    let tags = sqs
        .list_queue_tags()
        .queue_url(&url)
        .send()
        .await
        .unwrap()
        .tags
        .unwrap();
    assert_eq!(tags, map(&[("context", "orders")]));
    sqs.tag_queue()
        .queue_url(&url)
        .tags("stage", "local")
        .send()
        .await
        .unwrap();
    sqs.untag_queue()
        .queue_url(&url)
        .tag_keys("context")
        .send()
        .await
        .unwrap();
    let tags = sqs
        .list_queue_tags()
        .queue_url(&url)
        .send()
        .await
        .unwrap()
        .tags
        .unwrap();
    assert_eq!(tags, map(&[("stage", "local")]));

    sqs.delete_queue().queue_url(&url).send().await.unwrap();
    let error = sqs
        .send_message()
        .queue_url(&url)
        .message_body("x")
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_queue_does_not_exist());
    assert_eq!(code(&error), "AWS.SimpleQueueService.NonExistentQueue");
}

#[tokio::test]
async fn queues_are_listed_by_prefix_and_page() {
    let service = Service::start().await;
    for name in ["a-1", "a-2", "a-3", "b-1"] {
        service.queue(name, &[]).await;
    }
    let list = || {
        service
            .sqs
            .list_queues()
            .queue_name_prefix("a-")
            .max_results(2)
    };
    let first = list().send().await.unwrap();
    let second = list()
        .next_token(first.next_token.clone().unwrap())
        .send()
        .await
        .unwrap();
    let names: Vec<String> = [first.queue_urls(), second.queue_urls()]
        .concat()
        .iter()
        .map(|url| url.rsplit('/').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["a-1", "a-2", "a-3"]);
    assert_eq!(second.next_token, None);
    assert_eq!(
        service
            .sqs
            .list_queues()
            .send()
            .await
            .unwrap()
            .queue_urls()
            .len(),
        4
    );
}

#[tokio::test]
async fn fifo_and_wrong_attributes_are_refused_by_name() {
    let service = Service::start().await;
    let error = service
        .sqs
        .create_queue()
        .queue_name("orders.fifo")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&error), "AWS.SimpleQueueService.UnsupportedOperation");
    assert!(
        error
            .as_service_error()
            .unwrap()
            .meta()
            .message()
            .unwrap()
            .contains("orders.fifo")
    );
    for (name, value, expected) in [
        (
            "FifoQueue",
            "true",
            "AWS.SimpleQueueService.UnsupportedOperation",
        ),
        ("ContentBasedDeduplication", "true", "InvalidAttributeName"),
        ("Colour", "red", "InvalidAttributeName"),
        ("VisibilityTimeout", "43201", "InvalidAttributeValue"),
        ("DelaySeconds", "901", "InvalidAttributeValue"),
        ("MessageRetentionPeriod", "59", "InvalidAttributeValue"),
        ("MaximumMessageSize", "1048577", "InvalidAttributeValue"),
        (
            "ReceiveMessageWaitTimeSeconds",
            "21",
            "InvalidAttributeValue",
        ),
        ("Policy", "no policy", "InvalidAttributeValue"),
        ("RedrivePolicy", "{}", "InvalidParameterValue"),
        (
            "RedriveAllowPolicy",
            r#"{"redrivePermission":"some"}"#,
            "InvalidParameterValue",
        ),
    ] {
        let request = service
            .sqs
            .create_queue()
            .queue_name("orders")
            .attributes(name.into(), value);
        assert_eq!(
            code(&request.send().await.unwrap_err()),
            expected,
            "{name}={value}"
        );
    }
    let error = service
        .sqs
        .create_queue()
        .queue_name("or ders")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&error), "InvalidParameterValue");
    assert!(service.messaging.all_queues().is_empty());
}

#[tokio::test]
async fn attributes_are_read_and_set() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    let attributes = service.attributes(&url).await;
    for (name, value) in [
        (QueueAttributeName::VisibilityTimeout, "30"),
        (QueueAttributeName::MessageRetentionPeriod, "345600"),
        (QueueAttributeName::MaximumMessageSize, "1048576"),
        (
            QueueAttributeName::QueueArn,
            "arn:aws:sqs:us-east-1:000000000000:orders",
        ),
        (QueueAttributeName::CreatedTimestamp, "1795478400"),
    ] {
        assert_eq!(attributes[&name], value, "{name}");
    }
    let set = |name: QueueAttributeName, value: &str| {
        service
            .sqs
            .set_queue_attributes()
            .queue_url(&url)
            .attributes(name, value)
            .send()
    };
    service.clock.advance(std::time::Duration::from_secs(5));
    set(QueueAttributeName::VisibilityTimeout, "7")
        .await
        .unwrap();
    let some = service
        .sqs
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(QueueAttributeName::VisibilityTimeout)
        .attribute_names(QueueAttributeName::LastModifiedTimestamp);
    let some = some.send().await.unwrap().attributes.unwrap();
    assert_eq!(some.len(), 2);
    assert_eq!(some[&QueueAttributeName::VisibilityTimeout], "7");
    assert_eq!(
        some[&QueueAttributeName::LastModifiedTimestamp],
        "1795478405"
    );
    assert_eq!(
        code(&set(QueueAttributeName::QueueArn, "x").await.unwrap_err()),
        "InvalidAttributeName"
    );
    assert_eq!(
        code(
            &set(QueueAttributeName::DelaySeconds, "-1")
                .await
                .unwrap_err()
        ),
        "InvalidAttributeValue"
    );
}

#[tokio::test]
async fn a_message_carries_body_and_attributes() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    let binary = MessageAttributeValue::builder()
        .data_type("Binary")
        .binary_value(Blob::new([0, 1, 255]))
        .build();
    let number = MessageAttributeValue::builder()
        .data_type("Number.int")
        .string_value("7")
        .build();
    // The SDK checks the digests of the body and the attributes by itself.
    service
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("漢字 <&> \"quoted\" \r\n\t")
        .message_attributes("type", text("orders.OrderPlaced.v1"))
        .message_attributes("raw", binary.unwrap())
        .message_attributes("count", number.unwrap())
        .send()
        .await
        .unwrap();
    let received = service.receive(&url).await;
    let [message] = received.as_slice() else {
        panic!("one message, not {}", received.len())
    };
    assert_eq!(message.body(), Some("漢字 <&> \"quoted\" \r\n\t"));
    let attributes = message.message_attributes().unwrap();
    assert_eq!(
        attributes["type"].string_value(),
        Some("orders.OrderPlaced.v1")
    );
    assert_eq!(
        attributes["raw"].binary_value().unwrap().as_ref(),
        [0, 1, 255]
    );
    assert_eq!(attributes["count"].data_type(), "Number.int");
    let system = message.attributes().unwrap();
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateReceiveCount],
        "1"
    );
    assert_eq!(
        system[&MessageSystemAttributeName::SentTimestamp],
        "1795478400000"
    );
    assert_eq!(
        system[&MessageSystemAttributeName::ApproximateFirstReceiveTimestamp],
        "1795478400000"
    );
}

#[tokio::test]
async fn only_attributes_asked_for_are_returned() {
    let service = Service::start().await;
    let url = service.queue("orders", &[("VisibilityTimeout", "0")]).await;
    let send = service.sqs.send_message().queue_url(&url).message_body("x");
    let send = send
        .message_attributes("shop.type", text("a"))
        .message_attributes("shop.kind", text("b"));
    send.message_attributes("trace", text("c"))
        .send()
        .await
        .unwrap();
    for (asked, expected) in [
        (vec![], vec![]),
        (vec!["trace"], vec!["trace"]),
        (vec!["shop.*"], vec!["shop.kind", "shop.type"]),
        (vec!["All"], vec!["shop.kind", "shop.type", "trace"]),
        (vec!["other"], vec![]),
    ] {
        let names = asked.iter().map(|name| (*name).to_owned()).collect();
        let request = service
            .sqs
            .receive_message()
            .queue_url(&url)
            .set_message_attribute_names(Some(names));
        let received = request.send().await.unwrap().messages.unwrap();
        let mut names: Vec<&str> = received[0]
            .message_attributes()
            .map(|all| all.keys().map(String::as_str).collect())
            .unwrap_or_default();
        names.sort_unstable();
        assert_eq!(names, expected, "{asked:?}");
        assert!(
            received[0].attributes().is_none(),
            "no system attribute was asked for"
        );
    }
    let request = service.sqs.receive_message().queue_url(&url);
    let error = request
        .message_system_attribute_names("Colour".into())
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&error), "InvalidAttributeName");
}

#[tokio::test]
async fn batches_answer_per_entry() {
    let service = Service::start().await;
    let url = service
        .queue("orders", &[("MaximumMessageSize", "1024")])
        .await;
    let sent = service
        .sqs
        .send_message_batch()
        .queue_url(&url)
        .entries(entry("a", "one"))
        .entries(entry("b", &"x".repeat(1025)))
        .entries(entry("c", "bad \u{1} character"))
        .entries(entry("d", "two"));
    let sent = sent.send().await.unwrap();
    assert_eq!(
        sent.successful()
            .iter()
            .map(|done| done.id())
            .collect::<Vec<_>>(),
        ["a", "d"]
    );
    let failed: Vec<_> = sent
        .failed()
        .iter()
        .map(|failed| (failed.id(), failed.code(), failed.sender_fault()))
        .collect();
    assert_eq!(
        failed,
        [
            ("b", "InvalidParameterValue", true),
            ("c", "InvalidMessageContents", true)
        ]
    );

    let received = service.receive(&url).await;
    assert_eq!(received.len(), 2);
    let handle = |at: usize| received[at].receipt_handle().unwrap();
    let change = |id: &str, handle: &str, timeout: i32| {
        ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle)
            .visibility_timeout(timeout)
            .build()
            .unwrap()
    };
    let changed = service
        .sqs
        .change_message_visibility_batch()
        .queue_url(&url)
        .entries(change("a", handle(0), 0))
        .entries(change("b", "nonsense", 0))
        .entries(change("c", handle(1), 50_000));
    let changed = changed.send().await.unwrap();
    assert_eq!(changed.successful()[0].id(), "a");
    let failed: Vec<_> = changed
        .failed()
        .iter()
        .map(|failed| (failed.id(), failed.code()))
        .collect();
    assert_eq!(
        failed,
        [
            ("b", "ReceiptHandleIsInvalid"),
            ("c", "InvalidParameterValue")
        ]
    );
    assert_eq!(service.counts(&url).await, [1, 1, 0]);

    let delete = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder()
            .id(id)
            .receipt_handle(handle)
            .build()
            .unwrap()
    };
    let deleted = service
        .sqs
        .delete_message_batch()
        .queue_url(&url)
        .entries(delete("a", handle(0)))
        .entries(delete("b", "nonsense"))
        .entries(delete("c", handle(1)));
    let deleted = deleted.send().await.unwrap();
    assert_eq!(deleted.successful().len(), 2);
    assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
    assert_eq!(service.counts(&url).await, [0, 0, 0]);
}

#[tokio::test]
async fn batches_are_refused_as_a_whole() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    let half = "x".repeat(600_000);
    let eleven = (0..11).map(|n| entry(&n.to_string(), "x")).collect();
    for (entries, expected) in [
        (vec![], "EmptyBatchRequest"),
        (eleven, "TooManyEntriesInBatchRequest"),
        (
            vec![entry("a", "x"), entry("a", "y")],
            "BatchEntryIdsNotDistinct",
        ),
        (vec![entry("a b", "x")], "InvalidBatchEntryId"),
        (
            vec![entry("a", &half), entry("b", &half)],
            "BatchRequestTooLong",
        ),
    ] {
        let request = service
            .sqs
            .send_message_batch()
            .queue_url(&url)
            .set_entries(Some(entries));
        assert_eq!(
            code(&request.send().await.unwrap_err()),
            format!("AWS.SimpleQueueService.{expected}")
        );
    }
    assert_eq!(service.counts(&url).await, [0, 0, 0]);
}

#[tokio::test]
async fn messages_out_of_bounds_are_refused() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    let send = || service.sqs.send_message().queue_url(&url);
    let large = send().message_body("x".repeat(1_048_576));
    large.send().await.unwrap();
    let too_large = send().message_body("x".repeat(1_048_577));
    assert_eq!(
        code(&too_large.send().await.unwrap_err()),
        "InvalidParameterValue"
    );
    let with_attribute = send()
        .message_body("x".repeat(1_048_570))
        .message_attributes("type", text("a"));
    assert_eq!(
        code(&with_attribute.send().await.unwrap_err()),
        "InvalidParameterValue",
        "attributes count as well"
    );
    assert_eq!(
        code(&send().message_body("\u{0}").send().await.unwrap_err()),
        "InvalidMessageContents"
    );
    assert_eq!(
        code(&send().message_body("").send().await.unwrap_err()),
        "MissingParameter"
    );
    assert_eq!(
        code(
            &send()
                .message_body("x")
                .delay_seconds(901)
                .send()
                .await
                .unwrap_err()
        ),
        "InvalidParameterValue"
    );
    let deduplicated = send().message_body("x").message_deduplication_id("d");
    assert_eq!(
        code(&deduplicated.send().await.unwrap_err()),
        "InvalidParameterValue"
    );
    let eleven = (0..11).map(|n| (format!("a{n}"), text("x"))).collect();
    let crowded = send()
        .message_body("x")
        .set_message_attributes(Some(eleven));
    assert_eq!(
        code(&crowded.send().await.unwrap_err()),
        "InvalidParameterValue"
    );
    let receive = service
        .sqs
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(11);
    assert_eq!(
        code(&receive.send().await.unwrap_err()),
        "InvalidParameterValue"
    );
    assert_eq!(service.counts(&url).await, [1, 0, 0]);
}

#[tokio::test]
async fn a_purge_empties_the_queue_once_a_minute() {
    let service = Service::start().await;
    let url = service.queue("orders", &[]).await;
    service.send(&url, "one").await;
    service.send(&url, "two").await;
    service
        .sqs
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    service
        .sqs
        .purge_queue()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(service.counts(&url).await, [0, 0, 0]);
    let error = service
        .sqs
        .purge_queue()
        .queue_url(&url)
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&error), "AWS.SimpleQueueService.PurgeQueueInProgress");
    service.clock.advance(std::time::Duration::from_secs(60));
    service
        .sqs
        .purge_queue()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
}
