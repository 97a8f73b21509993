//! How products are kept, found and heard, and the keys of what stands beside them.

use std::collections::{BTreeMap, BTreeSet};

use contracts::catalog::{PriceChanged, ProductPublished, ProductRetired, PublishedVariant};
use contracts::{Announcement, EventData as _};
use decider::Stored;
use identifiers::{ProductId, Sku};
use store::{Adjustment, CounterChange, Index, Indexed, Key, Origin, Projection, Record};

use crate::category::{Category, CategoryNamed};
use crate::content::Variant;
use crate::fold::title_key;
use crate::product::{Product, ProductEvent, ProductStatus};

/// The published products of a category, by title.
pub const BY_CATEGORY: Index = Index {
    name: "by_category",
    partition: "category",
    sort: "title_key",
    projection: Projection::All,
};

/// The indexes of catalog's table.
pub const INDEXES: &[Index] = &[BY_CATEGORY];

/// The partition of the items that count each category's published products.
pub const CATEGORIES: &str = "categories";
/// The partition of the items that say what categories are called.
pub const CATEGORY_TITLES: &str = "category-titles";
/// The counter of a category's published products.
pub const PUBLISHED: &str = "published";

impl Stored for Product {
    type Id = ProductId;

    // Every message is an operator's request, and the state answers a repeat of any but an old price, for which its key
    // is held for an hour. What was announced lately and is still the last word on a SKU is remembered beyond that: at
    // most one announcement for each.
    const REMEMBERED: usize = 4;

    fn key(product_id: &ProductId) -> Key {
        Key::new(format!("product#{product_id}"), "product")
    }

    fn indexed(product: &Product) -> BTreeMap<String, Indexed> {
        match product.status {
            ProductStatus::Published => {
                let content = &product.content;
                let text = |text: &str| Indexed::Text(text.to_owned());
                [
                    (BY_CATEGORY.partition.to_owned(), text(&content.category)),
                    (
                        BY_CATEGORY.sort.to_owned(),
                        text(&title_key(content.main_title())),
                    ),
                ]
                .into()
            }
            ProductStatus::Draft | ProductStatus::Retired => BTreeMap::new(),
        }
    }

    fn announce(event: &ProductEvent, product: &Product) -> Option<Announcement> {
        let content = &product.content;
        let product_id = product.product_id.clone();
        match event {
            ProductEvent::Published { .. }
            | ProductEvent::Described {
                announced: true, ..
            } => Some(Announcement::of(&ProductPublished {
                product_id,
                category: content.category.clone(),
                variants: content.variants.iter().map(published).collect(),
                title: Some(content.title.clone()),
            })),
            ProductEvent::PriceChanged {
                sku,
                announced: true,
                ..
            } => {
                let variant = content.variants.iter().find(|one| one.sku == *sku)?;
                Some(Announcement::of(&PriceChanged {
                    product_id,
                    variant: published(variant),
                }))
            }
            ProductEvent::Retired { announced: true } => Some(Announcement::of(&ProductRetired {
                product_id,
                skus: content.variants.iter().map(|one| one.sku.clone()).collect(),
            })),
            ProductEvent::Created { .. }
            | ProductEvent::Described {
                announced: false, ..
            }
            | ProductEvent::PriceChanged {
                announced: false, ..
            }
            | ProductEvent::Retired { announced: false } => None,
        }
    }

    /// What is said of a SKU is all that others know of it, so the last word counts. A price alone does not say what a
    /// publication says of its product.
    fn outdoes(later: &Announcement, earlier: &Announcement) -> bool {
        let (Some(later_skus), Some(earlier_skus)) = (skus(later), skus(earlier)) else {
            return false;
        };
        let is_price = |said: &Announcement| said.event_type == PriceChanged::TYPE;
        (is_price(earlier) || !is_price(later)) && earlier_skus.is_subset(&later_skus)
    }
}

impl Stored for Category {
    type Id = String;

    // Titles are given whole: a repeat finds them as they are.
    const REMEMBERED: usize = 2;

    fn key(name: &String) -> Key {
        Key::new(CATEGORY_TITLES, name.as_str())
    }

    fn indexed(_: &Category) -> BTreeMap<String, Indexed> {
        BTreeMap::new()
    }

    // What a category is called is for those who look at it, and no other context does.
    fn announce(_: &CategoryNamed, _: &Category) -> Option<Announcement> {
        None
    }
}

/// The SKUs that an announcement is about.
fn skus(said: &Announcement) -> Option<BTreeSet<Sku>> {
    let data = said.data.get();
    match said.event_type.as_str() {
        ProductPublished::TYPE => {
            let said: ProductPublished = serde_json::from_str(data).ok()?;
            Some(said.variants.into_iter().map(|one| one.sku).collect())
        }
        PriceChanged::TYPE => {
            let said: PriceChanged = serde_json::from_str(data).ok()?;
            Some([said.variant.sku].into())
        }
        ProductRetired::TYPE => {
            let said: ProductRetired = serde_json::from_str(data).ok()?;
            Some(said.skus.into_iter().collect())
        }
        _ => None,
    }
}

fn published(variant: &Variant) -> PublishedVariant {
    PublishedVariant {
        sku: variant.sku.clone(),
        price: variant.price,
        tax_class: variant.tax_class,
        weight_grams: variant.weight_grams,
    }
}

/// The key of the item that says whose a SKU is.
pub fn sku_key(sku: &Sku) -> Key {
    Key::new(format!("sku#{sku}"), "sku")
}

/// The item that says whose a SKU is, for ever.
pub fn claim(sku: &Sku, owner: &ProductId) -> Record {
    Record {
        key: sku_key(sku),
        version: 1,
        // Nothing is published for it: the stream passes over what queues cause, and so over this.
        origin: Origin::Queue,
        document: serde_json::to_string(owner).expect("an identifier is a JSON text"),
        ..Record::default()
    }
}

/// Whose a SKU is, by its item; none where the item cannot be read.
pub fn owner_of(record: &Record) -> Option<ProductId> {
    serde_json::from_str(&record.document).ok()
}

/// Counts published products of a category.
pub fn count(category: &str, by: i64) -> Adjustment {
    Adjustment {
        key: Key::new(CATEGORIES, category),
        changes: vec![CounterChange {
            counter: PUBLISHED.to_owned(),
            by,
            before: None,
        }],
    }
}
