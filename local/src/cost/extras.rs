//! What a template has that costs by the month and that the engine does not run: alarms, dashboards, secrets.

use serde_yaml_ng::Value;

/// How many of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extras {
    pub(super) alarms: usize,
    pub(super) dashboards: usize,
    pub(super) secrets: usize,
    /// Those of them that a condition may leave out; they are counted all the same.
    pub(super) conditional: usize,
}

impl Extras {
    /// Reads them off the template's text. An alarm of several metrics is billed for each.
    pub(super) fn read(template: &str) -> anyhow::Result<Self> {
        let template: Value = serde_yaml_ng::from_str(template)?;
        let mut extras = Self::default();
        let resources = template.get("Resources").and_then(Value::as_mapping);
        for resource in resources
            .into_iter()
            .flat_map(|resources| resources.values())
        {
            let count = match resource.get("Type").and_then(Value::as_str) {
                Some("AWS::CloudWatch::Alarm") => {
                    let metrics = metric_count(resource);
                    extras.alarms += metrics;
                    metrics
                }
                Some("AWS::CloudWatch::CompositeAlarm") => {
                    // Billed at five times a plain one.
                    extras.alarms += 5;
                    5
                }
                Some("AWS::CloudWatch::Dashboard") => {
                    extras.dashboards += 1;
                    1
                }
                Some("AWS::SecretsManager::Secret") => {
                    extras.secrets += 1;
                    1
                }
                Some(_) | None => 0,
            };
            if resource.get("Condition").is_some() {
                extras.conditional += count;
            }
        }
        Ok(extras)
    }
}

fn metric_count(alarm: &Value) -> usize {
    let metrics = alarm
        .get("Properties")
        .and_then(|properties| properties.get("Metrics"));
    let metrics = metrics.and_then(Value::as_sequence);
    let billed = |metric: &&Value| metric.get("MetricStat").is_some();
    metrics.map_or(1, |metrics| metrics.iter().filter(billed).count().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_costs_by_the_month_is_counted() {
        let template = "
Resources:
  One: { Type: AWS::CloudWatch::Alarm, Properties: { Threshold: !Ref X } }
  Two:
    Type: AWS::CloudWatch::Alarm
    Condition: Watched
    Properties:
      Metrics: [ { Id: a, MetricStat: {} }, { Id: b, MetricStat: {} }, { Id: c, Expression: a/b } ]
  Board: { Type: AWS::CloudWatch::Dashboard }
  Key: { Type: AWS::SecretsManager::Secret }
  Queue: { Type: AWS::SQS::Queue }
";
        let expected = Extras {
            alarms: 3,
            dashboards: 1,
            secrets: 1,
            conditional: 2,
        };
        assert_eq!(Extras::read(template).unwrap(), expected);
    }
}
