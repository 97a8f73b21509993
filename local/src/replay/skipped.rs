//! What of the files could not be used as it stood. Nothing is left out or changed without being counted here.

use serde::Serialize;

/// How many rows, baskets and lines were left out or changed, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Skipped {
    /// Products with a price of zero or less: left out.
    pub(super) products_without_price: u64,
    /// Products whose id stood in an earlier row: left out.
    pub(super) products_repeated: u64,
    /// Baskets whose id stood on an earlier line: left out.
    pub(super) baskets_repeated: u64,
    /// Baskets with no line left: left out.
    pub(super) baskets_empty: u64,
    /// Baskets that stood after a later one: put in order of time.
    pub(super) baskets_out_of_order: u64,
    /// Lines of a product that is not sold: left out.
    pub(super) lines_of_unknown_product: u64,
    /// Lines with a quantity of zero or less: left out.
    pub(super) lines_without_quantity: u64,
    /// Lines of a product that stood in an earlier line of the basket: added to that one.
    pub(super) lines_merged: u64,
    /// Lines above the most that an order may have of a product: lowered to that.
    pub(super) lines_lowered: u64,
    /// Lines taken away by `--lines`.
    pub(super) lines_cut: u64,
    /// Lines added by `--lines`.
    pub(super) lines_filled: u64,
}
