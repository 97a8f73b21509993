//! Who calls: the JWT authoriser of an HTTP API
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>), which verifies a token by
//! its issuer's keys and holds its scopes against the route's. No or a senseless token gives 401, a missing scope 403.
//!
//! For scripts there are tokens that say themselves who calls and that nothing verifies: `customer:ID` and
//! `operator:ID`. They are why this gateway is for loopback only. A deployed one knows no such thing.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use door::{OPERATE_SCOPE, OPERATORS, SHOP_SCOPE};
use http::HeaderMap;
use local_identity::Rules;
use sam_template::Authorizer;
use serde_json::Value;

use super::keys::IssuerKeys;

/// Validity of what a token for scripts says, in seconds.
const SCRIPT_SECONDS: u64 = 3_600;

/// The claims of a token, all of them texts, as API Gateway hands them on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims(pub(super) BTreeMap<String, String>);

/// Why a caller may not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Denied {
    NoIdentity,
    Invalid(String),
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

/// An authoriser of the template.
pub(super) struct Authoriser {
    header: String,
    rules: Rules,
    keys: IssuerKeys,
}

impl Authoriser {
    pub(super) fn new(template: &Authorizer) -> Self {
        Self {
            header: template.header.clone(),
            rules: Rules {
                issuer: template.issuer.clone(),
                audience: template.audience.clone(),
            },
            keys: IssuerKeys::of(&template.issuer),
        }
    }

    /// Reads the caller's token and holds it against the scopes, of which one is enough.
    pub(super) async fn admit(
        &self,
        headers: &HeaderMap,
        scopes: &[String],
    ) -> Result<Claims, Denied> {
        let token = token(headers, &self.header)?;
        let claims = match token.split_once(':') {
            Some((kind, subject)) => self.said(kind, subject)?,
            None => {
                let verified = self.keys.verify(token, &self.rules).await;
                Claims::of(verified.map_err(Denied::Invalid)?)
            }
        };
        claims.demand(scopes)?;
        Ok(claims)
    }

    /// The claims of a token for scripts, in the shape of an access token.
    fn said(&self, kind: &str, subject: &str) -> Result<Claims, Denied> {
        let readable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let scope = match kind {
            "customer" => SHOP_SCOPE,
            "operator" => OPERATE_SCOPE,
            _ => "",
        };
        if scope.is_empty() || subject.is_empty() || !subject.chars().all(readable) {
            let reason = "tokens for scripts are customer:ID or operator:ID, with an ID of letters, digits, and . _ -";
            return Err(Denied::Invalid(reason.to_owned()));
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |now| now.as_secs());
        let client = self.rules.audience.first().cloned().unwrap_or_default();
        let mut claims = BTreeMap::from([
            ("iss", self.rules.issuer.clone()),
            ("client_id", client),
            ("sub", subject.to_owned()),
            ("scope", scope.to_owned()),
            ("token_use", "access".to_owned()),
            ("iat", now.to_string()),
            ("exp", (now + SCRIPT_SECONDS).to_string()),
        ]);
        if scope == OPERATE_SCOPE {
            claims.insert("cognito:groups", format!("[{OPERATORS}]"));
        }
        let claims = claims
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Ok(Claims(claims.collect()))
    }
}

/// The caller's token. As on AWS, the scheme may be left out.
fn token<'a>(headers: &'a HeaderMap, header: &str) -> Result<&'a str, Denied> {
    let value = headers.get(header).ok_or(Denied::NoIdentity)?;
    let invalid = || Denied::Invalid("the token is no JWT".to_owned());
    let value = value.to_str().map_err(|_| invalid())?;
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) => return Err(invalid()),
        None => value,
    };
    match token.is_empty() {
        true => Err(invalid()),
        false => Ok(token),
    }
}

impl Claims {
    /// As the gateway writes claims: each one a text, a list in brackets with spaces between.
    fn of(verified: serde_json::Map<String, Value>) -> Self {
        fn text(value: Value) -> String {
            match value {
                Value::String(text) => text,
                Value::Array(items) => {
                    let items: Vec<String> = items.into_iter().map(text).collect();
                    format!("[{}]", items.join(" "))
                }
                other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                    other.to_string()
                }
            }
        }
        let claims = verified
            .into_iter()
            .map(|(name, value)| (name, text(value)));
        Self(claims.collect())
    }

    fn demand(&self, scopes: &[String]) -> Result<(), Denied> {
        // The authoriser reads `scope`, or `scp` where there is none.
        let has = self.0.get("scope").or_else(|| self.0.get("scp"));
        let has: Vec<&str> = has.map_or(Vec::new(), |has| has.split_whitespace().collect());
        let enough = scopes.is_empty() || scopes.iter().any(|scope| has.contains(&&**scope));
        match enough {
            true => Ok(()),
            false => Err(Denied::Scope(scopes.to_vec())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(token: Option<&str>, scope: &str) -> Result<Claims, Denied> {
        let authoriser = Authoriser::new(&Authorizer {
            issuer: "http://127.0.0.1:1".to_owned(),
            audience: vec!["noren".to_owned()],
            header: "authorization".to_owned(),
        });
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert("authorization", token.parse().unwrap());
        }
        let scopes: Vec<String> = scope.split_whitespace().map(str::to_owned).collect();
        authoriser.admit(&headers, &scopes).await
    }

    #[tokio::test]
    async fn a_script_is_who_it_says() {
        let claims = read(Some("Bearer customer:c-1"), "noren/shop")
            .await
            .unwrap();
        assert_eq!(claims.0["sub"], "c-1");
        assert_eq!(claims.0["scope"], "noren/shop");
        assert_eq!(claims.0["client_id"], "noren");
        assert!(!claims.0.contains_key("cognito:groups"));
        let claims = read(Some("operator:ops"), "noren/operate").await.unwrap();
        assert_eq!(claims.0["scope"], "noren/operate");
        assert_eq!(claims.0["cognito:groups"], "[operators]");
        assert!(read(Some("Bearer customer:c-1"), "").await.is_ok());
    }

    #[tokio::test]
    async fn nobody_a_wrong_token_and_a_wrong_scope_are_told_apart() {
        assert_eq!(read(None, "noren/shop").await, Err(Denied::NoIdentity));
        for token in [
            "",
            "Bearer",
            "Bearer x",
            "Basic customer:c",
            "Bearer customer:",
            "Bearer customer:a b",
            "Bearer admin:a",
        ] {
            let denied = read(Some(token), "noren/shop").await;
            assert!(matches!(denied, Err(Denied::Invalid(_))), "{token}");
        }
        let denied = read(Some("Bearer customer:c"), "noren/operate")
            .await
            .unwrap_err();
        assert_eq!(denied, Denied::Scope(vec!["noren/operate".to_owned()]));
        assert!(denied.challenge().contains("insufficient_scope"));
    }

    #[test]
    fn claims_are_handed_on_as_texts() {
        let verified = serde_json::json!({
            "exp": 1_795_512_600, "cognito:groups": ["operators", "b"], "email_verified": true, "sub": "s",
        });
        let Value::Object(verified) = verified else {
            panic!("an object is one");
        };
        let claims = Claims::of(verified).0;
        assert_eq!(claims["exp"], "1795512600");
        assert_eq!(claims["cognito:groups"], "[operators b]");
        assert_eq!(claims["email_verified"], "true");
    }
}
