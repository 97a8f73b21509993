//! What a route answers, and how it refuses.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Route;
use crate::draft::{Answer, Media};

/// A refusal that a route gives, with its own text as the example.
///
/// ```
/// use openapi::Refusal;
///
/// #[derive(serde::Serialize, schemars::JsonSchema)]
/// struct Problem {
///     title: &'static str,
///     status: u16,
/// }
///
/// impl Refusal for Problem {
///     fn status(&self) -> u16 {
///         self.status
///     }
///
///     fn name(&self) -> String {
///         self.title.to_lowercase().replace(' ', "-")
///     }
///
///     fn title(&self) -> &str {
///         self.title
///     }
/// }
///
/// let full = Problem { title: "Course full", status: 409 };
/// assert_eq!((full.status(), full.name().as_str()), (409, "course-full"));
/// ```
pub trait Refusal: Serialize + JsonSchema {
    /// The HTTP status.
    fn status(&self) -> u16;
    /// What tells refusals of one status apart: a name of letters, digits, hyphens, dots and underscores.
    fn name(&self) -> String;
    /// What the refusal is about, in a few words.
    fn title(&self) -> &str;
}

/// The media type of refusals (RFC 9457).
const PROBLEM: &str = "application/problem+json";

impl Route<'_> {
    /// Notes what the handler's own type says that it answers.
    ///
    /// ```
    /// # use openapi::{Description, Output, Route};
    /// # use serde_json::json;
    /// /// An answer that is JSON, whatever comes.
    /// struct Always<T>(T);
    ///
    /// impl<T: schemars::JsonSchema> Output for Always<T> {
    ///     fn describe(route: &mut Route<'_>) {
    ///         route.returns::<T>();
    ///     }
    /// }
    ///
    /// async fn list() -> Always<Vec<String>> {
    ///     Always(Vec::new())
    /// }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// # let _ = courses.get("/courses", "list", list).says("Lists", "All of them.").ok("Titles", json!([]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let answer = &document["paths"]["/courses"]["get"]["responses"]["200"]["content"]["application/json"];
    /// assert_eq!(answer["schema"], json!({ "type": "array", "items": { "type": "string" } }));
    /// ```
    pub fn returns<T: JsonSchema>(&mut self) {
        let schema = self.description.schemas.answer::<T>();
        self.draft().returns = Some(schema);
    }

    /// Gives a refusal.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use serde_json::json;
    /// # #[derive(serde::Serialize, schemars::JsonSchema)]
    /// # struct Problem { title: &'static str, status: u16 }
    /// # impl openapi::Refusal for Problem {
    /// #     fn status(&self) -> u16 { self.status }
    /// #     fn name(&self) -> String { self.title.to_lowercase().replace(' ', "-") }
    /// #     fn title(&self) -> &str { self.title }
    /// # }
    /// struct Student;
    ///
    /// impl Input for Student {
    ///     fn describe(route: &mut Route<'_>) {
    ///         route.can_refuse(&Problem { title: "No token", status: 401 });
    ///         route.can_refuse(&Problem { title: "Token expired", status: 401 });
    ///     }
    /// }
    ///
    /// async fn list(_: Student) -> Result<Json<Vec<String>>, Problem> {
    ///     Ok(Json(Vec::new()))
    /// }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// # let _ = courses.get("/courses", "list", list).says("Lists", "All of them.").ok("Titles", json!([]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let refused = &document["paths"]["/courses"]["get"]["responses"]["401"];
    /// assert_eq!(refused["description"], "No token; Token expired");
    /// let problem = &refused["content"]["application/problem+json"];
    /// assert_eq!(problem["examples"]["no-token"]["value"], json!({ "title": "No token", "status": 401 }));
    /// ```
    pub fn can_refuse<R: Refusal>(&mut self, refusal: &R) {
        let schema = self.description.schemas.answer::<R>();
        let value = serde_json::to_value(refusal).expect("a refusal is an object");
        let answer = self.draft().answers.entry(refusal.status()).or_default();
        let media = answer
            .content
            .entry(PROBLEM)
            .or_insert_with(|| Media::of(schema));
        media.add(&refusal.name(), refusal.title(), value);
        let titles: Vec<&str> = media
            .examples
            .values()
            .filter_map(|example| example["summary"].as_str())
            .collect();
        let mut distinct: Vec<&str> = Vec::new();
        titles.iter().for_each(|title| {
            if !distinct.contains(title) {
                distinct.push(title)
            }
        });
        answer.about = distinct.join("; ");
    }

    /// The answer whose type the handler's signature tells: 200, with an example.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn list() -> Result<Json<Vec<String>>, ()> {
    ///     Ok(Json(vec!["Rust".to_owned()]))
    /// }
    ///
    /// let _ = courses
    ///     .get("/courses", "listCourses", list)
    ///     .says("Lists the courses", "All of them.")
    ///     .ok("Their titles", json!(["Rust"]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let answer = &document["paths"]["/courses"]["get"]["responses"]["200"]["content"]["application/json"];
    /// assert_eq!(answer["schema"]["type"], "array");
    /// assert_eq!(answer["examples"]["usual"]["value"], json!(["Rust"]));
    /// ```
    ///
    /// # Panics
    /// When the signature does not tell it: [`Route::answers`] is for that.
    #[must_use]
    pub fn ok(mut self, about: &str, example: Value) -> Self {
        let draft = self.draft();
        let schema = draft.returns.clone();
        let schema =
            schema.unwrap_or_else(|| panic!("the type of {} does not tell its answer", draft.id));
        self.answer(200, about, schema, example)
    }

    /// An answer whose type the signature does not tell.
    ///
    /// ```
    /// # use axum::Json;
    /// # use axum::response::{IntoResponse as _, Response};
    /// # use http::StatusCode;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn open() -> Result<Response, ()> {
    ///     Ok((StatusCode::CREATED, Json("rust")).into_response())
    /// }
    ///
    /// let _ = courses
    ///     .post("/courses", "openCourse", open)
    ///     .says("Opens a course", "With no student yet.")
    ///     .answers::<String>(201, "Its id", json!("rust"));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let opened = &document["paths"]["/courses"]["post"]["responses"]["201"];
    /// assert_eq!(opened["description"], "Its id");
    /// assert_eq!(opened["content"]["application/json"]["schema"], json!({ "type": "string" }));
    /// ```
    #[must_use]
    pub fn answers<T: JsonSchema>(self, status: u16, about: &str, example: Value) -> Self {
        let schema = self.description.schemas.answer::<T>();
        self.answer(status, about, schema, example)
    }

    fn answer(mut self, status: u16, about: &str, schema: Value, example: Value) -> Self {
        let mut media = Media::of(schema);
        media.add("usual", about, example);
        let content = BTreeMap::from([("application/json", media)]);
        let answer = Answer {
            about: about.to_owned(),
            content,
        };
        self.draft().answers.insert(status, answer);
        self
    }

    /// A refusal by a rule of the context's own.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # #[derive(serde::Serialize, schemars::JsonSchema)]
    /// # struct Problem { title: &'static str, status: u16 }
    /// # impl openapi::Refusal for Problem {
    /// #     fn status(&self) -> u16 { self.status }
    /// #     fn name(&self) -> String { self.title.to_lowercase().replace(' ', "-") }
    /// #     fn title(&self) -> &str { self.title }
    /// # }
    /// # async fn enrol() -> Result<Json<u32>, Problem> { Ok(Json(1)) }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// let _ = courses
    ///     .post("/enrolments", "enrol", enrol)
    ///     .says("Enrols the caller", "In the only course.")
    ///     .ok("How many there are now", json!(1))
    ///     .refuses(&Problem { title: "Course full", status: 409 });
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let refused = &document["paths"]["/enrolments"]["post"]["responses"]["409"];
    /// assert_eq!(refused["description"], "Course full");
    /// let problem = &refused["content"]["application/problem+json"];
    /// assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem");
    /// assert_eq!(problem["examples"]["course-full"]["value"]["status"], 409);
    /// ```
    #[must_use]
    pub fn refuses<R: Refusal>(mut self, refusal: &R) -> Self {
        self.can_refuse(refusal);
        self
    }
}
