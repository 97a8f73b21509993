//! The settings of payments: its environment, and the secrets that the environment names.

use door::secrets::{self, Secret};
use door::{Environment, StartError};

const PROVIDER_SECRET_KEY: Secret = Secret {
    name: "PAYMENT_PROVIDER_SECRET_KEY_NAME",
    value: "PAYMENT_PROVIDER_SECRET_KEY",
};
const WEBHOOK_SECRETS: Secret = Secret {
    name: "PAYMENT_WEBHOOK_SECRETS_NAME",
    value: "PAYMENT_WEBHOOK_SECRETS",
};

/// Where the provider is, and the secrets shared with it.
#[derive(Clone)]
pub struct Config {
    /// The provider's base URL, without a trailing slash: `https://api.stripe.com`.
    pub provider_url: String,
    /// The key that authenticates us to the provider.
    pub provider_secret_key: String,
    /// Where the provider sends a customer back to who has confirmed a payment; `{order_id}` stands for the order.
    /// Stripe needs it to give an address to confirm at.
    pub return_url: Option<String>,
    /// The secrets that webhooks are signed with: one, or two while one is being replaced.
    pub webhook_secrets: Vec<String>,
}

impl Config {
    /// Reads `PAYMENT_PROVIDER_URL`, the secrets that `PAYMENT_PROVIDER_SECRET_KEY_NAME` and
    /// `PAYMENT_WEBHOOK_SECRETS_NAME` (separated by commas) name in the Parameter Store, and `PAYMENT_RETURN_URL` where
    /// there is one.
    ///
    /// # Errors
    /// When one is missing, cannot be read, or has a value that makes no sense.
    pub async fn read(environment: &Environment) -> Result<Self, StartError> {
        let provider_url = environment
            .require("PAYMENT_PROVIDER_URL")?
            .trim_end_matches('/')
            .to_owned();
        let is_url = provider_url.starts_with("https://") || provider_url.starts_with("http://");
        if !is_url || provider_url.parse::<http::Uri>().is_err() {
            return Err(invalid(
                "PAYMENT_PROVIDER_URL",
                "it must be an http:// or https:// URL",
            ));
        }
        let wanted = [PROVIDER_SECRET_KEY, WEBHOOK_SECRETS];
        let [provider_secret_key, webhook_secrets] = secrets::read(environment, wanted).await?;
        if provider_secret_key.is_empty()
            || !provider_secret_key
                .bytes()
                .all(|byte| byte.is_ascii_graphic())
        {
            return Err(invalid(
                PROVIDER_SECRET_KEY.name,
                "it must name printable ASCII without spaces",
            ));
        }
        let secrets = webhook_secrets.split(',').map(str::trim);
        let webhook_secrets: Vec<String> = secrets
            .filter(|secret| !secret.is_empty())
            .map(str::to_owned)
            .collect();
        if webhook_secrets.is_empty() {
            return Err(invalid(
                WEBHOOK_SECRETS.name,
                "it must name at least one secret",
            ));
        }
        let return_url = environment.get("PAYMENT_RETURN_URL").map(str::to_owned);
        Ok(Self {
            provider_url,
            provider_secret_key,
            return_url,
            webhook_secrets,
        })
    }
}

fn invalid(name: &'static str, reason: &str) -> StartError {
    StartError::InvalidVariable {
        name,
        reason: reason.to_owned(),
    }
}
