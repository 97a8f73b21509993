//! Guests: customers who have not signed in, each known by a token that this shop has made.
//!
//! A token is `v1.<guest id>.<expiry in seconds>.<HMAC-SHA256 in base64url>`; it names a guest and proves that we named
//! them, and holds nothing else. Two secrets may be in use, while one replaces the other.

use std::fmt;

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::request::Parts;
use identifiers::{CustomerId, MessageId, Timestamp};
use sha2::Sha256;
use tokio::sync::OnceCell;

use crate::request::Arrival;
use crate::secrets::{self, Secret};
use crate::{Callers, Environment, Problem, StartError};

/// The header that a guest's token is sent in.
pub const GUEST_TOKEN: &str = "guest-token";
/// What every guest's customer id begins with, and no other's.
pub(crate) const GUEST_PREFIX: &str = "guest-";
/// How long a guest is known, in seconds: thirty days, long enough to see a parcel arrive.
pub const GUEST_SECONDS: i64 = 30 * 24 * 3600;
/// The form of the token.
const VERSION: &str = "v1";
/// A secret shorter than this could be guessed.
const MIN_SECRET_BYTES: usize = 16;

const GUEST_SECRET: Secret = Secret {
    name: "GUEST_TOKEN_SECRET_NAME",
    value: "GUEST_TOKEN_SECRET",
};

/// The secrets that guests' tokens are made and checked with.
#[derive(Clone)]
pub struct GuestKeys(Vec<Hmac<Sha256>>);

impl fmt::Debug for GuestKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} secrets", self.0.len())
    }
}

/// A guest's new token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestToken {
    /// What the guest sends in [`GUEST_TOKEN`].
    pub token: String,
    /// From when on it is no longer taken.
    pub expires_at: Timestamp,
}

impl GuestKeys {
    /// Reads secrets that are separated by commas: tokens are made with the first and taken by any of the first two.
    ///
    /// # Errors
    /// When there is none, or more than two, or one is too short. The reason quotes none.
    pub fn read(text: &str) -> Result<Self, String> {
        let secrets = text.split(',').map(str::trim).filter(|one| !one.is_empty());
        let secrets: Vec<&str> = secrets.collect();
        if !(1..=2).contains(&secrets.len()) {
            return Err("it must be one secret, or two separated by a comma".to_owned());
        }
        if secrets.iter().any(|one| one.len() < MIN_SECRET_BYTES) {
            return Err(format!(
                "a secret must have at least {MIN_SECRET_BYTES} bytes"
            ));
        }
        let keys = secrets.iter().map(|secret| {
            Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|error| error.to_string())
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// A token for a new guest.
    pub fn issue(&self, now: Timestamp) -> GuestToken {
        // Such an id is unique and says nothing of anybody. Hyphens stay out of what stands between dots.
        let id = MessageId::generate().to_string().replace('-', "");
        self.issue_to(&id, now)
    }

    fn issue_to(&self, id: &str, now: Timestamp) -> GuestToken {
        let expires_at = now.milliseconds().div_euclid(1000) + GUEST_SECONDS;
        let said = format!("{VERSION}.{id}.{expires_at}");
        let code = self.0.first().map(|key| {
            let code = key.clone().chain_update(said.as_bytes()).finalize();
            URL_SAFE_NO_PAD.encode(code.into_bytes())
        });
        GuestToken {
            token: format!("{said}.{}", code.unwrap_or_default()),
            expires_at: Timestamp::from_milliseconds(expires_at * 1000),
        }
    }

    /// Whose token it is; none where we have not made it, or it has expired.
    pub fn check(&self, token: &str, now: Timestamp) -> Option<CustomerId> {
        let (said, code) = token.rsplit_once('.')?;
        let code = URL_SAFE_NO_PAD.decode(code).ok()?;
        // `verify_slice` takes as long for a code that is nearly right as for one that is wrong throughout.
        let is_ours = |key: &Hmac<Sha256>| {
            let mac = key.clone().chain_update(said.as_bytes());
            mac.verify_slice(&code).is_ok()
        };
        if !self.0.iter().any(is_ours) {
            return None;
        }
        let mut parts = said.split('.');
        let (version, id, expires_at) = (parts.next()?, parts.next()?, parts.next()?);
        let expires_at: i64 = expires_at.parse().ok()?;
        let is_good = version == VERSION
            && parts.next().is_none()
            && !id.is_empty()
            && expires_at > now.milliseconds().div_euclid(1000);
        CustomerId::new(format!("{GUEST_PREFIX}{id}"))
            .ok()
            .filter(|_| is_good)
    }
}

/// Where a door has the guests' secrets from.
pub(crate) enum Guests {
    /// The context has no guests.
    None,
    Known(GuestKeys),
    /// In the Parameter Store, from where they are read once.
    Stored(Environment, OnceCell<GuestKeys>),
}

impl Guests {
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, StartError> {
        if let Some(given) = environment.get(GUEST_SECRET.value) {
            let keys = GuestKeys::read(given).map_err(|reason| StartError::InvalidVariable {
                name: GUEST_SECRET.value,
                reason,
            })?;
            return Ok(Self::Known(keys));
        }
        Ok(match environment.get(GUEST_SECRET.name) {
            Some(_) => Self::Stored(environment.clone(), OnceCell::new()),
            None => Self::None,
        })
    }

    async fn keys(&self) -> Result<&GuestKeys, Problem> {
        match self {
            Self::None => Err(Problem::unauthenticated()),
            Self::Known(keys) => Ok(keys),
            Self::Stored(environment, read) => {
                let keys = read.get_or_try_init(|| fetch(environment)).await;
                keys.map_err(|error| {
                    tracing::error!(%error, "the guests' secret could not be read");
                    Problem::unavailable()
                })
            }
        }
    }
}

async fn fetch(environment: &Environment) -> Result<GuestKeys, StartError> {
    let connector = crate::aws::connector();
    let [text] = secrets::read(environment, &connector, [GUEST_SECRET]).await?;
    GuestKeys::read(&text).map_err(|reason| StartError::InvalidVariable {
        name: GUEST_SECRET.name,
        reason,
    })
}

/// A guest who calls for themselves; the id is the customer's that they are to all contexts.
#[derive(Debug, Clone)]
pub struct Guest(pub CustomerId);

impl<S: Send + Sync> FromRequestParts<S> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = parts.headers.get(GUEST_TOKEN).cloned();
        let token = token.ok_or_else(Problem::unauthenticated)?;
        let desk = GuestDesk::from_request_parts(parts, state).await?;
        let token = token.to_str().unwrap_or_default();
        desk.check(token)
            .map(Self)
            .ok_or_else(Problem::unauthenticated)
    }
}

