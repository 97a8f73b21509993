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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changed: &str, value: &str) -> Result<Config, String> {
        let variables = [
            ("MAIL_FROM", "shop@example.com"),
            ("SHOP_NAME", "のれん"),
            ("SHOP_URL", "https://shop.example.com/"),
        ];
        let environment = variables
            .map(|(name, good)| {
                let value = if name == changed { value } else { good };
                (name.to_owned(), value.to_owned())
            })
            .into_iter()
            .collect();
        Config::from_environment(&environment).map_err(|error| error.to_string())
    }

    #[test]
    fn settings_are_read_and_senseless_ones_named() {
        assert_eq!(
            read("", ""),
            Ok(Config {
                mail_from: "shop@example.com".into(),
                shop_name: "のれん".into(),
                shop_url: "https://shop.example.com".into(),
            })
        );
        for (name, value) in [
            ("MAIL_FROM", ""),
            ("MAIL_FROM", "shop"),
            ("MAIL_FROM", "shop@example.com\r\nBcc: x@example.com"),
            ("SHOP_NAME", ""),
            ("SHOP_NAME", "a\nb"),
            ("SHOP_NAME", &"x".repeat(MAX_NAME_CHARACTERS + 1)),
            ("SHOP_URL", "shop.example.com"),
        ] {
            let error = read(name, value).expect_err("it makes no sense");
            assert!(error.contains(name), "{error}");
        }
    }
}
