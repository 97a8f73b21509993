//! What the project's own template.yaml comes to, for one local stack.

mod shop;

use std::collections::BTreeSet;

use sam_template::{EventSource, Projection, StreamView};

#[test]
fn every_context_has_its_resources() {
    let template = shop::template();
    let contexts = [
        "Carts",
        "Catalog",
        "Customers",
        "Insights",
        "Inventory",
        "Orders",
        "Payments",
        "Shipping",
        "Notifications",
    ];
    for context in contexts {
        let table = template.table(&format!("{context}Table")).expect("a table");
        assert_eq!(table.name, format!("noren-{context}Table"));
        // What says nothing has nobody who would read its stream.
        let streamed = (context != "Insights").then_some(StreamView::NewImage);
        assert_eq!(table.stream_view, streamed, "{context}");
        assert_eq!(table.ttl_attribute.as_deref(), Some("expires_at"));
        assert_eq!(
            (table.key.hash.as_str(), table.key.range.as_deref()),
            ("pk", Some("sk"))
        );
        let function = template
            .function(&format!("{context}Function"))
            .expect("a function");
        assert_eq!(function.binary, context.to_lowercase());
        assert_eq!(function.environment["TABLE_NAME"], table.name);
        assert_eq!(function.environment["SERVICE_NAME"], function.binary);
        let topic = template
            .topic_by_arn(&function.environment["TOPIC_ARN"])
            .expect("a topic");
        assert_eq!(topic.logical_id, format!("{context}Topic"));
    }
    assert_eq!(template.tables.len(), contexts.len());
    assert_eq!(template.functions.len(), contexts.len());
    let others: Vec<_> = template
        .topics
        .iter()
        .map(|topic| topic.logical_id.as_str())
        .filter(|id| {
            !contexts
                .iter()
                .any(|context| *id == format!("{context}Topic"))
        })
        .collect();
    assert_eq!(others, ["AlarmTopic"]);
}

#[test]
fn insights_is_told_of_every_queue_where_failed_work_ends_or_goes_back_to() {
    let template = shop::template();
    let function = template.function("InsightsFunction").expect("insights");
    let told: BTreeSet<&str> = function.environment["FAILED_QUEUES"].split(',').collect();
    let all: BTreeSet<&str> = template
        .queues
        .iter()
        .map(|queue| queue.logical_id.as_str())
        .collect();
    assert_eq!(told, all);
    assert_eq!(function.environment["STACK_NAME"], "noren");
}

#[test]
fn names_and_attributes_are_those_of_the_stack() {
    let template = shop::template();
    let queue = template
        .queues
        .iter()
        .find(|queue| queue.logical_id == "OrdersQueue")
        .expect("the queue");
    assert_eq!(
        queue.arn,
        "arn:aws:sqs:ap-northeast-1:000000000000:noren-OrdersQueue"
    );
    assert_eq!(
        queue.url,
        "http://127.0.0.1:4566/000000000000/noren-OrdersQueue"
    );
    let attributes = queue.attributes();
    assert_eq!(attributes["VisibilityTimeout"], "90");
    let redrive: serde_json::Value =
        serde_json::from_str(&attributes["RedrivePolicy"]).expect("JSON");
    assert_eq!(redrive["maxReceiveCount"], 10);
    assert_eq!(
        redrive["deadLetterTargetArn"],
        "arn:aws:sqs:ap-northeast-1:000000000000:noren-OrdersDeadLetters"
    );

    let orders = template.table("OrdersTable").expect("the table");
    let indexes: Vec<_> = orders
        .indexes
        .iter()
        .map(|index| (index.name.as_str(), &index.projection))
        .collect();
    assert_eq!(
        indexes,
        [
            ("due", &Projection::KeysOnly),
            ("by_customer", &Projection::KeysOnly)
        ]
    );

    assert_eq!(template.outputs[0].value, "http://127.0.0.1:8080");
    let api = template.api.expect("the API");
    assert_eq!(api.authorizers["Tokens"].issuer, shop::ISSUER);
    assert_eq!(api.authorizers["Tokens"].header, "authorization");
}

#[test]
fn what_a_context_hears_can_be_asked() {
    let template = shop::template();
    let heard = template.hears("PaymentsFunction").expect("an answer");
    let types = |list: &[&str]| {
        list.iter()
            .map(|each| (*each).to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        heard.keys().collect::<Vec<_>>(),
        ["OrdersTopic", "ShippingTopic"]
    );
    assert_eq!(
        heard["OrdersTopic"],
        types(&["orders.PaymentRequested.v1", "orders.OrderCancelled.v1"])
    );
    assert_eq!(
        heard["ShippingTopic"],
        types(&["shipping.ShipmentDispatched.v1"])
    );
    assert!(
        template
            .hears("CatalogFunction")
            .expect("an answer")
            .is_empty()
    );
    assert!(template.hears("NobodysFunction").is_err());
}

#[test]
fn the_deadlines_are_swept_each_minute_and_days_settled_now_and_then() {
    let template = shop::template();
    for function in &template.functions {
        let rates: Vec<_> = function
            .event_sources
            .iter()
            .filter_map(|source| match source {
                EventSource::Schedule { rate, input, .. } => {
                    Some((rate.as_secs(), input.as_deref()))
                }
                EventSource::Queue { .. }
                | EventSource::Stream { .. }
                | EventSource::Http { .. } => None,
            })
            .collect();
        let every_seconds = match function.logical_id.as_str() {
            "OrdersFunction" | "PaymentsFunction" => Some(60),
            "InsightsFunction" => Some(900),
            _ => None,
        };
        let sweep = Some(r#"{"schedule":"deadlines"}"#);
        let wanted: Vec<_> = every_seconds
            .map(|seconds| (seconds, sweep))
            .into_iter()
            .collect();
        assert_eq!(rates, wanted, "{}", function.logical_id);
    }
}
