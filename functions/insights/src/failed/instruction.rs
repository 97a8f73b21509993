//! What an operator wants done about which messages of a queue, and what came of it.

use dead_letters::{Letter, Look};

use super::acts::Deed;

/// Which messages of a queue are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// As many as one request deals with.
    All,
    /// Those of these ids.
    These(Vec<String>),
}

/// What is to be done about which messages.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Send them again, or give them up.
    pub deed: Deed,
    /// Which.
    pub which: Which,
    /// Who wants it.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The messages that are done with.
    pub ids: Vec<String>,
    /// Those that are not, each with why.
    pub left: Vec<(String, String)>,
    /// Whether there may be more messages than the request dealt with.
    pub more: bool,
}

/// The letters that are meant, and what can be said of the others by now.
pub(super) fn choose<'a>(look: &'a Look, which: &Which) -> (Vec<&'a Letter>, Done) {
    let mut done = Done {
        more: look.is_cut_short(),
        ..Done::default()
    };
    let ids = match which {
        Which::All => return (look.letters().iter().collect(), done),
        Which::These(ids) => ids,
    };
    let mut chosen = Vec::new();
    for id in ids {
        match look.letters().iter().find(|letter| letter.id == *id) {
            Some(letter) => chosen.push(letter),
            None => {
                let why =
                    "there is no such message to be seen; another look may hold it for a minute";
                done.left.push((id.clone(), why.to_owned()));
            }
        }
    }
    (chosen, done)
}
