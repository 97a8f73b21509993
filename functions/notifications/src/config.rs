//! The settings of the notifications context.

use door::{Environment, StartError};

/// The longest name of a shop, in characters: it stands in subjects.
const MAX_NAME_CHARACTERS: usize = 60;

/// Who writes to customers, and where links lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The address that mails come from. `MAIL_FROM`.
    pub mail_from: String,
    /// The shop's name, as customers read it. `SHOP_NAME`.
    pub shop_name: String,
    /// The storefront's origin, without a slash at its end. `SHOP_URL`.
    pub shop_url: String,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// When a variable is missing or makes no sense.
    pub fn from_environment(environment: &Environment) -> Result<Self, StartError> {
        let mail_from = environment.require("MAIL_FROM")?;
        if !mail_from.contains('@') || mail_from.chars().any(char::is_control) {
            return Err(unusable("MAIL_FROM", "it is not a mail address"));
        }
        let shop_name = environment.require("SHOP_NAME")?;
        if shop_name.chars().count() > MAX_NAME_CHARACTERS
            || shop_name.chars().any(char::is_control)
        {
            let reason = format!("it is not 1 to {MAX_NAME_CHARACTERS} printable characters");
            return Err(unusable("SHOP_NAME", reason));
        }
        let shop_url = environment.require("SHOP_URL")?.trim_end_matches('/');
        if !shop_url.starts_with("https://") && !shop_url.starts_with("http://") {
            return Err(unusable("SHOP_URL", "it is not an http or https address"));
        }
        Ok(Self {
            mail_from: mail_from.to_owned(),
            shop_name: shop_name.to_owned(),
            shop_url: shop_url.to_owned(),
        })
    }
}

fn unusable(name: &'static str, reason: impl Into<String>) -> StartError {
    StartError::InvalidVariable {
        name,
        reason: reason.into(),
    }
}
