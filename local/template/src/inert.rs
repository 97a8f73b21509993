//! What a template may say although it has no effect on a laptop. The one place for it: what is neither read nor listed
//! here is refused.

/// A key that is passed over, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inert {
    /// Where it stands: a resource type, `template`, `resource`, `output`, or a type and a property behind a dot.
    pub kind: &'static str,
    /// The key.
    pub key: &'static str,
    /// Why nothing is lost locally.
    pub reason: &'static str,
}

const fn inert(kind: &'static str, key: &'static str, reason: &'static str) -> Inert {
    Inert { kind, key, reason }
}

const TEXT: &str = "for readers only";
const TAGS: &str = "for cost reports and access rules of an account; the local stack has neither";
const FATE: &str =
    "says what becomes of data when a stack goes; the local data directory is deleted by hand";
const CIPHER: &str =
    "encryption at rest by AWS's keys; the local data directory is the developer's own disk";
const UNMEASURED: &str = "how CloudWatch measures and compares; nothing measures a laptop";
const RELEASE: &str =
    "how a new version takes over on AWS; locally a function is what was last built";
const NO_MANAGER: &str = "the local stack creates everything before it starts anything";

/// The whole list.
pub const INERT: &[Inert] = &[
    inert(
        "template",
        "AWSTemplateFormatVersion",
        "there is one version only",
    ),
    inert("template", "Description", TEXT),
    inert("template", "Metadata", TEXT),
    inert("a parameter", "Description", TEXT),
    inert("a parameter", "ConstraintDescription", TEXT),
    inert(
        "a parameter",
        "NoEcho",
        "parameters' values are never printed locally",
    ),
    inert("resource", "DependsOn", NO_MANAGER),
    inert("resource", "DeletionPolicy", FATE),
    inert("resource", "UpdateReplacePolicy", FATE),
    inert("output", "Description", TEXT),
    inert(
        "AWS::DynamoDB::Table",
        "PointInTimeRecoverySpecification",
        "a backup; the local copy is the data directory",
    ),
    inert("AWS::DynamoDB::Table", "SSESpecification", CIPHER),
    inert("AWS::DynamoDB::Table", "DeletionProtectionEnabled", FATE),
    inert("AWS::DynamoDB::Table", "TableClass", "a price class"),
    inert("AWS::DynamoDB::Table", "Tags", TAGS),
    inert(
        "AWS::SNS::Topic",
        "DisplayName",
        "shown in text messages to phones only",
    ),
    inert("AWS::SNS::Topic", "KmsMasterKeyId", CIPHER),
    inert("AWS::SNS::Topic", "Tags", TAGS),
    inert("AWS::SQS::Queue", "SqsManagedSseEnabled", CIPHER),
    inert("AWS::SQS::Queue", "KmsMasterKeyId", CIPHER),
    inert("AWS::SQS::Queue", "KmsDataKeyReusePeriodSeconds", CIPHER),
    inert("AWS::SQS::Queue", "Tags", TAGS),
    inert("AWS::Logs::LogGroup", "KmsKeyId", CIPHER),
    inert("AWS::Logs::LogGroup", "Tags", TAGS),
    inert("AWS::IAM::Role", "Description", TEXT),
    inert(
        "AWS::IAM::Role",
        "AssumeRolePolicyDocument",
        "the engine invokes functions itself and assumes no role",
    ),
    inert("AWS::IAM::Role", "Tags", TAGS),
    inert(
        "AWS::Serverless::Function",
        "Architectures",
        "functions run as the machine's own instruction set",
    ),
    inert("AWS::Serverless::Function", "AutoPublishAlias", RELEASE),
    inert(
        "AWS::Serverless::Function",
        "AutoPublishAliasAllProperties",
        RELEASE,
    ),
    inert(
        "AWS::Serverless::Function.DeploymentPreference",
        "Type",
        RELEASE,
    ),
    inert(
        "AWS::Serverless::Function.DeploymentPreference",
        "Role",
        RELEASE,
    ),
    inert(
        "AWS::Serverless::Function",
        "ReservedConcurrentExecutions",
        "a share of an account's quota; the local engine bounds its own work by queue and by process",
    ),
    inert("AWS::Serverless::Function", "Description", TEXT),
    inert("AWS::Serverless::Function", "Tags", TAGS),
    inert(
        "AWS::Serverless::Function",
        "Tracing",
        "X-Ray is not run locally; the trace header is made all the same",
    ),
    inert(
        "AWS::Serverless::Function.LoggingConfig",
        "LogFormat",
        "the functions write JSON lines by themselves",
    ),
    inert(
        "AWS::Serverless::Function.LoggingConfig",
        "ApplicationLogLevel",
        "levels are set by the environment locally",
    ),
    inert(
        "AWS::Serverless::Function.LoggingConfig",
        "SystemLogLevel",
        "Lambda's own log lines do not exist locally",
    ),
    inert("a ScheduleV2 event", "Description", TEXT),
    inert(
        "a ScheduleV2 event",
        "Name",
        "names a schedule within an account; locally it has the event's name",
    ),
    inert(
        "a ScheduleV2 event",
        "RetryPolicy",
        "the engine's invocation of its own function is not lost on the way",
    ),
    inert(
        "AWS::Serverless::HttpApi",
        "AccessLogSettings",
        "the lines that API Gateway itself logs; the functions log their requests locally too",
    ),
    inert(
        "AWS::Serverless::HttpApi",
        "DefaultRouteSettings",
        "throttling, which protects an account from the public; only this machine calls the local API",
    ),
    inert("AWS::Serverless::HttpApi", "Description", TEXT),
    inert(
        "AWS::Serverless::HttpApi",
        "FailOnWarnings",
        "about importing the API's definition into API Gateway",
    ),
    inert("AWS::CloudWatch::Alarm", "AlarmDescription", TEXT),
    inert("AWS::CloudWatch::Alarm", "OKActions", UNMEASURED),
    inert("AWS::CloudWatch::Alarm", "Period", UNMEASURED),
    inert("AWS::CloudWatch::Alarm", "Tags", TAGS),
    inert("AWS::CloudWatch::Alarm", "TreatMissingData", UNMEASURED),
    inert("AWS::CloudWatch::Alarm", "Unit", UNMEASURED),
    inert("a metric query", "Label", TEXT),
    inert("a metric query", "Period", UNMEASURED),
    inert("MetricStat", "Period", UNMEASURED),
    inert("MetricStat", "Unit", UNMEASURED),
    inert("AWS::CloudWatch::Dashboard", "Tags", TAGS),
    inert(
        "AWS::Serverless::HttpApi",
        "Name",
        "shown in API Gateway's console only",
    ),
    inert("AWS::Serverless::HttpApi", "Tags", TAGS),
];

/// Why a key is without effect, if it is known to be.
pub fn reason(kind: &str, key: &str) -> Option<&'static str> {
    INERT
        .iter()
        .find(|entry| entry.kind == kind && entry.key == key)
        .map(|entry| entry.reason)
}
