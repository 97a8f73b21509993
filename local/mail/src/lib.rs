//! SES on this machine, with a readable inbox.
//!
//! Owns SES's `SendEmail` over its real wire protocol and the mails that were sent with it, kept in SQLite and shown on a
//! page. It sends nothing anywhere, binds no port, and knows nothing of what the mails are about.

mod address;
mod fault;
mod inbox;
mod language;
mod mail;
mod message;
mod pages;
mod raw;
mod refusal;
mod send_email;

pub use fault::{OnSend, SendSummary, Verdict};
pub use inbox::MailError;
pub use mail::{Mail, OpenError, Options};
pub use message::{Filter, Message};
