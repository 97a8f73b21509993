//! What a route takes as its body.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::Value;

use super::Route;
use crate::draft::{Body, Media};

impl Route<'_> {
    /// Takes a JSON body, read as `T`.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use schemars::JsonSchema;
    /// # use serde_json::json;
    /// struct Body<T>(T);
    ///
    /// impl<T: JsonSchema> Input for Body<T> {
    ///     fn describe(route: &mut Route<'_>) {
    ///         route.takes::<T>(true);
    ///     }
    /// }
    ///
    /// #[derive(serde::Deserialize, JsonSchema)]
    /// struct Enrolment { student: String }
    ///
    /// async fn enrol(Body(enrolment): Body<Enrolment>) -> Result<Json<String>, ()> {
    ///     Ok(Json(enrolment.student))
    /// }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// # let route = courses.post("/enrolments", "enrol", enrol).says("Enrols a student", "In the only course.");
    /// # let route = route.body_example("usual", "A student", json!({ "student": "mia" }));
    /// # let _ = route.ok("Who it is", json!("mia"));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let body = &document["paths"]["/enrolments"]["post"]["requestBody"];
    /// assert_eq!(body["required"], true);
    /// let schema = &body["content"]["application/json"]["schema"];
    /// assert_eq!(schema["$ref"], "#/components/schemas/Enrolment");
    /// assert_eq!(document["components"]["schemas"]["Enrolment"]["required"], json!(["student"]));
    /// ```
    pub fn takes<T: JsonSchema>(&mut self, required: bool) {
        let schema = self.description.schemas.request::<T>();
        let content = BTreeMap::from([("application/json", Media::of(schema))]);
        self.draft().body = Some(Body { required, content });
    }

    /// An example of the JSON body. A body without one is a mistake that shows when the document is made.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use serde_json::json;
    /// # struct Body(u32);
    /// # impl Input for Body { fn describe(route: &mut Route<'_>) { route.takes::<u32>(true) } }
    /// # async fn add_seats(Body(seats): Body) -> Result<Json<u32>, ()> { Ok(Json(seats)) }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// let _ = courses
    ///     .post("/seats", "addSeats", add_seats)
    ///     .says("Adds seats", "To the only course.")
    ///     .body_example("row", "A row of them", json!(8))
    ///     .ok("How many there are now", json!(24));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let body = &document["paths"]["/seats"]["post"]["requestBody"]["content"]["application/json"];
    /// assert_eq!(body["examples"]["row"], json!({ "summary": "A row of them", "value": 8 }));
    /// ```
    ///
    /// # Panics
    /// When the handler takes no JSON body.
    #[must_use]
    pub fn body_example(mut self, name: &str, summary: &str, value: Value) -> Self {
        let draft = self.draft();
        let body = draft
            .body
            .as_mut()
            .and_then(|body| body.content.get_mut("application/json"));
        body.unwrap_or_else(|| panic!("{} takes no JSON", draft.id))
            .add(name, summary, value);
        self
    }

    /// A body that the handler reads by hand, of that media type.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use serde_json::json;
    /// # struct Bytes;
    /// # impl Input for Bytes { fn describe(_: &mut Route<'_>) {} }
    /// # async fn import(_: Bytes) -> Result<Json<u32>, ()> { Ok(Json(2)) }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// let _ = courses
    ///     .post("/students", "importStudents", import)
    ///     .says("Takes in students", "One a line.")
    ///     .raw_body("text/csv", json!({ "type": "string" }), "Two students", json!("mia\nken\n"))
    ///     .ok("How many", json!(2));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let body = &document["paths"]["/students"]["post"]["requestBody"]["content"]["text/csv"];
    /// assert_eq!(body["schema"], json!({ "type": "string" }));
    /// assert_eq!(body["examples"]["usual"]["value"], "mia\nken\n");
    /// ```
    #[must_use]
    pub fn raw_body(
        mut self,
        media_type: &'static str,
        schema: Value,
        summary: &str,
        example: Value,
    ) -> Self {
        let mut media = Media::of(schema);
        media.add("usual", summary, example);
        let body = self.draft().body.get_or_insert_with(|| Body {
            required: true,
            content: BTreeMap::new(),
        });
        body.content.insert(media_type, media);
        self
    }
}
