//! Who calls, by the claims that the gateway's authoriser has verified. Never by anything in a body.
//!
//! The authoriser has checked the signature by the issuer's keys and its algorithm, which a function does not see: it is
//! given claims. All that they say is checked here again, so that a route whose authoriser is wrong or missing, or a
//! gateway that is none (as under `sam local`), lets nobody in who should not be.

use std::collections::HashMap;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use http::request::Parts;
use identifiers::Timestamp;

use crate::{Callers, Problem};

/// The scope that a customer's access token has.
///
/// ```
/// assert_eq!(door::SHOP_SCOPE, "noren/shop");
/// ```
pub const SHOP_SCOPE: &str = "noren/shop";
/// The scope that an operator's access token has.
///
/// ```
/// assert_eq!(door::OPERATE_SCOPE, "noren/operate");
/// ```
pub const OPERATE_SCOPE: &str = "noren/operate";
/// The group that an operator is in. Whoever signs in may ask for any scope of the client: the group says who may have it.
///
/// ```
/// assert_eq!(door::OPERATORS, "operators");
/// ```
pub const OPERATORS: &str = "operators";

/// The verified claims of a request; nobody's, where the route needs no token.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::{Caller, Customer};
///
/// // The door gives each request its caller; whoever has no token is nobody.
/// let mut parts = http::Request::new(()).into_parts().0;
/// parts.extensions.insert(Caller::default());
/// assert_eq!(Customer::from_request_parts(&mut parts, &()).await.unwrap_err().status, 401);
/// # });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The token's subject.
    pub subject: Option<String>,
    /// The token's scopes.
    pub scopes: Vec<String>,
    /// The groups that the subject is in.
    pub groups: Vec<String>,
}

impl Caller {
    pub(crate) fn from_authorizer(
        request: &ApiGatewayV2httpRequest,
        callers: &Callers,
        now: Timestamp,
    ) -> Self {
        let authorizer = request.request_context.authorizer.as_ref();
        let Some(jwt) = authorizer.and_then(|authorizer| authorizer.jwt.as_ref()) else {
            return Self::default();
        };
        match Self::of_claims(&jwt.claims, callers, now) {
            Ok(caller) => caller,
            Err(reason) => {
                tracing::warn!(reason, "a token is refused that the authoriser let pass");
                Self::default()
            }
        }
    }

    fn of_claims(
        claims: &HashMap<String, String>,
        callers: &Callers,
        now: Timestamp,
    ) -> Result<Self, &'static str> {
        let get = |name: &str| claims.get(name).map(String::as_str);
        callers.check_issuer(get("iss"))?;
        // An issuer that is not Cognito may not have the claim; one that has it means it.
        if get("token_use").is_some_and(|token_use| token_use != "access") {
            return Err("it is no access token");
        }
        // As the authoriser: `client_id` counts only where there is no `aud`.
        match get("aud") {
            Some(audience) => callers.check_audience(&list(audience))?,
            None => callers.check_audience(&[get("client_id").unwrap_or_default()])?,
        }
        if get("exp")
            .and_then(seconds)
            .is_none_or(|exp| exp <= now.milliseconds() / 1000)
        {
            return Err("it has expired");
        }
        // A blank subject names nobody.
        let subject = get("sub").filter(|subject| !subject.trim().is_empty());
        let texts = |found: &[&str]| found.iter().map(|text| (*text).to_owned()).collect();
        // The claim is the token's own; the gateway's list beside it names the scopes that the route demands.
        let scopes: Vec<&str> = get("scope")
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let groups = get("cognito:groups").or_else(|| get("groups"));
        Ok(Self {
            subject: Some(subject.ok_or("it has no subject")?.to_owned()),
            scopes: texts(&scopes),
            groups: texts(&list(groups.unwrap_or_default())),
        })
    }

    pub(crate) fn subject_with(&self, scope: &str) -> Result<&str, Problem> {
        let subject = self
            .subject
            .as_deref()
            .ok_or_else(Problem::unauthenticated)?;
        if self.scopes.iter().any(|has| has == scope) {
            Ok(subject)
        } else {
            Err(Problem::forbidden(scope))
        }
    }

    pub(crate) fn of(parts: &Parts) -> Result<&Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .ok_or_else(Problem::unauthenticated)
    }
}

/// A claim that is a list, which the gateway hands on as `[one two]`.
fn list(claim: &str) -> Vec<&str> {
    let inner = claim
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner
        .unwrap_or(claim)
        .split([' ', ','])
        .map(|item| item.trim_matches('"'))
        .filter(|item| !item.is_empty())
        .collect()
}

/// An instant in seconds. The gateway hands numbers on as texts, large ones in some versions as `1.7955126E9`.
fn seconds(claim: &str) -> Option<i64> {
    match claim.parse::<i64>() {
        Ok(seconds) => Some(seconds),
        Err(_) => {
            let seconds: f64 = claim.parse().ok()?;
            // Within what a float holds exactly, so that nothing is cut off.
            (seconds.abs() < 9e15).then_some(seconds as i64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_512_600;

    fn read(changes: &[(&str, Option<&str>)]) -> Result<Caller, &'static str> {
        let mut claims: HashMap<String, String> = [
            ("iss", "https://issuer"),
            ("client_id", "shop"),
            ("sub", "c-1"),
            ("scope", "openid noren/shop"),
            ("token_use", "access"),
            ("exp", "1795512601"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (name, value) in changes {
            match value {
                Some(value) => claims.insert((*name).to_owned(), (*value).to_owned()),
                None => claims.remove(*name),
            };
        }
        let callers = Callers::of("https://issuer", ["shop".to_owned(), "console".to_owned()]);
        Caller::of_claims(&claims, &callers, Timestamp::from_milliseconds(NOW * 1000))
    }

    #[test]
    fn a_token_is_whose_it_says_if_all_of_it_is_right() {
        let caller = read(&[]).unwrap();
        assert_eq!(caller.subject.as_deref(), Some("c-1"));
        assert_eq!(caller.scopes, ["openid", "noren/shop"]);
        for accepted in [
            ("aud", Some("console")),
            ("aud", Some("[other shop]")),
            ("token_use", None),
            ("exp", Some("1.795512601E9")),
        ] {
            assert!(read(&[accepted]).is_ok(), "{accepted:?}");
        }
        for refused in [
            ("iss", Some("https://other")),
            ("iss", None),
            ("client_id", Some("other")),
            ("client_id", None),
            ("aud", Some("other")),
            ("aud", Some("[]")),
            ("token_use", Some("id")),
            ("exp", Some("1795512600")),
            ("exp", Some("never")),
            ("exp", Some("inf")),
            ("exp", None),
            ("sub", Some(" ")),
            ("sub", None),
        ] {
            assert!(read(&[refused]).is_err(), "{refused:?}");
        }
        let nobody = Callers::nobody();
        let claims = HashMap::from([("iss".to_owned(), String::new())]);
        assert!(Caller::of_claims(&claims, &nobody, Timestamp::default()).is_err());
    }

    #[test]
    fn groups_are_read_as_the_gateway_writes_them() {
        for (claim, groups) in [
            ("[operators]", vec!["operators"]),
            ("[a operators]", vec!["a", "operators"]),
            (r#"["a","b"]"#, vec!["a", "b"]),
            ("operators", vec!["operators"]),
            ("[]", vec![]),
        ] {
            let caller = read(&[("cognito:groups", Some(claim))]).unwrap();
            assert_eq!(caller.groups, groups, "{claim}");
        }
        assert_eq!(read(&[("groups", Some("[x]"))]).unwrap().groups, ["x"]);
    }
}
