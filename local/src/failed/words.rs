//! Failed messages as people read them.

use std::fmt::Write as _;

use dead_letters::Letter;

use super::counted;

/// One paragraph a message.
pub(super) fn list(letters: &[Letter]) -> String {
    if letters.is_empty() {
        return "No message has failed for good.\n".to_owned();
    }
    let mut text = String::new();
    for letter in letters {
        head(letter, &mut text).expect("writing into a text cannot fail");
    }
    let count = counted(letters.len());
    text + &format!("\n{count}. `noren failed show ID` shows one whole.\n")
}

/// A message with its body.
pub(super) fn whole(letter: &Letter) -> String {
    let mut text = String::new();
    let body = serde_json::from_str::<serde_json::Value>(&letter.body)
        .and_then(|body| serde_json::to_string_pretty(&body))
        .unwrap_or_else(|_| letter.body.clone());
    let written = head(letter, &mut text)
        .and_then(|()| writeln!(text, "\nAttributes  {:?}\n\n{body}", letter.attributes));
    written.expect("writing into a text cannot fail");
    text
}

fn head(letter: &Letter, text: &mut String) -> std::fmt::Result {
    let since = letter
        .since
        .map(|since| since.to_string())
        .unwrap_or_default();
    writeln!(text, "{}  {}", letter.id, letter.queue)?;
    if let (Some(event_type), Some(subject)) = (&letter.event_type, &letter.subject) {
        writeln!(text, "  {event_type} about {subject}")?;
    }
    writeln!(text, "  {}", letter.reason)?;
    writeln!(text, "  since {since}, received {} times", letter.received)
}
