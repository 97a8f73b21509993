//! Verifying a token by an issuer's key set, as API Gateway's JWT authoriser does
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>).

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::crypto;

/// The keys that an issuer signs with.
#[derive(Debug, Clone)]
pub struct KeySet(JwkSet);

/// What a token must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The claim `iss`.
    pub issuer: String,
    /// One of these must be in `aud`, or in `client_id` where there is no `aud`.
    pub audience: Vec<String>,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// It is no JWT.
    #[error("the token is no JWT")]
    Unreadable,
    /// It is signed by a way that is not accepted.
    #[error("the signing method is invalid")]
    Algorithm,
    /// The issuer has no such key. It may have a new one: read its keys again.
    #[error("unable to find a signing key that matches the key id")]
    UnknownKey,
    /// The signature is not the key's, or a claim is not as it must be.
    #[error("{0}")]
    Claims(String),
    /// It is for somebody else.
    #[error("the token has an invalid audience")]
    Audience,
}

impl KeySet {
    /// Reads what an issuer's `jwks_uri` answers.
    ///
    /// # Errors
    /// When it is no key set.
    pub fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json).map(Self)
    }

    fn find(&self, id: &str) -> Result<DecodingKey, Invalid> {
        let key = self.0.find(id).ok_or(Invalid::UnknownKey)?;
        DecodingKey::from_jwk(key).map_err(|_| Invalid::UnknownKey)
    }
}

/// The claims of a token that is signed by one of the keys, has not expired, and is for us.
///
/// # Errors
/// When it is not.
pub fn verify(token: &str, keys: &KeySet, rules: &Rules) -> Result<Map<String, Value>, Invalid> {
    crypto::install();
    let header = decode_header(token).map_err(|_| Invalid::Unreadable)?;
    // RSA only, as the authoriser. Never what the token itself would like: a public key is no HMAC secret.
    if !matches!(
        header.alg,
        Algorithm::RS256 | Algorithm::RS384 | Algorithm::RS512
    ) {
        return Err(Invalid::Algorithm);
    }
    let key = keys.find(header.kid.as_deref().ok_or(Invalid::UnknownKey)?)?;
    let mut validation = Validation::new(header.alg);
    validation.leeway = 0;
    validation.validate_nbf = true;
    // Where there is no `aud`, the authoriser looks at `client_id`: below.
    validation.validate_aud = false;
    validation.set_issuer(&[&rules.issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    let claims = decode::<Map<String, Value>>(token, &key, &validation)
        .map_err(|error| Invalid::Claims(error.to_string()))?
        .claims;
    let is_ours = |named: &Value| {
        named
            .as_str()
            .is_some_and(|named| rules.audience.iter().any(|one| one == named))
    };
    let for_us = match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().any(is_ours),
        Some(one) => is_ours(one),
        None => claims.get("client_id").is_some_and(is_ours),
    };
    for_us.then_some(claims).ok_or(Invalid::Audience)
}
