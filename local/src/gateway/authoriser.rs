//! Who calls, until sign-in exists: a token that says so itself.
//!
//! `Authorization: Bearer customer:ID` is the customer ID, with the scope of a shopper; `Bearer operator:ID` is an
//! operator. Nothing is verified, which is why this is for loopback only. What a route demands of the token is enforced
//! as API Gateway's JWT authoriser does: no or a senseless token gives 401, a missing scope 403.

use std::collections::BTreeMap;

use door::{OPERATE_SCOPE, SHOP_SCOPE};
use http::HeaderMap;
use sam_template::Authorizer;

/// The claims of a token, all of them texts, as API Gateway hands them on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims(pub(super) BTreeMap<String, String>);

/// Why a caller may not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Denied {
    NoIdentity,
    Invalid(&'static str),
    /// None of these scopes.
    Scope(Vec<String>),
}

impl Denied {
    /// The header `WWW-Authenticate` of the answer.
    pub(super) fn challenge(&self) -> String {
        match self {
            Self::NoIdentity => "Bearer".to_owned(),
            Self::Invalid(reason) => {
                format!(r#"Bearer scope="" error="invalid_token" error_description="{reason}""#)
            }
            Self::Scope(scopes) => {
                let scopes = scopes.join(" ");
                format!(
                    r#"Bearer scope="{scopes}" error="insufficient_scope" error_description="the token does not have the scope""#
                )
            }
        }
    }
}

impl Claims {
    /// Reads the caller's token and holds it against the scopes, of which one is enough.
    pub(super) fn read(
        headers: &HeaderMap,
        authorizer: &Authorizer,
        scopes: &[String],
    ) -> Result<Self, Denied> {
        let value = headers.get(&authorizer.header).ok_or(Denied::NoIdentity)?;
        let invalid = Denied::Invalid(
            "local tokens are customer:ID or operator:ID, with an ID of letters, digits, and . _ -",
        );
        let token = value.to_str().map_err(|_| invalid.clone())?;
        // As on AWS, the scheme may be left out.
        let token = match token.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            Some(_) => return Err(invalid),
            None => token,
        };
        let (scope, subject) = match token.split_once(':') {
            Some(("customer", subject)) => (SHOP_SCOPE, subject),
            Some(("operator", subject)) => (OPERATE_SCOPE, subject),
            Some(_) | None => return Err(invalid),
        };
        let readable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if subject.is_empty() || !subject.chars().all(readable) {
            return Err(invalid);
        }
        if !scopes.is_empty() && !scopes.iter().any(|demanded| demanded == scope) {
            return Err(Denied::Scope(scopes.to_vec()));
        }
        let audience = authorizer.audience.first().cloned().unwrap_or_default();
        let claims = [
            ("iss", authorizer.issuer.clone()),
            ("aud", audience),
            ("sub", subject.to_owned()),
            ("scope", scope.to_owned()),
            ("token_use", "access".to_owned()),
        ];
        let claims = claims.map(|(name, value)| (name.to_owned(), value));
        Ok(Self(BTreeMap::from(claims)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(token: Option<&str>, scope: &str) -> Result<Claims, Denied> {
        let authorizer = Authorizer {
            issuer: "http://issuer".to_owned(),
            audience: vec!["noren".to_owned()],
            header: "authorization".to_owned(),
        };
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert("authorization", token.parse().unwrap());
        }
        let scopes: Vec<String> = scope.split_whitespace().map(str::to_owned).collect();
        Claims::read(&headers, &authorizer, &scopes)
    }

    #[test]
    fn a_caller_is_who_the_token_says() {
        let claims = read(Some("Bearer customer:c-1"), "noren/shop").unwrap();
        assert_eq!(claims.0["sub"], "c-1");
        assert_eq!(claims.0["scope"], "noren/shop");
        assert_eq!(claims.0["aud"], "noren");
        let claims = read(Some("operator:ops"), "noren/operate").unwrap();
        assert_eq!(claims.0["scope"], "noren/operate");
        assert!(read(Some("Bearer customer:c-1"), "").is_ok());
    }

    #[test]
    fn nobody_a_wrong_token_and_a_wrong_scope_are_told_apart() {
        assert_eq!(read(None, "noren/shop"), Err(Denied::NoIdentity));
        for token in [
            "",
            "Bearer",
            "Bearer x",
            "Basic customer:c",
            "Bearer customer:",
            "Bearer customer:a b",
            "Bearer admin:a",
        ] {
            let denied = read(Some(token), "noren/shop");
            assert!(matches!(denied, Err(Denied::Invalid(_))), "{token}");
        }
        let denied = read(Some("Bearer customer:c"), "noren/operate").unwrap_err();
        assert_eq!(denied, Denied::Scope(vec!["noren/operate".to_owned()]));
        assert!(denied.challenge().contains("insufficient_scope"));
    }
}
