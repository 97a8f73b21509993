//! The suite over the AWS SDK and the wire, against the local tables; and what only a wire can do: lose an answer.
//!
//! With `CONFORMANCE_ENDPOINT` set, the suite runs against the DynamoDB at that URL instead, in tables that it makes
//! there and leaves.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    ProjectionType, ScalarAttributeType,
};
use local_dynamodb::{DynamoDb, Options, TableSpecification, Verdict};
use serde_json::{Value, json};
use store::{
    CommitFailure, Consistency, DynamoDbStore, Expected, Index, Key, Projection, Record, Store as _,
};

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
        Self {
            engine,
            client: client(endpoint),
        }
    }

    async fn table(&self, name: &str) -> DynamoDbStore {
        let specification =
            TableSpecification::from_json(specification(name, suite::INDEXES)).unwrap();
        self.engine.ensure_table(&specification).await.unwrap();
        DynamoDbStore::new(self.client.clone(), name)
    }
}

fn client(endpoint: String) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .endpoint_url(endpoint)
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// A table at an endpoint that is not ours, made through the API from the same description.
async fn table_elsewhere(client: &Client, name: &str) -> DynamoDbStore {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let keys = |described: &Value| -> Vec<KeySchemaElement> {
        let elements = described.as_array().unwrap().iter();
        let element = |key: &Value| {
            let kind = KeyType::from(text(&key["KeyType"]).as_str());
            KeySchemaElement::builder()
                .attribute_name(text(&key["AttributeName"]))
                .key_type(kind)
                .build()
                .unwrap()
        };
        elements.map(element).collect()
    };
    let described = specification(name, suite::INDEXES);
    let mut creation = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest);
    creation = creation.set_key_schema(Some(keys(&described["KeySchema"])));
    for attribute in described["AttributeDefinitions"].as_array().unwrap() {
        let kind = ScalarAttributeType::from(text(&attribute["AttributeType"]).as_str());
        let name = text(&attribute["AttributeName"]);
        let definition = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind);
        creation = creation.attribute_definitions(definition.build().unwrap());
    }
    for index in described["GlobalSecondaryIndexes"].as_array().unwrap() {
        let kind = ProjectionType::from(text(&index["Projection"]["ProjectionType"]).as_str());
        let made = GlobalSecondaryIndex::builder()
            .index_name(text(&index["IndexName"]))
            .set_key_schema(Some(keys(&index["KeySchema"])))
            .projection(
                aws_sdk_dynamodb::types::Projection::builder()
                    .projection_type(kind)
                    .build(),
            );
        creation = creation.global_secondary_indexes(made.build().unwrap());
    }
    creation.send().await.unwrap();
    DynamoDbStore::new(client.clone(), name)
}

fn specification(name: &str, indexes: &[Index]) -> Value {
    let kind = |attribute: &str| if attribute == "due_at" { "N" } else { "S" };
    let mut attributes = vec![json!({ "AttributeName": "pk", "AttributeType": "S" })];
    attributes.push(json!({ "AttributeName": "sk", "AttributeType": "S" }));
    let mut described = Vec::new();
    for index in indexes {
        for attribute in [index.partition, index.sort] {
            attributes
                .push(json!({ "AttributeName": attribute, "AttributeType": kind(attribute) }));
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

/// Every check runs, and each is told by name, so that an endpoint that is not ours can be judged whole.
#[tokio::test]
async fn over_the_wire() {
    let elsewhere = std::env::var("CONFORMANCE_ENDPOINT")
        .ok()
        .filter(|url| !url.is_empty())
        .map(client);
    let tables = Tables::start().await;
    let mut broken = Vec::new();
    for (name, check) in suite::checks::<DynamoDbStore>() {
        let store = match &elsewhere {
            Some(client) => table_elsewhere(client, name).await,
            None => tables.table(name).await,
        };
        // A panic in one check must not keep the others from running.
        let local = tokio::task::LocalSet::new();
        let checked = local.spawn_local(check(store));
        let result = local.run_until(checked).await;
        eprintln!(
            "over the wire: {name}: {}",
            if result.is_ok() { "held" } else { "broken" }
        );
        if result.is_err() {
            broken.push(name);
        }
    }
    assert!(broken.is_empty(), "broken: {broken:?}");
}

#[tokio::test]
async fn a_lost_answer_is_told_from_a_refusal() {
    let tables = Tables::start().await;
    let store = tables.table("lost-answers").await;
    let record = Record {
        key: Key::new("a", "item"),
        version: 1,
        document: "{}".to_owned(),
        ..Record::default()
    };
    tables.engine.on_request(Box::new(|_| Verdict::LoseAnswer));
    let lost = store.commit(&record, Expected::Absent).await;
    assert!(
        matches!(&lost, Err(CommitFailure::Store(failure)) if failure.outcome_unknown),
        "{lost:?}"
    );
    tables.engine.on_request(Box::new(|_| Verdict::Refuse));
    let throttled = store
        .commit(
            &Record {
                key: Key::new("b", "item"),
                ..record.clone()
            },
            Expected::Absent,
        )
        .await;
    assert!(
        matches!(&throttled, Err(CommitFailure::Store(failure)) if !failure.outcome_unknown),
        "{throttled:?}"
    );
    tables.engine.clear_request_hook();
    assert!(
        store
            .load(&record.key, Consistency::Strong)
            .await
            .unwrap()
            .is_some(),
        "it had been written"
    );
    assert!(
        store
            .load(&Key::new("b", "item"), Consistency::Strong)
            .await
            .unwrap()
            .is_none()
    );
}
