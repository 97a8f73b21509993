//! `AWS::Serverless::Function`, built by cargo-lambda.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::identity::{Identity, Kind};
use crate::intrinsic::Scope;
use crate::model::{Api, Function};
use crate::node::Node;

use super::event::event;
use super::named;

pub(crate) fn function(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
    metadata: Option<Node>,
    scope: &Scope<'_>,
    api: Option<&Api>,
) -> Result<Function, Refusal> {
    let code_uri = fields.need("CodeUri")?;
    let metadata =
        metadata.ok_or_else(|| code_uri.refuse("Metadata with a BuildMethod is missing"))?;
    let binary = binary(Field::new(metadata, format!("{logical_id}.Metadata")))?;
    fields.need("Runtime")?.one_of(&["provided.al2023"])?;
    fields.need("Handler")?.one_of(&["bootstrap"])?;
    // Lambda's limits; SAM's default for the time-out is 3 s, for the memory 128 MB.
    let timeout_seconds = fields
        .take("Timeout")
        .map_or(Ok(3), |field| field.integer(1..=900))?;
    let memory_mb = fields
        .take("MemorySize")
        .map_or(Ok(128), |field| field.integer(128..=10_240))?;
    let role_arn = fields
        .take("Role")
        .map(|field| named(field, Kind::Role, scope).map(|role| role.arn.clone()))
        .transpose()?;
    let log_group = match fields.take("LoggingConfig") {
        None => None,
        Some(field) => log_group(field, scope)?,
    };
    let environment = match fields.take("Environment") {
        None => BTreeMap::new(),
        Some(field) => environment(field)?,
    };
    let rollback_alarms = match fields.take("DeploymentPreference") {
        None => Vec::new(),
        Some(field) => rollback_alarms(field, scope)?,
    };
    let mut event_sources = Vec::new();
    if let Some(events) = fields.take("Events") {
        for (name, field) in events.entries()? {
            event_sources.push(event(name, field, scope, api, timeout_seconds)?);
        }
    }
    fields.finish()?;
    Ok(Function {
        logical_id,
        name: identity.name.clone(),
        arn: identity.arn.clone(),
        binary,
        code_uri: code_uri.text()?,
        timeout: Duration::from_secs(timeout_seconds.into()),
        memory_mb,
        environment,
        role_arn,
        log_group,
        rollback_alarms,
        event_sources,
    })
}

fn binary(metadata: Field) -> Result<String, Refusal> {
    let mut fields = metadata.fields("a function's Metadata")?;
    fields.need("BuildMethod")?.one_of(&["rust-cargolambda"])?;
    let mut build = fields.need("BuildProperties")?.fields("BuildProperties")?;
    let binary = build.need("Binary")?.text()?;
    build.finish()?;
    fields.finish()?;
    Ok(binary)
}

fn log_group(field: Field, scope: &Scope<'_>) -> Result<Option<String>, Refusal> {
    let mut fields = field.fields("AWS::Serverless::Function.LoggingConfig")?;
    let group = fields.take("LogGroup");
    fields.finish()?;
    let Some(group) = group else { return Ok(None) };
    let name = group.clone().text()?;
    let known = scope
        .identities
        .values()
        .any(|identity| identity.kind == Kind::LogGroup && identity.name == name);
    match known {
        true => Ok(Some(name)),
        false => Err(group.refuse(format!("{name} is not a log group of this template"))),
    }
}

fn rollback_alarms(field: Field, scope: &Scope<'_>) -> Result<Vec<String>, Refusal> {
    let mut fields = field.fields("AWS::Serverless::Function.DeploymentPreference")?;
    let alarms = fields.take("Alarms").map_or(Ok(Vec::new()), Field::list)?;
    fields.finish()?;
    let name = |alarm: Field| {
        let name = alarm.clone().text()?;
        let known = scope
            .identities
            .values()
            .any(|identity| identity.kind == Kind::Alarm && identity.name == name);
        match known {
            true => Ok(name),
            false => Err(alarm.refuse(format!("{name} is not an alarm of this template"))),
        }
    };
    alarms.into_iter().map(name).collect()
}

fn environment(field: Field) -> Result<BTreeMap<String, String>, Refusal> {
    let mut fields = field.fields("Environment")?;
    let variables = fields.need("Variables")?;
    fields.finish()?;
    variables
        .entries()?
        .into_iter()
        .map(|(name, field)| Ok((name, field.text()?)))
        .collect()
}
