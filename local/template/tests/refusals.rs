//! What the engine cannot run is refused with the resource, the property and the line. Each case changes the project's
//! own template at one place.

mod shop;

use sam_template::{Parameters, Template, TemplateError, inert};

/// Anchor, what stands there, what it becomes, and what the refusal says: its path and its reason.
const CASES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "  OrdersTopic:",
        "AWS::SNS::Topic",
        "AWS::Kinesis::Stream",
        "OrdersTopic.Type",
        "AWS::Kinesis::Stream are not run",
    ),
    (
        "  OrdersTopic:",
        "Type:",
        "CreationPolicy: {}\n    Type:",
        "OrdersTopic.CreationPolicy",
        "is not run locally",
    ),
    (
        "  OrdersTable:",
        "PAY_PER_REQUEST",
        "PROVISIONED",
        "OrdersTable.Properties.BillingMode",
        "only PAY_PER_REQUEST",
    ),
    (
        "  OrdersTable:",
        "      KeySchema:",
        "      LocalSecondaryIndexes: []\n      KeySchema:",
        "OrdersTable.Properties.LocalSecondaryIndexes",
        "is not run locally",
    ),
    (
        "  OrdersTable:",
        "AttributeName: due_at, KeyType",
        "AttributeName: due, KeyType",
        "KeySchema[1].AttributeName",
        "not among AttributeDefinitions",
    ),
    (
        "  OrdersQueue:",
        "VisibilityTimeout: 90",
        "FifoQueue: true",
        "OrdersQueue.Properties.FifoQueue",
        "FIFO is not run",
    ),
    (
        "  OrdersQueue:",
        "VisibilityTimeout: 90",
        "VisibilityTimeout: 43201",
        "OrdersQueue.Properties.VisibilityTimeout",
        "not within 0 to 43200",
    ),
    (
        "  OrdersQueue:",
        "VisibilityTimeout: 90",
        "VisibilityTimeout: [9]",
        "OrdersQueue.Properties.VisibilityTimeout",
        "expected a string, found a list",
    ),
    (
        "  OrdersQueue:",
        "VisibilityTimeout: 90",
        "Visibility: 90",
        "OrdersQueue.Properties.Visibility",
        "is not run locally",
    ),
    (
        "  OrdersQueue:",
        "maxReceiveCount: 8",
        "maxReceives: 8",
        "OrdersQueue.Properties.RedrivePolicy",
        "maxReceiveCount is missing",
    ),
    (
        "  OrdersFromCatalog:",
        "Protocol: sqs",
        "Protocol: email",
        "OrdersFromCatalog.Properties.Protocol",
        "email is not run locally",
    ),
    (
        "  OrdersFromCatalog:",
        "!GetAtt OrdersQueue.Arn",
        "arn:aws:sqs:eu-west-1:1:x",
        "OrdersFromCatalog.Properties.Endpoint",
        "not an AWS::SQS::Queue of this template",
    ),
    (
        "  OrdersFromCatalog:",
        "RawMessageDelivery: true",
        "DeliveryPolicy: {}",
        "OrdersFromCatalog.Properties.DeliveryPolicy",
        "is not run locally",
    ),
    (
        "  OrdersQueuePolicy:",
        "Effect: Allow",
        "Effect: Deny",
        "Statement[0].Effect",
        "Deny is not run locally",
    ),
    (
        "  OrdersQueuePolicy:",
        "[!Ref OrdersQueue]",
        "[!Ref OrdersQueue, !Ref CatalogStreamFailures, !Ref OrdersQueue]",
        "OrdersQueuePolicy",
        "has two policies",
    ),
    (
        "  OrdersRole:",
        "      Policies:",
        "      ManagedPolicyArns: []\n      Policies:",
        "OrdersRole.Properties.ManagedPolicyArns",
        "is not run locally",
    ),
    (
        "  OrdersFunction:",
        "CodeUri:",
        "VpcConfig: {}\n      CodeUri:",
        "OrdersFunction.Properties.VpcConfig",
        "is not run locally",
    ),
    (
        "  OrdersFunction:",
        "CodeUri:",
        "Layers: []\n      CodeUri:",
        "OrdersFunction.Properties.Layers",
        "is not run locally",
    ),
    (
        "  OrdersFunction:",
        "CodeUri:",
        "Policies: []\n      CodeUri:",
        "OrdersFunction.Properties.Policies",
        "is not run locally",
    ),
    (
        "  OrdersFunction:",
        "rust-cargolambda",
        "makefile",
        "OrdersFunction.Metadata.BuildMethod",
        "only rust-cargolambda",
    ),
    (
        "Globals:",
        "provided.al2023",
        "python3.13",
        "OrdersFunction.Properties.Runtime",
        "only provided.al2023",
    ),
    (
        "Globals:",
        "Timeout: 10",
        "Timeout: 31",
        "OrdersFunction.Properties.Events.PlaceOrder.Properties.Path",
        "longer than API Gateway waits",
    ),
    (
        "Globals:",
        "  Function:",
        "  SimpleTable: {}\n  Function:",
        "Globals.SimpleTable",
        "is not run locally",
    ),
    (
        "  OrdersFunction:",
        "Type: SQS",
        "Type: Kinesis",
        "OrdersFunction.Properties.Events.Messages.Type",
        "events of type Kinesis are not run",
    ),
    (
        "  OrdersFunction:",
        "Type: ScheduleV2",
        "Type: Schedule",
        "OrdersFunction.Properties.Events.Deadlines.Type",
        "events of type Schedule are not run",
    ),
    (
        "  OrdersFunction:",
        "rate(1 minute)",
        "cron(0 9 * * ? *)",
        "Deadlines.Properties.ScheduleExpression",
        "only rate(",
    ),
    (
        "  OrdersFunction:",
        "BatchSize: !Ref QueueBatchSize",
        "BatchSize: 11",
        "Messages.Properties.BatchSize",
        "needs a MaximumBatchingWindowInSeconds",
    ),
    (
        "  OrdersFunction:",
        "BatchSize: !Ref QueueBatchSize",
        "Enabled: false",
        "Messages.Properties.Enabled",
        "disabled mappings",
    ),
    (
        "  OrdersFunction:",
        "BatchSize: !Ref QueueBatchSize",
        "KmsKeyArn: x",
        "Messages.Properties.KmsKeyArn",
        "is not run locally",
    ),
    (
        "  OrdersFunction:",
        "BatchSize: !Ref StreamBatchSize",
        "TumblingWindowInSeconds: 9",
        "Commits.Properties.TumblingWindowInSeconds",
        "is not run locally",
    ),
    (
        "  OrdersFunction:",
        "{\"S\":[\"http\",\"schedule\"]}",
        "{\"S\":[{\"wildcard\":\"h*\"}]}",
        "Commits.Properties.FilterCriteria.Filters[0].Pattern",
        "no operator wildcard",
    ),
    (
        "  OrdersFunction:",
        "Method: POST",
        "Method: ANY",
        "PlaceOrder.Properties.Method",
        "the method ANY is not run locally",
    ),
    (
        "  OrdersFunction:",
        "Path: /api/orders\n",
        "Path: /api/{rest+}\n",
        "PlaceOrder.Properties.Path",
        "no greedy variables",
    ),
    (
        "  OrdersFunction:",
        "Auth: { AuthorizationScopes: [noren/shop] }",
        "Auth: { Authorizer: Iam }",
        "PlaceOrder.Properties.Auth.Authorizer",
        "no authoriser Iam",
    ),
    (
        "  OrdersFunction:",
        "Auth: { AuthorizationScopes: [noren/shop] }",
        "Auth: { Authorizer: NONE, AuthorizationScopes: [noren/shop] }",
        "PlaceOrder.Properties.Auth.AuthorizationScopes",
        "checked by nobody",
    ),
    (
        "  Api:",
        "DefaultAuthorizer: Tokens",
        "EnableIamAuthorizer: true",
        "Api.Properties.Auth.EnableIamAuthorizer",
        "is not run locally",
    ),
    (
        "  Api:",
        "      Auth:",
        "      Domain: {}\n      Auth:",
        "Api.Properties.Domain",
        "is not run locally",
    ),
    (
        "Transform:",
        "AWS::Serverless-2016-10-31",
        "[AWS::LanguageExtensions]",
        "template.Transform",
        "expected a string, found a list",
    ),
    (
        "Transform:",
        "AWS::Serverless-2016-10-31",
        "AWS::LanguageExtensions",
        "template.Transform",
        "only the transform",
    ),
    (
        "Globals:",
        "Globals:",
        "Rules: {}\nGlobals:",
        "template.Rules",
        "is not run locally",
    ),
];

