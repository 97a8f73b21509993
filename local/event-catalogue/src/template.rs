//! Reading the template for what it says about events, where no stack runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sam_template::{Parameters, Template, TemplateError};
use serde::Deserialize;
use serde_yaml_ng::Value;

/// Stands for the value of a parameter that has no default, and of the issuer, in whose place a stack would make a user
/// pool. No event depends on one.
const PLACEHOLDER: &str = "https://placeholder.example";
/// What leaves out of the template what has no events and is not run locally: the user pool and the pages.
const LEFT_OUT: [(&str, &str); 2] = [("TokenIssuer", PLACEHOLDER), ("Pages", "off")];

/// Why there is no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableTemplate {
    /// The file is not there.
    #[error("{path} cannot be read: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// It holds what the local engine would refuse too.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    #[serde(rename = "Type")]
    kind: String,
    default: Option<Value>,
    #[serde(default)]
    allowed_values: Vec<Value>,
}

#[derive(Deserialize)]
struct Sections {
    #[serde(rename = "Parameters", default)]
    parameters: BTreeMap<String, Parameter>,
}

/// Reads a template with placeholders for the parameters that have no default: a stack named `noren`, of no account.
///
/// # Errors
/// When the file cannot be read, or the local engine could not run it.
pub fn load_template(path: &Path) -> Result<Template, UnreadableTemplate> {
    let text = std::fs::read_to_string(path).map_err(|source| UnreadableTemplate::File {
        path: path.to_owned(),
        source,
    })?;
    let parameters = Parameters {
        overrides: placeholders(&text),
        ..Parameters::default()
    };
    Ok(Template::parse(&text, &parameters)?)
}

/// A text that is no YAML gets none: reading the template says what is wrong with it.
fn placeholders(text: &str) -> BTreeMap<String, String> {
    let declared = serde_yaml_ng::from_str::<Sections>(text)
        .map(|sections| sections.parameters)
        .unwrap_or_default();
    declared
        .into_iter()
        .filter_map(|(name, parameter)| {
            if let Some((_, value)) = LEFT_OUT.iter().find(|(left_out, _)| *left_out == name) {
                return Some((name, (*value).to_owned()));
            }
            if parameter.default.is_some() {
                return None;
            }
            let allowed = parameter.allowed_values.first();
            let value = match allowed.and_then(Value::as_str) {
                Some(allowed) => allowed.to_owned(),
                None if parameter.kind == "Number" => "1".to_owned(),
                None => PLACEHOLDER.to_owned(),
            };
            Some((name, value))
        })
        .collect()
}
