//! What happened in a world: a hash of all of it, and lines for people where they are wanted.

use std::fmt::Write as _;

/// The record of a world's course.
#[derive(Debug, Default)]
pub struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
    began: i64,
}

impl Trace {
    /// A record that begins at that instant, with lines if they are wanted.
    pub fn new(began: i64, with_lines: bool) -> Self {
        Self {
            hash: 0,
            lines: with_lines.then(Vec::new),
            began,
        }
    }

    /// Takes note of a number.
    pub fn note(&mut self, number: u64) {
        // One multiplication mixes upwards, the rotation brings it down again.
        self.hash = (self.hash.rotate_left(29) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// Takes note of a text.
    pub fn note_text(&mut self, text: &str) {
        for chunk in text.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            self.note(u64::from_le_bytes(bytes));
        }
    }

    /// Writes a line. The text is made only if lines are wanted.
    pub fn line(&mut self, now: i64, who: &str, what: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            let since = now - self.began;
            let (seconds, thousandths) = (since.div_euclid(1000), since.rem_euclid(1000));
            let (days, rest) = (seconds / 86_400, seconds % 86_400);
            let mut line = String::new();
            let _ = write!(
                line,
                "{days:>2}d {:02}:{:02}:{:02}.{thousandths:03} {who:<13} {}",
                rest / 3600,
                rest / 60 % 60,
                rest % 60,
                what()
            );
            lines.push(line);
        }
    }

    /// The hash of all that was noted.
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// The lines.
    pub fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
