//! What a route takes beside its body.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Judge;
use super::schema::Side;

/// What of a parameter is judged by its meaning, or demands nothing.
const JUDGED: &[&str] = &[
    "name",
    "in",
    "required",
    "schema",
    "deprecated",
    "example",
    "examples",
];

impl Judge<'_> {
    pub(super) fn compare_parameters(&mut self, old: &Value, new: &Value) {
        let (old, new) = (parameters(old), parameters(new));
        // Variables are told apart by their place in the path, which is the same: their names are nobody's business.
        let (old_path, old) = by_place(&old);
        let (new_path, new) = by_place(&new);
        for (old, new) in old_path.iter().zip(&new_path) {
            let place = format!("path {}", old["name"].as_str().unwrap_or_default());
            self.compare_schemas(&old["schema"], &new["schema"], Side::Taken, &place);
            self.compare_others(old, new, JUDGED, &place);
        }
        for (place, parameter) in &old {
            match new.get(place) {
                None if parameter["deprecated"] == true => {}
                None => self.report(place, "was removed"),
                Some(changed) => {
                    if changed["required"] == true && parameter["required"] != true {
                        self.report(place, "became required");
                    }
                    self.compare_schemas(
                        &parameter["schema"],
                        &changed["schema"],
                        Side::Taken,
                        place,
                    );
                    self.compare_others(parameter, changed, JUDGED, place);
                }
            }
        }
        for (place, parameter) in &new {
            if !old.contains_key(place) && parameter["required"] == true {
                self.report(place, "is new and required");
            }
        }
    }
}

fn parameters(operation: &Value) -> Vec<&Value> {
    operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .collect()
}

fn by_place<'a>(parameters: &[&'a Value]) -> (Vec<&'a Value>, BTreeMap<String, &'a Value>) {
    let in_path = |parameter: &&&Value| parameter["in"] == "path";
    let path = parameters.iter().filter(in_path).copied().collect();
    let others = parameters
        .iter()
        .filter(|parameter| !in_path(parameter))
        .map(|parameter| {
            let text = |member: &str| parameter[member].as_str().unwrap_or_default();
            let name = match text("in") {
                // Names of headers are the same in any case.
                "header" => text("name").to_ascii_lowercase(),
                _ => text("name").to_owned(),
            };
            (format!("{} {name}", text("in")), *parameter)
        });
    (path, others.collect())
}
