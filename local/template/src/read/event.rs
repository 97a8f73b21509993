//! The events of a function: queue and stream mappings, schedules, HTTP routes. Limits and defaults as Lambda documents
//! them for `CreateEventSourceMapping`.

use std::time::Duration;

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::identity::Kind;
use crate::intrinsic::Scope;
use crate::model::{Api, EventSource, StartingPosition};
use crate::pattern::{FilterCriteria, Pattern};

use super::named;

pub(super) fn event(
    name: String,
    field: Field,
    scope: &Scope<'_>,
    api: Option<&Api>,
    timeout_seconds: u32,
) -> Result<EventSource, Refusal> {
    let mut fields = field.fields("an event")?;
    let kind = fields.need("Type")?;
    let properties = fields.need("Properties")?;
    fields.finish()?;
    match kind.clone().text()?.as_str() {
        "SQS" => queue(name, properties.fields("an SQS event")?, scope),
        "DynamoDB" => stream(name, properties.fields("a DynamoDB event")?, scope),
        "ScheduleV2" => schedule(name, properties.fields("a ScheduleV2 event")?),
        "HttpApi" => route(
            name,
            properties.fields("an HttpApi event")?,
            api,
            timeout_seconds,
        ),
        other => Err(kind.refuse(format!("events of type {other} are not run locally"))),
    }
}

fn queue(name: String, mut fields: Fields, scope: &Scope<'_>) -> Result<EventSource, Refusal> {
    let queue_arn = named(fields.need("Queue")?, Kind::Queue, scope)?
        .arn
        .clone();
    let (batch_size, window_seconds) = batch(&mut fields, 10, 10)?;
    let max_concurrency = match fields.take("ScalingConfig") {
        None => None,
        Some(field) => {
            let mut scaling = field.fields("ScalingConfig")?;
            let most = scaling.need("MaximumConcurrency")?.integer(2..=1_000)?;
            scaling.finish()?;
            Some(most)
        }
    };
    let report_failures = report_failures(&mut fields)?;
    let filters = filters(&mut fields)?;
    enabled(&mut fields)?;
    fields.finish()?;
    Ok(EventSource::Queue {
        name,
        queue_arn,
        batch_size,
        window_seconds,
        report_failures,
        max_concurrency,
        filters,
    })
}

fn stream(name: String, mut fields: Fields, scope: &Scope<'_>) -> Result<EventSource, Refusal> {
    let stream = fields.need("Stream")?;
    let stream_arn = stream.clone().text()?;
    let table = stream_arn.strip_suffix("/stream/local").and_then(|arn| {
        scope
            .identities
            .values()
            .find(|identity| identity.kind == Kind::Table && identity.arn == arn)
    });
    let table = table
        .ok_or_else(|| stream.refuse(format!("{stream_arn} is not a stream of this template")))?;
    // Lambda's default batch for a stream is 100; a window is needed only by queues.
    let (batch_size, window_seconds) = batch(&mut fields, 100, 10_000)?;
    let bisect = fields
        .take("BisectBatchOnFunctionError")
        .map_or(Ok(false), Field::boolean)?;
    let max_retries = fields
        .take("MaximumRetryAttempts")
        .map_or(Ok(None), |field| field.integer_or_infinite(0..=10_000))?;
    let max_age_seconds = fields
        .take("MaximumRecordAgeInSeconds")
        .map_or(Ok(None), |field| field.integer_or_infinite(60..=604_800))?;
    let starting_position = match fields
        .need("StartingPosition")?
        .one_of(&["TRIM_HORIZON", "LATEST"])?
        .as_str()
    {
        "LATEST" => StartingPosition::Latest,
        _ => StartingPosition::TrimHorizon,
    };
    let parallelization = fields
        .take("ParallelizationFactor")
        .map_or(Ok(1), |field| field.integer(1..=10))?;
    let on_failure_queue_arn = match fields.take("DestinationConfig") {
        None => None,
        Some(field) => {
            let mut config = field.fields("DestinationConfig")?;
            let mut on_failure = config.need("OnFailure")?.fields("OnFailure")?;
            if let Some(kind) = on_failure.take("Type") {
                kind.one_of(&["SQS"])?;
            }
            let queue = named(on_failure.need("Destination")?, Kind::Queue, scope)?;
            on_failure.finish()?;
            config.finish()?;
            Some(queue.arn.clone())
        }
    };
    let report_failures = report_failures(&mut fields)?;
    let filters = filters(&mut fields)?;
    enabled(&mut fields)?;
    fields.finish()?;
    Ok(EventSource::Stream {
        name,
        table: table.name.clone(),
        batch_size,
        window_seconds,
        filters,
        bisect,
        max_retries,
        max_age_seconds,
        report_failures,
        on_failure_queue_arn,
        starting_position,
        parallelization,
    })
}

