//! A JSON body, read strictly: the answer to a bad one names the field.

use axum::extract::{FromRequest, Request};
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

use crate::Problem;

/// The longest body that a route reads, in bytes: 1 MiB.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The body as `T`. Declare `#[serde(deny_unknown_fields)]` on what is read, so that a misspelt field is refused.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(http::header::CONTENT_TYPE);
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or("application/json");
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        let body = Limited::new(request.into_body(), MAX_BODY_BYTES);
        let bytes = body
            .collect()
            .await
            .map_err(|_| Problem::body_too_large(MAX_BODY_BYTES))?
            .to_bytes();
        let mut reader = serde_json::Deserializer::from_slice(&bytes);
        let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let path = error.path().to_string();
            // "?" is the path of what ends or breaks before any field is known.
            let path = if matches!(path.as_str(), "." | "?") {
                "body".to_owned()
            } else {
                path
            };
            Problem::field(path, error.into_inner().to_string())
        })?;
        reader
            .end()
            .map_err(|error| Problem::field("body", error.to_string()))?;
        Ok(Self(value))
    }
}
