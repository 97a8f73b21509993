//! Streams over the wire and through the engine's own functions; time to live.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use local_dynamodb::StreamPosition;
use serde_json::{Value, json};

use crate::{Bench, TABLE, number, orders, text};

impl Bench {
    async fn put(&self, pk: &str, version: i64) {
        self.client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(pk))
            .item("version", number(version))
            .send()
            .await
            .unwrap();
    }

    async fn delete(&self, pk: &str) {
        self.client
            .delete_item()
            .table_name(TABLE)
            .key("pk", text(pk))
            .send()
            .await
            .unwrap();
    }

    async fn call(&self, target: &str, body: Value) -> Value {
        let request = http::Request::post("/")
            .header("x-amz-target", target)
            .body(body.to_string().into())
            .unwrap();
        let answer = self.engine.handle(request).await;
        assert_eq!(
            answer.status(),
            200,
            "{}",
            String::from_utf8_lossy(answer.body())
        );
        serde_json::from_slice(answer.body()).unwrap()
    }
}

#[tokio::test]
async fn records_come_in_order_in_lambdas_form() {
    let bench = Bench::in_memory().await;
    let table = bench.engine.ensure_table(&orders()).await.unwrap();
    bench.put("a", 1).await;
    bench.put("a", 2).await;
    bench.delete("a").await;
    let records = bench.engine.read_stream(TABLE, None, 10).await.unwrap();
    let names: Vec<_> = records
        .iter()
        .map(|record| record.event["eventName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    assert!(records.is_sorted_by_key(|record| record.position));

    let mut event = records[1].event.clone();
    let change = event["dynamodb"].as_object_mut().unwrap();
    let created = change
        .remove("ApproximateCreationDateTime")
        .unwrap()
        .as_i64()
        .unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    assert!(now.as_secs().abs_diff(created.unsigned_abs()) < 60);
    assert!(change.remove("SizeBytes").unwrap().as_u64().unwrap() > 0);
    let id = event.as_object_mut().unwrap().remove("eventID").unwrap();
    assert_eq!(id.as_str().unwrap().len(), 32);
    assert_eq!(
        event,
        json!({
            "eventName": "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1",
            "eventSourceARN": table.stream_arn.unwrap(),
            "dynamodb": {
                "Keys": { "pk": { "S": "a" } },
                "OldImage": { "pk": { "S": "a" }, "version": { "N": "1" } },
                "NewImage": { "pk": { "S": "a" }, "version": { "N": "2" } },
                "SequenceNumber": records[1].position.sequence_number(),
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
        })
    );
    let rest = bench
        .engine
        .read_stream(TABLE, Some(records[0].position), 1)
        .await
        .unwrap();
    assert_eq!(rest, records[1..2]);
}

#[tokio::test]
async fn the_wire_reads_the_same_stream() {
    const STREAMS: &str = "DynamoDBStreams_20120810";
    let bench = Bench::in_memory().await;
    let table = bench.engine.ensure_table(&orders()).await.unwrap();
    let arn = table.stream_arn.unwrap();
    assert!(arn.starts_with("arn:aws:dynamodb:us-east-1:000000000000:table/noren-orders/stream/"));
    bench.put("a", 1).await;
    bench.put("b", 1).await;

    let listed = bench
        .call(
            &format!("{STREAMS}.ListStreams"),
            json!({ "TableName": TABLE }),
        )
        .await;
    assert_eq!(listed["Streams"][0]["StreamArn"], arn);
    let described = bench
        .call(
            &format!("{STREAMS}.DescribeStream"),
            json!({ "StreamArn": arn }),
        )
        .await;
    let described = &described["StreamDescription"];
    assert_eq!(described["StreamArn"], arn);
    assert_eq!(
        described["KeySchema"],
        json!([{ "AttributeName": "pk", "KeyType": "HASH" }])
    );
    let shard = described["Shards"][0]["ShardId"].as_str().unwrap();
    assert!(shard.len() >= 28, "SDKs refuse shorter shard ids");
    let iterator = bench
        .call(
            &format!("{STREAMS}.GetShardIterator"),
            json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" }),
        )
        .await;
    let first = bench
        .call(
            &format!("{STREAMS}.GetRecords"),
            json!({ "ShardIterator": iterator["ShardIterator"], "Limit": 1 }),
        )
        .await;
    let second = bench
        .call(
            &format!("{STREAMS}.GetRecords"),
            json!({ "ShardIterator": first["NextShardIterator"] }),
        )
        .await;
    let keys = |page: &Value| page["Records"][0]["dynamodb"]["Keys"]["pk"]["S"].clone();
    assert_eq!((keys(&first), keys(&second)), ("a".into(), "b".into()));
    assert_eq!(second["Records"].as_array().unwrap().len(), 1);
    let latest = bench
        .call(
            &format!("{STREAMS}.GetShardIterator"),
            json!({ "StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST" }),
        )
        .await;
    bench.put("c", 1).await;
    let page = bench
        .call(
            &format!("{STREAMS}.GetRecords"),
            json!({ "ShardIterator": latest["ShardIterator"] }),
        )
        .await;
    assert_eq!(keys(&page), "c");
}

#[tokio::test]
async fn a_transaction_writes_a_record_for_each_item() {
    use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
    let bench = Bench::with_table().await;
    let put = |pk: &str| {
        TransactWriteItem::builder()
            .put(
                Put::builder()
                    .table_name(TABLE)
                    .item("pk", text(pk))
                    .build()
                    .unwrap(),
            )
            .build()
    };
    bench
        .client
        .transact_write_items()
        .transact_items(put("a"))
        .transact_items(put("b"))
        .send()
        .await
        .unwrap();
    let records = bench.engine.read_stream(TABLE, None, 10).await.unwrap();
    assert_eq!(records.len(), 2);
    assert!(records[0].position < records[1].position);
}

#[tokio::test]
async fn a_waiting_reader_is_woken_by_a_write_and_not_by_a_refused_one() {
    let bench = Bench::with_table().await;
    bench.put("a", 1).await;
    let seen = bench.engine.changed(TABLE, None).await.unwrap();
    assert_eq!(seen, bench.engine.latest_position(TABLE).await.unwrap());

    let engine = bench.engine.clone();
    let waiting = tokio::spawn(async move { engine.changed(TABLE, Some(seen)).await.unwrap() });
    bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("a"))
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .unwrap_err();
    assert_eq!(bench.engine.latest_position(TABLE).await.unwrap(), seen);
    assert!(!waiting.is_finished());
    bench.put("b", 1).await;
    let woken = tokio::time::timeout(Duration::from_secs(10), waiting)
        .await
        .unwrap()
        .unwrap();
    assert!(woken > seen);
}

#[tokio::test]
async fn trimming_leaves_what_is_unread_and_the_numbers_go_on() {
    let bench = Bench::with_table().await;
    for version in 1..=5 {
        bench.put("a", version).await;
    }
    let records = bench.engine.read_stream(TABLE, None, 10).await.unwrap();
    assert_eq!(
        bench.engine.trim(TABLE, records[2].position).await.unwrap(),
        3
    );
    assert_eq!(
        bench.engine.read_stream(TABLE, None, 10).await.unwrap(),
        records[3..]
    );
    let newest = records[4].position;
    assert_eq!(
        bench.engine.trim(TABLE, newest).await.unwrap(),
        1,
        "the newest stays"
    );
    assert_eq!(bench.engine.latest_position(TABLE).await.unwrap(), newest);
    assert_eq!(bench.engine.trim_expired().await.unwrap(), 0);
    bench.put("a", 6).await;
    let rest = bench
        .engine
        .read_stream(TABLE, Some(newest), 10)
        .await
        .unwrap();
    assert_eq!(rest.len(), 1);
}

#[tokio::test]
async fn a_table_made_again_does_not_replay_the_old_stream() {
    let bench = Bench::with_table().await;
    bench.put("old", 1).await;
    let old = bench.engine.changed(TABLE, None).await.unwrap();
    bench
        .client
        .delete_table()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    bench.engine.ensure_table(&orders()).await.unwrap();
    assert_eq!(
        bench.engine.latest_position(TABLE).await.unwrap(),
        StreamPosition::BEGINNING
    );
    let engine = bench.engine.clone();
    let waiting = tokio::spawn(async move { engine.changed(TABLE, None).await.unwrap() });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished(), "what went does not wake anyone");
    bench.put("new", 1).await;
    assert!(waiting.await.unwrap() > old);
    let records = bench.engine.read_stream(TABLE, None, 10).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].event["dynamodb"]["Keys"]["pk"]["S"], "new");
}

