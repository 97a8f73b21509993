//! SAM's rule for Globals: maps are merged, lists are put one behind the other, and of anything else
//! the resource's own wins.

mod shop;

#[test]
fn a_function_adds_to_the_globals_and_overrides_them() {
    let text = shop::text()
        .replacen(
            "      Variables:\n",
            "      Variables:\n        SERVICE_NAME: none\n        ZONE: tokyo\n",
            1,
        )
        .replace(
            "      CodeUri: functions/orders\n",
            "      CodeUri: functions/orders\n      Timeout: 5\n",
        );
    let template = sam_template::Template::parse(&text, &shop::parameters()).expect("a template");
    let orders = template.function("OrdersFunction").expect("a function");
    let catalog = template.function("CatalogFunction").expect("a function");
    assert_eq!(
        (orders.timeout.as_secs(), catalog.timeout.as_secs()),
        (5, 10)
    );
    assert_eq!((orders.memory_mb, catalog.memory_mb), (256, 256));
    assert_eq!(orders.environment["SERVICE_NAME"], "orders");
    assert_eq!(orders.environment["ZONE"], "tokyo");
    assert_eq!(orders.environment["TABLE_NAME"], "noren-OrdersTable");
}

#[test]
fn lists_are_put_one_behind_the_other() {
    let globals = "Globals:\n  HttpApi:\n    CorsConfiguration: { AllowHeaders: [x-trace] }\n";
    let text = shop::text().replace("Globals:\n", globals);
    let template = sam_template::Template::parse(&text, &shop::parameters()).expect("a template");
    let cors = template
        .api
        .and_then(|api| api.cors)
        .expect("cross-origin rules");
    assert_eq!(
        cors.allow_headers,
        [
            "x-trace",
            "authorization",
            "content-type",
            "guest-token",
            "idempotency-key"
        ]
    );
}

#[test]
fn what_has_to_be_worked_out_is_one_value() {
    let text = shop::text().replacen(
        "      Variables:\n",
        "      Variables:\n        TABLE_NAME: !If [HasDashboard, a, b]\n        TOPIC_ARN: !If [HasDashboard, a, b]\n",
        1,
    );
    let own = "          TOPIC_ARN: !If [HasUserPool, pool, not]\n";
    let text = text.replace("          TOPIC_ARN: !Ref OrdersTopic\n", own);
    let template = sam_template::Template::parse(&text, &shop::parameters()).expect("a template");
    let orders = template.function("OrdersFunction").expect("a function");
    assert_eq!(orders.environment["TABLE_NAME"], "noren-OrdersTable");
    assert_eq!(orders.environment["TOPIC_ARN"], "not");
}
