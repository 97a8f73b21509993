//! The copies of other contexts' facts that totals are made from: catalog's prices and shipping's rates.

use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired, PublishedVariant};
use contracts::shipping::{RateBracket, ShippingRateChanged};
use identifiers::{Region, Sku};
use money::{Money, TaxClass};
use serde::{Deserialize, Serialize};
use store::{Consistency, Key, Store, StoreFailure, copy, copy_all, read_copy};

use crate::store::{price_key, rate_key};

/// What a SKU costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// What is priced.
    pub sku: Sku,
    /// The price of one.
    pub price: Money,
    /// The tax rate it falls under.
    pub tax_class: TaxClass,
    /// The weight of one, in grams.
    pub weight_grams: u32,
    /// Whether it can be bought.
    pub on_sale: bool,
}

/// What it costs to ship to a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingRate {
    /// The region.
    pub region: Region,
    /// The fees, by weight, lightest first.
    pub brackets: Vec<RateBracket>,
}

impl ShippingRate {
    /// The fee for a weight; none where it is too heavy to be carried.
    pub fn fee(&self, weight_grams: u64) -> Option<Money> {
        self.brackets
            .iter()
            .find(|bracket| weight_grams <= bracket.up_to_grams)
            .map(|bracket| bracket.fee)
    }
}

/// Copies the prices of a published product.
pub(crate) async fn copy_published<S: Store>(
    store: &S,
    product: &ProductPublished,
    version: u64,
) -> Result<(), StoreFailure> {
    copy_prices(
        store,
        product
            .variants
            .iter()
            .map(|variant| price_of(variant, true))
            .collect(),
        version,
    )
    .await
}

/// Copies a changed price.
pub(crate) async fn copy_changed<S: Store>(
    store: &S,
    change: &PriceChanged,
    version: u64,
) -> Result<(), StoreFailure> {
    copy_prices(store, vec![price_of(&change.variant, true)], version).await
}

/// Takes a retired product's SKUs off sale.
pub(crate) async fn copy_retired<S: Store>(
    store: &S,
    product: &ProductRetired,
    version: u64,
) -> Result<(), StoreFailure> {
    let known = prices(store, &product.skus).await?;
    // What was never copied is not sold here; the version still has to stand, against an older event that is late.
    let retired = product.skus.iter().map(|sku| {
        let known = known.iter().find(|price| price.sku == *sku).cloned();
        let unknown = Price {
            sku: sku.clone(),
            price: Money::zero(money::Currency::JPY),
            tax_class: TaxClass::Standard,
            weight_grams: 0,
            on_sale: false,
        };
        Price {
            on_sale: false,
            ..known.unwrap_or(unknown)
        }
    });
    copy_prices(store, retired.collect(), version).await
}

/// Copies a region's rate.
pub(crate) async fn copy_rate<S: Store>(
    store: &S,
    change: &ShippingRateChanged,
    version: u64,
) -> Result<(), StoreFailure> {
    let rate = ShippingRate {
        region: change.region.clone(),
        brackets: change.brackets.clone(),
    };
    copy(store, rate_key(&rate.region), &rate, version).await
}

/// The prices known of those SKUs.
pub(crate) async fn prices<S: Store>(store: &S, skus: &[Sku]) -> Result<Vec<Price>, StoreFailure> {
    let keys: Vec<Key> = skus.iter().map(price_key).collect();
    let found = store.load_many(&keys).await?;
    found.iter().map(read_copy).collect()
}

/// The shipping rate known of a region.
pub(crate) async fn rate<S: Store>(
    store: &S,
    region: &Region,
) -> Result<Option<ShippingRate>, StoreFailure> {
    store
        .load(&rate_key(region), Consistency::Eventual)
        .await?
        .as_ref()
        .map(read_copy)
        .transpose()
}

fn price_of(variant: &PublishedVariant, on_sale: bool) -> Price {
    Price {
        sku: variant.sku.clone(),
        price: variant.price,
        tax_class: variant.tax_class,
        weight_grams: variant.weight_grams,
        on_sale,
    }
}

async fn copy_prices<S: Store>(
    store: &S,
    prices: Vec<Price>,
    version: u64,
) -> Result<(), StoreFailure> {
    let copies = prices
        .into_iter()
        .map(|price| (price_key(&price.sku), price));
    copy_all(store, copies.collect(), version).await
}
