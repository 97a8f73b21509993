//! Physical names, ARNs, and what `Ref` and `Fn::GetAtt` give for each resource type. Owns names only: whether the
//! rest of a resource can be run is for [`crate::read`].

use crate::error::Refusal;
use crate::parameter::Parameters;

/// The resource types that the local engine runs or, as alarms and dashboards, reads so that rules can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Table,
    Topic,
    Subscription,
    Queue,
    QueuePolicy,
    LogGroup,
    Role,
    Function,
    HttpApi,
    Alarm,
    Dashboard,
}

/// Resource types that the local engine knows and makes nothing of: another part does their work, if the template can be
/// told so by a parameter. One whose condition holds is refused.
const STOOD_IN_FOR: &[(&str, &str)] = &[
    ("AWS::Cognito::UserPool", SIGN_IN),
    ("AWS::Cognito::UserPoolClient", SIGN_IN),
    ("AWS::Cognito::UserPoolDomain", SIGN_IN),
    ("AWS::Cognito::UserPoolGroup", SIGN_IN),
    ("AWS::Cognito::UserPoolResourceServer", SIGN_IN),
    ("AWS::CloudFront::Distribution", PAGES),
    ("AWS::CloudFront::Function", PAGES),
    ("AWS::CloudFront::OriginAccessControl", PAGES),
    ("AWS::CloudFront::ResponseHeadersPolicy", PAGES),
    ("AWS::S3::Bucket", PAGES),
    ("AWS::S3::BucketPolicy", PAGES),
];
const PAGES: &str = "pages are served by the local gateway: give the resource a condition that a parameter turns off";
const SIGN_IN: &str = "signing in is done by the local issuer: give the resource a condition, and name the issuer in a parameter";

/// What does the work of a type that is not run, and what the template must leave to it.
pub(crate) fn stood_in_for(type_name: &str) -> Option<&'static str> {
    let mut known = STOOD_IN_FOR.iter();
    known
        .find(|(name, _)| *name == type_name)
        .map(|(_, by)| *by)
}

impl Kind {
    pub(crate) const ALL: [Kind; 11] = [
        Kind::Table,
        Kind::Topic,
        Kind::Subscription,
        Kind::Queue,
        Kind::QueuePolicy,
        Kind::LogGroup,
        Kind::Role,
        Kind::Function,
        Kind::HttpApi,
        Kind::Alarm,
        Kind::Dashboard,
    ];

    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Kind::Table => "AWS::DynamoDB::Table",
            Kind::Topic => "AWS::SNS::Topic",
            Kind::Subscription => "AWS::SNS::Subscription",
            Kind::Queue => "AWS::SQS::Queue",
            Kind::QueuePolicy => "AWS::SQS::QueuePolicy",
            Kind::LogGroup => "AWS::Logs::LogGroup",
            Kind::Role => "AWS::IAM::Role",
            Kind::Function => "AWS::Serverless::Function",
            Kind::HttpApi => "AWS::Serverless::HttpApi",
            Kind::Alarm => "AWS::CloudWatch::Alarm",
            Kind::Dashboard => "AWS::CloudWatch::Dashboard",
        }
    }

    pub(crate) fn from_type(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.type_name() == name)
    }

    /// The property that sets the physical name, where there is one.
    pub(crate) fn name_property(self) -> Option<&'static str> {
        match self {
            Kind::Table => Some("TableName"),
            Kind::Topic => Some("TopicName"),
            Kind::Queue => Some("QueueName"),
            Kind::LogGroup => Some("LogGroupName"),
            Kind::Role => Some("RoleName"),
            Kind::Function => Some("FunctionName"),
            Kind::Alarm => Some("AlarmName"),
            Kind::Dashboard => Some("DashboardName"),
            Kind::Subscription | Kind::QueuePolicy | Kind::HttpApi => None,
        }
    }
}

/// What other resources can say of one.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub kind: Kind,
    pub name: String,
    pub arn: String,
    reference: Option<String>,
    attributes: Vec<(&'static str, String)>,
}

impl Identity {
    /// What AWS documents as the return values of each type. A table's stream ends in the label `local`, since the
    /// time of its creation, which AWS puts there, is not known before it exists.
    pub(crate) fn new(kind: Kind, name: String, stack: &Parameters) -> Self {
        let arn = |service: &str, rest: &str| {
            format!(
                "arn:aws:{service}:{}:{}:{rest}",
                stack.region, stack.account_id
            )
        };
        let (arn, reference, attributes) = match kind {
            Kind::Table => {
                let arn = arn("dynamodb", &format!("table/{name}"));
                let stream = format!("{arn}/stream/local");
                (
                    arn.clone(),
                    Some(name.clone()),
                    vec![("Arn", arn), ("StreamArn", stream)],
                )
            }
            Kind::Topic => {
                let arn = arn("sns", &name);
                (
                    arn.clone(),
                    Some(arn.clone()),
                    vec![("TopicArn", arn), ("TopicName", name.clone())],
                )
            }
            Kind::Queue => {
                let arn = arn("sqs", &name);
                let url = format!(
                    "{}/{}/{name}",
                    stack.queue_endpoint.trim_end_matches('/'),
                    stack.account_id
                );
                let attributes = vec![
                    ("Arn", arn.clone()),
                    ("QueueName", name.clone()),
                    ("QueueUrl", url.clone()),
                ];
                (arn, Some(url), attributes)
            }
            Kind::LogGroup => {
                let arn = format!("{}:*", arn("logs", &format!("log-group:{name}")));
                (arn.clone(), Some(name.clone()), vec![("Arn", arn)])
            }
            Kind::Role => {
                let arn = format!("arn:aws:iam::{}:role/{name}", stack.account_id);
                (arn.clone(), Some(name.clone()), vec![("Arn", arn)])
            }
            Kind::Function => {
                let arn = arn("lambda", &format!("function:{name}"));
                (arn.clone(), Some(name.clone()), vec![("Arn", arn)])
            }
            Kind::HttpApi => {
                let arn = arn("apigateway", &format!("/apis/{name}"));
                let attributes = vec![
                    ("ApiId", name.clone()),
                    ("ApiEndpoint", stack.api_endpoint.clone()),
                ];
                (arn, Some(name.clone()), attributes)
            }
            Kind::Alarm => {
                let arn = arn("cloudwatch", &format!("alarm:{name}"));
                (arn.clone(), Some(name.clone()), vec![("Arn", arn)])
            }
            Kind::Dashboard => (String::new(), Some(name.clone()), Vec::new()),
            Kind::Subscription | Kind::QueuePolicy => (String::new(), None, Vec::new()),
        };
        Self {
            kind,
            name,
            arn,
            reference,
            attributes,
        }
    }

    /// What `Ref` gives.
    pub(crate) fn reference(&self, path: &str, line: usize) -> Result<&str, Refusal> {
        self.reference.as_deref().ok_or_else(|| {
            Refusal::new(
                path,
                line,
                format!("Ref to an {} has no local value", self.kind.type_name()),
            )
        })
    }

    /// What `Fn::GetAtt` gives.
    pub(crate) fn attribute(&self, name: &str, path: &str, line: usize) -> Result<&str, Refusal> {
        self.attributes
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
            .ok_or_else(|| {
                let reason = format!(
                    "the attribute {name} of an {} has no local value",
                    self.kind.type_name()
                );
                Refusal::new(path, line, reason)
            })
    }
}
