//! Faults on demand.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use local_dynamodb::{Operation, Verdict};

use crate::{Bench, TABLE, text};

#[tokio::test]
async fn each_verdict_does_as_it_says() {
    let bench = Bench::with_table().await;
    let put = |pk: &str| {
        bench
            .client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(pk))
            .send()
    };
    let count = || async {
        bench.engine.clear_request_hook();
        let all = bench.client.scan().table_name(TABLE).send().await.unwrap();
        all.count()
    };

    bench.engine.on_request(Box::new(|request| {
        assert_eq!(request.tables, [TABLE]);
        assert_eq!(request.operation, Operation::PutItem);
        Verdict::Refuse
    }));
    let refused = put("refused").await.unwrap_err().into_service_error();
    assert!(refused.is_provisioned_throughput_exceeded_exception());
    assert_eq!(count().await, 0);

    bench
        .engine
        .on_request(Box::new(|_| Verdict::TransactionConflict));
    let conflict = put("conflict").await.unwrap_err().into_service_error();
    assert!(conflict.is_transaction_conflict_exception());
    let cancelled = bench
        .client
        .transact_write_items()
        .transact_items(
            TransactWriteItem::builder()
                .put(
                    Put::builder()
                        .table_name(TABLE)
                        .item("pk", text("conflict"))
                        .build()
                        .unwrap(),
                )
                .build(),
        )
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        cancelled,
    ) = cancelled
    else {
        panic!("{cancelled:?}");
    };
    assert_eq!(
        cancelled.cancellation_reasons()[0].code(),
        Some("TransactionConflict")
    );
    assert_eq!(count().await, 0);

    bench.engine.on_request(Box::new(|_| Verdict::LoseAnswer));
    let lost = put("lost").await.unwrap_err().into_service_error();
    assert_eq!(lost.code(), Some("InternalServerError"));
    assert_eq!(count().await, 1, "it was done all the same");

    bench.engine.on_request(Box::new(|_| Verdict::Proceed));
    put("done").await.unwrap();
    assert_eq!(count().await, 2);
}
