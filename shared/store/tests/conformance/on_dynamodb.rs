//! The suite over the AWS SDK and the wire, against the local tables; and what only a wire can do: lose an answer.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::Client;
use local_dynamodb::{DynamoDb, Options, TableSpecification, Verdict};
use serde_json::{Value, json};
use store::{CommitFailure, Consistency, DynamoDbStore, Expected, Index, Key, Projection, Record, Store as _};

use crate::suite;

struct Tables {
    engine: DynamoDb,
    client: Client,
}

impl Tables {
    async fn start() -> Self {
        let engine = DynamoDb::open(Options::in_memory()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = engine.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .endpoint_url(endpoint)
            .retry_config(RetryConfig::disabled())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Self { engine, client: Client::from_conf(config) }
    }

    async fn table(&self, name: &str) -> DynamoDbStore {
        let specification = TableSpecification::from_json(specification(name, suite::INDEXES)).unwrap();
        self.engine.ensure_table(&specification).await.unwrap();
        DynamoDbStore::new(self.client.clone(), name)
    }
}

fn specification(name: &str, indexes: &[Index]) -> Value {
    let kind = |attribute: &str| if attribute == "due_at" { "N" } else { "S" };
    let mut attributes = vec![json!({ "AttributeName": "pk", "AttributeType": "S" })];
    attributes.push(json!({ "AttributeName": "sk", "AttributeType": "S" }));
    let mut described = Vec::new();
    for index in indexes {
        for attribute in [index.partition, index.sort] {
            attributes.push(json!({ "AttributeName": attribute, "AttributeType": kind(attribute) }));
        }
        let projection = match index.projection {
            Projection::KeysOnly => "KEYS_ONLY",
            Projection::All => "ALL",
        };
        described.push(json!({
            "IndexName": index.name,
            "KeySchema": key_schema(index.partition, index.sort),
            "Projection": { "ProjectionType": projection },
        }));
    }
    json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": key_schema("pk", "sk"),
        "GlobalSecondaryIndexes": described,
    })
}

fn key_schema(partition: &str, sort: &str) -> Value {
    json!([
        { "AttributeName": partition, "KeyType": "HASH" },
        { "AttributeName": sort, "KeyType": "RANGE" },
    ])
}

#[tokio::test]
async fn over_the_wire() {
    let tables = Tables::start().await;
    for (name, check) in suite::checks::<DynamoDbStore>() {
        eprintln!("over the wire: {name}");
        check(tables.table(name).await).await;
    }
}

#[tokio::test]
async fn a_lost_answer_is_told_from_a_refusal() {
    let tables = Tables::start().await;
    let store = tables.table("lost-answers").await;
    let record = Record { key: Key::new("a", "item"), version: 1, document: "{}".to_owned(), ..Record::default() };
    tables.engine.on_request(Box::new(|_| Verdict::LoseAnswer));
    let lost = store.commit(&record, Expected::Absent).await;
    assert!(matches!(&lost, Err(CommitFailure::Store(failure)) if failure.outcome_unknown), "{lost:?}");
    tables.engine.on_request(Box::new(|_| Verdict::Refuse));
    let throttled = store.commit(&Record { key: Key::new("b", "item"), ..record.clone() }, Expected::Absent).await;
    assert!(matches!(&throttled, Err(CommitFailure::Store(failure)) if !failure.outcome_unknown), "{throttled:?}");
    tables.engine.clear_request_hook();
    assert!(store.load(&record.key, Consistency::Strong).await.unwrap().is_some(), "it had been written");
    assert!(store.load(&Key::new("b", "item"), Consistency::Strong).await.unwrap().is_none());
}
