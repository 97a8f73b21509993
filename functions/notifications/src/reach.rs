//! Whether a customer can be reached, and how; an erased one never again.

use decider::Aggregate;
use identifiers::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contact::Contact;

/// How a customer is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reach {
    /// By this contact.
    By(Contact),
    /// Not at all, for ever: their address is forgotten, and none is taken again, whichever comes first.
    Erased {
        /// Since when.
        erased_at: Timestamp,
    },
}

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReachCommand {
    /// Be reached by this contact.
    Set(Contact),
    /// Be forgotten.
    Erase {
        /// The present instant.
        now: Timestamp,
    },
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReachEvent {
    /// The contact is another.
    Set(Contact),
    /// It is forgotten.
    Erased {
        /// When.
        at: Timestamp,
    },
}

/// Why a contact is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReachRejection {
    /// Its customer is erased.
    #[error("this customer has been erased, and nothing is kept of them any more")]
    Erased,
}

impl Reach {
    /// The contact, of somebody who has one.
    pub fn contact(&self) -> Option<&Contact> {
        match self {
            Self::By(contact) => Some(contact),
            Self::Erased { .. } => None,
        }
    }
}

impl Aggregate for Reach {
    type Command = ReachCommand;
    type Event = ReachEvent;
    type State = Self;
    type Rejection = ReachRejection;

    fn decide(
        state: Option<&Self>,
        command: &ReachCommand,
    ) -> Result<Vec<ReachEvent>, ReachRejection> {
        match (state, command) {
            (Some(Self::Erased { .. }), ReachCommand::Set(_)) => Err(ReachRejection::Erased),
            (Some(Self::Erased { .. }), ReachCommand::Erase { .. }) => Ok(Vec::new()),
            (Some(Self::By(known)), ReachCommand::Set(contact)) if known == contact => {
                Ok(Vec::new())
            }
            (Some(Self::By(_)) | None, ReachCommand::Set(contact)) => {
                Ok(vec![ReachEvent::Set(contact.clone())])
            }
            (Some(Self::By(_)) | None, ReachCommand::Erase { now }) => {
                Ok(vec![ReachEvent::Erased { at: *now }])
            }
        }
    }

    fn evolve(_: Option<Self>, event: &ReachEvent) -> Self {
        match event {
            ReachEvent::Set(contact) => Self::By(contact.clone()),
            ReachEvent::Erased { at } => Self::Erased { erased_at: *at },
        }
    }
}