/// Batch size and window. Above `windowless` records a queue needs a window of at least a second.
fn batch(fields: &mut Fields, default: u32, windowless: u32) -> Result<(u32, u32), Refusal> {
    let size_field = fields.take("BatchSize");
    let window = fields
        .take("MaximumBatchingWindowInSeconds")
        .map_or(Ok(0), |field| field.integer(0..=300))?;
    let size = size_field
        .clone()
        .map_or(Ok(default), |field| field.integer(1..=10_000))?;
    match size_field {
        Some(field) if size > windowless && window == 0 => Err(field.refuse(format!(
            "a batch above {windowless} needs a MaximumBatchingWindowInSeconds"
        ))),
        Some(_) | None => Ok((size, window)),
    }
}

fn report_failures(fields: &mut Fields) -> Result<bool, Refusal> {
    let Some(field) = fields.take("FunctionResponseTypes") else {
        return Ok(false);
    };
    let kinds = field.list()?;
    let any = !kinds.is_empty();
    for kind in kinds {
        kind.one_of(&["ReportBatchItemFailures"])?;
    }
    Ok(any)
}

fn filters(fields: &mut Fields) -> Result<FilterCriteria, Refusal> {
    let Some(field) = fields.take("FilterCriteria") else {
        return Ok(FilterCriteria::default());
    };
    let mut criteria = field.fields("FilterCriteria")?;
    let mut patterns = Vec::new();
    for filter in criteria.need("Filters")?.list()? {
        let mut filter = filter.fields("a filter")?;
        let pattern = filter.need("Pattern")?;
        filter.finish()?;
        let parsed = pattern.clone().text()?.parse::<Pattern>();
        patterns.push(parsed.map_err(|error| pattern.refuse(error.to_string()))?);
    }
    criteria.finish()?;
    Ok(FilterCriteria::new(patterns))
}

/// A mapping that is switched off would be a mapping that the local stack lacks: it is refused, not left out.
fn enabled(fields: &mut Fields) -> Result<(), Refusal> {
    match fields.take("Enabled") {
        Some(field) if !field.clone().boolean()? => {
            Err(field.refuse("disabled mappings are not run locally"))
        }
        Some(_) | None => Ok(()),
    }
}

fn schedule(name: String, mut fields: Fields) -> Result<EventSource, Refusal> {
    let expression = fields.need("ScheduleExpression")?;
    let rate = rate(&expression.clone().text()?)
        .ok_or_else(|| expression.refuse("only rate(N minutes|hours|days) is run locally"))?;
    let input = match fields.take("Input") {
        None => None,
        Some(field) => {
            let text = field.clone().text()?;
            if let Err(error) = serde_json::from_str::<serde_json::Value>(&text) {
                return Err(field.refuse(format!("a function's input is JSON: {error}")));
            }
            Some(text)
        }
    };
    fields.finish()?;
    Ok(EventSource::Schedule { name, rate, input })
}

/// EventBridge Scheduler takes singular and plural units alike.
fn rate(expression: &str) -> Option<Duration> {
    let inner = expression.strip_prefix("rate(")?.strip_suffix(')')?;
    let (count, unit) = inner.split_once(' ')?;
    let seconds = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    let count = count.parse::<u64>().ok().filter(|count| *count > 0)?;
    Some(Duration::from_secs(count.checked_mul(seconds)?))
}

fn route(
    name: String,
    mut fields: Fields,
    api: Option<&Api>,
    timeout_seconds: u32,
) -> Result<EventSource, Refusal> {
    let api_field = fields.need("ApiId")?;
    let api =
        api.ok_or_else(|| api_field.refuse("the template has no HTTP API that is run locally"))?;
    let method_field = fields.need("Method")?;
    let method = method_field.clone().text()?.to_ascii_uppercase();
    if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()) {
        return Err(method_field.refuse(format!("the method {method} is not run locally")));
    }
    let path_field = fields.need("Path")?;
    let path = path_field.clone().text()?;
    if !path.starts_with('/') || path.contains("+}") || path.contains('$') {
        return Err(path_field.refuse(format!(
            "the path {path} is not run locally: no greedy variables, no $default"
        )));
    }
    if u64::from(timeout_seconds) > api.integration_timeout.as_secs() {
        return Err(path_field.refuse("the function may take longer than API Gateway waits, 30 s"));
    }
    if let Some(version) = fields.take("PayloadFormatVersion") {
        version.one_of(&["2.0"])?;
    }
    let mut authorizer = api.default_authorizer.clone();
    let mut scopes = Vec::new();
    if let Some(auth) = fields.take("Auth") {
        let mut auth = auth.fields("the Auth of a route")?;
        if let Some(field) = auth.take("Authorizer") {
            let chosen = field.clone().text()?;
            authorizer = match chosen.as_str() {
                "NONE" => None,
                known if api.authorizers.contains_key(known) => Some(chosen),
                unknown => return Err(field.refuse(format!("there is no authoriser {unknown}"))),
            };
        }
        if let Some(field) = auth.take("AuthorizationScopes") {
            scopes = field.clone().texts()?;
            if authorizer.is_none() {
                return Err(field.refuse("scopes without an authoriser are checked by nobody"));
            }
        }
        auth.finish()?;
    }
    fields.finish()?;
    Ok(EventSource::Http {
        name,
        method,
        path,
        authorizer,
        scopes,
    })
}
