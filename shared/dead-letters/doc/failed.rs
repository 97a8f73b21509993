// A queue and its dead-letter queue, in which one message lies. SQS is the local stand-in for it, on a free port.
// Documentation includes this file, and so compiles it.

use std::collections::BTreeMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::types::MessageAttributeValue;
use local_messaging::{Messaging, Options};

/// SQS, and where its queues are, by their names in the template.
pub async fn failed_order() -> (Client, BTreeMap<String, String>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let options = Options { endpoint_url: endpoint.clone(), ..Options::default() };
    let router = Messaging::open(options).unwrap().router();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint)
        .build();
    let sqs = Client::from_conf(config);
    let mut queues = BTreeMap::new();
    for name in ["OrdersQueue", "OrdersDeadLetters"] {
        let made = sqs.create_queue().queue_name(format!("shop-{name}")).send().await.unwrap();
        queues.insert(name.to_owned(), made.queue_url.unwrap());
    }
    let reason = MessageAttributeValue::builder().data_type("String").string_value("no such order").build().unwrap();
    let sent = sqs.send_message().queue_url(&queues["OrdersDeadLetters"]).message_attributes("reason", reason);
    sent.message_body("an order").send().await.unwrap();
    (sqs, queues)
}
