//! The parameters of a query string, read strictly: the answer to a bad one names the parameter.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::Problem;

/// The query string as `T`. Declare `#[serde(deny_unknown_fields)]` on what is read, so that a misspelt parameter is
/// refused.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::Parameters;
///
/// #[derive(Debug, serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Asked {
///     limit: usize,
/// }
///
/// let parts = |uri: &str| http::Request::get(uri).body(()).unwrap().into_parts().0;
/// let Parameters(asked) = Parameters::<Asked>::from_request_parts(&mut parts("/?limit=3"), &()).await.unwrap();
/// assert_eq!(asked.limit, 3);
///
/// let wrong = Parameters::<Asked>::from_request_parts(&mut parts("/?limit=many"), &()).await;
/// assert_eq!(wrong.unwrap_err().errors[0].field, "limit");
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Parameters<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        // What is not UTF-8 once decoded is read with replacement characters, as browsers do.
        let pairs = form_urlencoded::parse(query.as_bytes());
        let reader = serde_urlencoded::Deserializer::new(pairs);
        serde_path_to_error::deserialize(reader)
            .map(Self)
            .map_err(|error| {
                let path = error.path().to_string();
                // "?" and "." are the paths of what is wrong with no parameter alone, such as one that is there twice.
                let field = if matches!(path.as_str(), "." | "?") {
                    "query".to_owned()
                } else {
                    path
                };
                Problem::field(field, error.into_inner().to_string())
            })
    }
}
