//! What survives a restart: the key, registered accounts, refresh tokens. Secrets are kept as hashes, the key excepted.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use crate::accounts::{self, Account, SEEDED};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS signing_key (id INTEGER PRIMARY KEY CHECK (id = 1), der BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS account (
    username TEXT PRIMARY KEY, subject TEXT NOT NULL UNIQUE, email TEXT, password BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS refresh_token (
    hash BLOB PRIMARY KEY, username TEXT NOT NULL, scope TEXT NOT NULL, signed_in_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);";

/// The issuer's state could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the issuer's state: {0}")]
pub struct StoreError(#[from] rusqlite::Error);

pub(crate) struct Store(Connection);

/// A refresh token that is still good.
pub(crate) struct Refresh {
    pub(crate) username: String,
    pub(crate) scope: String,
    pub(crate) signed_in_at: i64,
}

impl Store {
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, StoreError> {
        let connection = match file {
            Some(file) => Connection::open(file)?,
            None => Connection::open_in_memory()?,
        };
        connection.execute_batch(SCHEMA)?;
        Ok(Self(connection))
    }

    pub(crate) fn key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self
            .0
            .query_row("SELECT der FROM signing_key", [], |row| row.get(0));
        Ok(found.optional()?)
    }

    pub(crate) fn keep_key(&self, der: &[u8]) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO signing_key (id, der) VALUES (1, ?1)",
            params![der],
        )?;
        Ok(())
    }

    /// The account of that name.
    pub(crate) fn account(&self, username: &str) -> Result<Option<Account>, StoreError> {
        if SEEDED.contains(&username) {
            return Ok(Some(Account::seeded(username)));
        }
        Ok(self.registered(username)?.map(|(account, _)| account))
    }

    /// The account, if the password is its own.
    pub(crate) fn log_in(
        &self,
        username: &str,
        password: &str,
    ) -> Result<Option<Account>, StoreError> {
        let username = username.trim();
        if SEEDED.contains(&username) {
            return Ok((password == username).then(|| Account::seeded(username)));
        }
        let found = self.registered(&username.to_ascii_lowercase())?;
        Ok(found
            .filter(|(_, kept)| accounts::matches(kept, password))
            .map(|(account, _)| account))
    }

    fn registered(&self, username: &str) -> Result<Option<(Account, Vec<u8>)>, StoreError> {
        let found = self.0.query_row(
            "SELECT username, subject, email, password FROM account WHERE username = ?1",
            params![username],
            |row| {
                let (username, subject, email) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((
                    Account {
                        username,
                        subject,
                        email,
                        groups: Vec::new(),
                    },
                    row.get(3)?,
                ))
            },
        );
        Ok(found.optional()?)
    }

    /// Keeps a new account; false where there is one of that name.
    pub(crate) fn register(&self, account: &Account, password: &str) -> Result<bool, StoreError> {
        let kept = self.0.execute(
            "INSERT OR IGNORE INTO account (username, subject, email, password) VALUES (?1, ?2, ?3, ?4)",
            params![account.username, account.subject, account.email, accounts::hash(password)],
        )?;
        Ok(kept == 1)
    }

    pub(crate) fn keep_refresh(
        &self,
        token: &str,
        refresh: &Refresh,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        self.0.execute(
            "DELETE FROM refresh_token WHERE expires_at <= ?1",
            params![crate::now_seconds()],
        )?;
        self.0.execute(
            "INSERT INTO refresh_token (hash, username, scope, signed_in_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![hash(token), refresh.username, refresh.scope, refresh.signed_in_at, expires_at],
        )?;
        Ok(())
    }

    pub(crate) fn refresh(&self, token: &str, now: i64) -> Result<Option<Refresh>, StoreError> {
        let found = self.0.query_row(
            "SELECT username, scope, signed_in_at FROM refresh_token WHERE hash = ?1 AND expires_at > ?2",
            params![hash(token), now],
            |row| Ok(Refresh { username: row.get(0)?, scope: row.get(1)?, signed_in_at: row.get(2)? }),
        );
        Ok(found.optional()?)
    }

    /// Signing out ends every refresh token of the account.
    pub(crate) fn forget_refresh(&self, username: &str) -> Result<(), StoreError> {
        self.0.execute(
            "DELETE FROM refresh_token WHERE username = ?1",
            params![username],
        )?;
        Ok(())
    }
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
