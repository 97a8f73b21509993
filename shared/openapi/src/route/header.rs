//! The headers that a route takes.

use serde_json::{Value, json};

use super::Route;

impl Route<'_> {
    /// Takes a header. A second call for the same header takes the place of the first.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use serde_json::json;
    /// struct Key(Option<String>);
    ///
    /// impl Input for Key {
    ///     fn describe(route: &mut Route<'_>) {
    ///         let schema = json!({ "type": "string", "maxLength": 64 });
    ///         route.takes_header("Idempotency-Key", false, "The same key is the same wish", schema, "wish-1");
    ///     }
    /// }
    ///
    /// async fn enrol(_: Key) -> Result<Json<u32>, ()> {
    ///     Ok(Json(1))
    /// }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// # let _ = courses.post("/enrolments", "enrol", enrol).says("Enrols", "The caller.").ok("How many", json!(1));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let header = &document["paths"]["/enrolments"]["post"]["parameters"][0];
    /// assert_eq!((&header["in"], &header["name"]), (&json!("header"), &json!("Idempotency-Key")));
    /// assert_eq!(header["example"], "wish-1");
    /// ```
    pub fn takes_header(
        &mut self,
        name: &str,
        required: bool,
        about: &str,
        schema: Value,
        example: &str,
    ) {
        let parameter = json!({
            "in": "header", "name": name, "required": required, "description": about, "schema": schema,
            "example": example,
        });
        let parameters = &mut self.draft().parameters;
        parameters.retain(|known| known["name"] != name || known["in"] != "header");
        parameters.push(parameter);
    }

    /// A header that the handler reads by hand, or one that an extractor takes and this route demands.
    ///
    /// ```
    /// # use axum::Json;
    /// # use http::HeaderMap;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn list(headers: HeaderMap) -> Result<Json<bool>, ()> {
    ///     Ok(Json(headers.contains_key("Accept-Language")))
    /// }
    ///
    /// let _ = courses
    ///     .get("/courses", "listCourses", list)
    ///     .says("Lists the courses", "All of them.")
    ///     .header("Accept-Language", false, "What the caller reads", json!({ "type": "string" }), "en")
    ///     .ok("Whether it was there", json!(true));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let header = &document["paths"]["/courses"]["get"]["parameters"][0];
    /// assert_eq!((&header["in"], &header["name"]), (&json!("header"), &json!("Accept-Language")));
    /// assert_eq!(header["required"], false);
    /// ```
    #[must_use]
    pub fn header(
        mut self,
        name: &str,
        required: bool,
        about: &str,
        schema: Value,
        example: &str,
    ) -> Self {
        self.takes_header(name, required, about, schema, example);
        self
    }

    /// A header that was described once and is not read. It is published as deprecated, so that it may go with the next
    /// change: callers who send it are told first.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, changes};
    /// # use serde_json::json;
    /// # async fn list() -> Result<Json<Vec<String>>, ()> { Ok(Json(Vec::new())) }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// let _ = courses
    ///     .get("/courses", "listCourses", list)
    ///     .says("Lists the courses", "All of them.")
    ///     .no_longer_reads("Accept-Language", "Titles are in English now")
    ///     .ok("Their titles", json!(["Rust"]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// assert_eq!(document["paths"]["/courses"]["get"]["parameters"][0]["deprecated"], true);
    /// // The next document may be without it.
    /// let mut next = document.clone();
    /// next["paths"]["/courses"]["get"]["parameters"] = json!([]);
    /// assert_eq!(changes(&document, &next), []);
    /// ```
    #[must_use]
    pub fn no_longer_reads(mut self, name: &str, about: &str) -> Self {
        self.draft().parameters.push(json!({
            "in": "header", "name": name, "required": false, "deprecated": true, "description": about,
            "schema": { "type": "string" }, "example": "none",
        }));
        self
    }

    /// Demands a header that an extractor takes where it is sent.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use serde_json::json;
    /// # struct Key;
    /// # impl Input for Key {
    /// #     fn describe(route: &mut Route<'_>) {
    /// #         let schema = json!({ "type": "string" });
    /// #         route.takes_header("Idempotency-Key", false, "The same key is the same wish", schema, "wish-1");
    /// #     }
    /// # }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn enrol(_: Key) -> Result<Json<u32>, ()> {
    ///     Ok(Json(1))
    /// }
    ///
    /// let _ = courses
    ///     .post("/enrolments", "enrol", enrol)
    ///     .says("Enrols the caller", "In the only course.")
    ///     .demands_header("Idempotency-Key")
    ///     .ok("How many there are now", json!(1));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// assert_eq!(document["paths"]["/enrolments"]["post"]["parameters"][0]["required"], true);
    /// ```
    ///
    /// # Panics
    /// When no extractor of the handler takes it.
    #[must_use]
    pub fn demands_header(mut self, name: &str) -> Self {
        let draft = self.draft();
        let header = draft
            .parameters
            .iter_mut()
            .find(|parameter| parameter["name"] == name);
        header.unwrap_or_else(|| panic!("no extractor of {} takes {name}", draft.id))["required"] =
            true.into();
        self
    }
}
