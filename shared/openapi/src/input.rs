//! What a handler's parameters and its answer say about its route.

use axum::Json;
use axum::extract::{Path, State};
use http::HeaderMap;
use schemars::JsonSchema;

use crate::Route;

/// A parameter of a handler: what it takes of a request. Implemented beside each extractor.
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
/// # let mut courses = Description::new("courses", "Courses and who takes part in them");
/// # let _ = courses.get("/courses", "list", list).says("Lists", "All of them.").ok("Titles", json!([]));
/// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
/// assert_eq!(document["paths"]["/courses"]["get"]["parameters"][0]["name"], "Accept-Language");
/// ```
pub trait Input {
    /// Adds to the route what this takes, and how it refuses what it cannot take.
    fn describe(route: &mut Route<'_>);
}

/// The handler's own dependencies; nothing of the request.
impl<S> Input for State<S> {
    fn describe(_: &mut Route<'_>) {}
}

/// The variables of the path; the route says what each is with [`Route::path`].
impl<T> Input for Path<T> {
    fn describe(_: &mut Route<'_>) {}
}

/// Headers that a handler reads by hand; the route says which with [`Route::header`].
impl Input for HeaderMap {
    fn describe(_: &mut Route<'_>) {}
}

/// What a handler returns.
///
/// ```
/// use openapi::{Description, Output, Route};
/// use serde_json::json;
///
/// /// An answer that is a number, and never a refusal.
/// struct Count(u32);
///
/// impl Output for Count {
///     fn describe(route: &mut Route<'_>) {
///         route.returns::<u32>();
///     }
/// }
///
/// async fn count() -> Count {
///     Count(3)
/// }
///
/// # let mut courses = Description::new("courses", "Courses and who takes part in them");
/// # let _ = courses.get("/count", "count", count).says("Counts", "All of them.").ok("How many", json!(3));
/// # let document = openapi::document("School", "A school", "1.0.0", [courses]);
/// let answer = &document["paths"]["/count"]["get"]["responses"]["200"]["content"]["application/json"];
/// assert_eq!(answer["schema"]["type"], "integer");
/// ```
pub trait Output {
    /// Notes the schema of the usual answer, where the type tells it.
    fn describe(route: &mut Route<'_>);
}

impl<T: JsonSchema, E> Output for Result<Json<T>, E> {
    fn describe(route: &mut Route<'_>) {
        route.returns::<T>();
    }
}

/// An answer whose type is known to the handler alone; the route says it with [`Route::answers`].
impl<E> Output for Result<axum::response::Response, E> {
    fn describe(_: &mut Route<'_>) {}
}
