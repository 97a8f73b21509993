//! The engine's own methods: declarative set-up, large receives, looking without touching, counting.

use std::time::Duration;

use local_messaging::{MessageAttributes, MessagingError};

use crate::service::{Service, map};

#[tokio::test]
async fn setting_up_twice_changes_what_differs_and_keeps_the_rest() {
    let service = Service::start().await;
    let messaging = &service.messaging;
    let queue = messaging
        .create_queue("orders", map(&[("VisibilityTimeout", "10")]))
        .await
        .unwrap();
    messaging
        .send(&queue.arn, "kept", MessageAttributes::new())
        .await
        .unwrap();
    let again = messaging
        .create_queue("orders", map(&[("VisibilityTimeout", "20")]))
        .await
        .unwrap();
    assert_eq!(again, queue);
    assert_eq!(
        service.attributes(&queue.url).await[&"VisibilityTimeout".into()],
        "20"
    );
    assert_eq!(messaging.depth(&queue.arn).unwrap().visible, 1);

    let topic = messaging.create_topic("orders", map(&[])).await.unwrap();
    assert_eq!(
        messaging
            .create_topic("orders", map(&[("DisplayName", "Orders")]))
            .await
            .unwrap(),
        topic
    );
    let first = messaging
        .subscribe(&topic, &queue.arn, map(&[("RawMessageDelivery", "true")]))
        .await
        .unwrap();
    let second = messaging
        .subscribe(
            &topic,
            &queue.arn,
            map(&[("FilterPolicy", r#"{"type":["a"]}"#)]),
        )
        .await
        .unwrap();
    assert_eq!(first, second);
    let shown = service
        .sns
        .get_subscription_attributes()
        .subscription_arn(&first)
        .send()
        .await
        .unwrap();
    let attributes = shown.attributes.unwrap();
    assert_eq!(attributes["RawMessageDelivery"], "false");
    assert_eq!(attributes["FilterPolicy"], r#"{"type":["a"]}"#);
    let refused = messaging
        .subscribe(&topic, &queue.arn, map(&[("FilterPolicy", "{")]))
        .await
        .unwrap_err();
    assert!(
        matches!(refused, MessagingError::Rejected(rejection) if rejection.code == "InvalidParameter")
    );
}

#[tokio::test]
async fn a_receive_may_take_more_than_ten() {
    let service = Service::start().await;
    let queue = service
        .messaging
        .create_queue("orders", map(&[]))
        .await
        .unwrap();
    for n in 0..25 {
        service
            .messaging
            .send(&queue.arn, &n.to_string(), MessageAttributes::new())
            .await
            .unwrap();
    }
    assert_eq!(service.messaging.peek(&queue.arn, 3).unwrap().len(), 3);
    let received = service
        .messaging
        .receive(
            &queue.arn,
            1000,
            Duration::ZERO,
            Some(Duration::from_secs(5)),
        )
        .await
        .unwrap();
    assert_eq!(received.len(), 25);
    let handles: Vec<&String> = received[..20]
        .iter()
        .map(|message| &message.receipt_handle)
        .collect();
    service
        .messaging
        .delete(&queue.arn, &handles)
        .await
        .unwrap();
    service
        .messaging
        .change_visibility(&queue.arn, &received[20].receipt_handle, Duration::ZERO)
        .unwrap();
    let depth = service.messaging.depth(&queue.arn).unwrap();
    assert_eq!((depth.visible, depth.in_flight), (1, 4));
    let peeked = service.messaging.peek(&queue.arn, 10).unwrap();
    assert_eq!(peeked.len(), 5);
    assert_eq!(
        peeked[0].attributes["ApproximateReceiveCount"], "1",
        "looking is no receive"
    );
}

#[tokio::test]
async fn requests_are_counted_by_resource_and_operation() {
    let service = Service::start().await;
    let topic = service.subscribed("orders", &[]).await;
    let queue = Service::queue_arn("orders");
    service
        .sns
        .publish()
        .topic_arn(&topic)
        .message("x")
        .send()
        .await
        .unwrap();
    service.sqs.list_queues().send().await.unwrap();
    service
        .messaging
        .receive(&queue, 10, Duration::ZERO, None)
        .await
        .unwrap();
    let url = format!("{}/000000000000/orders", service.endpoint);
    service.receive(&url).await;
    service.receive(&url).await;
    let counts = service.messaging.counts();
    let count = |resource: &str, operation: &str| {
        counts
            .get(&(resource.to_owned(), operation.to_owned()))
            .copied()
    };
    assert_eq!(count("orders", "Publish"), Some(1));
    assert_eq!(count("orders", "ReceiveMessage"), Some(2));
    assert_eq!(count("orders", "Poll"), Some(1));
    assert_eq!(count("", "ListQueues"), Some(1));
    assert_eq!(counts.values().sum::<u64>(), 5);
}
