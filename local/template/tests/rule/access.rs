//! Who may call a route.

use sam_template::{EventSource, Template};

/// What anybody may call: browsing, a quote, and the provider's webhook, which proves itself by its signature.
const PUBLIC: &[(&str, &str)] = &[
    ("GET", "/api/categories"),
    ("GET", "/api/products"),
    ("GET", "/api/products/{product_id}"),
    ("GET", "/api/skus/{sku}"),
    ("GET", "/api/stock/{sku}"),
    ("POST", "/api/payments/webhook"),
    ("POST", "/api/shipping/quote"),
];

/// Operators' routes demand the operator's scope alone, public routes are the listed ones, and all others demand the
/// customer's scope alone: without a scope, an ID token would pass as an access token.
pub fn access(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    for source in template
        .functions
        .iter()
        .flat_map(|function| &function.event_sources)
    {
        let EventSource::Http {
            method,
            path,
            authorizer,
            scopes,
            ..
        } = source
        else {
            continue;
        };
        let public = PUBLIC.contains(&(method.as_str(), path.as_str()));
        // A guest has no token of an issuer: functions check the one that the shop made.
        let guests = path.starts_with("/api/guest/");
        let wanted: &[&str] = match path.starts_with("/api/operator/") {
            true => &["noren/operate"],
            false if public || guests => &[],
            false => &["noren/shop"],
        };
        if authorizer.is_none() != (public || guests) || scopes != wanted {
            how.push(format!(
                "{method} {path} demands {scopes:?} of {authorizer:?}"
            ));
        }
    }
    how
}