#[test]
fn what_cannot_be_run_is_refused_by_name_and_place() {
    for (anchor, from, to, path, reason) in CASES {
        let Err(error) = shop::changed(anchor, from, to) else {
            panic!("{from:?} -> {to:?} was taken")
        };
        let TemplateError::Refused(refusals) = &error else {
            panic!("{from:?} -> {to:?}: {error}")
        };
        let found = refusals.iter().find(|refusal| refusal.path.ends_with(path));
        let refusal =
            found.unwrap_or_else(|| panic!("{from:?} -> {to:?} is not refused at {path}: {error}"));
        assert!(
            refusal.reason.contains(reason),
            "{from:?} -> {to:?}: {error}"
        );
        assert!(refusal.line > 1, "{from:?} -> {to:?}: {error}");
    }
}

#[test]
fn the_line_is_that_of_the_property() {
    let text = shop::text();
    let anchor = text.find("  OrdersQueue:").expect("the queue");
    let line = text[..anchor].lines().count() + 4;
    assert_eq!(
        text.lines().nth(line - 1),
        Some("      VisibilityTimeout: 90")
    );
    let error = shop::changed("  OrdersQueue:", "VisibilityTimeout: 90", "Visibility: 90")
        .expect_err("a typo");
    let expected = format!(
        "line {line}: OrdersQueue.Properties.Visibility: Visibility of AWS::SQS::Queue is not run locally"
    );
    assert!(error.to_string().contains(&expected), "{error}");
}

