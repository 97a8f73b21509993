//! Items, conditions, transactions, queries.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    KeysAndAttributes, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};

use crate::{Bench, TABLE, number, text};

#[tokio::test]
async fn a_conditional_put_is_done_once() {
    let bench = Bench::with_table().await;
    let put = || {
        bench
            .client
            .put_item()
            .table_name(TABLE)
            .item("pk", text("a"))
            .item("version", number(1))
            .condition_expression("attribute_not_exists(pk)")
    };
    put().send().await.unwrap();
    let refused = put().send().await.unwrap_err().into_service_error();
    assert!(refused.is_conditional_check_failed_exception());

    let refused = put()
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
        refused,
    ) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(refused.item().unwrap()["version"], number(1));
}

#[tokio::test]
async fn the_refusing_item_is_shown_only_when_asked_for() {
    let bench = Bench::with_table().await;
    let answer = bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("a"))
        .send()
        .await
        .unwrap();
    assert!(answer.consumed_capacity().is_none());
    let refused = bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("a"))
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
        refused,
    ) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(refused.item(), None);
}

#[tokio::test]
async fn arithmetic_under_a_condition_stops_at_its_bound() {
    let bench = Bench::with_table().await;
    bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("sku"))
        .item("available", number(3))
        .send()
        .await
        .unwrap();
    let take = || {
        bench
            .client
            .update_item()
            .table_name(TABLE)
            .key("pk", text("sku"))
            .update_expression(
                "SET available = available - :q, reserved = if_not_exists(reserved, :zero) + :q",
            )
            .condition_expression("available >= :q")
            .expression_attribute_values(":q", number(2))
            .expression_attribute_values(":zero", number(0))
            .return_values(ReturnValue::AllNew)
    };
    let taken = take().send().await.unwrap();
    assert_eq!(taken.attributes().unwrap()["available"], number(1));
    assert_eq!(taken.attributes().unwrap()["reserved"], number(2));
    let refused = take().send().await.unwrap_err().into_service_error();
    assert!(refused.is_conditional_check_failed_exception());
}

fn reserve(sku: &str, quantity: i64) -> TransactWriteItem {
    TransactWriteItem::builder()
        .update(
            Update::builder()
                .table_name(TABLE)
                .key("pk", text(sku))
                .update_expression("SET available = available - :q")
                .condition_expression("available >= :q")
                .expression_attribute_values(":q", number(quantity))
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .build()
                .unwrap(),
        )
        .build()
}

fn reservation(id: &str) -> TransactWriteItem {
    TransactWriteItem::builder()
        .put(
            Put::builder()
                .table_name(TABLE)
                .item("pk", text(id))
                .condition_expression("attribute_not_exists(pk)")
                .build()
                .unwrap(),
        )
        .build()
}

async fn stock(bench: &Bench, sku: &str, available: i64) {
    bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text(sku))
        .item("available", number(available))
        .send()
        .await
        .unwrap();
}

async fn available(bench: &Bench, sku: &str) -> String {
    let item = bench
        .client
        .get_item()
        .table_name(TABLE)
        .key("pk", text(sku))
        .consistent_read(true)
        .send()
        .await
        .unwrap();
    item.item().unwrap()["available"].as_n().unwrap().clone()
}

