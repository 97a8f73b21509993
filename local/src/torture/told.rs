//! How the outcome of a trouble is told: as JSON, or in lines for people.

use serde::Serialize;
use serde_json::Value;

/// What came of a trouble.
pub(super) trait Told: Serialize {
    /// Whether all ended as it must.
    fn is_good(&self) -> bool;

    /// For people.
    fn summary(&self) -> String;
}

/// Tells it on stdout; gives back whether it was good.
pub(super) fn tell(told: &impl Told, json: bool) -> anyhow::Result<bool> {
    let good = told.is_good();
    match json {
        true => {
            let mut value = serde_json::to_value(told)?;
            if let Value::Object(fields) = &mut value {
                fields.insert("good".to_owned(), good.into());
            }
            println!("{value}");
        }
        false => println!("{}", told.summary()),
    }
    Ok(good)
}