#[tokio::test]
async fn what_has_lapsed_is_deleted_by_the_service_and_free() {
    let bench = Bench::with_table().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_secs()).unwrap();
    let six_years = 6 * 365 * 24 * 60 * 60;
    for (pk, expires_at) in [
        ("lapsed", Some(now - 60)),
        ("live", Some(now + 3600)),
        ("eternal", None),
        ("ancient", Some(now - six_years)),
    ] {
        let mut put = bench
            .client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(pk))
            .item("due_shard", text("0"))
            .item("due", number(1));
        if let Some(expires_at) = expires_at {
            put = put.item("expires_at", number(expires_at));
        }
        put.send().await.unwrap();
    }
    bench.engine.reset_counts();
    let before = bench.engine.latest_position(TABLE).await.unwrap();
    assert_eq!(bench.engine.sweep_ttl().await.unwrap(), 1);
    assert_eq!(bench.engine.sweep_ttl().await.unwrap(), 0);
    assert!(bench.engine.counts().is_empty());

    let records = bench
        .engine
        .read_stream(TABLE, Some(before), 10)
        .await
        .unwrap();
    assert_eq!(records.len(), 1);
    let event = &records[0].event;
    assert_eq!(event["eventName"], "REMOVE");
    assert_eq!(event["dynamodb"]["Keys"]["pk"]["S"], "lapsed");
    assert_eq!(
        event["userIdentity"],
        json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" })
    );
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
    assert_eq!(due.count(), 3, "the index lost it too");
}
