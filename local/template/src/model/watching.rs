//! What watches the stack on AWS: alarms and dashboards.

use std::collections::BTreeMap;

use serde_json::Value;

/// An alarm of CloudWatch. How it compares is not kept: nothing measures a laptop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Name in the template.
    pub logical_id: String,
    /// Physical name.
    pub name: String,
    /// What it watches. CloudWatch bills an alarm by the number of its metrics.
    pub metrics: Vec<Metric>,
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
