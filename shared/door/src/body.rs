//! Bodies of requests, read strictly: the answer to a bad one names the field.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;

use crate::Problem;

/// The longest body that a route reads, in bytes: 1 MiB.
///
/// ```
/// assert_eq!(door::MAX_BODY_BYTES, 1 << 20);
/// ```
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The body as it came, of any media type, within [`MAX_BODY_BYTES`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequest as _;
/// use door::RawBody;
///
/// let request = http::Request::post("/webhook").body("as it came".into()).unwrap();
/// let RawBody(bytes) = RawBody::from_request(request, &()).await.unwrap();
/// assert_eq!(bytes, "as it came");
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = Limited::new(request.into_body(), MAX_BODY_BYTES);
        let body = body
            .collect()
            .await
            .map_err(|_| Problem::body_too_large(MAX_BODY_BYTES))?;
        Ok(Self(body.to_bytes()))
    }
}

/// The body as `T`. Declare `#[serde(deny_unknown_fields)]` on what is read, so that a misspelt field is refused.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequest as _;
/// use door::Body;
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Note {
///     text: String,
/// }
///
/// let sent = |json: &'static str| http::Request::post("/notes").body(json.into()).unwrap();
/// let Body(note) = Body::<Note>::from_request(sent(r#"{"text":"good"}"#), &()).await.unwrap();
/// assert_eq!(note.text, "good");
///
/// let problem = Body::<Note>::from_request(sent(r#"{"text":7}"#), &()).await.unwrap_err();
/// assert_eq!((problem.status, problem.errors[0].field.as_str()), (400, "text"));
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type = match request.headers().get(http::header::CONTENT_TYPE) {
            None => "application/json",
            // One that is not ASCII is of no kind that we know.
            Some(value) => value.to_str().unwrap_or_default(),
        };
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Problem::unsupported_media_type("application/json"));
        }
        let RawBody(bytes) = RawBody::from_request(request, state).await?;
        let value = strict_json::read(&bytes).map_err(|misfit| {
            let field = if misfit.field.is_empty() {
                "body".to_owned()
            } else {
                misfit.field
            };
            Problem::field(field, misfit.message)
        })?;
        Ok(Self(value))
    }
}