#[test]
fn every_refused_resource_is_named_at_once() {
    let text = shop::text()
        .replace("BisectBatchOnFunctionError", "BisectBatch")
        .replace(
            "      BillingMode: PAY_PER_REQUEST\n",
            "      BillingMode: PROVISIONED\n",
        );
    let error = Template::parse(&text, &shop::parameters()).expect_err("twelve faults");
    let TemplateError::Refused(refusals) = error else {
        panic!("{error}")
    };
    assert_eq!(refusals.len(), 12);
    assert!(refusals.is_sorted_by_key(|refusal| refusal.line));
}

#[test]
fn yaml_that_is_read_in_two_ways_is_refused() {
    let cases = [
        ("A: 1\nA: 2\n", 2, "the key A stands twice"),
        ("A: &x 1\n", 1, "anchors are not used"),
        ("A: 1\nB: *x\n", 2, ""),
        ("A: 1\nB: yes\n", 2, "yes is a boolean for CloudFormation"),
        ("A: 012\n", 1, "012 is read as another number"),
        ("A:\n  <<: { B: 1 }\n", 2, "merge keys are not used"),
        ("A: !!set { }\n", 1, "is not one of CloudFormation's"),
        ("A: [1, 2\n", 2, ""),
        ("", 1, "the file is empty"),
        ("A: 1\n---\nB: 2\n", 3, "a template is one document"),
    ];
    for (text, line, reason) in cases {
        let Err(error) = Template::parse(text, &Parameters::default()) else {
            panic!("{text:?} was taken")
        };
        let TemplateError::Yaml { line: found, .. } = error else {
            panic!("{text:?}: {error}")
        };
        assert_eq!(found, line, "{text:?}: {error}");
        assert!(error.to_string().contains(reason), "{text:?}: {error}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Template::load("no/such/template.yaml", &shop::parameters()).expect_err("no file");
    assert_eq!(
        error.to_string(),
        "cannot read the template no/such/template.yaml"
    );
}

/// Where a key of each kind can be added to the template: anchor, what stands there, what it becomes.
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("template", "Globals:", "Globals:", "KEY: {}\nGlobals:"),
    (
        "resource",
        "  OrdersQueue:",
        "    Type:",
        "    KEY: {}\n    Type:",
    ),
    (
        "a parameter",
        "  ShopUrl:",
        "    Type:",
        "    KEY: {}\n    Type:",
    ),
    (
        "output",
        "  ApiUrl:",
        "    Value:",
        "    KEY: {}\n    Value:",
    ),
    (
        "AWS::DynamoDB::Table",
        "  OrdersTable:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
    ),
    (
        "AWS::SNS::Topic",
        "  OrdersTopic:",
        "AWS::SNS::Topic",
        "AWS::SNS::Topic\n    Properties: { KEY: {} }",
    ),
    (
        "AWS::SQS::Queue",
        "  OrdersQueue:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
    ),
    (
        "AWS::Logs::LogGroup",
        "  OrdersLogs:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
    ),
    (
        "AWS::IAM::Role",
        "  OrdersRole:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
    ),
    (
        "AWS::Serverless::Function",
        "  OrdersFunction:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
    ),
    (
        "AWS::Serverless::Function.LoggingConfig",
        "  OrdersFunction:",
        "{ LogGroup: !Ref OrdersLogs }",
        "{ LogGroup: !Ref OrdersLogs, KEY: {} }",
    ),
    (
        "a ScheduleV2 event",
        "        Deadlines:",
        "          Properties:",
        "          Properties:\n            KEY: {}",
    ),
    (
        "AWS::Serverless::HttpApi",
        "  Api:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
    ),
];

/// Each listed key is taken where it is listed, and a key that is not listed is refused at the same place.
#[test]
fn what_has_no_effect_is_taken() {
    for entry in inert::INERT {
        let place = PLACES.iter().find(|(kind, ..)| *kind == entry.kind);
        let (_, anchor, from, to) =
            place.unwrap_or_else(|| panic!("no place to try {}", entry.kind));
        assert!(
            entry.reason.len() > 10,
            "{} of {} has no reason",
            entry.key,
            entry.kind
        );
        match shop::changed(anchor, from, &to.replace("KEY", entry.key)) {
            Ok(_) => {}
            // The template uses the key itself, and loads.
            Err(TemplateError::Yaml { reason, .. }) if reason.contains("stands twice") => {}
            Err(error) => panic!("{} of {}: {error}", entry.key, entry.kind),
        }
    }
    for (kind, anchor, from, to) in PLACES {
        let error = shop::changed(anchor, from, &to.replace("KEY", "Colour")).expect_err(kind);
        assert!(
            error.to_string().contains("is not run locally"),
            "{kind}: {error}"
        );
    }
}
