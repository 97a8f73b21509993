//! The shop's pages, served beside the HTTP API from one origin, as CloudFront does it for a deployed shop: `/api/*` is the
//! API's, all else is a page. Owns which file answers a path, the headers, and what the pages are told of this shop; not the
//! pages, which are `frontend/`, nor [`build`]ing them.

pub(crate) mod build;

use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

use crate::address::Addresses;

/// Where the API's paths begin.
const API: &str = "/api";
/// What the pages read to learn where they sign in and how they are paid.
const CONFIG: &str = "/config.json";
/// The folder of files that have their content's digest in their name.
const ASSETS: &str = "assets";

/// The pages of one build.
pub(crate) struct Frontend {
    directory: PathBuf,
    config: Bytes,
    policy: HeaderValue,
}

impl Frontend {
    /// The pages in `directory`, for the shop at these addresses.
    pub(crate) fn new(directory: PathBuf, addresses: &Addresses) -> Self {
        let config = json!({
            "issuer": addresses.identity,
            "client_id": local_identity::CLIENT_ID,
            "scopes": local_identity::SCOPES.join(" "),
            "payment": { "element": "stand-in" },
        });
        // React Aria positions with style attributes; Stripe's element needs its own script and frames where it is used.
        let policy = format!(
            "default-src 'self'; connect-src 'self' {} https://api.stripe.com; script-src 'self' https://js.stripe.com; \
             frame-src https://js.stripe.com https://hooks.stripe.com; style-src 'self' 'unsafe-inline'; \
             img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
            addresses.identity
        );
        Self {
            directory,
            config: Bytes::from(config.to_string()),
            policy: HeaderValue::try_from(policy).expect("the policy and an address are ASCII"),
        }
    }

    /// The page at a path; none where the path is the API's.
    pub(crate) async fn answer(
        &self,
        method: &Method,
        path: &str,
    ) -> Option<Response<Full<Bytes>>> {
        if path == API
            || path
                .strip_prefix(API)
                .is_some_and(|rest| rest.starts_with('/'))
        {
            return None;
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response = self.respond(Bytes::new(), "text/plain", false);
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            return Some(response);
        }
        let mut response = if path == CONFIG {
            self.respond(self.config.clone(), "application/json", false)
        } else {
            self.file(path).await
        };
        if *method == Method::HEAD {
            *response.body_mut() = Full::default();
        }
        Some(response)
    }

    async fn file(&self, path: &str) -> Response<Full<Bytes>> {
        let relative = Path::new(path.trim_start_matches('/'));
        let plain = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        // Ids may have dots, so a dot alone makes no file: those stand at the top or among the assets.
        let top = relative.components().count() == 1 && path.contains('.');
        if plain && (top || relative.starts_with(ASSETS)) {
            return match read(self.directory.join(relative)).await {
                Ok(content) => {
                    let lasting = relative.starts_with(ASSETS);
                    self.respond(content.into(), content_type(relative), lasting)
                }
                Err(error) => self.missing(path, &error),
            };
        }
        // Any other path is one of the program's own: it reads it from the address.
        let entry = match path == "/console" || path.starts_with("/console/") {
            true => "console/index.html",
            false => "index.html",
        };
        match read(self.directory.join(entry)).await {
            Ok(content) => self.respond(content.into(), "text/html; charset=utf-8", false),
            Err(error) => self.missing(path, &error),
        }
    }

    fn missing(&self, path: &str, error: &std::io::Error) -> Response<Full<Bytes>> {
        if error.kind() != std::io::ErrorKind::NotFound {
            tracing::warn!(%error, path, "a page could not be read");
        }
        let mut response = self.respond(Bytes::from_static(b"Not Found"), "text/plain", false);
        *response.status_mut() = StatusCode::NOT_FOUND;
        response
    }

    fn respond(&self, content: Bytes, kind: &'static str, lasting: bool) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(content));
        let caching = match lasting {
            true => "public, max-age=31536000, immutable",
            false => "no-cache",
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("strict-origin-when-cross-origin"),
        );
        response
    }
}

async fn read(path: PathBuf) -> std::io::Result<Vec<u8>> {
    let reading = tokio::task::spawn_blocking(move || std::fs::read(path));
    reading.await.unwrap_or_else(|error| Err(error.into()))
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::address::Ports;

    fn frontend() -> (tempfile::TempDir, Frontend) {
        let directory = tempfile::tempdir().unwrap();
        for (path, content) in [
            ("index.html", "shop"),
            ("console/index.html", "console"),
            ("assets/shop-1a2b.js", "script"),
            ("mark.svg", "<svg/>"),
        ] {
            let path = directory.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let addresses = Addresses::of_ports(Ports::default());
        let frontend = Frontend::new(directory.path().to_owned(), &addresses);
        (directory, frontend)
    }

    async fn get(frontend: &Frontend, path: &str) -> (u16, String, String, String) {
        let response = frontend.answer(&Method::GET, path).await.unwrap();
        let status = response.status().as_u16();
        let header = |name| response.headers()[name].to_str().unwrap().to_owned();
        let (kind, caching) = (header("content-type"), header("cache-control"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (
            status,
            kind,
            caching,
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[tokio::test]
    async fn paths_of_the_programs_are_their_pages_and_files_are_files() {
        let (_directory, frontend) = frontend();
        for (path, status, content, caching) in [
            ("/", 200, "shop", "no-cache"),
            ("/products/apple", 200, "shop", "no-cache"),
            ("/apiary", 200, "shop", "no-cache"),
            ("/products/tea.green", 200, "shop", "no-cache"),
            ("/console/orders/o.1", 200, "console", "no-cache"),
            ("/console", 200, "console", "no-cache"),
            ("/console/orders/1", 200, "console", "no-cache"),
            ("/mark.svg", 200, "<svg/>", "no-cache"),
            (
                "/assets/shop-1a2b.js",
                200,
                "script",
                "public, max-age=31536000, immutable",
            ),
            ("/assets/gone.js", 404, "Not Found", "no-cache"),
        ] {
            let (got, _, cached, body) = get(&frontend, path).await;
            assert_eq!(
                (got, body.as_str(), cached.as_str()),
                (status, content, caching),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn nothing_outside_of_the_build_is_served() {
        let (directory, frontend) = frontend();
        let outside = directory.path().with_extension("secret");
        std::fs::write(&outside, "secret").unwrap();
        let name = outside.file_name().unwrap().to_str().unwrap();
        for path in [
            format!("/../{name}"),
            format!("/assets/../../{name}"),
            format!("/{}", outside.display()),
            format!("/assets/./../../{name}"),
        ] {
            let (_, _, _, body) = get(&frontend, &path).await;
            assert_ne!(body, "secret", "{path}");
        }
        std::fs::remove_file(outside).unwrap();
    }

    #[tokio::test]
    async fn the_api_is_not_the_frontends() {
        let (_directory, frontend) = frontend();
        for path in ["/api", "/api/products", "/api/docs"] {
            assert!(
                frontend.answer(&Method::GET, path).await.is_none(),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn pages_learn_of_the_shop_and_are_only_read() {
        let (_directory, frontend) = frontend();
        let (_, kind, _, body) = get(&frontend, "/config.json").await;
        assert_eq!(kind, "application/json");
        let config: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(config["issuer"], "http://127.0.0.1:8095");
        assert_eq!(config["client_id"], "noren-storefront");
        assert_eq!(config["payment"]["element"], "stand-in");
        let refused = frontend.answer(&Method::POST, "/").await.unwrap();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
        let head = frontend.answer(&Method::HEAD, "/").await.unwrap();
        assert!(
            head.into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .is_empty()
        );
    }
}
