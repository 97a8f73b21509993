//! An OpenID Connect issuer for one machine, shaped as a Cognito user pool with hosted login.
//!
//! Owns accounts, the login page, authorisation codes (PKCE with S256 only), access, ID and refresh tokens, and the key
//! that signs them; kept in SQLite. [`verify`] checks tokens by any issuer's key set as API Gateway's JWT authoriser
//! does. Binds no port, and is no part of a deployed function: its passwords are printed on its login page.

mod accounts;
mod authorize;
mod client;
mod crypto;
mod discovery;
mod key;
mod language;
mod logout;
mod page;
mod sessions;
mod store;
mod token;
mod tokens;
mod verify;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::{get, post};
use parking_lot::Mutex;

pub use accounts::{Account, SEEDED};
pub use client::{CLIENT_ID, OPERATORS, SCOPES};
pub use key::KeyError;
pub use store::StoreError;
pub use verify::{Invalid, KeySet, Rules, verify};

use key::SigningKey;
use sessions::Sessions;
use store::Store;

/// Choices made when the issuer is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where its state lives (`identity.sqlite` within); in memory, which ends with the process, when `None`.
    pub directory: Option<PathBuf>,
    /// Its own URL, without a trailing slash: the claim `iss` of every token.
    pub issuer: String,
}

/// The issuer. Clones share its state.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: String,
    store: Mutex<Store>,
    sessions: Mutex<Sessions>,
    key: std::sync::OnceLock<SigningKey>,
}

/// Why the issuer could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its file is damaged, or not one of this version.
    #[error(
        "the issuer's state cannot be opened: {0}. Move identity.sqlite away to start with the seeded accounts"
    )]
    Store(#[from] StoreError),
}

impl Identity {
    /// Opens the issuer with its seeded accounts.
    ///
    /// # Errors
    /// When its file cannot be used.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let file = options
            .directory
            .map(|directory| directory.join("identity.sqlite"));
        let store = Store::open(file.as_deref())?;
        Ok(Self {
            inner: Arc::new(Inner {
                issuer: options.issuer.trim_end_matches('/').to_owned(),
                store: Mutex::new(store),
                sessions: Mutex::new(Sessions::default()),
                key: std::sync::OnceLock::new(),
            }),
        })
    }

    /// Discovery, keys, login, tokens and logout.
    pub fn router(&self) -> Router {
        Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(discovery::configuration),
            )
            .route("/.well-known/jwks.json", get(discovery::keys))
            .route("/authorize", get(authorize::show))
            .route("/login", post(authorize::log_in))
            .route(
                "/register",
                get(authorize::show_registration).post(authorize::register),
            )
            .route("/token", post(token::answer).options(discovery::preflight))
            .route("/logout", get(logout::answer))
            .route("/", get(discovery::front))
            .layer(axum::middleware::from_fn(discovery::cors))
            .with_state(self.clone())
    }

    /// The issuer's URL.
    pub fn issuer(&self) -> &str {
        &self.inner.issuer
    }

    /// An access token for an account, as a browser would get it, for tests: with these scopes, for that many seconds.
    ///
    /// # Errors
    /// When there is no such account, or the key cannot be read or made.
    pub fn access_token(
        &self,
        username: &str,
        scopes: &[&str],
        seconds: i64,
    ) -> Result<String, KeyError> {
        let scopes = scopes.join(" ");
        let account = self.inner.store.lock().account(username)?;
        let account = account.ok_or_else(|| KeyError::NoAccount(username.to_owned()))?;
        let grant = tokens::Grant::new(account, scopes, None, now_seconds());
        self.key()?
            .sign(&grant.access_claims(self.issuer(), seconds))
    }

    /// An ID token for an account, for tests.
    ///
    /// # Errors
    /// When there is no such account, or the key cannot be read or made.
    pub fn id_token(&self, username: &str) -> Result<String, KeyError> {
        let account = self.inner.store.lock().account(username)?;
        let account = account.ok_or_else(|| KeyError::NoAccount(username.to_owned()))?;
        let grant = tokens::Grant::new(account, "openid".to_owned(), None, now_seconds());
        self.key()?.sign(&grant.id_claims(self.issuer()))
    }

    /// Signs claims as they are given, for tests of what must be refused.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub fn sign(&self, claims: &serde_json::Value) -> Result<String, KeyError> {
        self.key()?.sign(claims)
    }

    /// The public key, as others read it at the issuer's `jwks_uri`.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    pub fn key_set(&self) -> Result<serde_json::Value, KeyError> {
        Ok(self.key()?.key_set())
    }

    /// Made when it is first needed: an RSA key takes some tenths of a second, and many a stack never needs it.
    fn key(&self) -> Result<&SigningKey, KeyError> {
        if let Some(key) = self.inner.key.get() {
            return Ok(key);
        }
        let store = self.inner.store.lock();
        if let Some(key) = self.inner.key.get() {
            return Ok(key);
        }
        let key = match store.key()? {
            Some(der) => SigningKey::read(&der)?,
            None => {
                let (key, der) = SigningKey::generate()?;
                store.keep_key(&der)?;
                key
            }
        };
        Ok(self.inner.key.get_or_init(|| key))
    }
}

fn now_seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
