//! The one source of chance of a world.
//!
//! PCG-64 by its published algorithm, and integers drawn from it by rules of this file alone, so that a seed means the
//! same on every platform and with every version of the crates beneath.

use rand::{Rng as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// A seeded generator.
#[derive(Debug, Clone)]
pub struct Dice(Pcg64Mcg);

impl Dice {
    /// The generator of a seed.
    pub fn new(seed: u64) -> Self {
        // Seeds count from 0; spread over all bits they do not begin alike.
        let spread = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6e6f_7265_6e00_0001;
        Self(Pcg64Mcg::seed_from_u64(spread))
    }

    /// Sixty-four random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(bound);
        (product >> 64) as u64
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        debug_assert!(low <= high, "a range has its lower end first");
        low + self.below(low.abs_diff(high) + 1) as i64
    }

    /// A position in something of that length, which is not 0.
    pub fn position(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// Whether something that happens `per_million` times in a million happens now.
    pub fn happens(&mut self, per_million: u32) -> bool {
        per_million > 0 && self.below(1_000_000) < u64::from(per_million)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_for_ever() {
        let mut dice = Dice::new(1);
        let drawn: Vec<u64> = (0..4).map(|_| dice.below(1000)).collect();
        let mut again = Dice::new(1);
        assert_eq!(drawn, (0..4).map(|_| again.below(1000)).collect::<Vec<_>>());
        assert_ne!(drawn, {
            let mut other = Dice::new(2);
            (0..4).map(|_| other.below(1000)).collect::<Vec<_>>()
        });
    }

    #[test]
    fn both_ends_of_a_range_are_drawn_and_nothing_outside() {
        let mut dice = Dice::new(7);
        let drawn: Vec<i64> = (0..1000).map(|_| dice.between(-2, 2)).collect();
        assert_eq!(drawn.iter().min(), Some(&-2));
        assert_eq!(drawn.iter().max(), Some(&2));
        assert!(!dice.happens(0) && dice.happens(1_000_000));
    }
}
