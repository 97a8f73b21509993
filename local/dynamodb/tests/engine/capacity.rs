//! Units counted against cases worked out by hand from AWS's rules.

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use local_dynamodb::Usage;

use crate::{Bench, TABLE, number, text};

impl Bench {
    fn usage(&self, operation: &str) -> Usage {
        self.engine
            .counts()
            .get(&(TABLE.to_owned(), operation.to_owned()))
            .copied()
            .unwrap_or_default()
    }

    /// The write units that putting this item costs.
    async fn cost_of_put(&self, attributes: &[(&str, AttributeValue)]) -> f64 {
        self.engine.reset_counts();
        let mut put = self.client.put_item().table_name(TABLE);
        for (name, value) in attributes {
            put = put.item(*name, value.clone());
        }
        put.send().await.unwrap();
        let usage = self.usage("PutItem");
        assert_eq!((usage.requests, usage.read_units), (1, 0.0));
        usage.write_units
    }
}

#[tokio::test]
async fn a_put_costs_a_unit_per_kilobyte_and_the_larger_of_old_and_new() {
    let bench = Bench::with_table().await;
    let body = |size| ("body", text(&"x".repeat(size)));
    let key = ("pk", text("a"));
    assert_eq!(bench.cost_of_put(&[key.clone(), body(900)]).await, 1.0);
    assert_eq!(bench.cost_of_put(&[key.clone(), body(1100)]).await, 2.0);
    assert_eq!(
        bench.cost_of_put(&[key, body(10)]).await,
        2.0,
        "the old image was of two kilobytes"
    );
}

#[tokio::test]
async fn an_index_costs_one_when_entered_or_left_two_when_moved_none_when_untouched() {
    let bench = Bench::with_table().await;
    let item = |due: Option<i64>, note: &str| {
        let mut item = vec![("pk", text("a")), ("note", text(note))];
        if let Some(due) = due {
            item.push(("due_shard", text("0")));
            item.push(("due", number(due)));
        }
        item
    };
    assert_eq!(bench.cost_of_put(&item(None, "new")).await, 1.0);
    assert_eq!(bench.cost_of_put(&item(Some(1), "enters")).await, 2.0);
    assert_eq!(
        bench.cost_of_put(&item(Some(1), "stays")).await,
        1.0,
        "a keys-only index does not see other attributes"
    );
    assert_eq!(
        bench.cost_of_put(&item(Some(2), "moves")).await,
        3.0,
        "one entry deleted, one put"
    );
    assert_eq!(bench.cost_of_put(&item(None, "leaves")).await, 2.0);
}

#[tokio::test]
async fn a_transaction_costs_twice() {
    let bench = Bench::with_table().await;
    bench
        .cost_of_put(&[("pk", text("sku")), ("n", number(5))])
        .await;
    bench.engine.reset_counts();
    let transaction = || {
        bench
            .client
            .transact_write_items()
            .transact_items(
                TransactWriteItem::builder()
                    .update(
                        Update::builder()
                            .table_name(TABLE)
                            .key("pk", text("sku"))
                            .update_expression("SET n = n - :one")
                            .condition_expression("n >= :one")
                            .expression_attribute_values(":one", number(1))
                            .build()
                            .unwrap(),
                    )
                    .build(),
            )
            .transact_items(
                TransactWriteItem::builder()
                    .put(
                        Put::builder()
                            .table_name(TABLE)
                            .item("pk", text("reservation"))
                            .item("body", text(&"x".repeat(1500)))
                            .condition_expression("attribute_not_exists(pk)")
                            .build()
                            .unwrap(),
                    )
                    .build(),
            )
    };
    transaction().send().await.unwrap();
    assert_eq!(
        bench.usage("TransactWriteItems"),
        Usage {
            requests: 1,
            read_units: 0.0,
            write_units: 2.0 + 4.0,
        }
    );
    bench.engine.reset_counts();
    transaction().send().await.unwrap_err();
    assert_eq!(
        bench.usage("TransactWriteItems").write_units,
        1.0 + 2.0,
        "cancelled: each action once"
    );
}

#[tokio::test]
async fn a_refused_conditional_write_costs_the_existing_item() {
    let bench = Bench::with_table().await;
    bench
        .cost_of_put(&[("pk", text("large")), ("body", text(&"x".repeat(2500)))])
        .await;
    let refuse = |pk: &str, condition: &str| {
        bench
            .client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(pk))
            .condition_expression(condition)
            .send()
    };
    bench.engine.reset_counts();
    refuse("large", "attribute_not_exists(pk)")
        .await
        .unwrap_err();
    assert_eq!(bench.usage("PutItem").write_units, 3.0);
    bench.engine.reset_counts();
    refuse("missing", "attribute_exists(pk)").await.unwrap_err();
    assert_eq!(bench.usage("PutItem").write_units, 1.0);
}

#[tokio::test]
async fn reads_cost_by_four_kilobytes_and_half_when_not_strong() {
    let bench = Bench::with_table().await;
    bench
        .cost_of_put(&[("pk", text("a")), ("body", text(&"x".repeat(5000)))])
        .await;
    let read = |strong: bool| {
        bench
            .client
            .get_item()
            .table_name(TABLE)
            .key("pk", text("a"))
            .consistent_read(strong)
            .send()
    };
    bench.engine.reset_counts();
    read(true).await.unwrap();
    assert_eq!(bench.usage("GetItem").read_units, 2.0);
    bench.engine.reset_counts();
    read(false).await.unwrap();
    assert_eq!(bench.usage("GetItem").read_units, 1.0);
}

#[tokio::test]
async fn the_client_sees_its_capacity_when_it_asks() {
    let bench = Bench::with_table().await;
    let put = |mode: ReturnConsumedCapacity| {
        bench
            .client
            .put_item()
            .table_name(TABLE)
            .item("pk", text("a"))
            .return_consumed_capacity(mode)
            .send()
    };
    let none = put(ReturnConsumedCapacity::None).await.unwrap();
    assert!(none.consumed_capacity().is_none());
    let total = put(ReturnConsumedCapacity::Total).await.unwrap();
    let total = total.consumed_capacity().unwrap();
    assert_eq!(total.capacity_units(), Some(1.0));
    assert!(total.table().is_none());
    let indexes = put(ReturnConsumedCapacity::Indexes).await.unwrap();
    assert!(indexes.consumed_capacity().unwrap().table().is_some());
    assert_eq!(bench.usage("PutItem").write_units, 3.0);
}
