//! The engine through the AWS SDK over plain HTTP, and through its own Rust functions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod capacity;
mod durability;
mod faults;
mod items;
mod partiql;
mod streams;
mod tables;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use local_dynamodb::{DynamoDb, Options, TableSpecification};
use serde_json::{Value, json};

/// An engine with a listener of its own and an SDK client that speaks to it.
struct Bench {
    engine: DynamoDb,
    client: Client,
    server: tokio::task::JoinHandle<()>,
}

impl Bench {
    async fn in_memory() -> Bench {
        Bench::with(Options::in_memory()).await
    }

    async fn with(options: Options) -> Bench {
        let engine = DynamoDb::open(options).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = engine.router();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let configuration = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::from_keys("local", "local", None))
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Bench {
            engine,
            client: Client::from_conf(configuration),
            server,
        }
    }

    /// A table with a sparse index on when an item is due, a stream and a time to live.
    async fn with_table() -> Bench {
        let bench = Bench::in_memory().await;
        bench.engine.ensure_table(&orders()).await.unwrap();
        bench
    }

    async fn close(self) {
        self.server.abort();
        assert!(self.server.await.unwrap_err().is_cancelled());
        drop(self.client);
        drop(self.engine);
    }
}

const TABLE: &str = "noren-orders";

fn declaration() -> Value {
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "AttributeDefinitions": [
            { "AttributeName": "pk", "AttributeType": "S" },
            { "AttributeName": "due_shard", "AttributeType": "S" },
            { "AttributeName": "due", "AttributeType": "N" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-due",
            "KeySchema": [
                { "AttributeName": "due_shard", "KeyType": "HASH" },
                { "AttributeName": "due", "KeyType": "RANGE" },
            ],
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        }],
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "TimeToLiveSpecification": { "AttributeName": "expires_at", "Enabled": true },
    })
}

fn orders() -> TableSpecification {
    TableSpecification::from_json(declaration()).unwrap()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}
