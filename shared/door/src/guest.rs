//! Guests: customers who have not signed in, each known by a token that this shop has made.
//!
//! A token is `v1.<guest id>.<expiry in seconds>.<HMAC-SHA256 in base64url>`; it names a guest and proves that we named
//! them, and holds nothing else. Two secrets may be in use, while one replaces the other.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use identifiers::{CustomerId, MessageId, Timestamp};
use sha2::Sha256;

/// The header that a guest's token is sent in.
///
/// ```
/// let request = http::Request::get("/guest/cart").header(door::GUEST_TOKEN, "v1.a-guest.1798104600.a-code");
/// # drop(request);
/// ```
pub const GUEST_TOKEN: &str = "guest-token";
/// What every guest's customer id begins with, and no other's.
pub(crate) const GUEST_PREFIX: &str = "guest-";
/// How long a guest is known, in seconds: thirty days, long enough to see a parcel arrive.
///
/// ```
/// assert_eq!(door::GUEST_SECONDS / 86_400, 30);
/// ```
pub const GUEST_SECONDS: i64 = 30 * 24 * 3600;
/// The form of the token.
const VERSION: &str = "v1";
/// A secret shorter than this could be guessed.
const MIN_SECRET_BYTES: usize = 16;

/// The secrets that guests' tokens are made and checked with.
///
/// ```
/// use door::GuestKeys;
///
/// let keys = GuestKeys::read("the-secret-of-this-year,the-secret-of-last-year").unwrap();
/// assert_eq!(format!("{keys:?}"), "2 secrets");
/// ```
#[derive(Clone)]
pub struct GuestKeys(Vec<Hmac<Sha256>>);

impl fmt::Debug for GuestKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} secrets", self.0.len())
    }
}

/// A guest's new token.
///
/// ```
/// use door::{GUEST_SECONDS, GuestKeys, GuestToken};
/// use identifiers::Timestamp;
///
/// let now = Timestamp::default();
/// let made: GuestToken = GuestKeys::read("a-secret-that-nobody-guesses").unwrap().issue(now);
/// assert_eq!(made.expires_at, now.plus_seconds(GUEST_SECONDS));
/// ```
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
    ///
    /// ```
    /// use door::GuestKeys;
    ///
    /// assert!(GuestKeys::read("a-secret-that-nobody-guesses").is_ok());
    /// assert_eq!(GuestKeys::read("short").unwrap_err(), "a secret must have at least 16 bytes");
    /// ```
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
    ///
    /// ```
    /// use door::GuestKeys;
    /// use identifiers::Timestamp;
    ///
    /// let keys = GuestKeys::read("a-secret-that-nobody-guesses").unwrap();
    /// assert!(keys.issue(Timestamp::default()).token.starts_with("v1."));
    /// ```
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
    ///
    /// ```
    /// use door::GuestKeys;
    /// use identifiers::Timestamp;
    ///
    /// let keys = GuestKeys::read("a-secret-that-nobody-guesses").unwrap();
    /// let now = Timestamp::default();
    /// let made = keys.issue(now);
    /// assert!(keys.check(&made.token, now).is_some());
    /// assert!(keys.check(&made.token, made.expires_at).is_none());
    /// assert!(keys.check("v1.somebody.1798104600.a-code", now).is_none());
    /// ```
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
