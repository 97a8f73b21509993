//! As much of a payment's document as the audit looks at, written anew as all documents are.

use identifiers::Timestamp;
use serde::Deserialize;

/// A payment.
#[derive(Debug, Default, Deserialize)]
pub struct Payment {
    /// How it stands.
    pub st: String,
    /// Which attempt it stands at.
    #[serde(default)]
    pub n: u32,
    /// Until when its customer may confirm it, or the provider holds the amount.
    pub u: Option<Timestamp>,
    /// The calls of which no result is known.
    #[serde(default)]
    pub ca: Vec<Call>,
    /// Its ledger.
    #[serde(default)]
    pub l: Vec<Entry>,
    /// The refunds asked for.
    #[serde(default)]
    pub r: Vec<Refund>,
}

/// A call of which no result is known.
#[derive(Debug, Deserialize)]
pub struct Call {
    /// What is asked.
    pub s: Step,
    /// About which attempt.
    pub n: u32,
    /// When it is to be made again, if the sweep shall.
    pub d: Option<Timestamp>,
}

/// What the provider is asked.
#[derive(Debug, Deserialize)]
pub enum Step {
    /// Hold the amount.
    #[serde(rename = "a")]
    Authorise,
    /// Find what was held.
    #[serde(rename = "f")]
    Find,
    /// Take the amount.
    #[serde(rename = "c")]
    Capture,
    /// Let go of it.
    #[serde(rename = "v")]
    Void {
        /// Why: o, n, l, g.
        e: String,
    },
    /// Give money back.
    #[serde(rename = "r")]
    Refund(serde::de::IgnoredAny),
}

/// A line of a payment's ledger.
#[derive(Debug, Deserialize)]
pub struct Entry {
    /// What happened: a, d, v, c, r.
    pub k: String,
    /// How much.
    pub m: i64,
}

/// A refund that was asked for.
#[derive(Debug, Deserialize)]
pub struct Refund {
    /// How much.
    pub m: i64,
    /// The wish that asked for it.
    pub k: String,
    /// What came of it.
    pub s: serde_json::Value,
}

impl Payment {
    /// The sum of the refunds that were asked for and not refused.
    pub fn promised(&self) -> i64 {
        let promised = self
            .r
            .iter()
            .filter(|refund| refund.s == "p" || refund.s == "d");
        promised.map(|refund| refund.m).sum()
    }

    /// When something is to be done about it without being asked: a call is to be made again, or, unless it is being let
    /// go of, the time of its customer or of its hold is over.
    pub fn due(&self) -> Option<Timestamp> {
        // A hold that was found after its attempt had been given up is none that the payment stands at.
        let is_ending =
            |call: &Call| matches!(&call.s, Step::Void { e } if e != "g") && call.n == self.n;
        let waits = matches!(self.st.as_str(), "q" | "a") && !self.ca.iter().any(is_ending);
        let calls = self.ca.iter().filter_map(|call| call.d);
        calls.chain(self.u.filter(|_| waits)).min()
    }

    /// The sum of the ledger's lines of a kind.
    pub fn booked(&self, kind: &str) -> i64 {
        self.l
            .iter()
            .filter(|entry| entry.k == kind)
            .map(|entry| entry.m)
            .sum()
    }

    /// How many lines of a kind there are.
    pub fn count(&self, kind: &str) -> usize {
        self.l.iter().filter(|entry| entry.k == kind).count()
    }
}
