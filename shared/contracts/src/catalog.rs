//! What catalog says.

use std::collections::BTreeMap;

use identifiers::{ProductId, Sku};
use money::{Money, TaxClass};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;

/// A product can be bought, or one that could has been described anew. The whole of what is sold under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductPublished {
    /// The product.
    pub product_id: ProductId,
    /// Its category.
    pub category: String,
    /// Every variant that can be bought.
    pub variants: Vec<PublishedVariant>,
    /// What it is called, by language (`en`, `ja`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<BTreeMap<String, String>>,
}

/// A variant that can be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedVariant {
    /// Its stock keeping unit.
    pub sku: Sku,
    /// The price of one.
    pub price: Money,
    /// The tax rate it falls under.
    pub tax_class: TaxClass,
    /// The weight of one, in grams, packed.
    pub weight_grams: u32,
}

/// A variant's price is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriceChanged {
    /// The product.
    pub product_id: ProductId,
    /// The variant, with its new price.
    pub variant: PublishedVariant,
}

/// A product can be bought no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductRetired {
    /// The product.
    pub product_id: ProductId,
    /// Every SKU that it was sold under.
    pub skus: Vec<Sku>,
}

published_by!("catalog": ProductPublished, PriceChanged, ProductRetired);
