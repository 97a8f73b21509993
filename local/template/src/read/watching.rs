//! `AWS::CloudWatch::Alarm` and `AWS::CloudWatch::Dashboard`. Nothing measures a laptop: they are read so that the
//! project's rules about them can be checked on what will be deployed.

use std::collections::BTreeMap;

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::identity::{Identity, Kind};
use crate::intrinsic::Scope;
use crate::model::{Alarm, Dashboard, Metric};

use super::named;

/// An alarm watches one metric, or several by an expression; CloudWatch takes ten at the most in one alarm.
pub(crate) fn alarm(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
    scope: &Scope<'_>,
) -> Result<Alarm, Refusal> {
    let mut metrics = Vec::new();
    match fields.take("Metrics") {
        None => metrics.push(metric(&mut fields)?),
        Some(field) => {
            let place = field.clone();
            for query in field.list()? {
                let mut query = query.fields("a metric query")?;
                query.need("Id")?.text()?;
                if let Some(stat) = query.take("MetricStat") {
                    let mut stat = stat.fields("MetricStat")?;
                    let mut watched = stat.need("Metric")?.fields("a metric")?;
                    metrics.push(metric(&mut watched)?);
                    watched.finish()?;
                    stat.finish()?;
                } else {
                    query.need("Expression")?.text()?;
                }
                query.finish()?;
            }
            if metrics.is_empty() || metrics.len() > 10 {
                return Err(place.refuse("an expression is over one to ten metrics"));
            }
        }
    }
    let mut topic_arns = Vec::new();
    for action in fields
        .take("AlarmActions")
        .map_or(Ok(Vec::new()), Field::list)?
    {
        topic_arns.push(named(action, Kind::Topic, scope)?.arn.clone());
    }
    fields.finish()?;
    Ok(Alarm {
        logical_id,
        name: identity.name.clone(),
        metrics,
        topic_arns,
    })
}

fn metric(fields: &mut Fields) -> Result<Metric, Refusal> {
    let mut dimensions = BTreeMap::new();
    if let Some(field) = fields.take("Dimensions") {
        for dimension in field.list()? {
            let mut dimension = dimension.fields("a dimension")?;
            let name = dimension.need("Name")?.text()?;
            dimensions.insert(name, dimension.need("Value")?.text()?);
            dimension.finish()?;
        }
    }
    Ok(Metric {
        namespace: fields.need("Namespace")?.text()?,
        name: fields.need("MetricName")?.text()?,
        dimensions,
    })
}

/// The body is JSON in a text, which neither CloudFormation nor its linter looks into.
pub(crate) fn dashboard(logical_id: String, mut fields: Fields) -> Result<Dashboard, Refusal> {
    let body = fields.need("DashboardBody")?;
    let text = body.clone().text()?;
    fields.finish()?;
    match serde_json::from_str(&text) {
        Ok(body) => Ok(Dashboard { logical_id, body }),
        Err(error) => Err(body.refuse(format!("the body is not JSON: {error}"))),
    }
}
