//! JSON Schemas of what is taken and of what is answered. One type can have two: what is read strictly is written freely.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::rewrite;

/// Where schemas of requests stand until it is known which of them differ from the answer's of the same name.
const REQUESTS: &str = "#/components/requests/";
const SCHEMAS: &str = "#/components/schemas/";

/// The schemas of one description.
pub(crate) struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
}

impl Schemas {
    pub(crate) fn new() -> Self {
        let settings = |path: &str| {
            SchemaSettings::draft2020_12()
                .with(|settings| {
                    settings.meta_schema = None;
                    settings.definitions_path = path.to_owned().into();
                })
                .with_transform(RecursiveTransform(bound_integers))
        };
        Self {
            requests: settings("/components/requests")
                .for_deserialize()
                .into_generator(),
            answers: settings("/components/schemas")
                .for_serialize()
                .into_generator(),
        }
    }

    /// The schema of what is read as `T`.
    pub(crate) fn request<T: JsonSchema>(&mut self) -> Value {
        transformed(self.requests.subschema_for::<T>())
    }

    /// The schema of what is read as `T`, in full where it stands.
    pub(crate) fn request_inline<T: JsonSchema>(&mut self) -> Value {
        transformed(T::json_schema(&mut self.requests))
    }

    /// The schema of what `T` is written as.
    pub(crate) fn answer<T: JsonSchema>(&mut self) -> Value {
        transformed(self.answers.subschema_for::<T>())
    }

    /// All named schemas; and the operations' own references put right. Where a type is taken and answered in different
    /// forms, the form that is taken is called `<Name>Input`.
    pub(crate) fn finish(mut self, paths: &mut Value) -> Map<String, Value> {
        let mut requests = self.requests.take_definitions(true);
        let mut components = self.answers.take_definitions(true);
        let differing: Vec<String> = requests
            .iter()
            .filter(|(name, schema)| {
                let mut schema = (*schema).clone();
                rewrite::references(&mut schema, &mut |to| to.replacen(REQUESTS, SCHEMAS, 1));
                components
                    .get(*name)
                    .is_some_and(|answer| *answer != schema)
            })
            .map(|(name, _)| name.clone())
            .collect();
        let mut rename = |reference: &str| match reference.strip_prefix(REQUESTS) {
            Some(name) if differing.iter().any(|differs| differs == name) => {
                format!("{SCHEMAS}{name}Input")
            }
            Some(name) => format!("{SCHEMAS}{name}"),
            None => reference.to_owned(),
        };
        rewrite::references(paths, &mut rename);
        for (name, schema) in &mut requests {
            rewrite::references(schema, &mut rename);
            let name = match differing.contains(name) {
                true => format!("{name}Input"),
                false => name.clone(),
            };
            components.insert(name, schema.take());
        }
        components
    }
}

/// Runs the transforms that schemars runs on named schemas only.
fn transformed(mut schema: Schema) -> Value {
    RecursiveTransform(bound_integers).transform(&mut schema);
    schema.to_value()
}

/// Says with bounds what schemars says with a format alone: a number beyond them is refused.
fn bound_integers(schema: &mut Schema) {
    let bounds: (i64, u64) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (i32::MIN.into(), i32::MAX as u64),
        Some("int64") => (i64::MIN, i64::MAX as u64),
        Some("uint32") => (0, u32::MAX.into()),
        Some("uint" | "uint64") => (0, u64::MAX),
        Some(_) | None => return,
    };
    // The unsigned formats are schemars' own; OpenAPI's registry has none.
    let format = if bounds.1 > u64::from(u32::MAX) {
        "int64"
    } else {
        "int32"
    };
    let signed = bounds.0 < 0;
    let schema = schema.ensure_object();
    if signed {
        schema.insert("format".to_owned(), format.into());
    } else {
        schema.remove("format");
    }
    schema.entry("minimum").or_insert_with(|| bounds.0.into());
    schema.entry("maximum").or_insert_with(|| bounds.1.into());
}
