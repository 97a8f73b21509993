//! What a doctor found.

use std::fmt::Write as _;

use serde::Serialize;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// As it must be.
    Well,
    /// Worth knowing.
    Note,
    /// Something will not work, or does not.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    /// What was looked at.
    pub(super) about: String,
    /// What was seen, and what to do about it.
    pub(super) words: String,
}

pub(super) fn well(about: &str, words: impl Into<String>) -> Finding {
    of(Verdict::Well, about, words)
}

pub(super) fn note(about: &str, words: impl Into<String>) -> Finding {
    of(Verdict::Note, about, words)
}

pub(super) fn wrong(about: &str, words: impl Into<String>) -> Finding {
    of(Verdict::Wrong, about, words)
}

fn of(verdict: Verdict, about: &str, words: impl Into<String>) -> Finding {
    let (about, words) = (about.to_owned(), words.into());
    Finding {
        verdict,
        about,
        words,
    }
}

/// For people: one line each, and the sum.
pub(super) fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let mark = match finding.verdict {
            Verdict::Well => "ok   ",
            Verdict::Note => "note ",
            Verdict::Wrong => "WRONG",
        };
        let (about, words) = (&finding.about, &finding.words);
        writeln!(text, "{mark}  {about:22} {words}").expect("writing into a text cannot fail");
    }
    let wrong = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Wrong);
    text + &match wrong.count() {
        0 => "\nNothing is wrong.\n".to_owned(),
        1 => "\nOne thing is wrong.\n".to_owned(),
        count => format!("\n{count} things are wrong.\n"),
    }
}
