//! What customers were told: once each, by the mails that were really sent.

use super::Audit;
use super::rules::Findings;

/// All mails.
pub(super) fn check(audit: &Audit<'_>, findings: &mut Findings) {
    let _ = (audit, findings);
}
