//! What tokens say, in the shape of Cognito's
//! (<https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>).

use serde_json::{Map, Value, json};

use crate::accounts::{Account, random_id};
use crate::client::CLIENT_ID;

/// Validity of access and ID tokens, in seconds: Cognito's default of an hour.
pub(crate) const TOKEN_SECONDS: i64 = 3_600;
/// Validity of refresh tokens, in seconds: Cognito's default of thirty days.
pub(crate) const REFRESH_SECONDS: i64 = 30 * 24 * 3_600;

/// What somebody allowed the client when they signed in.
pub(crate) struct Grant {
    pub(crate) account: Account,
    /// Separated by spaces.
    pub(crate) scope: String,
    /// The client's own word, which the ID token repeats.
    pub(crate) nonce: Option<String>,
    /// When they signed in, in seconds.
    pub(crate) signed_in_at: i64,
}

impl Grant {
    pub(crate) fn new(
        account: Account,
        scope: String,
        nonce: Option<String>,
        signed_in_at: i64,
    ) -> Self {
        Self {
            account,
            scope,
            nonce,
            signed_in_at,
        }
    }

    fn common(&self, issuer: &str, token_use: &str, seconds: i64) -> Map<String, Value> {
        let now = crate::now_seconds();
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", json!(issuer));
        put("sub", json!(self.account.subject));
        put("token_use", json!(token_use));
        put("auth_time", json!(self.signed_in_at));
        put("iat", json!(now));
        put("exp", json!(now + seconds));
        put("jti", json!(random_id()));
        // Cognito leaves the claim out for those who are in no group.
        if !self.account.groups.is_empty() {
            put("cognito:groups", json!(self.account.groups));
        }
        claims
    }

    pub(crate) fn access_claims(&self, issuer: &str, seconds: i64) -> Map<String, Value> {
        let mut claims = self.common(issuer, "access", seconds);
        claims.insert("client_id".to_owned(), json!(CLIENT_ID));
        claims.insert("scope".to_owned(), json!(self.scope));
        claims.insert("username".to_owned(), json!(self.account.username));
        claims.insert("version".to_owned(), json!(2));
        claims
    }

    pub(crate) fn id_claims(&self, issuer: &str) -> Map<String, Value> {
        let mut claims = self.common(issuer, "id", TOKEN_SECONDS);
        claims.insert("aud".to_owned(), json!(CLIENT_ID));
        claims.insert("cognito:username".to_owned(), json!(self.account.username));
        if let Some(nonce) = &self.nonce {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        if let Some(email) = &self.account.email {
            claims.insert("email".to_owned(), json!(email));
            // Nobody has sent a mail there.
            claims.insert("email_verified".to_owned(), json!(false));
        }
        claims
    }

    pub(crate) fn is_openid(&self) -> bool {
        self.scope.split(' ').any(|scope| scope == "openid")
    }
}
