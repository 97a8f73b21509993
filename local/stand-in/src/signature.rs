//! The signature of a webhook (<https://docs.stripe.com/webhooks#verify-manually>).

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `Stripe-Signature` header for a body: `t=` the time in seconds, then one `v1=` for each active secret, an
/// HMAC-SHA256 in hex over `{t}.{body}`.
pub fn sign(secrets: &[String], at_seconds: i64, body: &[u8]) -> String {
    let mut header = format!("t={at_seconds}");
    for secret in secrets {
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
            mac.update(at_seconds.to_string().as_bytes());
            mac.update(b".");
            mac.update(body);
            header.push_str(",v1=");
            header.push_str(&hex::encode(mac.finalize().into_bytes()));
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `openssl dgst -sha256 -hmac whsec_test_secret` over `1492774577.{"id":"evt_1"}`.
    const KNOWN: &str = "799c4ba7bb339f3c8601adfd112f0e477c930a268be1243d341abb8286501c2f";

    #[test]
    fn agrees_with_another_implementation() {
        let header = sign(
            &["whsec_test_secret".to_owned()],
            1_492_774_577,
            br#"{"id":"evt_1"}"#,
        );
        assert_eq!(header, format!("t=1492774577,v1={KNOWN}"));
    }

    #[test]
    fn two_active_secrets_give_two_signatures() {
        let secrets = ["whsec_old".to_owned(), "whsec_new".to_owned()];
        assert_eq!(sign(&secrets, 1, b"{}").matches(",v1=").count(), 2);
    }
}
