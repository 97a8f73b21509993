//! A cart as its owner sees it: with the prices of this moment.

use std::collections::BTreeMap;

use ::store::{Store, StoreFailure};
use identifiers::{ProductId, Sku, Timestamp};
use money::Money;
use serde::Serialize;

use crate::cart::{Cart, CartLine};
use crate::shelf;

/// A cart.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Cart")]
pub(crate) struct CartView {
    /// Counts its changes; a checkout says which version it is of.
    version: u64,
    lines: Vec<LineView>,
    /// The sum of the lines that can be bought; none where there is no such line.
    subtotal: Option<Money>,
    /// When it was changed last; none where nothing was ever put in.
    updated_at: Option<Timestamp>,
}

/// A quantity of one SKU.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "CartLine")]
struct LineView {
    sku: Sku,
    product_id: ProductId,
    /// The product's title by language.
    title: BTreeMap<String, String>,
    quantity: u32,
    /// The price of one at this moment.
    unit_price: Money,
    /// The price that was seen before, where it is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_was: Option<Money>,
    line_total: Money,
    /// Whether it can be bought. A cart with a line that cannot is not checked out.
    on_sale: bool,
}

impl CartView {
    /// The cart with today's prices and titles.
    pub async fn of<S: Store>(store: &S, cart: Option<Cart>) -> Result<Self, StoreFailure> {
        let Some(cart) = cart else {
            return Ok(Self {
                version: 0,
                lines: Vec::new(),
                subtotal: None,
                updated_at: None,
            });
        };
        let skus = cart.lines.iter().map(|line| &line.sku);
        let products = cart.lines.iter().map(|line| &line.product_id);
        let (prices, mut titles) =
            futures::try_join!(shelf::prices(store, skus), shelf::titles(store, products))?;
        let lines: Vec<LineView> = cart
            .lines
            .into_iter()
            .map(|line| {
                let price = prices.get(&line.sku).and_then(|known| known.price);
                // Several variants may be of one product.
                let title = titles
                    .get_mut(&line.product_id)
                    .cloned()
                    .unwrap_or_default();
                LineView::of(line, price, title)
            })
            .collect();
        let mut amounts = lines
            .iter()
            .filter(|line| line.on_sale)
            .map(|line| line.line_total);
        let first = amounts.next();
        Ok(Self {
            version: cart.revision,
            subtotal: first
                .and_then(|first| amounts.try_fold(first, |sum, one| sum.plus(one).ok())),
            lines,
            updated_at: Some(cart.updated_at),
        })
    }
}

impl LineView {
    fn of(line: CartLine, price: Option<Money>, title: BTreeMap<String, String>) -> Self {
        let unit_price = price.unwrap_or(line.unit_price);
        let price_was = match unit_price == line.unit_price {
            true => line.price_was,
            false => Some(line.unit_price),
        };
        // A price times a few hundred overflows for no price that catalog takes; the price alone would mislead less.
        let line_total = unit_price.times(line.quantity).unwrap_or(unit_price);
        Self {
            sku: line.sku,
            product_id: line.product_id,
            title,
            quantity: line.quantity,
            unit_price,
            price_was: price_was.filter(|was| *was != unit_price),
            line_total,
            on_sale: price.is_some(),
        }
    }
}
