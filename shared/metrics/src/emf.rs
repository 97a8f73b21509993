//! CloudWatch's embedded metric format: a line of the log that is a metric at once, without a request.

use serde_json::{Map, Value, json};

use crate::Recorded;
use crate::recorder::Unit;

/// CloudWatch: at most 100 metrics in a line, and at most 100 values in a metric.
const MAX_METRICS: usize = 100;
const MAX_VALUES: usize = 100;
/// Powertools leaves one of CloudWatch's 30 dimensions to itself.
const MAX_DIMENSIONS: usize = 29;

/// Which of the numbers in a line become metrics of CloudWatch, each of which costs something by the month. The others
/// stay numbers in the log, where Logs Insights finds them.
///
/// ```
/// use metrics::Declared;
///
/// let two = Declared::Only(vec!["OrderPlaced".to_owned(), "PaymentDeclined".to_owned()]);
/// assert_ne!(two, Declared::All);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declared {
    /// All of them.
    All,
    /// Those of these names.
    Only(Vec<String>),
}

/// How numbers are written.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use metrics::{Declared, Emf};
///
/// let (_, recorded) = metrics::recording(async { metrics::count("OrdersPlaced", 1) }).await;
/// let emf = Emf::new("Noren/shop", vec![("service", "orders".to_owned())], Declared::All);
/// let lines = emf.lines(&recorded, 1_795_512_600_000, &Default::default());
/// assert_eq!(
///     lines,
///     [r#"{"OrdersPlaced":1,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["service"]],"Metrics":[{"Name":"OrdersPlaced","Unit":"Count"}],"Namespace":"Noren/shop"}],"Timestamp":1795512600000},"service":"orders"}"#]
/// );
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Emf {
    namespace: String,
    dimensions: Vec<(&'static str, String)>,
    declared: Declared,
    undivided: &'static [&'static str],
}

/// A number or several, of one name.
struct Metric<'a> {
    name: &'a str,
    unit: Unit,
    value: Value,
}

impl Emf {
    /// Numbers under that namespace, by these dimensions; CloudWatch takes no more than 30, and those above 29 are left
    /// out.
    ///
    /// ```
    /// use metrics::{Declared, Emf};
    ///
    /// let only = Declared::Only(vec!["OrdersPlaced".to_owned()]);
    /// let emf = Emf::new("Noren/shop", vec![("service", "orders".to_owned())], only);
    /// # drop(emf);
    /// ```
    pub fn new(
        namespace: impl Into<String>,
        mut dimensions: Vec<(&'static str, String)>,
        declared: Declared,
    ) -> Self {
        dimensions.truncate(MAX_DIMENSIONS);
        Self {
            namespace: namespace.into(),
            dimensions,
            declared,
            undivided: &[],
        }
    }

    /// The same, with metrics of these names divided by no dimension: whoever writes one of them under the namespace adds to
    /// the same metric, which is billed once and needs one alarm. The line still says who wrote it.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use metrics::{Declared, Emf};
    ///
    /// let (_, recorded) = metrics::recording(async { metrics::count("Crashes", 1) }).await;
    /// let emf = Emf::new("Noren/shop", vec![("service", "orders".to_owned())], Declared::All).undivided(&["Crashes"]);
    /// let lines = emf.lines(&recorded, 1_795_512_600_000, &Default::default());
    /// assert!(lines[0].contains(r#""Dimensions":[[]],"Metrics":[{"Name":"Crashes","Unit":"Count"}]"#));
    /// # });
    /// ```
    pub fn undivided(self, names: &'static [&'static str]) -> Self {
        Self {
            undivided: names,
            ..self
        }
    }

    /// What was recorded, at that instant (milliseconds since the Unix epoch), beside the properties: one line, and more
    /// where there are more numbers than a line may have. No line where there is nothing.
    ///
    /// ```
    /// use metrics::{Declared, Emf, Recorded};
    ///
    /// let emf = Emf::new("Noren/shop", Vec::new(), Declared::All);
    /// assert!(emf.lines(&Recorded::default(), 0, &Default::default()).is_empty());
    /// ```
    pub fn lines(
        &self,
        recorded: &Recorded,
        at_ms: i64,
        properties: &Map<String, Value>,
    ) -> Vec<String> {
        let counts = recorded.counts.iter().map(|(name, count)| Metric {
            name,
            unit: Unit::Count,
            value: json!(count),
        });
        let mut rounds: Vec<Vec<Metric<'_>>> = vec![counts.collect()];
        for (name, times) in &recorded.times {
            for (round, values) in times.chunks(MAX_VALUES).enumerate() {
                if rounds.len() <= round {
                    rounds.push(Vec::new());
                }
                let value = match values {
                    [value] => json!(value),
                    values => json!(values),
                };
                let unit = Unit::Milliseconds;
                rounds[round].push(Metric { name, unit, value });
            }
        }
        let mut lines = Vec::new();
        for round in rounds {
            for metrics in round.chunks(MAX_METRICS) {
                // Reasons are said once.
                let reasons = lines.is_empty().then_some(&recorded.reasons);
                let mut line = properties.clone();
                for (name, by) in reasons.into_iter().flatten() {
                    line.insert(format!("{name}By"), json!(by));
                }
                lines.push(self.line(line, metrics, at_ms));
            }
        }
        lines
    }

