//! What is committed of the catalogue, and where: schemas, the AsyncAPI document, and who hears what for those who run without
//! the template.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Catalogue, asyncapi, schema};

/// The folder of the published revisions, from the workspace's root.
pub const PUBLISHED: &str = "shared/contracts/published";
/// The folder of the schemas.
pub const SCHEMAS: &str = "shared/contracts/schemas";
/// The AsyncAPI document.
pub const ASYNCAPI: &str = "docs/contracts/asyncapi.json";

/// The event types and who hears each, as insights is built with.
pub const SUBSCRIPTIONS: &str = "functions/insights/subscriptions.json";

/// The command that writes all of it.
pub const COMMAND: &str = "cargo run -p event-catalogue";

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Where it stands.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

impl Artefact {
    /// Whether the file has another text, or is not there.
    pub fn is_stale(&self) -> bool {
        !std::fs::read_to_string(&self.path).is_ok_and(|text| text == self.text)
    }
}

/// The workspace that this was built in.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2);
    root.expect("this crate stands two folders below the workspace")
        .to_owned()
}

/// Every generated file but the published revisions, which are added to and not made anew.
pub fn all(root: &Path, catalogue: &Catalogue) -> Vec<Artefact> {
    let schemas = schema::all().into_iter().map(|(name, schema)| Artefact {
        path: root.join(SCHEMAS).join(format!("{name}.json")),
        text: text(&schema),
    });
    let asyncapi = Artefact {
        path: root.join(ASYNCAPI),
        text: text(&asyncapi::document(catalogue)),
    };
    let subscriptions = Artefact {
        path: root.join(SUBSCRIPTIONS),
        text: subscriptions(catalogue),
    };
    schemas.chain([asyncapi, subscriptions]).collect()
}

/// An edge a line, so that a change is seen as what it is.
fn subscriptions(catalogue: &Catalogue) -> String {
    let lines = catalogue.events.iter().flat_map(|event| {
        let mut consumers: Vec<&str> = event
            .consumers
            .iter()
            .map(|consumer| consumer.context.as_str())
            .collect();
        consumers.sort_unstable();
        consumers.into_iter().map(|consumer| {
            let line = serde_json::json!({ "type": event.event_type, "consumer": consumer });
            format!("  {line}")
        })
    });
    format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"))
}

fn text(value: &Value) -> String {
    format!("{value:#}\n")
}
