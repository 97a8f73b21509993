//! From the file to the model: sections, names, resources, and the checks that need two resources at once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Refusal, TemplateError};
use crate::field::{Field, Fields};
use crate::globals::Globals;
use crate::identity::{Identity, Kind, stood_in_for};
use crate::intrinsic::Scope;
use crate::model::{EventSource, Output, Template};
use crate::node::{Node, Value};
use crate::parameter::{self, Parameters};
use crate::read;

const TRANSFORM: &str = "AWS::Serverless-2016-10-31";

/// A resource as it stands in the template, before its properties are resolved.
struct Declared {
    logical_id: String,
    kind: Kind,
    line: usize,
    properties: Node,
    metadata: Option<Node>,
}

impl Template {
    /// Reads and resolves a template for one stack.
    ///
    /// # Errors
    /// When the file cannot be read, is not YAML, lacks a parameter's value, or holds what the local engine cannot run.
    pub fn load(
        path: impl AsRef<Path>,
        parameters: &Parameters,
    ) -> Result<Template, TemplateError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|source| TemplateError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, parameters)
    }

    /// The same from the template's text.
    ///
    /// # Errors
    /// As [`Template::load`], without the file.
    pub fn parse(text: &str, parameters: &Parameters) -> Result<Template, TemplateError> {
        let root = Node::parse(text)?;
        let mut sections = Field::new(root.clone(), "template").fields("template")?;
        let transform = sections.need("Transform")?;
        if transform.clone().text()? != TRANSFORM {
            return Err(transform
                .refuse(format!("only the transform {TRANSFORM} is run locally"))
                .into());
        }
        for read_below in ["Parameters", "Mappings", "Conditions", "Globals", "Outputs"] {
            sections.take(read_below);
        }
        let resources = Field {
            path: "Resources".to_owned(),
            ..sections.need("Resources")?
        }
        .entries()?;
        sections.finish()?;

        let mut scope = Scope {
            values: parameter::bind(root.get("Parameters"), parameters)?,
            mappings: root.get("Mappings"),
            conditions: root.get("Conditions"),
            identities: BTreeMap::new(),
        };
        let globals = Globals::read(root.get("Globals"))?;

        let mut refusals = Vec::new();
        let mut declared = Vec::new();
        let mut identities = BTreeMap::new();
        for (logical_id, field) in resources {
            match declare(&logical_id, field.node, &scope, parameters, &globals) {
                Ok(Some((resource, identity))) => {
                    identities.insert(logical_id, identity);
                    declared.push(resource);
                }
                Ok(None) => {}
                Err(refusal) => refusals.push(refusal),
            }
        }
        if !refusals.is_empty() {
            return Err(TemplateError::Refused(refusals));
        }
        scope.identities = identities;

        let mut template = Template {
            tables: Vec::new(),
            topics: Vec::new(),
            queues: Vec::new(),
            queue_policies: Vec::new(),
            subscriptions: Vec::new(),
            functions: Vec::new(),
            log_groups: Vec::new(),
            roles: Vec::new(),
            alarms: Vec::new(),
            dashboards: Vec::new(),
            api: None,
            outputs: Vec::new(),
        };
        // Functions come last: their routes need the API's authorisers.
        declared.sort_by_key(|resource| resource.kind == Kind::Function);
        for resource in declared {
            if let Err(refusal) = template.add(resource, &scope) {
                refusals.push(refusal);
            }
        }
        if let Err(refusal) = template.attach_policies() {
            refusals.push(refusal);
        }
        match outputs(root.get("Outputs"), &scope) {
            Ok(outputs) => template.outputs = outputs,
            Err(refusal) => refusals.push(refusal),
        }
        match refusals.is_empty() {
            true => Ok(template),
            false => {
                refusals.sort_by_key(|refusal| refusal.line);
                Err(TemplateError::Refused(refusals))
            }
        }
    }

    fn add(&mut self, resource: Declared, scope: &Scope<'_>) -> Result<(), Refusal> {
        let id = resource.logical_id;
        let path = format!("{id}.Properties");
        let resolved = scope.resolve(&resource.properties, &path)?;
        let resolved =
            resolved.ok_or_else(|| Refusal::new(&path, resource.line, "properties are missing"))?;
        let mut fields = Field::new(resolved, path).fields(resource.kind.type_name())?;
        if let Some(name) = resource.kind.name_property() {
            fields.take(name);
        }
        let identity = &scope.identities[&id];
        match resource.kind {
            Kind::Table => self.tables.push(read::table(id, identity, fields)?),
            Kind::Topic => self.topics.push(read::topic(id, identity, fields)?),
            Kind::Queue => self.queues.push(read::queue(id, identity, fields, scope)?),
            Kind::QueuePolicy => {
                self.queue_policies
                    .push(read::queue_policy(id, resource.line, fields, scope)?)
            }
            Kind::Subscription => self
                .subscriptions
                .push(read::subscription(id, fields, scope)?),
            Kind::LogGroup => self.log_groups.push(read::log_group(id, identity, fields)?),
            Kind::Role => self.roles.push(read::role(id, identity, fields)?),
            Kind::Alarm => self.alarms.push(read::alarm(id, identity, fields, scope)?),
            Kind::Dashboard => self.dashboards.push(read::dashboard(id, fields)?),
            Kind::HttpApi => {
                let api = read::api(id.clone(), fields)?;
                if let Some(first) = self.api.replace(api) {
                    let reason = format!(
                        "a second HTTP API is not run locally: {} is the first",
                        first.logical_id
                    );
                    return Err(Refusal::new(id, resource.line, reason));
                }
            }
            Kind::Function => {
                let function = read::function(
                    id,
                    identity,
                    fields,
                    resource.metadata,
                    scope,
                    self.api.as_ref(),
                )?;
                for source in &function.event_sources {
                    let EventSource::Http {
                        name, method, path, ..
                    } = source
                    else {
                        continue;
                    };
                    let taken = self.functions.iter().chain([&function]).any(|other| {
                        other.event_sources.iter().any(|known| {
                            let same = matches!(known, EventSource::Http { method: m, path: p, .. } if m == method && same_route(p, path));
                            same && !std::ptr::eq(known, source)
                        })
                    });
                    if taken {
                        let place = format!("{}.Events.{name}", function.logical_id);
                        return Err(Refusal::new(
                            place,
                            resource.line,
                            format!("{method} {path} is routed twice"),
                        ));
                    }
                }
                self.functions.push(function);
            }
        }
        Ok(())
    }
}

