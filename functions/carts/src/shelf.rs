//! The copies of what catalog says: what SKUs cost, and what products are called.

use std::collections::BTreeMap;

use ::store::{Key, Store, StoreFailure, copy, copy_all, read_copy};
use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired};
use identifiers::{ProductId, Sku};
use money::Money;
use serde::{Deserialize, Serialize};

use crate::store::{price_key, title_key};

/// What a SKU costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Price {
    pub sku: Sku,
    pub product_id: ProductId,
    /// None where it cannot be bought.
    pub price: Option<Money>,
}

/// A title by language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Title {
    product_id: ProductId,
    title: BTreeMap<String, String>,
}

pub(crate) async fn copy_published<S: Store>(
    store: &S,
    product: ProductPublished,
    version: u64,
) -> Result<(), StoreFailure> {
    let ProductPublished {
        product_id,
        variants,
        title,
        ..
    } = product;
    let prices = variants.into_iter().map(|variant| Price {
        sku: variant.sku,
        product_id: product_id.clone(),
        price: Some(variant.price),
    });
    copy_prices(store, prices.collect(), version).await?;
    match title {
        Some(title) => {
            let title = Title { product_id, title };
            copy(store, title_key(&title.product_id), &title, version).await
        }
        // Said before titles were.
        None => Ok(()),
    }
}

pub(crate) async fn copy_changed<S: Store>(
    store: &S,
    change: PriceChanged,
    version: u64,
) -> Result<(), StoreFailure> {
    let PriceChanged {
        product_id,
        variant,
    } = change;
    let price = Price {
        sku: variant.sku,
        product_id,
        price: Some(variant.price),
    };
    copy_prices(store, vec![price], version).await
}

pub(crate) async fn copy_retired<S: Store>(
    store: &S,
    product: ProductRetired,
    version: u64,
) -> Result<(), StoreFailure> {
    let ProductRetired { product_id, skus } = product;
    let prices = skus.into_iter().map(|sku| Price {
        sku,
        product_id: product_id.clone(),
        price: None,
    });
    copy_prices(store, prices.collect(), version).await
}

/// The prices known of those SKUs.
pub(crate) async fn prices<S: Store>(
    store: &S,
    skus: impl IntoIterator<Item = &Sku>,
) -> Result<BTreeMap<Sku, Price>, StoreFailure> {
    let keys: Vec<Key> = skus.into_iter().map(price_key).collect();
    let found = store.load_many(&keys).await?;
    let found = found.iter().map(read_copy::<Price>);
    found
        .map(|price| price.map(|price| (price.sku.clone(), price)))
        .collect()
}

/// The titles known of those products.
pub(crate) async fn titles<S: Store>(
    store: &S,
    products: impl IntoIterator<Item = &ProductId>,
) -> Result<BTreeMap<ProductId, BTreeMap<String, String>>, StoreFailure> {
    let keys: Vec<Key> = products.into_iter().map(title_key).collect();
    let found = store.load_many(&keys).await?;
    let found = found.iter().map(read_copy::<Title>);
    found
        .map(|title| title.map(|title| (title.product_id, title.title)))
        .collect()
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
