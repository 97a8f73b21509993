//! What survives, and which files are refused.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use local_dynamodb::{DynamoDb, OpenError, Options};

use crate::{Bench, TABLE, number, orders, text};

/// Set in the process that is to be killed: the directory it works in.
const KILLED_IN: &str = "LOCAL_DYNAMODB_KILLED_IN";

fn options(directory: &Path) -> Options {
    Options::in_directory(directory)
}

fn refusal(directory: &Path) -> String {
    match DynamoDb::open(options(directory)) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn tables_items_and_streams_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let bench = Bench::with(options(directory.path())).await;
    let made = bench.engine.ensure_table(&orders()).await.unwrap();
    bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("a"))
        .item("version", number(1))
        .send()
        .await
        .unwrap();
    let position = bench.engine.latest_position(TABLE).await.unwrap();
    bench.close().await;

    let bench = Bench::with(options(directory.path())).await;
    assert_eq!(bench.engine.ensure_table(&orders()).await.unwrap(), made);
    assert_eq!(bench.engine.latest_position(TABLE).await.unwrap(), position);
    let got = bench
        .client
        .get_item()
        .table_name(TABLE)
        .key("pk", text("a"))
        .send()
        .await
        .unwrap();
    assert_eq!(got.item().unwrap()["version"], number(1));
}

/// What the process that is killed does: it tells of each answered put and never stops by itself.
async fn put_until_killed(directory: &Path) {
    let engine = DynamoDb::open(options(directory)).unwrap();
    engine.ensure_table(&orders()).await.unwrap();
    for count in 0.. {
        let body = format!(r#"{{"TableName":"{TABLE}","Item":{{"pk":{{"S":"item-{count}"}}}}}}"#);
        let request = http::Request::post("/")
            .header("x-amz-target", "DynamoDB_20120810.PutItem")
            .body(body.into())
            .unwrap();
        assert_eq!(engine.handle(request).await.status(), 200);
        println!("done {count}");
    }
}

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    // The test starts itself again as the process to be killed.
    if let Some(directory) = std::env::var_os(KILLED_IN) {
        return put_until_killed(Path::new(&directory)).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "durability::what_was_answered_survives_kill_9",
            "--exact",
            "--nocapture",
        ])
        .env(KILLED_IN, directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered = 0;
    while answered < 50 {
        let line = lines.next().unwrap().unwrap();
        answered += usize::from(line.contains("done "));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let bench = Bench::with(options(directory.path())).await;
    let records = bench.engine.read_stream(TABLE, None, 50).await.unwrap();
    assert_eq!(records.len(), 50);
    for (count, record) in records.iter().enumerate() {
        assert_eq!(
            record.event["dynamodb"]["Keys"]["pk"]["S"],
            format!("item-{count}")
        );
    }
    let all = bench.client.scan().table_name(TABLE).send().await.unwrap();
    assert!(all.count() >= 50);
}

#[tokio::test]
async fn a_directory_in_use_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let engine = DynamoDb::open(options(directory.path())).unwrap();
    let second = DynamoDb::open(options(directory.path()));
    assert!(matches!(second, Err(OpenError::InUse { .. })));
    drop(engine);
    DynamoDb::open(options(directory.path())).unwrap();
}

#[tokio::test]
async fn a_damaged_or_foreign_file_is_refused_by_name_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dynamodb.sqlite");
    let named = |message: &str| assert!(message.contains(file.to_str().unwrap()), "{message}");

    std::fs::write(&file, "this is not a database").unwrap();
    let message = refusal(directory.path());
    named(&message);
    assert!(message.contains("not a SQLite database"), "{message}");

    std::fs::remove_file(&file).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other
        .execute_batch("CREATE TABLE diary (day TEXT)")
        .unwrap();
    drop(other);
    let message = refusal(directory.path());
    named(&message);
    assert!(message.contains("another program"), "{message}");
    let other = rusqlite::Connection::open(&file).unwrap();
    let tables: i64 = other
        .query_row("SELECT COUNT(*) FROM sqlite_master", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
    drop(other);

    std::fs::remove_file(&file).unwrap();
    let bench = Bench::with(options(directory.path())).await;
    bench.engine.ensure_table(&orders()).await.unwrap();
    for count in 0..200 {
        bench
            .client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(&format!("item-{count}")))
            .send()
            .await
            .unwrap();
    }
    bench.close().await;
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    std::fs::write(&file, bytes).unwrap();
    let message = refusal(directory.path());
    named(&message);
    assert!(message.contains("damaged"), "{message}");
}
