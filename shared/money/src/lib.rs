#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! Arithmetic that cannot lose a yen: checked sums, one currency at a time, tax rounded once per rate. Does not own prices or
//! totals: those belong to catalog and orders.

mod money;
mod tax;

pub use money::{Currency, Money, MoneyError};
pub use tax::{PriceTaxation, TaxClass, TaxLine, TaxSummary, summarise};
