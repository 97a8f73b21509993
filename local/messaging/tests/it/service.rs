//! A running service on a clock of its own, with SDK clients that point at it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_sqs::types::QueueAttributeName;
use local_messaging::{ManualClock, Messaging, Options};
use tokio::task::JoinHandle;

pub struct Service {
    pub messaging: Messaging,
    pub clock: ManualClock,
    pub endpoint: String,
    pub sqs: aws_sdk_sqs::Client,
    pub sns: aws_sdk_sns::Client,
    server: JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Service {
    pub async fn start() -> Self {
        Self::start_in(None).await
    }

    pub async fn start_in(directory: Option<&Path>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let clock = ManualClock::new("2026-11-24T00:00:00Z".parse().unwrap());
        let messaging = Messaging::open(Options {
            directory: directory.map(Path::to_owned),
            endpoint_url: endpoint.clone(),
            clock: Arc::new(clock.clone()),
            ..Options::default()
        })
        .unwrap();
        let router = messaging.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let http = aws_smithy_http_client::Builder::new().build_http();
        let credentials = Credentials::new("local", "local", None, None, "test");
        let sqs = aws_sdk_sqs::Config::builder()
            .behavior_version(aws_sdk_sqs::config::BehaviorVersion::v2026_01_12())
            .region(aws_sdk_sqs::config::Region::new("us-east-1"))
            .credentials_provider(credentials.clone())
            .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
            .endpoint_url(&endpoint)
            .http_client(http.clone())
            .build();
        let sns = aws_sdk_sns::Config::builder()
            .behavior_version(aws_sdk_sns::config::BehaviorVersion::v2026_01_12())
            .region(aws_sdk_sns::config::Region::new("us-east-1"))
            .credentials_provider(credentials)
            .retry_config(aws_sdk_sns::config::retry::RetryConfig::disabled())
            .endpoint_url(&endpoint)
            .http_client(http)
            .build();
        Self {
            messaging,
            clock,
            endpoint,
            sqs: aws_sdk_sqs::Client::from_conf(sqs),
            sns: aws_sdk_sns::Client::from_conf(sns),
            server,
        }
    }

    /// Makes a queue and returns its URL.
    pub async fn queue(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        self.messaging
            .create_queue(name, map(attributes))
            .await
            .unwrap()
            .url
    }

    pub fn queue_arn(name: &str) -> String {
        format!("arn:aws:sqs:us-east-1:000000000000:{name}")
    }

    /// Makes a topic with a queue subscribed to it, both of this name, and returns the topic's ARN.
    pub async fn subscribed(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let queue = self.messaging.create_queue(name, map(&[])).await.unwrap();
        let topic = self.messaging.create_topic(name, map(&[])).await.unwrap();
        self.messaging
            .subscribe(&topic, &queue.arn, map(attributes))
            .await
            .unwrap();
        topic
    }

    pub async fn send(&self, url: &str, body: &str) {
        self.sqs
            .send_message()
            .queue_url(url)
            .message_body(body)
            .send()
            .await
            .unwrap();
    }

    /// Receives up to ten messages at once, with all they have.
    pub async fn receive(&self, url: &str) -> Vec<aws_sdk_sqs::types::Message> {
        let request = self
            .sqs
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(10)
            .message_system_attribute_names("All".into())
            .message_attribute_names("All");
        request.send().await.unwrap().messages.unwrap_or_default()
    }

    pub async fn bodies(&self, url: &str) -> Vec<String> {
        self.receive(url)
            .await
            .into_iter()
            .map(|message| message.body.unwrap())
            .collect()
    }

    /// Visible, in flight and delayed messages, as GetQueueAttributes gives them.
    pub async fn counts(&self, url: &str) -> [usize; 3] {
        let attributes = self.attributes(url).await;
        [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ]
        .map(|name| attributes[&name].parse().unwrap())
    }

    pub async fn attributes(&self, url: &str) -> HashMap<QueueAttributeName, String> {
        let request = self
            .sqs
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::All);
        request.send().await.unwrap().attributes.unwrap()
    }
}

pub fn map<M: FromIterator<(String, String)>>(pairs: &[(&str, &str)]) -> M {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// Code of an SDK error, as the query protocol has it.
pub fn code<E: aws_sdk_sqs::error::ProvideErrorMetadata, R>(
    error: &aws_sdk_sqs::error::SdkError<E, R>,
) -> String {
    error
        .as_service_error()
        .and_then(|error| error.meta().code())
        .unwrap_or("no service error")
        .to_owned()
}
