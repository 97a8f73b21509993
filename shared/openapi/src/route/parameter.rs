//! What a route takes of its address: variables of the path, and members of the query string.

use schemars::JsonSchema;
use serde_json::{Value, json};

use super::Route;

impl Route<'_> {
    /// Takes the members of `T` from the query string.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use schemars::JsonSchema;
    /// # use serde_json::json;
    /// struct Query<T>(T);
    ///
    /// impl<T: JsonSchema> Input for Query<T> {
    ///     fn describe(route: &mut Route<'_>) {
    ///         route.takes_query::<T>();
    ///     }
    /// }
    ///
    /// #[derive(serde::Deserialize, JsonSchema)]
    /// struct Search { teacher: String, limit: Option<u8> }
    ///
    /// async fn find(Query(_): Query<Search>) -> Result<Json<Vec<String>>, ()> {
    ///     Ok(Json(Vec::new()))
    /// }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// # let _ = courses.get("/courses", "find", find).says("Finds", "By teacher.").ok("Titles", json!([]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let parameters = document["paths"]["/courses"]["get"]["parameters"].as_array().unwrap();
    /// let taken = |name: &str| parameters.iter().find(|one| one["in"] == "query" && one["name"] == name).unwrap();
    /// assert_eq!(taken("teacher")["required"], true);
    /// assert_eq!(taken("limit")["required"], false);
    /// assert_eq!(taken("limit")["schema"]["type"], "integer");
    /// ```
    pub fn takes_query<T: JsonSchema>(&mut self) {
        let schema = self.description.schemas.request_inline::<T>();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema["properties"].as_object();
        for (name, schema) in properties.into_iter().flatten() {
            let mut parameter = json!({ "in": "query", "name": name, "required": required.contains(&name.as_str()) });
            let mut schema = without_null(schema.clone());
            if let Some(about) = schema
                .as_object_mut()
                .and_then(|schema| schema.remove("description"))
            {
                parameter["description"] = about;
            }
            parameter["schema"] = schema;
            self.draft().parameters.push(parameter);
        }
    }

    /// What a variable of the path is. One of which nothing is said is a mistake that shows when the document is made.
    ///
    /// ```
    /// # use axum::Json;
    /// # use axum::extract::Path;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn show(Path(course): Path<String>) -> Result<Json<String>, ()> {
    ///     Ok(Json(course))
    /// }
    ///
    /// let _ = courses
    ///     .get("/courses/{course}", "showCourse", show)
    ///     .says("Shows a course", "Its title alone.")
    ///     .path::<String>("course", "The course's id", "rust")
    ///     .ok("Its title", json!("Rust"));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let variable = &document["paths"]["/courses/{course}"]["get"]["parameters"][0];
    /// assert_eq!((&variable["in"], &variable["name"]), (&json!("path"), &json!("course")));
    /// assert_eq!(variable["schema"], json!({ "type": "string" }));
    /// ```
    ///
    /// # Panics
    /// When the path has no such variable.
    #[must_use]
    pub fn path<T: JsonSchema>(mut self, name: &str, about: &str, example: &str) -> Self {
        let schema = self.description.schemas.request::<T>();
        let parameter = json!({
            "in": "path", "name": name, "required": true, "description": about, "schema": schema, "example": example,
        });
        let draft = self.draft();
        assert!(
            draft.path.contains(&format!("{{{name}}}")),
            "{} has no {{{name}}}",
            draft.path
        );
        // Variables stand first, as they do in the address.
        draft.parameters.insert(0, parameter);
        self
    }

    /// An example of a parameter of the query string.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use serde_json::json;
    /// # #[derive(schemars::JsonSchema)]
    /// # struct Paging { limit: Option<u8> }
    /// # impl Input for Paging { fn describe(route: &mut Route<'_>) { route.takes_query::<Paging>() } }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn list(_: Paging) -> Result<Json<Vec<String>>, ()> {
    ///     Ok(Json(Vec::new()))
    /// }
    ///
    /// let _ = courses
    ///     .get("/courses", "listCourses", list)
    ///     .says("Lists the courses", "By title.")
    ///     .query_example("limit", 20)
    ///     .ok("Their titles", json!(["Rust"]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// assert_eq!(document["paths"]["/courses"]["get"]["parameters"][0]["example"], 20);
    /// ```
    ///
    /// # Panics
    /// When the handler takes no such parameter.
    #[must_use]
    pub fn query_example(mut self, name: &str, example: impl Into<Value>) -> Self {
        let draft = self.draft();
        let parameter = draft
            .parameters
            .iter_mut()
            .find(|parameter| parameter["name"] == name);
        parameter.unwrap_or_else(|| panic!("{} takes no {name}", draft.id))["example"] =
            example.into();
        self
    }
}

/// A parameter that may be left out is not null when it is there.
fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema.get("type").and_then(Value::as_array) {
        let types: Vec<Value> = types
            .iter()
            .filter(|kind| *kind != "null")
            .cloned()
            .collect();
        if let [kind] = types.as_slice() {
            schema["type"] = kind.clone();
        }
    }
    if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
        let present: Vec<Value> = alternatives
            .iter()
            .filter(|one| one["type"] != "null")
            .cloned()
            .collect();
        if let ([one], Some(object)) = (present.as_slice(), schema.as_object_mut()) {
            object.remove("anyOf");
            object.extend(one.as_object().cloned().unwrap_or_default());
        }
    }
    schema
}
