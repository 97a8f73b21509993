//! Accounts and their passwords.

use std::num::NonZeroU32;

use aws_lc_rs::{pbkdf2, rand};
use serde::Serialize;

use crate::client::OPERATORS;

/// Few, so that tests are quick: these passwords guard nothing but a laptop's sample shop.
const ROUNDS: NonZeroU32 = NonZeroU32::new(10_000).expect("ten thousand is not zero");
const HASH_BYTES: usize = 32;
const SALT_BYTES: usize = 16;
/// Bounds of what a person may choose, in bytes.
const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=128;

/// The accounts that are there from the start; each one's password is its name.
pub const SEEDED: &[&str] = &["customer", "customer-2", "operator"];

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// What they type.
    pub username: String,
    /// The claim `sub`: who they are to the shop.
    pub subject: String,
    /// Where they said they are reached; seeded accounts have none.
    pub email: Option<String>,
    /// The claim `cognito:groups`.
    pub groups: Vec<String>,
}

impl Account {
    pub(crate) fn seeded(name: &str) -> Self {
        let groups = match name {
            "operator" => vec![OPERATORS.to_owned()],
            _ => Vec::new(),
        };
        Self {
            username: name.to_owned(),
            subject: name.to_owned(),
            email: None,
            groups,
        }
    }

    /// A new customer, who signs in by the address.
    pub(crate) fn registered(email: &str) -> Self {
        Self {
            username: email.to_owned(),
            subject: random_id(),
            email: Some(email.to_owned()),
            groups: Vec::new(),
        }
    }
}

/// Whether a text can be an address to register with; in lower case, as it is kept.
pub(crate) fn readable_email(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (name, host) = text.split_once('@')?;
    let plain = text.len() <= 254 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let whole = !name.is_empty() && host.contains('.') && !host.contains('@');
    (plain && whole && !host.starts_with('.') && !host.ends_with('.')).then_some(text)
}

pub(crate) fn is_password(text: &str) -> bool {
    PASSWORD_BYTES.contains(&text.len())
}

/// Salt and hash of a password.
pub(crate) fn hash(password: &str) -> Vec<u8> {
    let mut kept = vec![0; SALT_BYTES + HASH_BYTES];
    let (salt, hash) = kept.split_at_mut(SALT_BYTES);
    fill(salt);
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ROUNDS,
        salt,
        password.as_bytes(),
        hash,
    );
    kept
}

/// Whether it is the password, in a time that does not tell how much of it is right.
pub(crate) fn matches(kept: &[u8], password: &str) -> bool {
    let Some((salt, hash)) = kept.split_at_checked(SALT_BYTES) else {
        return false;
    };
    pbkdf2::verify(
        pbkdf2::PBKDF2_HMAC_SHA256,
        ROUNDS,
        salt,
        password.as_bytes(),
        hash,
    )
    .is_ok()
}

/// An id that nobody guesses, in the shape of Cognito's subjects.
pub(crate) fn random_id() -> String {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// A secret that is shown once: a code, a refresh token, a session.
pub(crate) fn random_secret() -> String {
    let mut bytes = [0_u8; 32];
    fill(&mut bytes);
    crate::crypto::base64url(&bytes)
}

fn fill(bytes: &mut [u8]) {
    rand::fill(bytes).expect("the system's random numbers do not run out");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_itself_only() {
        let kept = hash("correct horse");
        assert!(matches(&kept, "correct horse"));
        assert!(!matches(&kept, "correct horsf"));
        assert!(!matches(&[], "correct horse"));
        assert_ne!(kept, hash("correct horse"), "each has its own salt");
    }

    #[test]
    fn addresses_are_told_from_other_texts() {
        assert_eq!(
            readable_email(" Hanako@Example.com ").as_deref(),
            Some("hanako@example.com")
        );
        for text in ["", "a", "@b.c", "a@b", "a@b.", "a b@c.d", "a@b@c.d"] {
            assert_eq!(readable_email(text), None, "{text}");
        }
    }
}
