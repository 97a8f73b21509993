#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! What derived readers leave open. Does not own what fields there are, nor whether unknown ones are refused.

mod strict;

use serde::de::DeserializeOwned;

pub use strict::Strict;

/// A JSON text that is not what it should be.
///
/// ```
/// use strict_json::Misfit;
///
/// let misfit: Misfit = strict_json::read::<Vec<u32>>(b"[1, -1]").unwrap_err();
/// assert_eq!(misfit.field, "[1]");
/// assert!(misfit.to_string().contains("invalid value: integer `-1`"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Misfit {
    /// The field, as a path: `lines[0].quantity`. Empty where it is the text as a whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// Reads all of the text.
///
/// # Errors
/// When it is not JSON, not of that shape, or has something after it.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Line {
///     sku: String,
///     quantity: u32,
/// }
///
/// let line: Line = strict_json::read(br#"{"sku":"TEA-500G","quantity":2}"#).unwrap();
/// assert_eq!((line.sku.as_str(), line.quantity), ("TEA-500G", 2));
/// // A derived reader would take the values in the order of the fields.
/// assert!(serde_json::from_str::<Line>(r#"["TEA-500G",2]"#).is_ok());
/// assert!(strict_json::read::<Line>(br#"["TEA-500G",2]"#).is_err());
/// ```
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Misfit> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        Misfit {
            field: place(&path, &message),
            message,
        }
    })?;
    reader.end().map_err(|error| Misfit {
        field: String::new(),
        message: error.to_string(),
    })?;
    Ok(value)
}

/// The field that an error is about. One that is missing or there twice has no path of its own: serde's path is that of
/// the object, and only the message names the field.
fn place(path: &str, message: &str) -> String {
    // "." is the whole; "?" stands for what breaks before its name is known.
    let path = path.strip_suffix('?').unwrap_or(path);
    let path = path.strip_suffix('.').unwrap_or(path);
    let named = ["missing field `", "duplicate field `"]
        .into_iter()
        .find_map(|words| message.strip_prefix(words)?.split_once('`'));
    match named {
        Some((field, _)) if path.is_empty() => field.to_owned(),
        Some((field, _)) => format!("{path}.{field}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        sku: String,
        quantity: Option<u32>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Act {
        Pack,
        Dispatch(Line),
        Deliver { parcel: u32 },
    }

    #[derive(Debug, Deserialize)]
    struct Whole {
        lines: Vec<Line>,
        #[serde(default)]
        by_name: BTreeMap<String, Line>,
        #[serde(default)]
        acts: Vec<Act>,
        #[serde(default)]
        pair: Option<(u32, String)>,
        raw: Option<Box<RawValue>>,
    }

    #[test]
    fn what_fits_is_read() {
        let text =
            br#" { "lines": [{ "sku": "a", "quantity": 1 }, { "sku": "b" }], "unknown": [{}],
            "by_name": { "c": { "quantity": null, "sku": "c" } }, "pair": [7, "x"],
            "acts": ["pack", { "dispatch": { "sku": "d" } }, { "deliver": { "parcel": 2 } }],
            "raw": {"a" : [1]} } "#;
        let whole: Whole = read(text).unwrap();
        assert_eq!(whole.lines[1].sku, "b");
        assert_eq!(whole.by_name["c"].quantity, None);
        assert_eq!(whole.acts[2], Act::Deliver { parcel: 2 });
        assert_eq!(whole.pair, Some((7, "x".to_owned())));
        assert_eq!(whole.raw.unwrap().get(), r#"{"a" : [1]}"#);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (text, field) in [
            ("", ""),
            ("{", ""),
            ("[]", ""),
            // In the order of the fields: a derived reader would take it.
            (r#"[[["a", 1]]]"#, ""),
            ("null", ""),
            ("{}", "lines"),
            (r#"{"lines":7}"#, "lines"),
            (r#"{"lines":[["a",1]]}"#, "lines[0]"),
            (r#"{"lines":[{"sku":"a"},{}]}"#, "lines[1].sku"),
            (r#"{"lines":[{"sku":"a","size":1}]}"#, "lines[0].size"),
            (r#"{"lines":[{"sku":"a","":1}]}"#, "lines[0]"),
            (r#"{"lines":[{"sku":"a","sku":"b"}]}"#, "lines[0].sku"),
            (r#"{"lines":[],"lines":[]}"#, "lines"),
            (r#"{"lines":[{"sku":"a","quantity":0x1}]}"#, "lines[0]"),
            (
                r#"{"lines":[{"sku":"a","quantity":-1}]}"#,
                "lines[0].quantity",
            ),
            (r#"{"lines":[],"by_name":{"c":["c",1]}}"#, "by_name.c"),
            (
                r#"{"lines":[],"acts":[{"dispatch":["d"]}]}"#,
                "acts[0].dispatch",
            ),
            (
                r#"{"lines":[],"acts":[{"deliver":[2]}]}"#,
                "acts[0].deliver",
            ),
            (r#"{"lines":[]} {}"#, ""),
        ] {
            let misfit = read::<Whole>(text.as_bytes()).unwrap_err();
            assert_eq!(misfit.field, field, "{text}: {misfit}");
            assert!(!misfit.message.is_empty());
        }
    }
}
