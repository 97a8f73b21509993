//! What it costs to ship to a region, by weight.

use contracts::shipping::RateBracket;
use decider::Aggregate;
use identifiers::Region;
use money::Money;
use serde::{Deserialize, Serialize};

/// The most brackets that a region's rate may have.
pub const MAX_BRACKETS: usize = 50;

/// A region's rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The region.
    #[serde(rename = "r")]
    pub region: Region,
    /// The fees, by weight, lightest first; heavier than the last is not carried.
    #[serde(rename = "b")]
    pub brackets: Vec<RateBracket>,
}

/// Sets a region's rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRate(pub Rate);

/// A region's rate is another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateChanged(pub Rate);

/// Why brackets make no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateRejection {
    /// None, or more than a rate may have.
    #[error("a rate has 1 to {MAX_BRACKETS} brackets")]
    BracketCount,
    /// A bracket does not cover more than the one before.
    #[error("brackets[{0}].up_to_grams must be above the bracket before it, and above 0")]
    Order(usize),
    /// A fee below nothing.
    #[error("brackets[{0}].fee must not be negative")]
    NegativeFee(usize),
    /// Another currency than the first bracket's.
    #[error("brackets[{0}].fee is of another currency than the first")]
    MixedCurrencies(usize),
}

impl RateRejection {
    /// The field that is wrong, as a path into the request's body.
    pub fn field(&self) -> String {
        match self {
            Self::BracketCount => "brackets".to_owned(),
            Self::Order(position) => format!("brackets[{position}].up_to_grams"),
            Self::NegativeFee(position) => format!("brackets[{position}].fee.amount_minor"),
            Self::MixedCurrencies(position) => format!("brackets[{position}].fee.currency"),
        }
    }
}

impl Rate {
    /// The fee for a weight; none where it is too heavy to be carried.
    pub fn fee(&self, weight_grams: u64) -> Option<Money> {
        let bracket = self
            .brackets
            .iter()
            .find(|bracket| weight_grams <= bracket.up_to_grams)?;
        Some(bracket.fee)
    }

    /// Whether its brackets make sense.
    ///
    /// # Errors
    /// With the first that does not.
    pub fn check(&self) -> Result<(), RateRejection> {
        if self.brackets.is_empty() || self.brackets.len() > MAX_BRACKETS {
            return Err(RateRejection::BracketCount);
        }
        let mut below = 0;
        for (position, bracket) in self.brackets.iter().enumerate() {
            if bracket.up_to_grams <= below {
                return Err(RateRejection::Order(position));
            }
            if bracket.fee.amount_minor < 0 {
                return Err(RateRejection::NegativeFee(position));
            }
            if bracket.fee.currency != self.brackets[0].fee.currency {
                return Err(RateRejection::MixedCurrencies(position));
            }
            below = bracket.up_to_grams;
        }
        Ok(())
    }
}

impl Aggregate for Rate {
    type Command = SetRate;
    type Event = RateChanged;
    type State = Rate;
    type Rejection = RateRejection;

    fn decide(state: Option<&Rate>, command: &SetRate) -> Result<Vec<RateChanged>, RateRejection> {
        let SetRate(rate) = command;
        rate.check()?;
        Ok(if state == Some(rate) {
            Vec::new()
        } else {
            vec![RateChanged(rate.clone())]
        })
    }

    fn evolve(_: Option<Rate>, RateChanged(rate): &RateChanged) -> Rate {
        rate.clone()
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    fn rate(brackets: &[(u64, i64)]) -> Rate {
        let bracket = |(up_to_grams, fee): &(u64, i64)| RateBracket {
            up_to_grams: *up_to_grams,
            fee: Money::new(*fee, Currency::JPY),
        };
        Rate {
            region: Region::new("JP-13").unwrap(),
            brackets: brackets.iter().map(bracket).collect(),
        }
    }

    #[test]
    fn a_rate_is_set_once_and_changed_by_another() {
        let (first, second) = (rate(&[(2000, 660)]), rate(&[(2000, 700)]));
        let set = |state: Option<&Rate>, to: &Rate| Rate::decide(state, &SetRate(to.clone()));
        assert_eq!(set(None, &first), Ok(vec![RateChanged(first.clone())]));
        assert_eq!(set(Some(&first), &first), Ok(vec![]));
        assert_eq!(
            set(Some(&first), &second),
            Ok(vec![RateChanged(second.clone())])
        );
        assert_eq!(
            Rate::evolve(Some(first), &RateChanged(second.clone())),
            second
        );
    }

    #[test]
    fn the_first_bracket_that_covers_a_weight_is_its_fee() {
        let rate = rate(&[(2000, 660), (10_000, 1100)]);
        for (weight, fee) in [
            (0, Some(660)),
            (2000, Some(660)),
            (2001, Some(1100)),
            (10_001, None),
        ] {
            let amount = rate.fee(weight).map(|fee| fee.amount_minor);
            assert_eq!(amount, fee, "{weight} g");
        }
    }

    #[test]
    fn senseless_brackets_are_refused_by_name() {
        let mut foreign = rate(&[(1, 1), (2, 2)]);
        foreign.brackets[1].fee.currency = Currency::USD;
        let cases = [
            (rate(&[]), "brackets"),
            (rate(&vec![(1, 1); MAX_BRACKETS + 1]), "brackets"),
            (rate(&[(0, 1)]), "brackets[0].up_to_grams"),
            (rate(&[(5, 1), (5, 2)]), "brackets[1].up_to_grams"),
            (rate(&[(5, -1)]), "brackets[0].fee.amount_minor"),
            (foreign, "brackets[1].fee.currency"),
        ];
        for (rate, field) in cases {
            let refused = Rate::decide(None, &SetRate(rate)).unwrap_err();
            assert_eq!(refused.field(), field);
        }
    }
}
