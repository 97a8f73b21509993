//! What the door's extractors, refusals and the gateway before it say in an API description.

use openapi::{Description, Input, Refusal, Route};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::request::MAX_KEY_CHARACTERS;
use crate::{
    Arrival, Body, Customer, Guest, GuestDesk, IdempotencyKey, MAX_BODY_BYTES, OPERATE_SCOPE,
    Operator, Parameters, Problem, RawBody, RequestCause, SHOP_SCOPE, UnkeyedCause,
};

/// What API Gateway answers by itself; an HTTP API has no way to make problem+json of it
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html>).
const BEFORE_THE_FUNCTION: &[(u16, &str)] = &[
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (413, "Request Entity Too Large"),
    (429, "Too Many Requests"),
    (503, "Service Unavailable"),
];

/// A description of a context behind the door. `about` says what the context owns.
///
/// ```
/// use door::Body;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct Note { text: String }
///
/// async fn write(Body(note): Body<Note>) -> Result<axum::Json<usize>, door::Problem> {
///     Ok(axum::Json(note.text.len()))
/// }
///
/// let mut notes = door::describe("notes", "What somebody wrote");
/// let _ = notes
///     .post("/notes", "writeNote", write)
///     .says("Writes a note", "And says how long it is.")
///     .body_example("good", "A short one", serde_json::json!({ "text": "good" }))
///     .ok("Its length in bytes", serde_json::json!(4));
/// let document = openapi::document("Notes", "Notes", "1.0.0", [notes]);
/// // What the body, the door and the gateway refuse is told by itself.
/// for status in ["200", "400", "413", "415", "503"] {
///     assert!(document.pointer(&format!("/paths/~1notes/post/responses/{status}")).is_some());
/// }
/// ```
pub fn describe(name: &'static str, about: &'static str) -> Description {
    Description::new(name, about)
        .behind_gateway(BEFORE_THE_FUNCTION)
        .always(|route| route.can_refuse(&Problem::unavailable()))
}

impl Refusal for Problem {
    fn status(&self) -> u16 {
        self.status
    }

    fn name(&self) -> String {
        let kind = self.problem_type.rsplit(':').next().unwrap_or_default();
        match self.errors.first() {
            // Wrong fields are all of one kind: which field it is tells them apart.
            Some(error) if kind == "invalid" => {
                let plain = |c: char| match c {
                    '.' | '[' => '.',
                    c if c.is_ascii_alphanumeric() || c == '_' => c,
                    _ => '-',
                };
                let field: String = error
                    .field
                    .chars()
                    .filter(|c| *c != ']')
                    .map(plain)
                    .collect();
                format!("{kind}-{field}")
            }
            Some(_) | None => kind.to_owned(),
        }
    }

    fn title(&self) -> &str {
        &self.title
    }
}

fn token(who: &str) -> Value {
    json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": who })
}

fn secured(route: &mut Route<'_>, scheme: &'static str, who: &str, scope: &str) {
    route.secured(scheme, token(who), &[scope]);
    route.can_refuse(&Problem::unauthenticated());
    route.can_refuse(&Problem::forbidden(scope));
}

impl Input for Customer {
    fn describe(route: &mut Route<'_>) {
        let who = "An access token with the scope noren/shop: a customer, for themselves";
        secured(route, "customer", who, SHOP_SCOPE);
    }
}

impl Input for Operator {
    fn describe(route: &mut Route<'_>) {
        let who = "An access token with the scope noren/operate of somebody in the group operators: an operator of the shop";
        secured(route, "operator", who, OPERATE_SCOPE);
    }
}

impl Input for Guest {
    fn describe(route: &mut Route<'_>) {
        let token = json!({
            "type": "apiKey", "in": "header", "name": "Guest-Token",
            "description": "A token of POST /api/guest/session: somebody who has not signed in, for themselves",
        });
        route.secured("guest", token, &[]);
        route.can_refuse(&Problem::unauthenticated());
    }
}

impl Input for GuestDesk {
    fn describe(_: &mut Route<'_>) {}
}

impl Input for IdempotencyKey {
    fn describe(route: &mut Route<'_>) {
        let about = "The same key is the same wish: a repeat does nothing, and is answered with what the first led to, as it stands now";
        let schema = json!({
            "type": "string", "minLength": 1, "maxLength": MAX_KEY_CHARACTERS,
            "pattern": "^[!-~]([ -~]*[!-~])?$",
        });
        route.takes_header(
            "Idempotency-Key",
            false,
            about,
            schema,
            "8e03978e-40d5-43e8-bc93-6894a57f9324",
        );
        let rule = format!("must be 1 to {MAX_KEY_CHARACTERS} printable ASCII characters");
        route.can_refuse(&Problem::field("Idempotency-Key", rule));
    }
}

impl Input for Arrival {
    fn describe(_: &mut Route<'_>) {}
}

impl Input for RequestCause {
    fn describe(route: &mut Route<'_>) {
        IdempotencyKey::describe(route);
        route.can_refuse(&Problem::key_reused());
    }
}

impl Input for UnkeyedCause {
    fn describe(_: &mut Route<'_>) {}
}

impl<T: JsonSchema> Input for Parameters<T> {
    fn describe(route: &mut Route<'_>) {
        route.takes_query::<T>();
        route.can_refuse(&Problem::field("query", "unknown field `colour`"));
    }
}

/// How a body that is no JSON of the right form is refused. For extractors of a context's own that read one.
///
/// ```
/// use openapi::{Input, Route};
///
/// /// A body of lines, each of them JSON.
/// struct Lines;
///
/// impl Input for Lines {
///     fn describe(route: &mut Route<'_>) {
///         door::refuses_bodies(route);
///     }
/// }
/// ```
pub fn refuses_bodies(route: &mut Route<'_>) {
    route.can_refuse(&Problem::field("body", "expected value at line 1 column 1"));
    route.can_refuse(&Problem::body_too_large(MAX_BODY_BYTES));
    route.can_refuse(&Problem::unsupported_media_type("application/json"));
}

impl<T: JsonSchema> Input for Body<T> {
    fn describe(route: &mut Route<'_>) {
        route.takes::<T>(true);
        refuses_bodies(route);
    }
}

impl Input for RawBody {
    fn describe(route: &mut Route<'_>) {
        route.can_refuse(&Problem::body_too_large(MAX_BODY_BYTES));
    }
}
