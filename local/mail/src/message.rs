//! A mail as it was sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One mail in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// SES's `MessageId`.
    pub message_id: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// The sender, with a name if one was given.
    pub from: String,
    /// To whom.
    pub to: Vec<String>,
    /// Copies.
    pub cc: Vec<String>,
    /// Copies that the others do not see.
    pub bcc: Vec<String>,
    /// Where answers go.
    pub reply_to: Vec<String>,
    /// The subject.
    pub subject: String,
    /// The plain text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
    /// Names of what was attached; the contents are not kept.
    pub attachments: Vec<String>,
    /// SES's `EmailTags`.
    pub tags: BTreeMap<String, String>,
    /// SES's `ConfigurationSetName`.
    pub configuration_set: Option<String>,
}

/// Which mails to read, newest first.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only those to (or copied to) an address that contains this, whatever the case.
    pub to: Option<String>,
    /// Only those sent before this message.
    pub before: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            to: None,
            before: None,
            limit: 50,
        }
    }
}
