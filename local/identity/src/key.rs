//! The key that signs tokens.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::crypto::{self, base64url};
use crate::store::StoreError;

/// An RSA key with its id.
pub(crate) struct SigningKey {
    id: String,
    modulus: String,
    exponent: String,
    key: EncodingKey,
}

/// Why a token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The key could not be made, or what is kept is none.
    #[error("the signing key cannot be used: {0}")]
    Unusable(&'static str),
    /// The key could not be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The claims could not be signed.
    #[error("a token could not be signed: {0}")]
    Signing(#[from] jsonwebtoken::errors::Error),
    /// Nobody of that name can sign in.
    #[error("there is no account {0}")]
    NoAccount(String),
}

impl SigningKey {
    /// A new key of 2048 bits, and the form in which it is kept.
    pub(crate) fn generate() -> Result<(Self, Vec<u8>), KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048);
        let pair = pair.map_err(|_| KeyError::Unusable("it could not be made"))?;
        let der: Pkcs8V1Der<'_> = pair
            .as_der()
            .map_err(|_| KeyError::Unusable("it could not be written"))?;
        let der = der.as_ref().to_vec();
        Ok((Self::read(&der)?, der))
    }

    pub(crate) fn read(der: &[u8]) -> Result<Self, KeyError> {
        crypto::install();
        let pair = RsaKeyPair::from_pkcs8(der);
        let pair = pair.map_err(|_| KeyError::Unusable("it is no RSA key"))?;
        let public = components(pair.public_key().as_ref());
        let (modulus, exponent) =
            public.ok_or(KeyError::Unusable("its public half cannot be read"))?;
        let (modulus, exponent) = (base64url(modulus), base64url(exponent));
        // RFC 7638: the members in this order, and nothing else.
        let thumbprint = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        Ok(Self {
            id: base64url(&Sha256::digest(thumbprint)),
            modulus,
            exponent,
            key: EncodingKey::from_rsa_der(der),
        })
    }

    pub(crate) fn sign<T: Serialize>(&self, claims: &T) -> Result<String, KeyError> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.id.clone());
        Ok(encode(&header, claims, &self.key)?)
    }

    pub(crate) fn key_set(&self) -> Value {
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "n": self.modulus, "e": self.exponent,
        }] })
    }
}

/// Modulus and exponent of a public key in DER (RFC 8017, appendix A.1.1: a sequence of two integers).
fn components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    const SEQUENCE: u8 = 0x30;
    let (sequence, rest) = element(der, SEQUENCE)?;
    let (modulus, after) = integer(sequence)?;
    let (exponent, end) = integer(after)?;
    (rest.is_empty() && end.is_empty()).then_some((modulus, exponent))
}

/// An integer's bytes without the zero that says that it is positive, and what is behind it.
fn integer(der: &[u8]) -> Option<(&[u8], &[u8])> {
    const INTEGER: u8 = 0x02;
    let (value, rest) = element(der, INTEGER)?;
    Some((value.strip_prefix(&[0]).unwrap_or(value), rest))
}

/// The content of an element of that kind, and what is behind it.
fn element(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..0x80 => (usize::from(first), rest),
        _ => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = bytes.iter().try_fold(0_usize, |sum, byte| {
                sum.checked_mul(256)?.checked_add(usize::from(*byte))
            })?;
            (length, rest)
        }
    };
    (found == kind)
        .then(|| rest.split_at_checked(length))
        .flatten()
}
