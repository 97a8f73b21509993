//! Whom a door believes: which issuer's tokens, for which audience, and guests' tokens by which secrets.

use std::sync::Arc;

use crate::guest_desk::Guests;
use crate::{Environment, GuestKeys, StartError};

/// Whose tokens are believed. Clones share the guests' secrets.
///
/// ```
/// use door::{Callers, GuestKeys};
///
/// let audience = ["a-client-of-the-issuer".to_owned()];
/// let keys = GuestKeys::read("a-secret-that-nobody-guesses").unwrap();
/// let callers = Callers::of("https://issuer.example", audience).with_guests(keys);
/// # drop(callers);
/// ```
#[derive(Clone)]
pub struct Callers {
    issuer: String,
    audience: Vec<String>,
    guests: Arc<Guests>,
}

impl Callers {
    /// Believes nobody: what a door begins with.
    ///
    /// ```
    /// let callers = door::Callers::nobody();
    /// # drop(callers);
    /// ```
    pub fn nobody() -> Self {
        Self::of("", [])
    }

    /// Believes the issuer's access tokens for one of the audience: their `aud`, or their `client_id` where there is none.
    ///
    /// ```
    /// use door::Callers;
    ///
    /// let callers = Callers::of("https://issuer.example", ["a-client-of-the-issuer".to_owned()]);
    /// # drop(callers);
    /// ```
    pub fn of(issuer: &str, audience: impl IntoIterator<Item = String>) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.into_iter().collect(),
            guests: Arc::new(Guests::None),
        }
    }

    /// Believes guests' tokens too that one of the keys has made.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use axum::extract::FromRequestParts as _;
    /// use door::{Arrival, Callers, GUEST_TOKEN, Guest, GuestKeys};
    /// use identifiers::Timestamp;
    ///
    /// let keys = GuestKeys::read("a-secret-that-nobody-guesses").unwrap();
    /// let now = Timestamp::default();
    /// let token = keys.issue(now).token;
    ///
    /// // What the door puts beside a request.
    /// let request = http::Request::builder().header(GUEST_TOKEN, token).extension(Arrival(now));
    /// let request = request.extension(Callers::nobody().with_guests(keys)).body(()).unwrap();
    /// let mut parts = request.into_parts().0;
    /// let Guest(id) = Guest::from_request_parts(&mut parts, &()).await.unwrap();
    /// assert!(id.as_str().starts_with("guest-"));
    /// # });
    /// ```
    #[must_use]
    pub fn with_guests(self, keys: GuestKeys) -> Self {
        Self {
            guests: Arc::new(Guests::Known(keys)),
            ..self
        }
    }

    /// Reads `TOKEN_ISSUER`, `TOKEN_AUDIENCE` (several separated by commas), and, where there is one, the name of the
    /// guests' secret in the Parameter Store, `GUEST_TOKEN_SECRET_NAME`. The secret is read when the first guest comes.
    ///
    /// # Errors
    /// When a variable is missing or senseless.
    ///
    /// ```
    /// use door::{Callers, Environment};
    ///
    /// let of = |audience: &str| {
    ///     let variables = [("TOKEN_ISSUER", "https://issuer.example"), ("TOKEN_AUDIENCE", audience)];
    ///     let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    ///     Callers::from_environment(&Environment::from_iter(variables))
    /// };
    /// assert!(of("shop,console").is_ok());
    /// assert!(of(" , ").is_err());
    /// ```
    pub fn from_environment(environment: &Environment) -> Result<Self, StartError> {
        let issuer = environment.require("TOKEN_ISSUER")?;
        let audience = environment.require("TOKEN_AUDIENCE")?.split(',');
        let audience = audience.map(str::trim).filter(|one| !one.is_empty());
        let callers = Self::of(issuer, audience.map(str::to_owned));
        if callers.audience.is_empty() {
            return Err(StartError::InvalidVariable {
                name: "TOKEN_AUDIENCE",
                reason: "it must name at least one audience".to_owned(),
            });
        }
        Ok(Self {
            guests: Arc::new(Guests::from_environment(environment)?),
            ..callers
        })
    }

    pub(crate) fn guests(&self) -> &Guests {
        &self.guests
    }

    pub(crate) fn check_issuer(&self, issuer: Option<&str>) -> Result<(), &'static str> {
        match issuer {
            Some(issuer) if !issuer.is_empty() && issuer == self.issuer => Ok(()),
            Some(_) | None => Err("it is another issuer's"),
        }
    }

    pub(crate) fn check_audience(&self, named: &[&str]) -> Result<(), &'static str> {
        match named
            .iter()
            .any(|one| self.audience.iter().any(|ours| ours == one))
        {
            true => Ok(()),
            false => Err("it is for another audience"),
        }
    }
}
