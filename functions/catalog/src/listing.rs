//! What shoppers look through: a category by title, a search, and the categories with their counts.

use std::collections::{BTreeMap, HashMap};

use decider::{Failure, Loaded, Stored as _};
use identifiers::{ProductId, Timestamp};
use store::{Cursor, InvalidCursor, Key, Query, Record, Store};

use crate::category::Category;
use crate::content::Texts;
use crate::product::{Product, ProductStatus};
use crate::shelf::{Place, Search, ShelfReader};
use crate::store::{BY_CATEGORY, CATEGORIES, CATEGORY_TITLES, PUBLISHED};

/// How many category items one page reads.
const CATEGORY_PAGE_ITEMS: usize = 1000;

/// A page of products.
pub struct Listed {
    /// The products, by title.
    pub products: Vec<Product>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

/// The question for a category's published products.
pub fn of_category(category: &str, limit: usize) -> Query {
    Query::of_index(BY_CATEGORY, category, limit)
}

/// The published products of a category, from the index.
pub async fn in_category<S: Store>(store: &S, query: &Query) -> Result<Listed, Failure> {
    let page = store.query(query).await?;
    let mut products = Vec::with_capacity(page.records.len());
    for record in page.records {
        let Some(product_id) = product_id_of(&record.key) else {
            continue;
        };
        let product = Loaded::<Product>::from_record(&product_id, Some(record))?.into_state();
        products.extend(product);
    }
    Ok(Listed {
        products,
        next: page.next,
    })
}

/// Where the page of a search ended whose cursor this is.
///
/// # Errors
/// When it is no cursor, or another listing's.
pub fn place_after(cursor: &str) -> Result<Place, InvalidCursor> {
    let Key { pk, sk } = Cursor::from_text(cursor)?.key()?;
    Ok((pk, sk))
}

/// The published products that a search finds, from the shelf.
pub async fn found<S: Store>(
    store: &S,
    reader: &ShelfReader,
    search: &Search,
    limit: usize,
    after: Option<Place>,
    now: Timestamp,
) -> Result<Listed, Failure> {
    let shelf = reader.shelf(store, now).await?;
    let (entries, more) = shelf.find(search, after.as_ref(), limit);
    let last = entries.last().filter(|_| more);
    let next = last.map(|entry| {
        Cursor::at(&Key::new(
            entry.title_key.as_str(),
            entry.product_id.as_str(),
        ))
    });
    let keys: Vec<Key> = entries
        .iter()
        .map(|entry| Product::key(&entry.product_id))
        .collect();
    let mut records: HashMap<Key, _> = HashMap::new();
    for record in store.load_many(&keys).await? {
        records.insert(record.key.clone(), record);
    }
    let mut products = Vec::with_capacity(entries.len());
    for (entry, key) in entries.iter().zip(&keys) {
        let record = records.remove(key);
        let product = Loaded::<Product>::from_record(&entry.product_id, record)?.into_state();
        // The shelf that was read may be older than the product.
        products.extend(product.filter(|product| product.status == ProductStatus::Published));
    }
    Ok(Listed { products, next })
}

/// A category as shoppers see it.
pub struct ListedCategory {
    /// The name that its products say.
    pub name: String,
    /// What it is called, by language; empty where nobody said.
    pub title: Texts,
    /// How many published products it has.
    pub products: i64,
}

/// Every category that has published products, by name.
pub async fn categories<S: Store>(store: &S) -> Result<Vec<ListedCategory>, Failure> {
    let (counts, titles) = futures::try_join!(
        partition(store, CATEGORIES),
        partition(store, CATEGORY_TITLES)
    )?;
    let mut called = BTreeMap::new();
    for record in titles {
        let name = record.key.sk.clone();
        let titled = Loaded::<Category>::from_record(&name, Some(record))?.into_state();
        called.extend(titled.map(|titled| (name, titled.title)));
    }
    let listed = counts.into_iter().filter_map(|record| {
        let products = record.counter(PUBLISHED);
        let name = record.key.sk;
        let title = called.remove(&name).unwrap_or_default();
        (products > 0).then_some(ListedCategory {
            name,
            title,
            products,
        })
    });
    Ok(listed.collect())
}

async fn partition<S: Store>(store: &S, pk: &str) -> Result<Vec<Record>, Failure> {
    let mut records = Vec::new();
    let mut query = Query::of_partition(pk, CATEGORY_PAGE_ITEMS);
    loop {
        let page = store.query(&query).await?;
        records.extend(page.records);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(records),
        }
    }
}

fn product_id_of(key: &Key) -> Option<ProductId> {
    ProductId::new(key.pk.strip_prefix("product#")?).ok()
}
