//! How a customer can be reached: the only personal data that Noren keeps outside of a customer's profile.
//!
//! An address never stands in an event, an error or a log: [`Email`] prints itself masked, and only
//! [`Email::reveal`] gives it away.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest address that SMTP can carry, in characters (RFC 5321, section 4.5.3.1.3, less the two angle brackets).
const MAX_EMAIL_CHARACTERS: usize = 254;
/// The longest part before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_CHARACTERS: usize = 64;
/// The longest label of a domain name (RFC 1035, section 2.3.4).
const MAX_LABEL_CHARACTERS: usize = 63;

/// A text that is not a mail address. Does not repeat the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a mail address of at most {MAX_EMAIL_CHARACTERS} ASCII characters, such as name@example.com"
)]
pub struct InvalidEmail;

/// A mail address. Prints itself masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Checks and takes the text.
    ///
    /// SES takes no characters outside of ASCII before the `@` and wants international domains in Punycode.
    /// Quoted local parts and address literals are refused: nobody has them, and they are what header injection is
    /// made of.
    ///
    /// # Errors
    /// When the text is no address.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidEmail> {
        let text = text.into();
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let in_atom =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
        let local_is_good = local.len() <= MAX_LOCAL_CHARACTERS
            && local
                .split('.')
                .all(|atom| !atom.is_empty() && atom.bytes().all(in_atom));
        let label_is_good = |label: &str| {
            (1..=MAX_LABEL_CHARACTERS).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let domain_is_good = domain.contains('.') && domain.split('.').all(label_is_good);
        if text.len() <= MAX_EMAIL_CHARACTERS && local_is_good && domain_is_good {
            Ok(Self(text))
        } else {
            Err(InvalidEmail)
        }
    }

    /// The address in the clear: for the mail's envelope and the contact's own item, nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    /// The first character and the domain: enough for an operator to ask "the one at example.com?".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = self.0.split_once('@').unwrap_or(("", ""));
        // A single character would be the whole of it.
        let shown = if local.len() > 1 { &local[..1] } else { "" };
        write!(f, "{shown}***@{domain}")
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({self})")
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Cow::<'de, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for Email {
    fn schema_name() -> Cow<'static, str> {
        "Email".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // The rules in one expression: atoms before the `@`, at least two labels behind it.
        const ATOM: &str = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
        const LABEL: &str = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
        schemars::json_schema!({
            "type": "string",
            "format": "email",
            "maxLength": MAX_EMAIL_CHARACTERS,
            "pattern": format!("^{ATOM}(\\.{ATOM})*@{LABEL}(\\.{LABEL})+$"),
        })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// A language that customers are written to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Japanese.
    Ja,
    /// English.
    En,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Ja, Self::En];

    /// The ISO 639-1 code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ja => "ja",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a customer is written to, and in which language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The address.
    pub email: Email,
    /// The language.
    pub language: Language,
}