#[tokio::test]
async fn a_transaction_is_done_whole_or_not_at_all_and_says_why() {
    let bench = Bench::with_table().await;
    stock(&bench, "x", 5).await;
    stock(&bench, "y", 1).await;
    bench
        .client
        .transact_write_items()
        .transact_items(reserve("x", 1))
        .transact_items(reserve("y", 1))
        .transact_items(reservation("first"))
        .send()
        .await
        .unwrap();
    let refused = bench
        .client
        .transact_write_items()
        .transact_items(reserve("x", 1))
        .transact_items(reserve("y", 1))
        .transact_items(reservation("first"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(refused) = refused else {
        panic!("{refused:?}");
    };
    let reasons = refused.cancellation_reasons();
    let codes: Vec<_> = reasons
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["None", "ConditionalCheckFailed", "ConditionalCheckFailed"]
    );
    assert_eq!(reasons[1].item().unwrap()["available"], number(0));
    assert_eq!(reasons[2].item(), None, "it was not asked for");
    assert_eq!(available(&bench, "x").await, "4");
}

#[tokio::test]
async fn a_request_token_is_used_once() {
    let bench = Bench::with_table().await;
    stock(&bench, "x", 5).await;
    let reserve_with = |quantity| {
        bench
            .client
            .transact_write_items()
            .client_request_token("one-token")
            .transact_items(reserve("x", quantity))
            .send()
    };
    reserve_with(1).await.unwrap();
    reserve_with(1).await.unwrap();
    assert_eq!(available(&bench, "x").await, "4");
    let refused = reserve_with(2).await.unwrap_err().into_service_error();
    assert!(refused.is_idempotent_parameter_mismatch_exception());
    assert_eq!(available(&bench, "x").await, "4");
}

#[tokio::test]
async fn of_a_hundred_buyers_of_the_last_one_exactly_one_wins() {
    let bench = Bench::with_table().await;
    stock(&bench, "last", 1).await;
    let buyers: Vec<_> = (0..100)
        .map(|buyer| {
            tokio::spawn(
                bench
                    .client
                    .transact_write_items()
                    .transact_items(reserve("last", 1))
                    .transact_items(reservation(&format!("buyer-{buyer}")))
                    .send(),
            )
        })
        .collect();
    let mut won = 0;
    for buyer in buyers {
        match buyer.await.unwrap() {
            Ok(_) => won += 1,
            Err(refused) => {
                assert!(
                    refused
                        .into_service_error()
                        .is_transaction_canceled_exception()
                );
            }
        }
    }
    assert_eq!(won, 1);
    assert_eq!(available(&bench, "last").await, "0");
    let all = bench.client.scan().table_name(TABLE).send().await.unwrap();
    assert_eq!(all.count(), 2, "the stock and one reservation");
}

#[tokio::test]
async fn a_batch_get_finds_what_is_there() {
    let bench = Bench::with_table().await;
    for sku in ["a", "b", "c"] {
        stock(&bench, sku, 1).await;
    }
    let keys = ["a", "c", "missing"]
        .map(|sku| [("pk".to_owned(), text(sku))].into())
        .to_vec();
    let answer = bench
        .client
        .batch_get_item()
        .request_items(
            TABLE,
            KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let mut found: Vec<_> = answer.responses().unwrap()[TABLE]
        .iter()
        .map(|item| item["pk"].as_s().unwrap().as_str())
        .collect();
    found.sort_unstable();
    assert_eq!(found, ["a", "c"]);
    assert!(answer.unprocessed_keys().unwrap().is_empty());
}

#[tokio::test]
async fn a_sparse_index_holds_what_is_due_in_order() {
    let bench = Bench::with_table().await;
    for (pk, due) in [("late", Some(20)), ("early", Some(10)), ("done", None)] {
        bench
            .client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(pk))
            .set_item(due.map(|due| {
                [
                    ("pk".to_owned(), text(pk)),
                    ("due_shard".to_owned(), text("0")),
                    ("due".to_owned(), number(due)),
                ]
                .into()
            }))
            .item("pk", text(pk))
            .send()
            .await
            .unwrap();
    }
    let due = |until: i64| {
        let query = bench
            .client
            .query()
            .table_name(TABLE)
            .index_name("by-due")
            .key_condition_expression("due_shard = :shard AND due <= :until")
            .expression_attribute_values(":shard", text("0"))
            .expression_attribute_values(":until", number(until));
        async move {
            let answer = query.send().await.unwrap();
            answer
                .items()
                .iter()
                .map(|item| item["pk"].as_s().unwrap().clone())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(due(15).await, ["early"]);
    assert_eq!(due(20).await, ["early", "late"]);
    bench
        .client
        .update_item()
        .table_name(TABLE)
        .key("pk", text("early"))
        .update_expression("REMOVE due_shard, due")
        .send()
        .await
        .unwrap();
    assert_eq!(due(20).await, ["late"]);
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_name() {
    let bench = Bench::with_table().await;
    let missing = bench
        .client
        .get_item()
        .table_name("no-such-table")
        .key("pk", text("a"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(missing.is_resource_not_found_exception());
    let unkeyed = bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("other", text("a"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(unkeyed.code(), Some("ValidationException"));
    let large = bench
        .client
        .put_item()
        .table_name(TABLE)
        .item("pk", text("a"))
        .item("text", text(&"x".repeat(400 * 1024)))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(large.code(), Some("ValidationException"));
    assert_eq!(
        large.message(),
        Some("Item size has exceeded the maximum allowed size")
    );
}
