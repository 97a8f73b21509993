//! The rules that a template can break: held by the project's own, and each shown to catch a broken copy.
//!
//! Not here: that a filter policy lists what the code declares it hears. That comparison needs the functions.

mod rule;
mod shop;

use std::collections::BTreeMap;

use rule::{RULES, broken};
use sam_template::{EventSource, Template};

#[test]
fn the_template_keeps_every_rule() {
    assert_eq!(broken(&shop::template()), BTreeMap::new());
}

#[test]
fn the_longest_batching_window_keeps_every_rule() {
    let mut parameters = shop::parameters();
    for (name, value) in [
        ("QueueBatchingWindowSeconds", "30"),
        ("StreamRetryAttempts", "1000"),
    ] {
        parameters
            .overrides
            .insert(name.to_owned(), value.to_owned());
    }
    let template =
        Template::parse(&shop::text(), &parameters).expect("values that the template allows");
    assert_eq!(broken(&template), BTreeMap::new());
}

/// Each change breaks the named rule: the passage after the anchor, what stands there, what it becomes.
const BREAKS: &[(&str, &str, &str, &str)] = &[
    (
        "visibility",
        "  OrdersQueue:",
        "VisibilityTimeout: 90",
        "VisibilityTimeout: 59",
    ),
    ("visibility", "Globals:", "Timeout: 10", "Timeout: 16"),
    (
        "receive_count",
        "  ShippingQueue:",
        "maxReceiveCount: 8",
        "maxReceiveCount: 4",
    ),
    (
        "dead_letters",
        "  PaymentsQueue:",
        "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt PaymentsDeadLetters.Arn\n        maxReceiveCount: 8\n",
        "",
    ),
    (
        "dead_letters",
        "  OrdersDeadLetters:",
        "MessageRetentionPeriod: 1209600",
        "MessageRetentionPeriod: 345600",
    ),
    (
        "dead_letters",
        "  OrdersQueue:",
        "!GetAtt OrdersDeadLetters.Arn",
        "!GetAtt ShippingDeadLetters.Arn",
    ),
    (
        "dead_letters",
        "  OrdersQueue:",
        "!GetAtt OrdersDeadLetters.Arn",
        "!GetAtt ShippingQueue.Arn",
    ),
    (
        "dead_letters",
        "  OrdersFromShipping:",
        "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt OrdersFromShippingUndelivered.Arn\n",
        "",
    ),
    (
        "dead_letters",
        "  OrdersFromShippingUndelivered:",
        "MessageRetentionPeriod: 1209600",
        "MessageRetentionPeriod: 345600",
    ),
    (
        "partial_failures",
        "  InventoryFunction:",
        "            FunctionResponseTypes: [ReportBatchItemFailures]\n",
        "",
    ),
    (
        "partial_failures",
        "  CatalogFunction:",
        "[ReportBatchItemFailures]",
        "[]",
    ),
    (
        "ownership",
        "  OrdersFunction:",
        "TABLE_NAME: !Ref OrdersTable",
        "TABLE_NAME: !Ref PaymentsTable",
    ),
    (
        "ownership",
        "  OrdersFunction:",
        "TOPIC_ARN: !Ref OrdersTopic",
        "TOPIC_ARN: !Ref PaymentsTopic",
    ),
    (
        "ownership",
        "  OrdersFunction:",
        "Queue: !GetAtt OrdersQueue.Arn",
        "Queue: !GetAtt PaymentsQueue.Arn",
    ),
    (
        "ownership",
        "  OrdersFunction:",
        "Stream: !GetAtt OrdersTable.StreamArn",
        "Stream: !GetAtt CatalogTable.StreamArn",
    ),
    (
        "ownership",
        "  OrdersFunction:",
        "SERVICE_NAME: orders",
        "SERVICE_NAME: !Ref CatalogTable",
    ),
    (
        "permissions",
        "  OrdersRole:",
        "Resource: !GetAtt OrdersTable.Arn",
        "Resource: !GetAtt CatalogTable.Arn",
    ),
    (
        "permissions",
        "  OrdersRole:",
        "${OrdersTable.Arn}/index/due",
        "${CatalogTable.Arn}/index/by_category",
    ),
    (
        "permissions",
        "  OrdersRole:",
        "Resource: !Ref OrdersTopic",
        "Resource: !Ref CatalogTopic",
    ),
    (
        "permissions",
        "  OrdersRole:",
        "Resource: !GetAtt OrdersQueue.Arn",
        "Resource: !GetAtt ShippingQueue.Arn",
    ),
    (
        "permissions",
        "  OrdersRole:",
        "- dynamodb:PutItem",
        "- dynamodb:DeleteTable",
    ),
    (
        "permissions",
        "  OrdersRole:",
        "                  - sqs:DeleteMessage\n",
        "",
    ),
    (
        "permissions",
        "  OrdersRole:",
        "                  - dynamodb:GetRecords\n",
        "",
    ),
    (
        "permissions",
        "  OrdersFunction:",
        "Role: !GetAtt OrdersRole.Arn",
        "Role: !GetAtt CatalogRole.Arn",
    ),
    (
        "permissions",
        "  OrdersFunction:",
        "      Role: !GetAtt OrdersRole.Arn\n",
        "",
    ),
    (
        "wildcards",
        "  OrdersRole:",
        "Action: sns:Publish",
        "Action: sns:*",
    ),
    (
        "wildcards",
        "  OrdersRole:",
        "Resource: !Ref OrdersTopic",
        "Resource: \"*\"",
    ),
    (
        "wildcards",
        "  OrdersRole:",
        "${OrdersTable.Arn}/index/due",
        "${OrdersTable.Arn}/index/*",
    ),
    (
        "stream_filters",
        "  OrdersFunction:",
        "\"S\":[\"http\",\"schedule\"]",
        "\"S\":[\"http\",\"queue\"]",
    ),
    (
        "stream_filters",
        "  OrdersFunction:",
        "\"origin\":{\"S\":[\"http\",\"schedule\"]}",
        "\"pk\":{\"S\":[\"http\"]}",
    ),
    (
        "stream_filters",
        "  OrdersFunction:",
        ",\"eventName\":[\"INSERT\",\"MODIFY\"]",
        "",
    ),
    (
        "stream_failures",
        "  OrdersFunction:",
        "BisectBatchOnFunctionError: true",
        "BisectBatchOnFunctionError: false",
    ),
    (
        "stream_failures",
        "  OrdersFunction:",
        "            MaximumRetryAttempts: !Ref StreamRetryAttempts\n",
        "",
    ),
    (
        "stream_failures",
        "  OrdersFunction:",
        "!Ref StreamRecordAgeSeconds",
        "-1",
    ),
    (
        "stream_failures",
        "  OrdersFunction:",
        "            DestinationConfig:\n              OnFailure:\n                Destination: !GetAtt OrdersStreamFailures.Arn\n",
        "",
    ),
    (
        "stream_failures",
        "  OrdersFunction:",
        "!GetAtt OrdersStreamFailures.Arn",
        "!GetAtt ShippingStreamFailures.Arn",
    ),
    (
        "stream_failures",
        "  OrdersStreamFailures:",
        "MessageRetentionPeriod: 1209600",
        "MessageRetentionPeriod: 600",
    ),
    (
        "stream_failures",
        "  OrdersFunction:",
        "TRIM_HORIZON",
        "LATEST",
    ),
    (
        "access",
        "        GetStock:",
        "[noren/operate]",
        "[noren/shop]",
    ),
    (
        "access",
        "        GetStock:",
        "AuthorizationScopes: [noren/operate]",
        "Authorizer: NONE",
    ),
    (
        "access",
        "        GetStock:",
        "AuthorizationScopes: [noren/operate]",
        "AuthorizationScopes: [noren/operate, noren/shop]",
    ),
    (
        "access",
        "        GetStock:",
        "            Auth: { AuthorizationScopes: [noren/operate] }\n",
        "",
    ),
    (
        "access",
        "        PlaceOrder:",
        "AuthorizationScopes: [noren/shop]",
        "Authorizer: NONE",
    ),
    (
        "access",
        "        PlaceOrder:",
        "            Auth: { AuthorizationScopes: [noren/shop] }\n",
        "",
    ),
    (
        "access",
        "        ListProducts:",
        "Authorizer: NONE",
        "AuthorizationScopes: [noren/shop]",
    ),
    (
        "log_retention",
        "  OrdersLogs:",
        "      RetentionInDays: !Ref LogRetentionDays\n",
        "",
    ),
    (
        "log_retention",
        "  OrdersFunction:",
        "      LoggingConfig: { LogGroup: !Ref OrdersLogs }\n",
        "",
    ),
    (
        "log_retention",
        "  OrdersFunction:",
        "!Ref OrdersLogs",
        "!Ref CatalogLogs",
    ),
    (
        "binaries",
        "  OrdersFunction:",
        "Binary: orders",
        "Binary: catalog",
    ),
    (
        "binaries",
        "  OrdersFunction:",
        "CodeUri: functions/orders",
        "CodeUri: functions/carts",
    ),
    (
        "subscriptions",
        "  OrdersFromCatalog:",
        "RawMessageDelivery: true",
        "RawMessageDelivery: false",
    ),
    (
        "subscriptions",
        "  OrdersFromCatalog:",
        "- catalog.PriceChanged.v1",
        "- shipping.PriceChanged.v1",
    ),
    (
        "subscriptions",
        "  OrdersFromCatalog:",
        "FilterPolicyScope: MessageAttributes",
        "FilterPolicyScope: MessageBody",
    ),
    (
        "subscriptions",
        "  OrdersQueuePolicy:",
        "!Ref CatalogTopic, ",
        "",
    ),
    (
        "subscriptions",
        "  OrdersQueuePolicy:",
        "!Ref CatalogTopic, ",
        "!Ref CatalogTopic, !Ref OrdersTopic, ",
    ),
    (
        "subscriptions",
        "  OrdersFromCatalogUndeliveredPolicy:",
        "aws:SourceArn: !Ref CatalogTopic",
        "aws:SourceArn: !Ref ShippingTopic",
    ),
    (
        "subscriptions",
        "  OrdersQueuePolicy:",
        "Resource: !GetAtt OrdersQueue.Arn",
        "Resource: !GetAtt ShippingQueue.Arn",
    ),
];

