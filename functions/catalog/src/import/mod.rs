//! Bulk import: each row creates or updates a product, and publishes it. Idempotent by content, so that a file that
//! was taken in part is simply sent again.
//!
//! Products that are new are written many to a transaction, with their SKUs' claims, one search segment and the counts
//! of their categories; those that exist and differ, one by one, several at a time; those that do not differ, not at all.

mod rows;

use std::collections::{HashMap, HashSet};

use contracts::{Cause, CloudEvent};
use decider::{
    ExecuteError, Failure, Loaded, MAX_ATTEMPTS, Step, Stored as _, note_committed, pause_before,
};
use futures::StreamExt as _;
use identifiers::{MessageId, ProductId, Sku};
use serde::Serialize;
use store::{
    Expected, Key, MAX_TRANSACTION_ITEMS, Origin, Record, Refusal, Store, TransactFailure, Write,
};

pub use rows::{Format, RowProduct, Rows, read};

use crate::change::{change, claim_write, counts};
use crate::product::{Product, ProductCommand, ProductRejection};
use crate::shelf::{Segment, ShelfEntry, hand_segment, import_segment};
use crate::store::{owner_of, sku_key};

/// The most rows of one request.
pub const MAX_ROWS: usize = 1000;
/// How many products are written at a time, of those that exist.
const WRITES_IN_FLIGHT: usize = 16;
/// The most products of one transaction. A transaction has at most 100 items, and a product has two or more.
const MAX_GROUP_PRODUCTS: usize = 40;
/// The most bytes of documents in one transaction: DynamoDB takes 4 MB, item names and keys counted.
const MAX_GROUP_BYTES: usize = 1024 * 1024;

