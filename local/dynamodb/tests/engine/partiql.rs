//! PartiQL: done, metered, and seen by those who wait.

use std::time::Duration;

use crate::{Bench, TABLE, text};

#[tokio::test]
async fn a_statement_is_done_metered_and_announced() {
    let bench = Bench::with_table().await;
    let engine = bench.engine.clone();
    let before = bench.engine.latest_position(TABLE).await.unwrap();
    let waiting = tokio::spawn(async move { engine.changed(TABLE, None).await.unwrap() });
    // The statement is run again until the waiting task follows the table.
    let mut count = 0;
    while !waiting.is_finished() {
        count += 1;
        bench
            .client
            .execute_statement()
            .statement(format!(
                "INSERT INTO \"{TABLE}\" VALUE {{'pk': 'item-{count}'}}"
            ))
            .send()
            .await
            .unwrap();
        tokio::task::yield_now().await;
    }
    let seen = tokio::time::timeout(Duration::from_secs(10), waiting)
        .await
        .unwrap()
        .unwrap();
    assert!(seen > before);

    let found = bench
        .client
        .execute_statement()
        .statement(format!("SELECT * FROM \"{TABLE}\" WHERE pk = ?"))
        .parameters(text("item-1"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.items().len(), 1);
    let usage = bench.engine.counts()[&(TABLE.to_owned(), "ExecuteStatement".to_owned())];
    assert_eq!(usage.write_units, f64::from(count));
    assert!(usage.read_units > 0.0);
}

#[tokio::test]
async fn a_batch_keeps_what_succeeded_and_nothing_of_what_failed() {
    let bench = Bench::with_table().await;
    let insert = |pk: &str| {
        aws_sdk_dynamodb::types::BatchStatementRequest::builder()
            .statement(format!("INSERT INTO \"{TABLE}\" VALUE {{'pk': '{pk}'}}"))
            .build()
            .unwrap()
    };
    let answer = bench
        .client
        .batch_execute_statement()
        .statements(insert("a"))
        .statements(insert("b"))
        .send()
        .await
        .unwrap();
    assert!(answer.responses().iter().all(|one| one.error().is_none()));
    let answer = bench
        .client
        .batch_execute_statement()
        .statements(insert("a"))
        .statements(insert("c"))
        .send()
        .await
        .unwrap();
    assert!(answer.responses()[0].error().is_some());
    assert!(answer.responses()[1].error().is_none());
    let all = bench.client.scan().table_name(TABLE).send().await.unwrap();
    assert_eq!(all.count(), 3);
}
