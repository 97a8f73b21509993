//! A handler: an async function of extractors.

use std::future::Future;

use crate::{Input, Output, Route};

/// An async function whose parameters and answer describe themselves. `Arguments` is the tuple of its parameters.
///
/// ```
/// use axum::Json;
/// use openapi::{Description, Handler};
/// use serde_json::json;
///
/// /// Each context counts what it has, and each in its own way.
/// fn counts<A, H: Handler<A>>(description: &mut Description, handler: H) {
///     let _ = description
///         .get("/count", "count", handler)
///         .says("Counts", "All there are.")
///         .ok("How many", json!(3));
/// }
///
/// let mut courses = Description::new("courses", "Courses and who takes part in them");
/// counts(&mut courses, async || Ok::<_, ()>(Json(3_u32)));
/// let document = openapi::document("School", "A school", "1.0.0", [courses]);
/// let answer = &document["paths"]["/count"]["get"]["responses"]["200"]["content"]["application/json"];
/// assert_eq!(answer["schema"]["type"], "integer");
/// ```
pub trait Handler<Arguments> {
    /// Adds to the route what the function takes and answers. The function is not called.
    fn describe(route: &mut Route<'_>);
}

macro_rules! handler {
    ($($argument:ident),*) => {
        impl<F, Answering, $($argument),*> Handler<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Answering,
            Answering: Future,
            Answering::Output: Output,
            $($argument: Input,)*
        {
            fn describe(route: &mut Route<'_>) {
                $($argument::describe(route);)*
                Answering::Output::describe(route);
            }
        }
    };
}

handler!();
handler!(A);
handler!(A, B);
handler!(A, B, C);
handler!(A, B, C, D);
handler!(A, B, C, D, E);
handler!(A, B, C, D, E, G);
handler!(A, B, C, D, E, G, H);
handler!(A, B, C, D, E, G, H, I);