impl Template {
    /// Gives each queue its policy. SQS keeps one for each queue, so a second would replace the first.
    fn attach_policies(&mut self) -> Result<(), Refusal> {
        for policy in &self.queue_policies {
            for url in &policy.queue_urls {
                let refuse = |reason: &str| {
                    Refusal::new(&policy.logical_id, policy.line, format!("{url} {reason}"))
                };
                let queue = self.queues.iter_mut().find(|queue| queue.url == *url);
                let queue =
                    queue.ok_or_else(|| refuse("is not the URL of a queue of this template"))?;
                if queue.policy.replace(policy.document.clone()).is_some() {
                    return Err(refuse("has two policies"));
                }
            }
        }
        Ok(())
    }
}

/// Whether two paths match the same requests: variables match whatever they are called.
fn same_route(one: &str, other: &str) -> bool {
    let variable = |segment: &str| segment.starts_with('{');
    let (one, other): (Vec<_>, Vec<_>) = (one.split('/').collect(), other.split('/').collect());
    one.len() == other.len()
        && one
            .iter()
            .zip(&other)
            .all(|(a, b)| a == b || variable(a) && variable(b))
}

/// Reads what surrounds a resource's properties, and names it. `None` when its condition does not hold.
fn declare(
    logical_id: &str,
    node: Node,
    scope: &Scope<'_>,
    parameters: &Parameters,
    globals: &Globals,
) -> Result<Option<(Declared, Identity)>, Refusal> {
    let line = node.line;
    let mut fields = Field::new(node, logical_id).fields("resource")?;
    let type_field = fields.need("Type")?;
    let type_name = type_field.clone().text()?;
    let condition = fields
        .take("Condition")
        .map(|field| (field.node.line, field.text()));
    let Some(kind) = Kind::from_type(&type_name) else {
        let not_run = format!("resources of type {type_name} are not run locally");
        let Some(by) = stood_in_for(&type_name) else {
            return Err(type_field.refuse(not_run));
        };
        let holds = match condition {
            Some((line, name)) => scope.condition(&name?, logical_id, line)?,
            None => true,
        };
        return match holds {
            true => Err(type_field.refuse(format!("{not_run}; {by}"))),
            false => Ok(None),
        };
    };
    let metadata = fields.take("Metadata").map(|field| field.node);
    let properties = fields.take("Properties").map_or(
        Node {
            line,
            value: Value::Map(Vec::new()),
        },
        |field| field.node,
    );
    fields.finish()?;
    if let Some((line, name)) = condition
        && !scope.condition(&name?, logical_id, line)?
    {
        return Ok(None);
    }
    let name = match kind
        .name_property()
        .and_then(|property| Some((property, properties.get(property)?)))
    {
        Some((property, node)) => {
            scope.text(node, &format!("{logical_id}.Properties.{property}"))?
        }
        None => format!("{}-{logical_id}", parameters.stack_name),
    };
    let identity = Identity::new(kind, name, parameters);
    let properties = globals.merged_into(kind, properties);
    let declared = Declared {
        logical_id: logical_id.to_owned(),
        kind,
        line,
        properties,
        metadata,
    };
    Ok(Some((declared, identity)))
}

fn outputs(node: Option<&Node>, scope: &Scope<'_>) -> Result<Vec<Output>, Refusal> {
    let Some(node) = node else {
        return Ok(Vec::new());
    };
    let mut outputs = Vec::new();
    for (name, field) in Field::new(node.clone(), "Outputs").entries()? {
        let mut fields: Fields = field.fields("output")?;
        let condition = fields.take("Condition");
        let value = fields.need("Value")?;
        fields.finish()?;
        if let Some(condition) = condition {
            let (line, path) = (condition.node.line, condition.path.clone());
            if !scope.condition(&condition.text()?, &path, line)? {
                continue;
            }
        }
        outputs.push(Output {
            name,
            value: scope.text(&value.node, &value.path)?,
        });
    }
    Ok(outputs)
}
