//! What a template has that costs by the month whether or not anything happens.

use std::collections::BTreeSet;

use sam_template::Template;
use serde_yaml_ng::Value;

/// How many of each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extras {
    /// Metrics that alarms watch: what CloudWatch bills.
    pub(super) alarms: usize,
    pub(super) dashboards: usize,
    pub(super) secrets: usize,
    /// Whether functions write a line of numbers, and how many of those are metrics of CloudWatch.
    pub(super) measures: bool,
    pub(super) metrics: usize,
    /// Whether Lambda's own log lines are switched off.
    pub(super) quiet_log: bool,
}

impl Extras {
    /// Reads them off a template: what its conditions leave out is not counted.
    pub(super) fn read(template: &Template, text: &str) -> anyhow::Result<Self> {
        let alarms = template
            .alarms
            .iter()
            .map(|alarm| alarm.metrics.len().max(1));
        let text: Value = serde_yaml_ng::from_str(text)?;
        let functions = template.functions.iter();
        let written: Vec<&str> = functions
            .filter_map(|function| function.environment.get("METRICS"))
            .map(String::as_str)
            .filter(|names| !["", "off"].contains(names))
            .collect();
        let names = written.iter().flat_map(|names| names.split(','));
        // One that all functions share is billed once.
        let (shared, own): (Vec<&str>, Vec<&str>) =
            names.partition(|name| door::UNDIVIDED_METRICS.contains(name));
        let shared: BTreeSet<&str> = shared.into_iter().collect();
        Ok(Self {
            measures: !written.is_empty(),
            metrics: own.len() + shared.len(),
            alarms: alarms.sum(),
            dashboards: template.dashboards.len(),
            secrets: secrets(&text),
            quiet_log: has_quiet_log(&text),
        })
    }
}

/// The engine runs none, so that a template with one is refused before it is priced; counted all the same, for the day on
/// which it can.
fn secrets(template: &Value) -> usize {
    let resources = template.get("Resources").and_then(Value::as_mapping);
    let types = resources
        .into_iter()
        .flat_map(|resources| resources.values())
        .filter_map(|resource| resource.get("Type").and_then(Value::as_str));
    types
        .filter(|name| *name == "AWS::SecretsManager::Secret")
        .count()
}

fn has_quiet_log(template: &Value) -> bool {
    let path = ["Globals", "Function", "LoggingConfig", "SystemLogLevel"];
    let level = path.iter().try_fold(template, |value, key| value.get(key));
    level.and_then(Value::as_str) == Some("WARN")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As docs/cost.md, docs/deploying.md and the template's own description of `Metrics` say.
    #[test]
    fn metrics_are_as_many_as_is_said() {
        let text = include_str!("../../../template.yaml");
        for (metrics, count) in [("off", 0), ("essential", 7), ("all", 83)] {
            let overrides = [
                ("TokenIssuer", "https://issuer.example.com"),
                ("Pages", "off"),
                ("Metrics", metrics),
            ];
            let parameters = sam_template::Parameters::overriding(overrides);
            let template = Template::parse(text, &parameters).unwrap();
            let extras = Extras::read(&template, text).unwrap();
            assert_eq!((extras.metrics, extras.measures), (count, count > 0));
        }
    }

    #[test]
    fn what_the_engine_does_not_read_is_read_here() {
        let template = "
Globals: { Function: { LoggingConfig: { SystemLogLevel: WARN } } }
Resources:
  Key: { Type: AWS::SecretsManager::Secret, Properties: { Name: !Ref X } }
  Queue: { Type: AWS::SQS::Queue }
";
        let template: Value = serde_yaml_ng::from_str(template).unwrap();
        assert_eq!(secrets(&template), 1);
        assert!(has_quiet_log(&template));
        assert!(!has_quiet_log(&Value::Null));
    }
}
