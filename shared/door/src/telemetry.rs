//! What a function's process tells of each invocation: log lines with its keys, and one line of metrics.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use identifiers::{Clock as _, SystemClock};
use lambda_runtime::Context;
use logs::{Invocation, JsonLines};
use metrics::{Declared, Emf};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::Environment;

/// What of a trigger was not handled: a request answered with 5xx, a message that is left to its queue because something
/// failed, or given up, a record of the stream that is left to it.
pub(crate) const UNHANDLED: &str = "Unhandled";

/// The metrics that are one for all functions of a stack, without a dimension. An alarm is billed by its metrics, and the one
/// that calls a new version back asks only whether anything is not handled.
///
/// ```
/// assert_eq!(door::UNDIVIDED_METRICS, ["Unhandled"]);
/// ```
pub const UNDIVIDED_METRICS: &[&str] = &[UNHANDLED];

pub(crate) struct Telemetry {
    service: String,
    filter: Targets,
    emf: Option<Emf>,
    is_cold: AtomicBool,
}

impl Telemetry {
    /// By the function's variables. `SERVICE_NAME` is its name in logs and metrics. `METRICS` says which numbers are
    /// metrics of CloudWatch: `off` (as where it is not set) writes none at all, `all` makes each a metric, anything
    /// else is the names of those that are, separated by commas; the others are numbers in the log. They stand under
    /// `METRICS_NAMESPACE`. `LOG_LEVEL` is a level, or names of modules each with one: `info,store=debug`; `info` where
    /// it is none of both.
    pub fn of(environment: &Environment) -> Self {
        let name = ["SERVICE_NAME", "AWS_LAMBDA_FUNCTION_NAME"];
        let service = name.iter().find_map(|name| environment.get(name));
        let service = service.unwrap_or("function").to_owned();
        let declared = match environment.get("METRICS") {
            None | Some("off") => None,
            Some("all") => Some(Declared::All),
            Some(names) => {
                let names = names.split(',').map(|name| name.trim().to_owned());
                Some(Declared::Only(names.collect()))
            }
        };
        let filter = environment
            .get("LOG_LEVEL")
            .and_then(|filter| filter.parse().ok());
        let namespace = environment.get("METRICS_NAMESPACE").unwrap_or("Noren");
        let dimensions = vec![("service", service.clone())];
        let emf = |declared| Emf::new(namespace, dimensions, declared).undivided(UNDIVIDED_METRICS);
        Self {
            emf: declared.map(emf),
            filter: filter.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO)),
            service,
            is_cold: AtomicBool::new(true),
        }
    }

    /// Logs in JSON lines, as CloudWatch reads them. `Targets` and not `EnvFilter`, which filters by spans' fields too
    /// and for that brings an engine of regular expressions into every function.
    pub fn log(&self) {
        // It complains at length when there is no Runtime API any more, of which [`crate::run`] says one word.
        let silent = "lambda_runtime::layers::api_client";
        let filter = self.filter.clone().with_target(silent, LevelFilter::OFF);
        tracing_subscriber::registry()
            .with(filter)
            .with(JsonLines::new(self.service.clone(), std::io::stdout))
            .init();
    }

    /// Does the work of an invocation: its log lines say of which it is, and what it counts is one line at its end.
    pub async fn tell<F: Future>(&self, context: &Context, work: F) -> F::Output {
        let invocation = self.invocation(context);
        logs::invoked(invocation, async {
            let Some(emf) = &self.emf else {
                return work.await;
            };
            let (output, recorded) = metrics::recording(work).await;
            let now = SystemClock.now().milliseconds();
            // Which function it is, `service` says in fewer characters; each is paid for.
            let mut keys = logs::keys();
            keys.retain(|name, _| !name.starts_with("function_") || name == "function_request_id");
            for line in emf.lines(&recorded, now, &keys) {
                println!("{line}");
            }
            output
        })
        .await
    }

    fn invocation(&self, context: &Context) -> Invocation {
        // `Root=1-5e6722a7-cc56f3d1db7ae02d4da47e01;Parent=...;Sampled=1`
        let trace = context.xray_trace_id.as_deref().unwrap_or_default();
        let root = trace.split(';').find_map(|part| part.strip_prefix("Root="));
        Invocation {
            cold_start: self.is_cold.swap(false, Ordering::Relaxed),
            function_name: context.env_config.function_name.clone(),
            function_memory_size: context.env_config.memory,
            function_arn: context.invoked_function_arn.clone(),
            function_request_id: context.request_id.clone(),
            xray_trace_id: root.unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The alarm in the template names it so: without a dimension.
    #[tokio::test]
    async fn what_was_not_handled_is_one_metric_of_all_services() {
        let environment = Environment::from_iter(
            [
                ("SERVICE_NAME", "orders"),
                ("METRICS", "Unhandled,OrderPlaced"),
                ("METRICS_NAMESPACE", "Noren/shop"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let telemetry = Telemetry::of(&environment);
        let (_, recorded) = metrics::recording(async {
            metrics::count(UNHANDLED, 2);
            metrics::count("OrderPlaced", 1);
        })
        .await;
        let emf = telemetry.emf.unwrap();
        let lines = emf.lines(&recorded, 5, &serde_json::Map::new());
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        let of = |name: &str| {
            let mut found = directives
                .iter()
                .filter(|directive| directive["Metrics"][0]["Name"] == name);
            found.next().map(|directive| &directive["Dimensions"])
        };
        assert_eq!(of("Unhandled"), Some(&json!([[]])));
        assert_eq!(of("OrderPlaced"), Some(&json!([["service"]])));
        assert_eq!(
            (&line["Unhandled"], &line["service"]),
            (&json!(2), &json!("orders"))
        );
    }
}
