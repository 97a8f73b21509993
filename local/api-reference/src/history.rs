//! What git says of the published document: that no step of it broke those who call the API.
//!
//! The gate compares the code with the document beside it, and whoever changes both passes it. So each step of the branch
//! that others build on is judged, and then what the working tree has made of the last of them. A step is judged against
//! the one before, not against all before it: what was published as deprecated may go in the next.

use std::fmt;
use std::path::Path;

use mainline::Mainline;
use openapi::{Breach, changes};
use serde_json::Value;

use crate::artefact::PUBLISHED;
use crate::gate::{Refusal, Unjudged, parsed, published, refusals};

/// A breach that stays in the history and is let stand. It names its commit, and no commit can name itself: none is let
/// stand by the change that makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pardon<'a> {
    /// The whole id of the commit that did it.
    pub commit: &'a str,
    /// The breach, as it is printed.
    pub breach: &'a str,
}

/// What this project's own history is let stand.
pub const PARDONED: &[Pardon<'static>] = &[
    // A listing changes nothing, so the key did nothing there: it was described, never read for anything, and a caller who
    // still sends it is answered as before.
    Pardon {
        commit: "018b5ff7ccef9c64296a1de60cd07b8b58f0dfeb",
        breach: "GET /api/products: header idempotency-key was removed",
    },
];

/// A step that callers do not survive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// What did it: a commit, the working tree, or the code.
    pub by: String,
    /// How.
    pub change: Change,
}

/// What was done to the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is gone, and what it promised with it.
    TakenAway,
    /// It promises less than before.
    Refused(Vec<Refusal>),
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.change {
            Change::TakenAway => write!(formatter, "{PUBLISHED} was taken away by {}", self.by),
            Change::Refused(refusals) => {
                write!(formatter, "{PUBLISHED} was broken by {}", self.by)?;
                refusals
                    .iter()
                    .try_for_each(|refusal| write!(formatter, "\n{refusal}"))
            }
        }
    }
}

/// The steps that callers do not survive; none is as it should be.
///
/// `reference` is the branch that counts as published. Without one it is `origin/HEAD`, or `HEAD` in a repository with no
/// such remote. `code` is the document as the code has it. `pardons` are the breaches that are let stand.
///
/// # Errors
/// When `root` is no git repository with all its history, there is no such branch, or a document is no JSON.
pub fn broken(
    root: &Path,
    reference: Option<&str>,
    code: &Value,
    pardons: &[Pardon<'_>],
) -> Result<Vec<Broken>, Unjudged> {
    let mainline = Mainline::of(root, reference)?;
    let mut found = Vec::new();
    let mut before: Option<Value> = None;
    for commit in mainline.steps(PUBLISHED)? {
        let text = mainline.text(&commit, PUBLISHED)?;
        let after = text.as_deref().map(parsed).transpose()?;
        let step = Step {
            root,
            before: before.as_ref(),
            by: &commit,
        };
        found.extend(step.judged(after.as_ref(), pardons)?);
        // What was taken away is still what callers know, when it comes back in another form.
        before = after.or(before);
    }
    let tree = published(root)?;
    let tree = tree.as_deref().map(parsed).transpose()?;
    let last = |by| Step {
        root,
        before: before.as_ref(),
        by,
    };
    found.extend(last("the working tree").judged(tree.as_ref(), &[])?);
    // Against what is published, not against the working tree: there a member may be deprecated that no caller was told of.
    if tree.as_ref() != Some(code) {
        found.extend(last("the code").judged(Some(code), &[])?);
    }
    Ok(found)
}

struct Step<'a> {
    root: &'a Path,
    before: Option<&'a Value>,
    by: &'a str,
}

impl Step<'_> {
    /// What callers do not survive of what the document became, but for what is let stand.
    fn judged(
        &self,
        after: Option<&Value>,
        pardons: &[Pardon<'_>],
    ) -> Result<Option<Broken>, Unjudged> {
        let Some(before) = self.before else {
            return Ok(None);
        };
        let change = match after {
            None => Change::TakenAway,
            Some(after) => {
                let mut breaches = changes(before, after);
                breaches.retain(|breach| !self.stands(breach, pardons));
                Change::Refused(refusals(self.root, before, breaches)?)
            }
        };
        if change == Change::Refused(Vec::new()) {
            return Ok(None);
        }
        let by = self.by.to_owned();
        Ok(Some(Broken { by, change }))
    }

    fn stands(&self, breach: &Breach, pardons: &[Pardon<'_>]) -> bool {
        let shown = breach.to_string();
        pardons
            .iter()
            .any(|pardon| pardon.commit == self.by && pardon.breach == shown)
    }
}
