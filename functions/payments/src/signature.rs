//! The signature of a webhook (<https://docs.stripe.com/webhooks#verify-manually>).

use hmac::{Hmac, KeyInit, Mac};
use identifiers::Timestamp;
use sha2::Sha256;

/// How far a webhook's time may be from ours, in seconds, either way. The default of Stripe's own libraries.
pub const TOLERANCE_SECONDS: i64 = 300;

/// The most signatures that one header may bring: one for each of a few secrets that are active at the same time.
const MAX_SIGNATURES: usize = 8;

/// Why a webhook is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// There is no such header, or it cannot be read.
    #[error("the header Stripe-Signature is missing or not in the form t=...,v1=...")]
    Malformed,
    /// The time is too far off.
    #[error("the time of the signature is more than {TOLERANCE_SECONDS} seconds off")]
    OutOfTime,
    /// It was made with none of our secrets, or of another body.
    #[error("no signature matches the body")]
    NoMatch,
}

/// Checks a webhook's raw body against its `Stripe-Signature` header.
///
/// # Errors
/// When the header cannot be read, its time is off, or none of its signatures was made of the body by one of the
/// secrets. Comparing takes the same time wherever two signatures differ.
pub fn verify(
    secrets: &[String],
    header: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), BadSignature> {
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) => time = Some(text),
            Some(("v1", text)) => {
                signatures.push(hex::decode(text).map_err(|_| BadSignature::Malformed)?)
            }
            // Stripe adds schemes of its own, such as v0 for test events; only v1 counts.
            Some(_) => {}
            None => return Err(BadSignature::Malformed),
        }
    }
    let time = time.ok_or(BadSignature::Malformed)?;
    let seconds: i64 = time.parse().map_err(|_| BadSignature::Malformed)?;
    if signatures.is_empty() || signatures.len() > MAX_SIGNATURES {
        return Err(BadSignature::Malformed);
    }
    if now.seconds().abs_diff(seconds) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(BadSignature::OutOfTime);
    }
    let is_ours = |secret: &String| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(time.as_bytes());
        mac.update(b".");
        mac.update(body);
        signatures
            .iter()
            .any(|signature| mac.clone().verify_slice(signature).is_ok())
    };
    if secrets.iter().any(is_ours) {
        Ok(())
    } else {
        Err(BadSignature::NoMatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;
    /// Computed with `openssl dgst -sha256 -hmac whsec_test_secret` over `1492774577.{"id":"evt_1"}`.
    const KNOWN: &str = "799c4ba7bb339f3c8601adfd112f0e477c930a268be1243d341abb8286501c2f";

    fn check(header: &str, body: &[u8], at_seconds: i64) -> Result<(), BadSignature> {
        let secrets = ["whsec_new".to_owned(), "whsec_test_secret".to_owned()];
        verify(
            &secrets,
            header,
            body,
            Timestamp::from_milliseconds(at_seconds * 1000),
        )
    }

    #[test]
    fn a_signature_by_any_active_secret_is_believed() {
        let other = "00".repeat(32);
        for header in [
            format!("t=1492774577,v1={KNOWN}"),
            format!("t=1492774577,v1={other},v1={KNOWN}"),
            format!("t=1492774577, v1={KNOWN}, v0=abc"),
        ] {
            assert_eq!(check(&header, BODY, 1_492_774_577), Ok(()), "{header}");
        }
    }

    #[test]
    fn its_time_may_be_off_by_300_seconds_and_no_more() {
        let header = format!("t=1492774577,v1={KNOWN}");
        for (off, expected) in [
            (300, Ok(())),
            (-300, Ok(())),
            (301, Err(BadSignature::OutOfTime)),
            (-301, Err(BadSignature::OutOfTime)),
        ] {
            assert_eq!(check(&header, BODY, 1_492_774_577 + off), expected, "{off}");
        }
    }

    #[test]
    fn one_byte_changed_is_not_believed() {
        let header = format!("t=1492774577,v1={KNOWN}");
        assert_eq!(
            check(&header, br#"{"id":"evt_2"}"#, 1_492_774_577),
            Err(BadSignature::NoMatch)
        );
        let moved = format!("t=1492774578,v1={KNOWN}");
        assert_eq!(
            check(&moved, BODY, 1_492_774_577),
            Err(BadSignature::NoMatch)
        );
        let forged = format!("t=1492774577,v1={}", "ab".repeat(32));
        assert_eq!(
            check(&forged, BODY, 1_492_774_577),
            Err(BadSignature::NoMatch)
        );
        let secrets = ["whsec_another".to_owned()];
        let now = Timestamp::from_milliseconds(1_492_774_577_000);
        assert_eq!(
            verify(&secrets, &header, BODY, now),
            Err(BadSignature::NoMatch)
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for header in [
            "",
            "t=1",
            "v1=00",
            "t=x,v1=00",
            "t=1492774577,v1=zz",
            "t=1492774577,v1=",
            "tea",
        ] {
            assert!(check(header, BODY, 1_492_774_577).is_err(), "{header:?}");
        }
        let many = format!("t=1492774577{}", ",v1=00".repeat(9));
        assert_eq!(
            check(&many, BODY, 1_492_774_577),
            Err(BadSignature::Malformed)
        );
    }
}
