//! What is short-lived and lost with the process: authorisation codes, and who is signed in at the issuer itself.

use std::collections::HashMap;

use crate::accounts::random_secret;

/// Validity of a code, in seconds: Cognito's five minutes.
const CODE_SECONDS: i64 = 300;
/// Validity of a session, in seconds: Cognito's hour.
pub(crate) const SESSION_SECONDS: i64 = 3_600;

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) username: String,
    pub(crate) scope: String,
    pub(crate) nonce: Option<String>,
    pub(crate) redirect_uri: String,
    /// SHA-256 of the client's verifier, in base64url.
    pub(crate) challenge: String,
    pub(crate) signed_in_at: i64,
}

/// Codes and sessions.
#[derive(Default)]
pub(crate) struct Sessions {
    codes: HashMap<String, (i64, Pending)>,
    signed_in: HashMap<String, (i64, String, i64)>,
}

impl Sessions {
    pub(crate) fn new_code(&mut self, pending: Pending, now: i64) -> String {
        self.codes.retain(|_, (until, _)| *until > now);
        let code = random_secret();
        self.codes
            .insert(code.clone(), (now + CODE_SECONDS, pending));
        code
    }

    /// What the code stands for; it is good for one try.
    pub(crate) fn take_code(&mut self, code: &str, now: i64) -> Option<Pending> {
        let (until, pending) = self.codes.remove(code)?;
        (until > now).then_some(pending)
    }

    pub(crate) fn sign_in(&mut self, username: &str, now: i64) -> String {
        self.signed_in.retain(|_, (until, _, _)| *until > now);
        let session = random_secret();
        let kept = (now + SESSION_SECONDS, username.to_owned(), now);
        self.signed_in.insert(session.clone(), kept);
        session
    }

    /// Who the session is, and since when.
    pub(crate) fn signed_in(&self, session: &str, now: i64) -> Option<(String, i64)> {
        let (until, username, since) = self.signed_in.get(session)?;
        (*until > now).then(|| (username.clone(), *since))
    }

    pub(crate) fn sign_out(&mut self, session: &str) {
        self.signed_in.remove(session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_for_five_minutes() {
        let pending = Pending {
            username: "customer".to_owned(),
            scope: "openid".to_owned(),
            nonce: None,
            redirect_uri: "http://localhost/".to_owned(),
            challenge: String::new(),
            signed_in_at: 0,
        };
        let mut sessions = Sessions::default();
        let code = sessions.new_code(pending.clone(), 1_000);
        assert!(sessions.take_code(&code, 1_299).is_some());
        assert!(sessions.take_code(&code, 1_299).is_none());
        let code = sessions.new_code(pending, 1_000);
        assert!(sessions.take_code(&code, 1_300).is_none());
    }

    #[test]
    fn a_session_ends_by_time_or_by_signing_out() {
        let mut sessions = Sessions::default();
        let session = sessions.sign_in("customer", 0);
        assert_eq!(
            sessions.signed_in(&session, SESSION_SECONDS - 1),
            Some(("customer".to_owned(), 0))
        );
        assert_eq!(sessions.signed_in(&session, SESSION_SECONDS), None);
        sessions.sign_out(&session);
        assert_eq!(sessions.signed_in(&session, 0), None);
    }
}
