//! What watches the stack on AWS: alarms and dashboards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// An alarm of CloudWatch. Nothing measures a laptop; when it rings on AWS is kept, so that it can be judged before.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// What it watches. CloudWatch bills an alarm by the number of its metrics.
    pub metrics: Vec<Metric>,
    /// How a period's values of a metric become one, by CloudWatch's names, such as `Sum`: those that its metrics use.
    pub statistics: BTreeSet<String>,
    /// How that is compared with the threshold, by CloudWatch's name, such as `GreaterThanThreshold`.
    pub comparison: String,
    /// What it is compared with, in the metric's unit.
    pub threshold: f64,
    /// The topics that it tells.
    pub topic_arns: Vec<String>,
}

/// A metric of CloudWatch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metric {
    /// Such as `AWS/SQS`.
    pub namespace: String,
    /// Such as `ApproximateAgeOfOldestMessage`.
    pub name: String,
    /// Values by dimension.
    pub dimensions: BTreeMap<String, String>,
}

/// A dashboard of CloudWatch.
#[derive(Debug, Clone, PartialEq)]
pub struct Dashboard {
    /// Name in the template.
    pub logical_id: String,
    /// Its widgets, as CloudWatch reads them.
    pub body: Value,
}