/// What came of a request.
#[derive(Debug, Default, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ImportResult")]
pub struct Imported {
    /// Products that are new.
    pub created: usize,
    /// Products that are other than they were.
    pub updated: usize,
    /// Products that were already so.
    pub unchanged: usize,
    /// Products that were refused.
    pub rejected: usize,
    /// Why, row by row.
    pub errors: Vec<RowError>,
}

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(rename = "ImportError")]
pub struct RowError {
    /// The row, counted from the request's `from`, or from 1.
    pub row: usize,
    /// The column or field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// A product that is new, ready to be written.
struct Fresh {
    product: RowProduct,
    record: Box<Record>,
    state: Product,
    events: Vec<CloudEvent>,
}

/// Imports what was read.
///
/// # Errors
/// When the store fails. What was written stays; the same request again does the rest.
pub async fn import<S: Store>(store: &S, rows: Rows, cause: &Cause) -> Result<Imported, Failure> {
    let mut imported = Imported {
        rejected: rows.rejected,
        errors: rows.errors,
        ..Imported::default()
    };
    // The request's own id, not its idempotency key: what was wished is in the content, and a key that is used for
    // several pieces of a file must not hide one of them.
    let cause = Cause {
        message_id: MessageId::new(format!("import:{}", cause.correlation_id))
            .unwrap_or_else(|_| cause.message_id.clone()),
        request: None,
        ..cause.clone()
    };
    let mut known = load_by_key(
        store,
        rows.products.iter().map(|p| Product::key(&p.product_id)),
    )
    .await?;
    let (mut absent, mut differing) = (Vec::new(), Vec::new());
    for product in rows.products {
        let command = import_command(&product, hand_segment(&product.product_id));
        let record = known.remove(&Product::key(&product.product_id));
        let exists = record.is_some();
        let loaded = Loaded::<Product>::from_record(&product.product_id, record)?;
        match loaded.step(&cause, Origin::Http, &command) {
            Ok(Step::Nothing | Step::Repeated(_)) => imported.unchanged += 1,
            Ok(Step::Commit { .. }) if exists => differing.push(product),
            Ok(Step::Commit { .. }) => absent.push(product),
            Err(ExecuteError::Rejected(rejection)) => imported.reject(&product, &rejection),
            Err(ExecuteError::Failed(failure)) => imported.fail(&product, failure)?,
        }
    }
    let absent = unclaimed(store, absent, &mut imported).await?;
    for group in groups(absent, &cause)? {
        create_group(store, group, &cause, &mut imported).await?;
    }
    let mut changes = futures::stream::iter(differing.into_iter().map(|product| {
        let cause = &cause;
        async move { (change_one(store, &product, cause).await, product) }
    }))
    .buffer_unordered(WRITES_IN_FLIGHT);
    while let Some((result, product)) = changes.next().await {
        imported.count(&product, result, Counted::Updated)?;
    }
    imported.errors.sort_by_key(|error| error.row);
    Ok(imported)
}

fn import_command(product: &RowProduct, segment: String) -> ProductCommand {
    ProductCommand::Import {
        product_id: product.product_id.clone(),
        content: product.content.clone(),
        segment,
    }
}

async fn load_by_key<S: Store>(
    store: &S,
    keys: impl Iterator<Item = Key>,
) -> Result<HashMap<Key, Record>, Failure> {
    let keys: Vec<Key> = keys.collect();
    let records = store.load_many(&keys).await?;
    Ok(records
        .into_iter()
        .map(|record| (record.key.clone(), record))
        .collect())
}

/// Leaves out products with a SKU that is another's, in the store or earlier in the request.
async fn unclaimed<S: Store>(
    store: &S,
    products: Vec<RowProduct>,
    imported: &mut Imported,
) -> Result<Vec<RowProduct>, Failure> {
    let skus = |product: &RowProduct| -> Vec<Sku> {
        product
            .content
            .variants
            .iter()
            .map(|variant| variant.sku.clone())
            .collect()
    };
    let keys = products.iter().flat_map(skus).map(|sku| sku_key(&sku));
    let claims = load_by_key(store, keys).await?;
    let mut owners: HashMap<Sku, ProductId> = HashMap::new();
    let mut free = Vec::with_capacity(products.len());
    for product in products {
        let taken = skus(&product).into_iter().find_map(|sku| {
            let stored = claims.get(&sku_key(&sku)).and_then(owner_of);
            let owner = stored.or_else(|| owners.get(&sku).cloned())?;
            Some(ProductRejection::SkuTaken { sku, owner })
        });
        if let Some(rejection) = taken {
            imported.reject(&product, &rejection);
            continue;
        }
        for sku in skus(&product) {
            owners.insert(sku, product.product_id.clone());
        }
        free.push(product);
    }
    Ok(free)
}

/// Parts new products into transactions. Sorted by category, so that a transaction touches few counts.
fn groups(mut products: Vec<RowProduct>, cause: &Cause) -> Result<Vec<Vec<Fresh>>, Failure> {
    products.sort_by(|a, b| {
        let key =
            |product: &RowProduct| (product.content.category.clone(), product.product_id.clone());
        key(a).cmp(&key(b))
    });
    let mut groups: Vec<Vec<Fresh>> = Vec::new();
    let (mut items, mut bytes, mut categories) = (0, 0, HashSet::new());
    let mut segment = String::new();
    for product in products {
        let own_items = 1 + product.content.variants.len();
        let starts = groups.last().is_none_or(|group| {
            group.len() >= MAX_GROUP_PRODUCTS
                // One more for its category, if that is new, and one for the segment.
                || items + own_items + categories.len() + 2 > MAX_TRANSACTION_ITEMS
                || bytes > MAX_GROUP_BYTES
        });
        if starts {
            groups.push(Vec::new());
            (items, bytes) = (0, 0);
            categories.clear();
            segment = import_segment(&product.product_id);
        }
        let command = import_command(&product, segment.clone());
        let loaded = Loaded::<Product>::from_record(&product.product_id, None)?;
        let step = loaded.step(cause, Origin::Http, &command);
        let (
            Ok(Step::Commit {
                record,
                state,
                events,
                ..
            }),
            Some(group),
        ) = (step, groups.last_mut())
        else {
            // The same command to the same nothing was taken a moment ago.
            continue;
        };
        items += own_items;
        bytes += record.document.len();
        categories.insert(product.content.category.clone());
        group.push(Fresh {
            product,
            record,
            state,
            events,
        });
    }
    Ok(groups)
}

fn group_writes(group: &[Fresh]) -> Vec<Write> {
    let mut writes = Vec::new();
    let mut segment: Option<Segment> = None;
    for Fresh { record, state, .. } in group {
        writes.push(Write::Put {
            record: (**record).clone(),
            expected: Expected::Absent,
        });
        let variants = state.content.variants.iter();
        writes.extend(variants.map(|variant| claim_write(&variant.sku, &state.product_id)));
        if let Some(name) = &state.segment {
            segment
                .get_or_insert_with(|| Segment::new(name))
                .set(&state.product_id, ShelfEntry::of(state));
        }
    }
    writes.extend(counts(group.iter().map(|fresh| (None, &fresh.state))));
    writes.extend(segment.map(|segment| Write::Put {
        record: segment.to_record(),
        expected: Expected::Absent,
    }));
    writes
}

/// Writes new products in one transaction; one by one, where that is refused or its outcome is not known.
async fn create_group<S: Store>(
    store: &S,
    group: Vec<Fresh>,
    cause: &Cause,
    imported: &mut Imported,
) -> Result<(), Failure> {
    let writes = group_writes(&group);
    for attempt in 0..MAX_ATTEMPTS {
        match store.transact(&writes).await {
            Ok(()) => {
                imported.created += group.len();
                for fresh in &group {
                    note_committed(&fresh.events);
                }
                return Ok(());
            }
            // Another import counts the same categories at the same time.
            Err(TransactFailure::Refused(refusals))
                if !refusals.contains(&Refusal::ConditionFailed) =>
            {
                pause_before(store, &cause.message_id, attempt).await;
            }
            // Somebody made one of the products or claimed one of the SKUs in between.
            Err(TransactFailure::Refused(_) | TransactFailure::TooLarge { .. }) => break,
            Err(TransactFailure::Store(failure)) if failure.outcome_unknown => break,
            Err(TransactFailure::Store(failure)) => return Err(failure.into()),
        }
    }
    for fresh in group {
        let result = change_one(store, &fresh.product, cause).await;
        imported.count(&fresh.product, result, Counted::Created)?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Counted {
    Created,
    Updated,
    Unchanged,
}

/// Changes one product; says whether there was anything to change.
async fn change_one<S: Store>(
    store: &S,
    product: &RowProduct,
    cause: &Cause,
) -> Result<bool, ExecuteError<ProductRejection>> {
    let command = import_command(product, hand_segment(&product.product_id));
    let changed = change(store, &product.product_id, cause, &command).await?;
    Ok(changed.committed)
}

impl Imported {
    fn count(
        &mut self,
        product: &RowProduct,
        result: Result<bool, ExecuteError<ProductRejection>>,
        as_what: Counted,
    ) -> Result<(), Failure> {
        let counted = match result {
            Ok(true) => as_what,
            Ok(false) => Counted::Unchanged,
            Err(ExecuteError::Rejected(rejection)) => {
                self.reject(product, &rejection);
                return Ok(());
            }
            Err(ExecuteError::Failed(failure)) => return self.fail(product, failure),
        };
        match counted {
            Counted::Created => self.created += 1,
            Counted::Updated => self.updated += 1,
            Counted::Unchanged => self.unchanged += 1,
        }
        Ok(())
    }

    fn reject(&mut self, product: &RowProduct, rejection: &ProductRejection) {
        self.rejected += 1;
        let errors = match rejection {
            ProductRejection::Invalid(problems) => problems
                .iter()
                .map(|problem| product.error(problem.variant, &problem.field, &problem.message))
                .collect(),
            ProductRejection::SkuTaken { sku, .. } => {
                let variants = &product.content.variants;
                let variant = variants.iter().position(|variant| variant.sku == *sku);
                let field = format!("variants[{}].sku", variant.unwrap_or_default());
                vec![product.error(variant, &field, &rejection.to_string())]
            }
            ProductRejection::Unknown
            | ProductRejection::Exists
            | ProductRejection::Retired
            | ProductRejection::NoSuchSku(_)
            | ProductRejection::Price(_)
            | ProductRejection::OtherCurrency => {
                vec![product.error(None, "product_id", &rejection.to_string())]
            }
        };
        self.errors.extend(errors);
    }

    /// A product that is too large is its row's fault; any other failure is the request's.
    fn fail(&mut self, product: &RowProduct, failure: Failure) -> Result<(), Failure> {
        match failure {
            Failure::TooLarge { .. } | Failure::EventTooLarge { .. } => {
                self.rejected += 1;
                let error = product.error(None, "product_id", &failure.to_string());
                self.errors.push(error);
                Ok(())
            }
            Failure::Store(_)
            | Failure::Unreadable(_)
            | Failure::Contended { .. }
            | Failure::KeyReused => Err(failure),
        }
    }
}
