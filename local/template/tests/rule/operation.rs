//! What shows the stack at work, and what it gives away.

use std::collections::BTreeSet;

use sam_template::{Dashboard, Template};
use serde_json::Value;

/// CloudWatch gives three dashboards of up to so many metrics for free.
const FREE_DASHBOARD_METRICS: usize = 50;

/// CloudWatch gives so many dashboards for free.
const FREE_DASHBOARDS: usize = 3;

/// Whether a function writes the metric, which is given as it stands in a dashboard or an alarm.
fn is_written(template: &Template, name: &str, service: &str) -> bool {
    template.functions.iter().any(|function| {
        let variable = |name: &str| function.environment.get(name).map(String::as_str);
        let written = variable("METRICS").unwrap_or_default();
        variable("SERVICE_NAME") == Some(service)
            && (written == "all" || written.split(',').any(|written| written == name))
    })
}

/// What functions are called in what they measure.
fn services(template: &Template) -> impl Iterator<Item = &str> {
    let functions = template.functions.iter();
    functions.filter_map(|function| function.environment.get("SERVICE_NAME").map(String::as_str))
}

/// The metrics on a dashboard, as they stand there: namespace, name, and each dimension with its value.
fn metrics_on(dashboard: &Dashboard) -> Vec<&Value> {
    let widgets = dashboard.body["widgets"].as_array().into_iter().flatten();
    widgets
        .flat_map(|widget| widget["properties"]["metrics"].as_array())
        .flatten()
        .collect()
}

/// The dashboards show each function and each table, only what AWS or a function measures, and no more than is free; an
/// alarm on what functions measure watches what one of them writes.
pub fn dashboard(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    let mut shown: BTreeSet<&str> = BTreeSet::new();
    if template.dashboards.len() > FREE_DASHBOARDS {
        how.push(format!(
            "there are {} dashboards",
            template.dashboards.len()
        ));
    }
    for metric in super::alarms::watched(template) {
        if metric.namespace.starts_with("AWS/") {
            continue;
        }
        // A metric without a dimension is that of all functions: one that does not write it is not watched.
        let services: Vec<&str> = match metric.dimensions.get("service") {
            Some(service) => vec![service],
            None => services(template).collect(),
        };
        let unwritten = services
            .iter()
            .filter(|service| !is_written(template, &metric.name, service));
        how.extend(unwritten.map(|service| {
            format!(
                "an alarm watches {} of {service}, which nobody measures",
                metric.name
            )
        }));
    }
    for dashboard in &template.dashboards {
        let id = &dashboard.logical_id;
        let metrics = metrics_on(dashboard);
        if metrics.len() > FREE_DASHBOARD_METRICS {
            how.push(format!("{id} shows {} metrics", metrics.len()));
        }
        for metric in &metrics {
            let text = |position: usize| metric[position].as_str().unwrap_or_default();
            let is_ours = text(0).starts_with("Noren/") && text(2) == "service";
            let is_measured = is_ours && is_written(template, text(1), text(3));
            if !(text(0).starts_with("AWS/") || is_measured) {
                how.push(format!("{id} shows {metric}, which nobody measures"));
            }
        }
        shown.extend(metrics.iter().filter_map(|metric| metric[3].as_str()));
    }
    let functions = template.functions.iter().map(|function| &function.name);
    let tables = template.tables.iter().map(|table| &table.name);
    let missing = functions
        .chain(tables)
        .filter(|name| !shown.contains(name.as_str()));
    how.extend(missing.map(|name| format!("no dashboard shows {name}")));
    if template.dashboards.is_empty() {
        how.push("there is no dashboard".to_owned());
    }
    how
}

/// Each context writes as a metric, and a dashboard shows, how far it is behind each context that its queue hears.
pub fn lags(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    let shown: Vec<_> = template.dashboards.iter().flat_map(metrics_on).collect();
    for subscription in &template.subscriptions {
        let id = &subscription.logical_id;
        let Some((consumer, publisher)) = id.split_once("From") else {
            how.push(format!("{id} is not named as hearer From publisher"));
            continue;
        };
        let lag = format!("LagFrom{publisher}");
        let consumer = consumer.to_lowercase();
        if !is_written(template, &lag, &consumer) {
            how.push(format!("{consumer} does not write {lag}"));
        }
        if !shown
            .iter()
            .any(|metric| metric[1] == lag && metric[3] == consumer)
        {
            how.push(format!("no dashboard shows {lag} of {consumer}"));
        }
    }
    how
}

/// Browsers may call the API from the shop's own origin only, with what is named.
pub fn cors(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    if let Some(cors) = template.api.as_ref().and_then(|api| api.cors.as_ref()) {
        let lists = [
            &cors.allow_origins,
            &cors.allow_methods,
            &cors.allow_headers,
            &cors.expose_headers,
        ];
        for text in lists.into_iter().flatten() {
            if text.contains('*') {
                how.push(format!("the API's CORS allows {text}"));
            }
        }
    }
    how
}

/// A variable whose name speaks of a secret holds the name of one in the Parameter Store.
pub fn secrets(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for function in &template.functions {
        for (variable, value) in &function.environment {
            let secret = ["SECRET", "PASSWORD", "TOKEN", "PRIVATE_KEY"]
                .iter()
                .any(|word| variable.contains(word));
            let named = variable.ends_with("_NAME") && value.starts_with('/');
            let open =
                ["SECRETS_REVISION", "TOKEN_AUDIENCE", "TOKEN_ISSUER"].contains(&variable.as_str());
            if secret && !named && !open {
                how.push(format!("{} has {variable} by value", function.logical_id));
            }
        }
    }
    how
}
