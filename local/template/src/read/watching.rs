//! `AWS::CloudWatch::Alarm` and `AWS::CloudWatch::Dashboard`. Nothing measures a laptop: they are read so that the
//! project's rules about them can be checked on what will be deployed.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::identity::{Identity, Kind};
use crate::intrinsic::Scope;
use crate::model::{Alarm, Dashboard, Metric};

use super::named;

/// CloudWatch takes so many metrics in one alarm.
const MOST_METRICS: usize = 10;
/// CloudWatch looks back over a day of minutes at most; an alarm over more periods is refused by it.
const MOST_PERIODS: u32 = 1440;

/// An alarm watches one metric, or several by an expression; CloudWatch takes ten at the most in one alarm.
pub(crate) fn alarm(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
    scope: &Scope<'_>,
) -> Result<Alarm, Refusal> {
    let (metrics, statistics) = match fields.take("Metrics") {
        None => {
            let statistic = fields.need("Statistic")?.text()?;
            (vec![metric(&mut fields)?], BTreeSet::from([statistic]))
        }
        Some(field) => queries(field)?,
    };
    let comparison = fields.need("ComparisonOperator")?.text()?;
    let threshold = fields.need("Threshold")?.number()?;
    let periods = fields
        .need("EvaluationPeriods")?
        .integer(1..=MOST_PERIODS)?;
    if let Some(datapoints) = fields.take("DatapointsToAlarm") {
        datapoints.integer(1..=periods)?;
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
        statistics,
        comparison,
        threshold,
        topic_arns,
    })
}

/// The metrics of an expression, and the statistics that they are taken by. What one query returns is watched; a metric
/// that its expression leaves out would be billed and never ring.
fn queries(field: Field) -> Result<(Vec<Metric>, BTreeSet<String>), Refusal> {
    let place = field.clone();
    let mut metrics = Vec::new();
    let mut statistics = BTreeSet::new();
    let mut ids = BTreeSet::new();
    let mut returned = Vec::new();
    for query in field.list()? {
        let mut query = query.fields("a metric query")?;
        let id = query.need("Id")?.text()?;
        let returns = query.take("ReturnData").map_or(Ok(true), Field::boolean)?;
        let mut expression = id.clone();
        if let Some(stat) = query.take("MetricStat") {
            let mut stat = stat.fields("MetricStat")?;
            let mut watched = stat.need("Metric")?.fields("a metric")?;
            metrics.push(metric(&mut watched)?);
            watched.finish()?;
            statistics.insert(stat.need("Stat")?.text()?);
            stat.finish()?;
            ids.insert(id);
        } else {
            expression = query.need("Expression")?.text()?;
        }
        if returns {
            returned.push(expression);
        }
        query.finish()?;
    }
    if metrics.is_empty() || metrics.len() > MOST_METRICS {
        return Err(place.refuse("an expression is over one to ten metrics"));
    }
    let [expression] = &returned[..] else {
        return Err(place.refuse("an alarm watches what one of its queries returns"));
    };
    let named = ids_in(expression);
    match ids.symmetric_difference(&named).next() {
        None => Ok((metrics, statistics)),
        Some(id) if named.contains(id) => Err(place.refuse(format!(
            "the expression is over {id}, which is no metric of it"
        ))),
        Some(id) => Err(place.refuse(format!(
            "the expression leaves {id} out, which nothing watches so"
        ))),
    }
}

/// The ids in an expression: they begin with a small letter, and functions do not.
fn ids_in(expression: &str) -> BTreeSet<String> {
    expression
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with(|letter: char| letter.is_ascii_lowercase()))
        .map(str::to_owned)
        .collect()
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