/// For the handlers that make guests' tokens or take one out of a body.
#[derive(Debug, Clone)]
pub struct GuestDesk {
    keys: GuestKeys,
    now: Timestamp,
}

impl GuestDesk {
    /// A token for a new guest.
    pub fn issue(&self) -> GuestToken {
        self.keys.issue(self.now)
    }

    /// Whose token it is, if it is good.
    pub fn check(&self, token: &str) -> Option<CustomerId> {
        self.keys.check(token, self.now)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for GuestDesk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let now = parts.extensions.get::<Arrival>().map(|arrival| arrival.0);
        let callers = parts.extensions.get::<Callers>();
        let (Some(now), Some(callers)) = (now, callers) else {
            return Err(Problem::unauthenticated());
        };
        let keys = callers.guests().keys().await?.clone();
        Ok(Self { keys, now })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "the-secret-of-last-year";
    const NEW: &str = "the-secret-of-this-year";

    fn keys(text: &str) -> GuestKeys {
        GuestKeys::read(text).unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(seconds * 1000)
    }

    #[test]
    fn a_token_names_its_guest_until_it_expires() {
        let made = keys(NEW).issue(at(1_000));
        let guest = keys(NEW).check(&made.token, at(1_000)).unwrap();
        assert!(guest.as_str().starts_with("guest-"));
        assert_eq!(keys(NEW).issue(at(1_000)).expires_at, made.expires_at);
        let end = 1_000 + GUEST_SECONDS;
        assert_eq!(made.expires_at, at(end));
        assert_eq!(keys(NEW).check(&made.token, at(end - 1)), Some(guest));
        assert_eq!(keys(NEW).check(&made.token, at(end)), None);
        let another = keys(NEW).issue(at(1_000));
        assert_ne!(another.token, made.token, "each guest is one");
    }

    #[test]
    fn a_token_that_we_did_not_make_is_nobodys() {
        let made = keys(NEW).issue_to("abc", at(0)).token;
        assert!(keys(NEW).check(&made, at(0)).is_some());
        let changed = made.replace("abc", "abd");
        let (said, code) = made.rsplit_once('.').unwrap();
        let cut = format!("{said}.{}", &code[..code.len() - 2]);
        for token in [
            "",
            ".",
            "v1.abc.9",
            &changed,
            &cut,
            said,
            &format!("{made}="),
            &format!(" {made}"),
            &made.replace("v1.", "v2."),
            &format!("{said}."),
        ] {
            assert_eq!(keys(NEW).check(token, at(0)), None, "{token}");
        }
        assert_eq!(keys(OLD).check(&made, at(0)), None);
    }

    #[test]
    fn a_secret_is_replaced_without_turning_guests_away() {
        let old = keys(OLD).issue(at(0)).token;
        let both = keys(&format!("{NEW}, {OLD}"));
        assert!(both.check(&old, at(0)).is_some());
        let new = both.issue(at(0)).token;
        assert!(keys(NEW).check(&new, at(0)).is_some());
        assert!(keys(NEW).check(&old, at(0)).is_none());
    }

    #[test]
    fn senseless_secrets_are_refused_and_not_repeated() {
        for text in [
            "",
            " , ",
            "short",
            "0123456789abcdef,short",
            "0123456789abcdef,0123456789abcdef,0123456789abcdef",
        ] {
            let reason = GuestKeys::read(text).unwrap_err();
            assert!(
                !reason.contains("short") || reason.contains("at least"),
                "{reason}"
            );
        }
        assert_eq!(format!("{:?}", keys(NEW)), "1 secrets");
    }
}
