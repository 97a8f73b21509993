//! Answers to browsers of other origins, as the template configures them. The gateway's headers replace a function's
//! own (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>).

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::Full;

/// The template's rules, made ready for headers.
pub(super) struct Cors {
    origins: Vec<String>,
    allow_credentials: bool,
    exposed: Option<HeaderValue>,
    preflight: Vec<(HeaderName, HeaderValue)>,
}

impl Cors {
    pub(super) fn new(rules: &sam_template::Cors) -> Self {
        let list = |values: &[String]| {
            let values = (!values.is_empty()).then(|| values.join(","))?;
            HeaderValue::try_from(values).ok()
        };
        let preflight = [
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                list(&rules.allow_methods),
            ),
            (
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                list(&rules.allow_headers),
            ),
            (
                header::ACCESS_CONTROL_MAX_AGE,
                rules.max_age_seconds.map(HeaderValue::from),
            ),
        ];
        let preflight = preflight
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        Self {
            origins: rules.allow_origins.clone(),
            allow_credentials: rules.allow_credentials,
            exposed: list(&rules.expose_headers),
            preflight: preflight.collect(),
        }
    }

    /// The answer to a preflight request. Headers of the origin are put on like on any other answer.
    pub(super) fn preflight(&self, headers: &HeaderMap) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let origin = headers.get(header::ORIGIN);
        if origin.is_some_and(|origin| self.allowed(origin).is_some()) {
            response
                .headers_mut()
                .extend(self.preflight.iter().cloned());
        }
        response
    }

    pub(super) fn decorate(&self, origin: &HeaderValue, headers: &mut HeaderMap) {
        for name in [
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ] {
            headers.remove(name);
        }
        let Some(allowed) = self.allowed(origin) else {
            return;
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        if self.allow_credentials {
            let yes = HeaderValue::from_static("true");
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        if let Some(exposed) = &self.exposed {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
    }

    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        let known = self
            .origins
            .iter()
            .any(|allowed| allowed.as_bytes() == origin.as_bytes());
        known.then(|| origin.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cors(origins: &[&str]) -> Cors {
        let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Cors::new(&sam_template::Cors {
            allow_origins: texts(origins),
            allow_methods: texts(&["GET", "POST"]),
            allow_headers: texts(&["authorization"]),
            max_age_seconds: Some(600),
            ..sam_template::Cors::default()
        })
    }

    fn asking(origin: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_str(origin).unwrap())])
    }

    #[test]
    fn a_known_origin_learns_what_it_may_do() {
        let cors = cors(&["http://shop"]);
        let mut response = cors.preflight(&asking("http://shop"));
        cors.decorate(&asking("http://shop")["origin"], response.headers_mut());
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-origin"], "http://shop");
        assert_eq!(headers["access-control-allow-methods"], "GET,POST");
        assert_eq!(headers["access-control-max-age"], "600");
    }

    #[test]
    fn an_unknown_origin_gets_nothing_even_from_the_function() {
        let cors = cors(&["http://shop"]);
        assert!(cors.preflight(&asking("http://evil")).headers().is_empty());
        let mut headers = HeaderMap::new();
        headers.insert("access-control-allow-origin", "*".parse().unwrap());
        cors.decorate(&"http://evil".parse().unwrap(), &mut headers);
        assert!(headers.is_empty());
    }
}
