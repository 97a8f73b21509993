//! Who calls, by the claims that the gateway's authoriser has verified. Never by anything in a body.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use axum::extract::FromRequestParts;
use http::request::Parts;
use identifiers::CustomerId;

use crate::Problem;

/// The scope that a customer's access token has.
pub const SHOP_SCOPE: &str = "noren/shop";
/// The scope that an operator's access token has.
pub const OPERATE_SCOPE: &str = "noren/operate";

/// The verified claims of a request; nobody's, where the route needs no token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// The token's subject.
    pub subject: Option<String>,
    /// The token's scopes.
    pub scopes: Vec<String>,
}

impl Caller {
    pub(crate) fn from_authorizer(request: &ApiGatewayV2httpRequest) -> Self {
        let authorizer = request.request_context.authorizer.as_ref();
        let Some(jwt) = authorizer.and_then(|authorizer| authorizer.jwt.as_ref()) else {
            return Self::default();
        };
        let scopes = match jwt.claims.get("scope") {
            // The claim is the token's own; the gateway's list beside it names the scopes that the route demands.
            Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
            None => Vec::new(),
        };
        Self {
            // A blank one names nobody.
            subject: jwt
                .claims
                .get("sub")
                .filter(|subject| !subject.trim().is_empty())
                .cloned(),
            scopes,
        }
    }

    fn subject_with(&self, scope: &str) -> Result<&str, Problem> {
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
}

/// A customer who calls for themselves.
#[derive(Debug, Clone)]
pub struct Customer(pub CustomerId);

impl<S: Send + Sync> FromRequestParts<S> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts
            .extensions
            .get::<Caller>()
            .ok_or_else(Problem::unauthenticated)?;
        let subject = caller.subject_with(SHOP_SCOPE)?;
        CustomerId::new(subject)
            .map(Self)
            .map_err(|_| Problem::unauthenticated())
    }
}

/// An operator of the shop.
#[derive(Debug, Clone)]
pub struct Operator(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts
            .extensions
            .get::<Caller>()
            .ok_or_else(Problem::unauthenticated)?;
        caller
            .subject_with(OPERATE_SCOPE)
            .map(|subject| Self(subject.to_owned()))
    }
}
