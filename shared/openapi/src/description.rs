//! A context's routes, described.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::draft::Draft;
use crate::schemas::Schemas;
use crate::{Handler, Route};

/// The routes of one context. Made by a generator or a test; never by a deployed function.
///
/// ```
/// use axum::Json;
/// use openapi::Description;
/// use serde_json::json;
///
/// async fn list() -> Result<Json<Vec<String>>, ()> {
///     Ok(Json(vec!["Rust".to_owned()]))
/// }
///
/// let mut courses = Description::new("courses", "Courses and who takes part in them");
/// let _ = courses
///     .get("/courses", "listCourses", list)
///     .says("Lists the courses", "All of them.")
///     .ok("Their titles", json!(["Rust"]));
///
/// let document = openapi::document("School", "A school", "1.0.0", [courses]);
/// assert_eq!(document["paths"]["/courses"]["get"]["operationId"], "listCourses");
/// ```
pub struct Description {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schemas: Schemas,
    pub(crate) drafts: Vec<Draft>,
    pub(crate) security: BTreeMap<&'static str, Value>,
    pub(crate) before_the_function: BTreeMap<u16, &'static str>,
    always: fn(&mut Route<'_>),
}

/// An operation, by its method and its path as a template has it.
///
/// ```
/// use openapi::{Description, Operation};
///
/// # async fn list() -> Result<axum::Json<Vec<String>>, ()> { Ok(axum::Json(Vec::new())) }
/// let mut courses = Description::new("courses", "Courses and who takes part in them");
/// let _ = courses.get("/courses", "listCourses", list);
///
/// let operation = Operation { method: "GET".to_owned(), path: "/courses".to_owned() };
/// assert_eq!(courses.operations(), [operation]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// The HTTP method, in capitals.
    pub method: String,
    /// The path, with variables in braces.
    pub path: String,
}

