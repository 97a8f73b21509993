//! What has no effect locally: taken where it is listed, and nowhere else.

mod shop;

use sam_template::{TemplateError, inert};

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
        "    Properties:",
        "    Properties:\n      KEY: {}",
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
        "AWS::Serverless::Function.DeploymentPreference",
        "  OrdersFunction:",
        "      DeploymentPreference:",
        "      DeploymentPreference:\n        KEY: {}",
    ),
    (
        "a ScheduleV2 event",
        "        Deadlines:",
        "          Properties:",
        "          Properties:\n            KEY: {}",
    ),
    (
        "AWS::CloudWatch::Alarm",
        "  ApiAlarm:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
    ),
    (
        "a metric query",
        "  DeadLettersAlarm:",
        "        - Id: watched",
        "        - Id: watched\n          KEY: {}",
    ),
    (
        "MetricStat",
        "  DeadLettersAlarm:",
        "          MetricStat:",
        "          MetricStat:\n            KEY: {}",
    ),
    (
        "AWS::CloudWatch::Dashboard",
        "  Overview:",
        "    Properties:",
        "    Properties:\n      KEY: {}",
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
