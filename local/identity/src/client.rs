//! The one client, the shop's single-page application, and what it may ask for.

/// The public client: no secret, code with PKCE only.
pub const CLIENT_ID: &str = "noren-storefront";
/// The group whose members run the shop.
pub const OPERATORS: &str = "operators";
/// Every scope that the client may ask for. Like Cognito, the issuer gives a scope to whoever asks by a client that may;
/// that an operator is one says the group, not the scope.
pub const SCOPES: &[&str] = &["openid", "profile", "email", "noren/shop", "noren/operate"];

/// Whether somebody may be sent back there: an address of this machine, and nothing else.
pub(crate) fn may_return_to(uri: &str) -> bool {
    !uri.contains('#') && is_loopback(uri)
}

/// Whether a URL, or an origin, is this machine's: plain HTTP to 127.0.0.1 or localhost, whatever the port.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(url) = url.parse::<http::Uri>() else {
        return false;
    };
    let Some(authority) = url.authority() else {
        return false;
    };
    // `user@host` would show one host and mean another.
    url.scheme_str() == Some("http")
        && !authority.as_str().contains('@')
        && matches!(authority.host(), "127.0.0.1" | "localhost")
}

/// The scopes of a request; none where one of them is not the client's to ask for.
pub(crate) fn scopes(asked: &str) -> Option<String> {
    let asked: Vec<&str> = asked.split_whitespace().collect();
    let known = asked.iter().all(|scope| SCOPES.contains(scope));
    (known && !asked.is_empty()).then(|| asked.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_returned_to() {
        for (uri, may) in [
            ("http://127.0.0.1:8080/signed-in", true),
            ("http://localhost:5173/", true),
            ("https://127.0.0.1/", false),
            ("http://127.0.0.1:8080@evil.example/", false),
            ("http://127.0.0.1.evil.example/", false),
            ("http://evil.example/", false),
            ("http://localhost/#token", false),
            ("javascript:alert(1)", false),
            ("/relative", false),
        ] {
            assert_eq!(may_return_to(uri), may, "{uri}");
        }
    }

    #[test]
    fn an_unknown_scope_spoils_the_request() {
        assert_eq!(
            scopes("openid  noren/shop").as_deref(),
            Some("openid noren/shop")
        );
        assert_eq!(scopes("openid aws.cognito.signin.user.admin"), None);
        assert_eq!(scopes(" "), None);
    }
}
