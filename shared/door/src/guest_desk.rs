//! Where guests come in: whose token a request brings, and the making of a new one.

use axum::extract::FromRequestParts;
use http::request::Parts;
use identifiers::{CustomerId, Timestamp};
use tokio::sync::OnceCell;

use crate::guest::{GUEST_TOKEN, GuestKeys, GuestToken};
use crate::request::Arrival;
use crate::secrets::{self, Secret};
use crate::{Callers, Environment, Problem, StartError};

const GUEST_SECRET: Secret = Secret {
    name: "GUEST_TOKEN_SECRET_NAME",
    value: "GUEST_TOKEN_SECRET",
};

/// Where a door has the guests' secrets from.
pub(crate) enum Guests {
    /// The context has no guests.
    None,
    Known(GuestKeys),
    /// In the Parameter Store, from where they are read once.
    Stored(Environment, OnceCell<GuestKeys>),
}

impl Guests {
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, StartError> {
        if let Some(given) = environment.get(GUEST_SECRET.value) {
            let keys = GuestKeys::read(given).map_err(|reason| StartError::InvalidVariable {
                name: GUEST_SECRET.value,
                reason,
            })?;
            return Ok(Self::Known(keys));
        }
        Ok(match environment.get(GUEST_SECRET.name) {
            Some(_) => Self::Stored(environment.clone(), OnceCell::new()),
            None => Self::None,
        })
    }

    async fn keys(&self) -> Result<&GuestKeys, Problem> {
        match self {
            Self::None => Err(Problem::unauthenticated()),
            Self::Known(keys) => Ok(keys),
            Self::Stored(environment, read) => {
                let keys = read.get_or_try_init(|| fetch(environment)).await;
                keys.map_err(|error| {
                    tracing::error!(%error, "the guests' secret could not be read");
                    Problem::unavailable()
                })
            }
        }
    }
}

async fn fetch(environment: &Environment) -> Result<GuestKeys, StartError> {
    let [text] = secrets::read(environment, [GUEST_SECRET]).await?;
    GuestKeys::read(&text).map_err(|reason| StartError::InvalidVariable {
        name: GUEST_SECRET.name,
        reason,
    })
}

/// A guest who calls for themselves; the id is the customer's that they are to all contexts.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use axum::extract::FromRequestParts as _;
/// use door::Guest;
///
/// async fn greet(Guest(id): Guest) -> String {
///     format!("Good day, {id}")
/// }
///
/// // Whoever brings no token is nobody.
/// let mut parts = http::Request::new(()).into_parts().0;
/// assert_eq!(Guest::from_request_parts(&mut parts, &()).await.unwrap_err().status, 401);
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Guest(pub CustomerId);

impl<S: Send + Sync> FromRequestParts<S> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let token = parts.headers.get(GUEST_TOKEN).cloned();
        let token = token.ok_or_else(Problem::unauthenticated)?;
        let desk = GuestDesk::from_request_parts(parts, state).await?;
        let token = token.to_str().unwrap_or_default();
        desk.check(token)
            .map(Self)
            .ok_or_else(Problem::unauthenticated)
    }
}

/// For the handlers that make guests' tokens or take one out of a body.
///
/// ```
/// use axum::Json;
/// use door::GuestDesk;
///
/// /// Makes a session for somebody who has not signed in.
/// async fn begin(desk: GuestDesk) -> Json<serde_json::Value> {
///     let made = desk.issue();
///     Json(serde_json::json!({ "token": made.token, "expires_at": made.expires_at }))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct GuestDesk {
    keys: GuestKeys,
    now: Timestamp,
}

impl GuestDesk {
    /// A token for a new guest.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use axum::extract::FromRequestParts as _;
    /// use door::{Arrival, Callers, GuestDesk, GuestKeys};
    /// use identifiers::Timestamp;
    ///
    /// # let keys = GuestKeys::read("a-secret-that-nobody-guesses").unwrap();
    /// # let request = http::Request::builder().extension(Arrival(Timestamp::default()));
    /// # let request = request.extension(Callers::nobody().with_guests(keys)).body(()).unwrap();
    /// # let mut parts = request.into_parts().0;
    /// let desk = GuestDesk::from_request_parts(&mut parts, &()).await.unwrap();
    /// assert!(desk.issue().token.starts_with("v1."));
    /// # });
    /// ```
    pub fn issue(&self) -> GuestToken {
        self.keys.issue(self.now)
    }

    /// Whose token it is, if it is good.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use axum::extract::FromRequestParts as _;
    /// use door::{Arrival, Callers, GuestDesk, GuestKeys};
    /// use identifiers::Timestamp;
    ///
    /// # let keys = GuestKeys::read("a-secret-that-nobody-guesses").unwrap();
    /// # let request = http::Request::builder().extension(Arrival(Timestamp::default()));
    /// # let request = request.extension(Callers::nobody().with_guests(keys)).body(()).unwrap();
    /// # let mut parts = request.into_parts().0;
    /// let desk = GuestDesk::from_request_parts(&mut parts, &()).await.unwrap();
    /// let token = desk.issue().token;
    /// assert!(desk.check(&token).unwrap().as_str().starts_with("guest-"));
    /// assert_eq!(desk.check("v1.somebody.1798104600.a-code"), None);
    /// # });
    /// ```
    pub fn check(&self, token: &str) -> Option<CustomerId> {
        self.keys.check(token, self.now)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for GuestDesk {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let now = parts.extensions.get::<Arrival>().map(|arrival| arrival.0);
        let callers = parts.extensions.get::<Callers>();
        let (Some(now), Some(callers)) = (now, callers) else {
            return Err(Problem::unauthenticated());
        };
        let keys = callers.guests().keys().await?.clone();
        Ok(Self { keys, now })
    }
}
