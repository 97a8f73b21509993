//! Mail, and the port that it leaves through.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::contact::Email;
use crate::notice::Notice;

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Who gets it.
    pub to: Email,
    /// Its subject: one line.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Which notice it is.
    pub notice: Notice,
}

/// Why a mail was not sent, or may not have been. Never says to whom: providers like to repeat an address in their
/// messages, so no more than their code is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailFailure {
    /// The provider refuses this mail, now and later.
    #[error("the mail was refused: {code}")]
    Refused {
        /// The provider's code.
        code: String,
    },
    /// Something failed; the mail may have been sent all the same.
    #[error("the mail could not be sent: {code}")]
    Failed {
        /// The provider's code, or what failed on the way to it.
        code: String,
    },
}

/// A way to send mail.
pub trait Mailer: Send + Sync + 'static {
    /// Sends a mail, once.
    ///
    /// # Errors
    /// When it was refused, or sending failed.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<(), MailFailure>> + Send;
}

/// Sends nothing and remembers what it was given. For tests and simulation. Clones share what they remember.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Debug, Default)]
struct Recorded {
    sent: Vec<Mail>,
    failures: Vec<MailFailure>,
}

impl Recorder {
    /// Takes the mails since the last call.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.recorded().sent)
    }

    /// Makes the next mail fail, unsent. Called again, one more.
    pub fn fail_next(&self, failure: MailFailure) {
        self.recorded().failures.insert(0, failure);
    }

    fn recorded(&self) -> std::sync::MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for Recorder {
    async fn send(&self, mail: &Mail) -> Result<(), MailFailure> {
        let mut recorded = self.recorded();
        if let Some(failure) = recorded.failures.pop() {
            return Err(failure);
        }
        recorded.sent.push(mail.clone());
        Ok(())
    }
}
