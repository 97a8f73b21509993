//! The HTTP API, apart from its routes, which stand with the functions.

use std::collections::BTreeMap;
use std::time::Duration;

/// The HTTP API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// Name in the template.
    pub logical_id: String,
    /// Authorisers by name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The one used where a route does not say.
    pub default_authorizer: Option<String>,
    /// Answers to browsers of other origins.
    pub cors: Option<Cors>,
    /// Largest request in bytes that reaches a function: an invocation's payload, 6 MB, is the tighter of Lambda's and
    /// API Gateway's (10 MB) limits.
    pub request_limit_bytes: usize,
    /// Largest answer in bytes: the same limit of an invocation.
    pub response_limit_bytes: usize,
    /// Longest that API Gateway waits for a function: 30 s for an HTTP API, not adjustable upwards.
    pub integration_timeout: Duration,
}

/// A JWT authoriser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// The `iss` that a token must have.
    pub issuer: String,
    /// One of these must be in its `aud` (or be its `client_id`, where there is no `aud`).
    pub audience: Vec<String>,
    /// Name of the request header that holds the token, in lower case.
    pub header: String,
}

/// Cross-origin rules of the HTTP API.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cors {
    /// `Access-Control-Allow-Origin`
    pub allow_origins: Vec<String>,
    /// `Access-Control-Allow-Methods`
    pub allow_methods: Vec<String>,
    /// `Access-Control-Allow-Headers`
    pub allow_headers: Vec<String>,
    /// `Access-Control-Expose-Headers`
    pub expose_headers: Vec<String>,
    /// `Access-Control-Allow-Role`
    pub allow_credentials: bool,
    /// `Access-Control-Max-Age`
    pub max_age_seconds: Option<u32>,
}
