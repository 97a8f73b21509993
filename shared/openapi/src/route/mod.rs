//! One operation: what its handler's types say, and what is added by hand. By what it is about: address, headers,
//! body, answers.

mod answer;
mod body;
mod header;
mod parameter;

use serde_json::{Value, json};

use crate::Description;
use crate::draft::Draft;

pub use answer::Refusal;

/// An operation that is being described. Methods that take `&mut self` are for [`crate::Input`]s; those that take
/// `self` are chained behind the handler.
///
/// ```
/// use axum::Json;
/// use openapi::{Description, Input, Route};
/// use serde_json::json;
///
/// /// The language that a caller reads.
/// struct Language(String);
///
/// impl Input for Language {
///     fn describe(route: &mut Route<'_>) {
///         let schema = json!({ "type": "string" });
///         route.takes_header("Accept-Language", false, "What the caller reads", schema, "en");
///     }
/// }
///
/// async fn list(Language(_): Language) -> Result<Json<Vec<String>>, ()> {
///     Ok(Json(vec!["Rust".to_owned()]))
/// }
///
/// let mut courses = Description::new("courses", "Courses and who takes part in them");
/// let route: Route<'_> = courses.get("/courses", "listCourses", list);
/// let _ = route.says("Lists the courses", "All of them.").ok("Their titles", json!(["Rust"]));
///
/// let document = openapi::document("School", "A school", "1.0.0", [courses]);
/// let list = &document["paths"]["/courses"]["get"];
/// assert_eq!(list["parameters"][0]["name"], "Accept-Language");
/// assert_eq!(list["summary"], "Lists the courses");
/// ```
pub struct Route<'a> {
    description: &'a mut Description,
}

impl<'a> Route<'a> {
    pub(crate) fn last_of(description: &'a mut Description) -> Self {
        Self { description }
    }

    fn draft(&mut self) -> &mut Draft {
        self.description
            .drafts
            .last_mut()
            .expect("a route is made with its draft")
    }

    /// Demands a token of that security scheme with one of the scopes.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::{Description, Input, Route};
    /// # use serde_json::json;
    /// struct Student;
    ///
    /// impl Input for Student {
    ///     fn describe(route: &mut Route<'_>) {
    ///         route.secured("student", json!({ "type": "http", "scheme": "bearer" }), &["learn"]);
    ///     }
    /// }
    ///
    /// async fn list(_: Student) -> Result<Json<Vec<String>>, ()> {
    ///     Ok(Json(Vec::new()))
    /// }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// # let _ = courses.get("/courses", "list", list).says("Lists", "All of them.").ok("Titles", json!([]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// assert_eq!(document["paths"]["/courses"]["get"]["security"], json!([{ "student": ["learn"] }]));
    /// assert_eq!(document["components"]["securitySchemes"]["student"]["scheme"], "bearer");
    /// ```
    pub fn secured(&mut self, scheme: &'static str, definition: Value, scopes: &[&str]) {
        self.description.security.insert(scheme, definition);
        self.draft().security.push(json!({ scheme: scopes }));
    }

    /// What it does, in a few words; and in full.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # async fn list() -> Result<Json<Vec<String>>, ()> { Ok(Json(Vec::new())) }
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// let _ = courses
    ///     .get("/courses", "listCourses", list)
    ///     .says("Lists the courses", "All of them, by title.")
    ///     .ok("Their titles", json!(["Rust"]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let list = &document["paths"]["/courses"]["get"];
    /// assert_eq!(list["summary"], "Lists the courses");
    /// assert_eq!(list["description"], "All of them, by title.");
    /// ```
    #[must_use]
    pub fn says(mut self, summary: &'static str, about: &'static str) -> Self {
        let draft = self.draft();
        (draft.summary, draft.about) = (summary, about);
        self
    }
}
