//! The way that mails leave.

use std::sync::Arc;

use notifications::mail::{Mail, MailFailure, Mailer};

use crate::fabric::{Effect, Fabric, Port};
use crate::faults::Fault;

/// A mail provider that is not always there.
#[derive(Debug, Clone)]
pub struct WorldMailer(pub Arc<Fabric>);

impl Mailer for WorldMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailFailure> {
        let fate = self.0.begin(Port::Mail).await;
        let failed = || MailFailure::Failed {
            code: "timed out".to_owned(),
        };
        if fate.fault == Some(Fault::MailFailed) {
            return Err(failed());
        }
        {
            let mut parts = self.0.parts();
            if let Some(task) = parts.running.as_ref().map(|running| running.task) {
                parts.effects.push(Effect::Mailed(task, mail.clone()));
            }
        }
        self.0.end(fate).await;
        match fate.fault {
            Some(Fault::MailTimeoutDone) => Err(failed()),
            _ => Ok(()),
        }
    }
}
