//! Declared tables, and the wire's edges.

use http::{HeaderMap, Request};
use local_dynamodb::{DynamoDb, TableError, TableSpecification};
use serde_json::{Value, json};

use crate::{Bench, TABLE, declaration, number, orders, text};

#[tokio::test]
async fn a_table_is_made_once_and_described_in_the_configured_region() {
    let bench = Bench::in_memory().await;
    let made = bench.engine.ensure_table(&orders()).await.unwrap();
    assert_eq!(made.name, TABLE);
    assert_eq!(
        made.arn,
        "arn:aws:dynamodb:us-east-1:000000000000:table/noren-orders"
    );
    assert_eq!(bench.engine.ensure_table(&orders()).await.unwrap(), made);
    let described = bench
        .client
        .describe_table()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    let described = described.table().unwrap();
    assert_eq!(described.table_arn(), Some(made.arn.as_str()));
    assert_eq!(described.latest_stream_arn(), made.stream_arn.as_deref());
}

#[tokio::test]
async fn an_index_a_stream_and_a_time_to_live_can_be_added() {
    let bench = Bench::in_memory().await;
    let mut plain = declaration();
    let settings = plain.as_object_mut().unwrap();
    for added in [
        "GlobalSecondaryIndexes",
        "StreamSpecification",
        "TimeToLiveSpecification",
    ] {
        settings.remove(added);
    }
    settings["AttributeDefinitions"] = json!([{ "AttributeName": "pk", "AttributeType": "S" }]);
    let plain = TableSpecification::from_json(plain).unwrap();
    let made = bench.engine.ensure_table(&plain).await.unwrap();
    assert_eq!(made.stream_arn, None);
    bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("a"))
        .item("due_shard", text("0"))
        .item("due", number(1))
        .send()
        .await
        .unwrap();
    let grown = bench.engine.ensure_table(&orders()).await.unwrap();
    assert!(grown.stream_arn.is_some());
    assert_eq!(bench.engine.ensure_table(&orders()).await.unwrap(), grown);
    let due = bench
        .client
        .query()
        .table_name(TABLE)
        .index_name("by-due")
        .key_condition_expression("due_shard = :shard")
        .expression_attribute_values(":shard", text("0"))
        .send()
        .await
        .unwrap();
    assert_eq!(due.count(), 1, "the new index holds the old item");
}

#[tokio::test]
async fn a_difference_that_cannot_be_mended_is_named() {
    let bench = Bench::with_table().await;
    let refused = async |change: fn(&mut Value)| {
        let mut changed = declaration();
        change(&mut changed);
        let changed = TableSpecification::from_json(changed).unwrap();
        match bench.engine.ensure_table(&changed).await {
            Err(TableError::Differs { difference, .. }) => difference,
            other => panic!("{other:?}"),
        }
    };
    let key = refused(|table| {
        table["KeySchema"][0]["AttributeName"] = "due".into();
    })
    .await;
    assert!(key.contains("the key"), "{key}");
    let kind =
        refused(|table| table["AttributeDefinitions"][0]["AttributeType"] = "N".into()).await;
    assert!(kind.contains("type of attribute pk"), "{kind}");
    let index = refused(|table| {
        table["GlobalSecondaryIndexes"][0]["Projection"]["ProjectionType"] = "ALL".into();
    })
    .await;
    assert!(index.contains("index by-due"), "{index}");
    let view = refused(|table| {
        table["StreamSpecification"]["StreamViewType"] = "KEYS_ONLY".into();
    })
    .await;
    assert!(view.contains("stream"), "{view}");
    let lapse = refused(|table| {
        table["TimeToLiveSpecification"]["AttributeName"] = "gone_at".into();
    })
    .await;
    assert!(lapse.contains("time to live"), "{lapse}");
}

#[test]
fn a_setting_this_engine_lacks_is_refused_by_name() {
    let mut declared = declaration();
    declared["Replicas"] = json!([]);
    let refused = TableSpecification::from_json(declared).unwrap_err();
    assert!(refused.to_string().contains("Replicas"), "{refused}");
}

async fn post(engine: &DynamoDb, target: &str, body: &str) -> (u16, HeaderMap, Value) {
    let request = Request::post("/")
        .header("x-amz-target", target)
        .body(body.to_owned().into())
        .unwrap();
    let (parts, body) = engine.handle(request).await.into_parts();
    (
        parts.status.as_u16(),
        parts.headers,
        serde_json::from_slice(&body).unwrap(),
    )
}

#[tokio::test]
async fn unreadable_and_unknown_requests_are_refused_in_dynamodbs_words() {
    let bench = Bench::with_table().await;
    let engine = &bench.engine;
    let (status, headers, body) = post(engine, "DynamoDB_20120810.Frobnicate", "{}").await;
    assert_eq!(status, 400);
    assert_eq!(
        body["__type"],
        "com.amazon.coral.service#UnknownOperationException"
    );
    assert_eq!(headers["content-type"], "application/x-amz-json-1.0");
    assert_eq!(headers["x-amzn-requestid"].len(), 52);
    assert!(headers.contains_key("x-amz-crc32"));

    for unreadable in ["", "{", "[]", r#"{"TableName": 3, "Key": {}}"#] {
        let (status, _, body) = post(engine, "DynamoDB_20120810.GetItem", unreadable).await;
        assert_eq!(status, 400, "{unreadable}");
        assert_eq!(
            body["__type"], "com.amazon.coral.service#SerializationException",
            "{unreadable}: {body}"
        );
    }
    let (status, _, body) = post(
        engine,
        "DynamoDB_20120810.PutItem",
        r#"{"TableName": "noren-orders", "Item": {"pk": {"S": ""}}}"#,
    )
    .await;
    assert_eq!(status, 400);
    assert_eq!(
        body["__type"],
        "com.amazon.coral.validate#ValidationException"
    );
}

#[test]
fn requests_for_other_services_are_not_taken() {
    let mut headers = HeaderMap::new();
    assert!(!DynamoDb::handles(&headers));
    headers.insert("x-amz-target", "AmazonSQS.SendMessage".parse().unwrap());
    assert!(!DynamoDb::handles(&headers));
    headers.insert(
        "x-amz-target",
        "DynamoDBStreams_20120810.ListStreams".parse().unwrap(),
    );
    assert!(DynamoDb::handles(&headers));
}
