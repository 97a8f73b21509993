//! Products as they are shown and sent.

use identifiers::{ProductId, Sku};
use money::{Money, TaxClass};
use serde::{Deserialize, Serialize};

use crate::content::{
    Content, MAX_CATEGORY_CHARACTERS, MAX_VARIANTS, MAX_WEIGHT_GRAMS, Texts, Variant,
};
use crate::product::{Product, ProductStatus};

/// A product as it is sent to be drafted or imported.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewProduct")]
pub struct ProductBody {
    pub product_id: ProductId,
    #[schemars(length(min = 1, max = MAX_CATEGORY_CHARACTERS))]
    category: String,
    title: Texts,
    #[serde(default)]
    description: Texts,
    #[schemars(length(min = 1, max = MAX_VARIANTS))]
    variants: Vec<VariantBody>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewVariant")]
struct VariantBody {
    sku: Sku,
    price: Money,
    tax_class: TaxClass,
    #[schemars(range(max = MAX_WEIGHT_GRAMS))]
    weight_grams: u32,
    #[serde(default)]
    name: Texts,
}

impl ProductBody {
    /// The product's id, and what is said about it.
    pub fn into_content(self) -> (ProductId, Content) {
        let variant = |variant: VariantBody| Variant {
            sku: variant.sku,
            price: variant.price,
            tax_class: variant.tax_class,
            weight_grams: variant.weight_grams,
            name: variant.name,
        };
        let content = Content {
            category: self.category,
            title: self.title,
            description: self.description,
            variants: self.variants.into_iter().map(variant).collect(),
        };
        (self.product_id, content)
    }
}

/// A product as it is shown.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Product")]
pub struct ProductView<'a> {
    product_id: &'a ProductId,
    status: ProductStatus,
    category: &'a str,
    title: &'a Texts,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    description: &'a Texts,
    variants: Vec<VariantView<'a>>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Variant")]
struct VariantView<'a> {
    sku: &'a Sku,
    price: Money,
    tax_class: TaxClass,
    weight_grams: u32,
    #[serde(skip_serializing_if = "Texts::is_empty")]
    name: &'a Texts,
}

impl<'a> ProductView<'a> {
    /// The view of a product.
    pub fn of(product: &'a Product) -> Self {
        let content = &product.content;
        let variant = |variant: &'a Variant| VariantView {
            sku: &variant.sku,
            price: variant.price,
            tax_class: variant.tax_class,
            weight_grams: variant.weight_grams,
            name: &variant.name,
        };
        Self {
            product_id: &product.product_id,
            status: product.status,
            category: &content.category,
            title: &content.title,
            description: &content.description,
            variants: content.variants.iter().map(variant).collect(),
        }
    }
}
