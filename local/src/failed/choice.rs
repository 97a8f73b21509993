//! Which of the failed messages that were seen are meant.

use anyhow::bail;
use clap::{ArgGroup, Args};
use dead_letters::Letter;

use crate::ending::Misuse;

/// Of messages whose ids begin alike, so many are named.
const MOST_NAMED: usize = 5;

/// Which messages are meant.
#[derive(Args)]
#[command(group(ArgGroup::new("messages").args(["ids", "all"]).required(true)))]
pub(super) struct Which {
    /// Ids of messages, or their beginnings.
    ids: Vec<String>,
    /// All of them.
    #[arg(long)]
    all: bool,
    /// Of all, only events of this type.
    #[arg(long = "type", value_name = "TYPE", requires = "all")]
    event_type: Option<String>,
}

impl Which {
    /// The letters that are meant.
    ///
    /// # Errors
    /// When an id belongs to none, or to several.
    pub(super) fn choose(&self, letters: Vec<Letter>) -> anyhow::Result<Vec<Letter>> {
        if self.all {
            let wanted = |letter: &Letter| match &self.event_type {
                Some(event_type) => letter.event_type.as_ref() == Some(event_type),
                None => true,
            };
            return Ok(letters.into_iter().filter(wanted).collect());
        }
        let mut chosen: Vec<usize> = Vec::new();
        for id in &self.ids {
            chosen.push(one_of(&letters, id)?);
        }
        let letters = letters.into_iter().enumerate();
        let meant = letters.filter(|(position, _)| chosen.contains(position));
        Ok(meant.map(|(_, letter)| letter).collect())
    }
}

/// No message has this id, as far as can be seen.
#[derive(Debug, thiserror::Error)]
#[error("there is no message {0} to be seen; another look may hold it for a minute")]
pub(super) struct Unseen(String);

/// The one letter whose id is this or begins so.
///
/// # Errors
/// [`Unseen`] where there is none, [`Misuse`] where several begin so.
pub(super) fn one_of(letters: &[Letter], id: &str) -> anyhow::Result<usize> {
    let begins = |letter: &Letter| letter.id.starts_with(id);
    let found: Vec<usize> = (0..letters.len())
        .filter(|position| begins(&letters[*position]))
        .collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => bail!(Unseen(id.to_owned())),
        several => {
            let ids = several
                .iter()
                .map(|position| letters[*position].id.as_str());
            let ids: Vec<&str> = ids.take(MOST_NAMED).collect();
            let more = match several.len() > MOST_NAMED {
                true => " and more",
                false => "",
            };
            bail!(Misuse(format!(
                "the ids of {} messages begin with {id}: {}{more}",
                several.len(),
                ids.join(", ")
            )))
        }
    }
}