impl Description {
    /// No routes yet. The name is the tag of all operations; `about` says what the context owns.
    ///
    /// ```
    /// # use openapi::Description;
    /// let courses = Description::new("courses", "Courses and who takes part in them");
    /// assert_eq!(courses.operations(), []);
    ///
    /// let document = openapi::document("School", "A school", "1.0.0", [courses]);
    /// assert_eq!(document["tags"][0]["name"], "courses");
    /// assert_eq!(document["tags"][0]["description"], "Courses and who takes part in them");
    /// ```
    pub fn new(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            schemas: Schemas::new(),
            drafts: Vec::new(),
            security: BTreeMap::new(),
            before_the_function: BTreeMap::new(),
            always: |_| {},
        }
    }

    /// What holds for every route, such as the refusal of one whose store fails.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # async fn list() -> Result<Json<Vec<String>>, ()> { Ok(Json(Vec::new())) }
    /// let mut courses = Description::new("courses", "Courses and who takes part in them").always(|route| {
    ///     let schema = json!({ "type": "string" });
    ///     route.takes_header("Accept-Language", false, "What the caller reads", schema, "en");
    /// });
    /// # let _ = courses.get("/courses", "list", list).says("Lists", "All of them.").ok("Titles", json!([]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// // Of a handler that says nothing of it:
    /// assert_eq!(document["paths"]["/courses"]["get"]["parameters"][0]["name"], "Accept-Language");
    /// ```
    #[must_use]
    pub fn always(mut self, always: fn(&mut Route<'_>)) -> Self {
        self.always = always;
        self
    }

    /// Has a gateway that answers by itself, before the function is asked: `{"message": ...}` with that status. Where an
    /// operation has the status too, it has both forms; 429 and 503 befall any.
    ///
    /// ```
    /// # use axum::Json;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # async fn list() -> Result<Json<Vec<String>>, ()> { Ok(Json(Vec::new())) }
    /// let mut courses = Description::new("courses", "Courses and who takes part in them")
    ///     .behind_gateway(&[(413, "Request Entity Too Large"), (429, "Too Many Requests")]);
    /// # let _ = courses.get("/courses", "list", list).says("Lists", "All of them.").ok("Titles", json!([]));
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    ///
    /// let answers = &document["paths"]["/courses"]["get"]["responses"];
    /// let example = &answers["429"]["content"]["application/json"]["examples"]["gateway"]["value"];
    /// assert_eq!(*example, json!({ "message": "Too Many Requests" }));
    /// // The operation itself never answers 413.
    /// assert_eq!(answers.get("413"), None);
    /// ```
    #[must_use]
    pub fn behind_gateway(mut self, answers: &[(u16, &'static str)]) -> Self {
        self.before_the_function.extend(answers.iter().copied());
        self
    }

    /// A route that reads.
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
    ///
    /// assert_eq!(courses.operations()[0].method, "GET");
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    /// assert_eq!(document["paths"]["/courses/{course}"]["get"]["operationId"], "showCourse");
    /// ```
    pub fn get<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("get", path, id, handler)
    }

    /// A route that does something.
    ///
    /// ```
    /// # use axum::Json;
    /// # use axum::extract::Path;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn close(Path(_): Path<String>) -> Result<Json<u32>, ()> {
    ///     Ok(Json(24))
    /// }
    ///
    /// let _ = courses
    ///     .post("/courses/{course}/close", "closeCourse", close)
    ///     .says("Closes a course", "Nobody enrols any more.")
    ///     .path::<String>("course", "The course's id", "rust")
    ///     .ok("How many take part", json!(24));
    ///
    /// assert_eq!(courses.operations()[0].method, "POST");
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    /// assert_eq!(document["paths"]["/courses/{course}/close"]["post"]["operationId"], "closeCourse");
    /// ```
    pub fn post<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("post", path, id, handler)
    }

    /// A route that takes something away.
    ///
    /// ```
    /// # use axum::Json;
    /// # use axum::extract::Path;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn cancel(Path(_): Path<String>) -> Result<Json<bool>, ()> {
    ///     Ok(Json(true))
    /// }
    ///
    /// let _ = courses
    ///     .delete("/courses/{course}", "cancelCourse", cancel)
    ///     .says("Cancels a course", "For good.")
    ///     .path::<String>("course", "The course's id", "rust")
    ///     .ok("Whether it was there", json!(true));
    ///
    /// assert_eq!(courses.operations()[0].method, "DELETE");
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    /// assert_eq!(document["paths"]["/courses/{course}"]["delete"]["operationId"], "cancelCourse");
    /// ```
    pub fn delete<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("delete", path, id, handler)
    }

    /// A route that sets something.
    ///
    /// ```
    /// # use axum::Json;
    /// # use axum::extract::Path;
    /// # use openapi::Description;
    /// # use serde_json::json;
    /// # let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// async fn open(Path(course): Path<String>) -> Result<Json<String>, ()> {
    ///     Ok(Json(course))
    /// }
    ///
    /// let _ = courses
    ///     .put("/courses/{course}", "openCourse", open)
    ///     .says("Opens a course", "Under an id of the caller's choice.")
    ///     .path::<String>("course", "The course's id", "rust")
    ///     .ok("Its id", json!("rust"));
    ///
    /// assert_eq!(courses.operations()[0].method, "PUT");
    /// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
    /// assert_eq!(document["paths"]["/courses/{course}"]["put"]["operationId"], "openCourse");
    /// ```
    pub fn put<A, H: Handler<A>>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> Route<'_> {
        self.route("put", path, id, handler)
    }

    fn route<A, H: Handler<A>>(
        &mut self,
        method: &'static str,
        path: &'static str,
        id: &'static str,
        _: H,
    ) -> Route<'_> {
        let always = self.always;
        self.drafts.push(Draft::new(method, path, id));
        let mut route = Route::last_of(self);
        always(&mut route);
        H::describe(&mut route);
        route
    }

    /// The operations described.
    ///
    /// ```
    /// # use openapi::Description;
    /// # async fn list() -> Result<axum::Json<Vec<String>>, ()> { Ok(axum::Json(Vec::new())) }
    /// let mut courses = Description::new("courses", "Courses and who takes part in them");
    /// let _ = courses.get("/courses", "listCourses", list);
    /// let _ = courses.get("/courses/closed", "listClosedCourses", list);
    ///
    /// let paths = courses.operations().into_iter().map(|operation| operation.path);
    /// assert_eq!(paths.collect::<Vec<_>>(), ["/courses", "/courses/closed"]);
    /// ```
    pub fn operations(&self) -> Vec<Operation> {
        let operation = |draft: &Draft| Operation {
            method: draft.method.to_ascii_uppercase(),
            path: draft.path.to_owned(),
        };
        self.drafts.iter().map(operation).collect()
    }
}