    fn line(&self, mut line: Map<String, Value>, metrics: &[Metric<'_>], at_ms: i64) -> String {
        for (name, value) in &self.dimensions {
            line.insert((*name).to_owned(), json!(value));
        }
        let (mut divided, mut undivided) = (Vec::new(), Vec::new());
        for metric in metrics {
            line.insert(metric.name.to_owned(), metric.value.clone());
            let is_declared = match &self.declared {
                Declared::All => true,
                Declared::Only(names) => names.iter().any(|name| name == metric.name),
            };
            if is_declared {
                let unit = match metric.unit {
                    Unit::Count => "Count",
                    Unit::Milliseconds => "Milliseconds",
                };
                let kind = match self.undivided.contains(&metric.name) {
                    true => &mut undivided,
                    false => &mut divided,
                };
                kind.push(json!({ "Name": metric.name, "Unit": unit }));
            }
        }
        let dimensions: Vec<&str> = self.dimensions.iter().map(|(name, _)| *name).collect();
        let directives: Vec<Value> = [(dimensions, divided), (Vec::new(), undivided)]
            .into_iter()
            .filter(|(_, metrics)| !metrics.is_empty())
            .map(|(dimensions, metrics)| {
                json!({
                    "Namespace": self.namespace,
                    "Dimensions": [dimensions],
                    "Metrics": metrics,
                })
            })
            .collect();
        if !directives.is_empty() {
            let metadata = json!({ "Timestamp": at_ms, "CloudWatchMetrics": directives });
            line.insert("_aws".to_owned(), metadata);
        }
        Value::Object(line).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observe, recording, tally};

    fn read(lines: &[String]) -> Vec<Value> {
        let read = |line: &String| serde_json::from_str(line).expect("a line is JSON");
        lines.iter().map(read).collect()
    }

    #[tokio::test]
    async fn what_is_not_declared_is_in_the_line_and_is_no_metric() {
        let (_, recorded) = recording(async {
            tally("Rejected", "out-of-stock");
            observe("LagFromOrders", 12);
        })
        .await;
        let dimensions = vec![("service", "orders".to_owned())];
        let emf = Emf::new(
            "n",
            dimensions.clone(),
            Declared::Only(vec!["LagFromOrders".to_owned()]),
        );
        let properties = Map::from_iter([("cold_start".to_owned(), json!(true))]);
        let lines = read(&emf.lines(&recorded, 5, &properties));
        let metrics = &lines[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"];
        assert_eq!(
            *metrics,
            json!([{ "Name": "LagFromOrders", "Unit": "Milliseconds" }])
        );
        assert_eq!(lines[0]["Rejected"], 1);
        assert_eq!(lines[0]["RejectedBy"], json!({ "out-of-stock": 1 }));
        assert_eq!(lines[0]["cold_start"], true);
        assert_eq!(lines.len(), 1);
        let none = Emf::new("n", dimensions, Declared::Only(Vec::new()));
        assert!(
            read(&none.lines(&recorded, 5, &properties))[0]
                .get("_aws")
                .is_none()
        );
    }

    #[tokio::test]
    async fn what_is_undivided_has_no_dimension_and_the_others_have_theirs() {
        let (_, recorded) = recording(async {
            tally("Crashes", "panic");
            tally("Rejected", "a");
        })
        .await;
        let dimensions = vec![("service", "orders".to_owned())];
        let emf = Emf::new("n", dimensions, Declared::All).undivided(&["Crashes"]);
        let lines = read(&emf.lines(&recorded, 5, &Map::new()));
        let directive = |dimensions: Value, name: &str| {
            json!({
                "Namespace": "n",
                "Dimensions": dimensions,
                "Metrics": [{ "Name": name, "Unit": "Count" }],
            })
        };
        assert_eq!(
            lines[0]["_aws"]["CloudWatchMetrics"],
            json!([
                directive(json!([["service"]]), "Rejected"),
                directive(json!([[]]), "Crashes")
            ])
        );
        assert_eq!(lines[0]["service"], "orders");
    }

    #[tokio::test]
    async fn no_line_is_over_what_cloudwatch_takes() {
        let (_, recorded) = recording(async {
            tally("Rejected", "a");
            for value in 0..250 {
                observe("LagFromOrders", value);
            }
            for number in 0..150 {
                observe(format!("Lag{number:03}"), number);
            }
        })
        .await;
        let dimensions = (0..40).map(|_| ("service", "s".to_owned())).collect();
        let lines =
            read(&Emf::new("n", dimensions, Declared::All).lines(&recorded, 5, &Map::new()));
        let (mut values, mut names) = (0, 0);
        for line in &lines {
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            let metrics = directive["Metrics"].as_array().expect("a list");
            assert!(metrics.len() <= 100);
            assert!(directive["Dimensions"][0].as_array().expect("a list").len() <= 29);
            names += metrics.len();
            let lag = &line["LagFromOrders"];
            assert!(lag.as_array().is_none_or(|values| values.len() <= 100));
            values += lag.as_array().map_or(0, Vec::len);
        }
        assert_eq!((values, names), (250, 1 + 150 + 3));
        let with_reasons = lines.iter().filter(|line| line.get("RejectedBy").is_some());
        assert_eq!(with_reasons.count(), 1);
    }
}
