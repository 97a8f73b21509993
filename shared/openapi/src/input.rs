//! What a handler's parameters and its answer say about its route.

use axum::Json;
use axum::extract::{Path, State};
use http::HeaderMap;
use schemars::JsonSchema;

use crate::Route;

/// A parameter of a handler: what it takes of a request. Implemented beside each extractor.
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