#[test]
fn each_rule_catches_a_broken_template() {
    for (rule, anchor, from, to) in BREAKS {
        let template = shop::changed(anchor, from, to).unwrap_or_else(|error| {
            panic!("{rule}: {from:?} -> {to:?} must load, so that the rule is tried: {error}")
        });
        let broken = broken(&template);
        assert!(
            broken.contains_key(rule),
            "{rule} does not notice {from:?} -> {to:?}: {broken:#?}"
        );
    }
}

#[test]
fn no_rule_is_without_a_broken_template() {
    for (rule, _) in RULES {
        assert!(
            BREAKS.iter().any(|(broken, ..)| broken == rule),
            "{rule} was never shown to catch anything"
        );
    }
}

#[test]
fn a_route_given_twice_is_refused() {
    let twice = [
        ("/api/products/{product_id}", "/api/products"),
        ("/api/products/{product_id}", "/api/stock/{which}"),
    ];
    for (from, to) in twice {
        let error =
            shop::changed("        GetProduct:", from, to).expect_err("one route, two functions");
        assert!(error.to_string().contains("is routed twice"), "{error}");
    }
}

/// The filter is tried on records as DynamoDB Streams would hand them over.
#[test]
fn streams_pass_what_no_queue_will_retry() {
    let record = |name: &str, origin: Option<&str>| {
        let mut image = serde_json::json!({ "pk": { "S": "order#1" }, "sk": { "S": "order" } });
        if let Some(origin) = origin {
            image["origin"] = serde_json::json!({ "S": origin });
        }
        serde_json::json!({ "eventName": name, "eventSource": "aws:dynamodb", "dynamodb": { "NewImage": image } })
    };
    let template = shop::template();
    for source in template
        .functions
        .iter()
        .flat_map(|function| &function.event_sources)
    {
        let EventSource::Stream { filters, .. } = source else {
            continue;
        };
        assert!(filters.matches(&record("INSERT", Some("http"))));
        assert!(filters.matches(&record("MODIFY", Some("schedule"))));
        assert!(!filters.matches(&record("MODIFY", Some("queue"))));
        assert!(!filters.matches(&record("MODIFY", None)));
        assert!(!filters.matches(&record("REMOVE", Some("http"))));
    }
}
