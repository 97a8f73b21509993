//! What SKUs are called: insights' own copy of what catalog says, for people who read lists.

use std::collections::{BTreeMap, BTreeSet};

use identifiers::Sku;
use store::{Key, Store, StoreFailure, read_copy};

/// A product's title, by language (`en`, `ja`).
pub type Title = BTreeMap<String, String>;

const PREFIX: &str = "title#";

pub(crate) fn title_key(sku: &Sku) -> Key {
    Key::new(format!("{PREFIX}{sku}"), "title")
}

/// The titles of those SKUs that have one.
pub(crate) async fn titles<'a, S: Store>(
    store: &S,
    skus: impl Iterator<Item = &'a Sku>,
) -> Result<BTreeMap<Sku, Title>, StoreFailure> {
    let skus: BTreeSet<&Sku> = skus.collect();
    let keys: Vec<Key> = skus.into_iter().map(title_key).collect();
    let mut titles = BTreeMap::new();
    for record in store.load_many(&keys).await? {
        let sku = record.key.pk.strip_prefix(PREFIX).unwrap_or_default();
        if let Ok(sku) = Sku::new(sku) {
            titles.insert(sku, read_copy(&record)?);
        }
    }
    Ok(titles)
}
