//! One document from one description or several.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::Description;

/// The OpenAPI 3.1 document of these descriptions.
///
/// ```
/// use axum::Json;
/// use openapi::{Description, document};
/// use serde_json::json;
///
/// let mut courses = Description::new("courses", "Courses and who takes part in them");
/// let mut teachers = Description::new("teachers", "Who teaches");
/// # let list = async || Ok::<_, ()>(Json(Vec::<String>::new()));
/// # let _ = courses.get("/courses", "listCourses", list).says("Lists", "All.").ok("Titles", json!([]));
/// # let _ = teachers.get("/teachers", "listTeachers", list).says("Lists", "All.").ok("Names", json!([]));
/// // With a route each:
/// let school = document("School", "A school", "1.0.0", [courses, teachers]);
/// assert_eq!(school["openapi"], "3.1.0");
/// assert_eq!(school["info"]["title"], "School");
/// let paths = school["paths"].as_object().unwrap();
/// assert_eq!(paths.keys().collect::<Vec<_>>(), ["/courses", "/teachers"]);
/// ```
///
/// # Panics
/// When two descriptions have one path, or call two different schemas by one name; when a route is described twice, does not
/// say what it does, what it answers or what a variable of its path is, or gives no example of its body. All are mistakes in
/// code, found by whichever test or command makes the document.
pub fn document(
    title: &str,
    about: &str,
    version: &str,
    descriptions: impl IntoIterator<Item = Description>,
) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    let (mut tags, mut security) = (Vec::new(), BTreeMap::new());
    for description in descriptions {
        let finished = description.finish();
        tags.push(json!({ "name": finished.name, "description": finished.about }));
        security.extend(finished.security);
        for (name, schema) in finished.schemas {
            match schemas.get(&name) {
                Some(other) if *other != schema => {
                    panic!(
                        "{} calls another schema {name} than a context before it",
                        finished.name
                    )
                }
                Some(_) => {}
                None => drop(schemas.insert(name, schema)),
            }
        }
        let Value::Object(own) = finished.paths else {
            continue;
        };
        for (path, operations) in own {
            let clash = paths.insert(path.clone(), operations);
            assert!(clash.is_none(), "{path} is described by two contexts");
        }
    }
    schemas.sort_keys();
    paths.sort_keys();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": about,
            "contact": { "name": "The shop's own developers" },
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": "/", "description": "Where this document is read from" }],
        "tags": tags,
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": security },
    })
}

/// A document as it is committed.
///
/// ```
/// let text = openapi::in_text(&serde_json::json!({ "openapi": "3.1.0" }));
/// assert_eq!(text, "{\n  \"openapi\": \"3.1.0\"\n}\n");
/// ```
pub fn in_text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("a document has text keys only");
    text.push('\n');
    text
}
