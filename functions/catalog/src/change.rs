//! One change of one product, with what stands beside it: its SKUs' claims, its category's count, its search entry.
//!
//! Most changes are one conditional write. One that claims a SKU, or changes what lists and searches show, is a
//! transaction over the items concerned, each under its own condition.

use std::collections::{BTreeMap, BTreeSet};

use contracts::Cause;
use decider::{ExecuteError, Failure, MAX_ATTEMPTS, Step, load, note_committed, pause_before};
use identifiers::{ProductId, Sku};
use store::{CommitFailure, Consistency, Expected, Origin, Record, Store, TransactFailure, Write};

use crate::product::{Product, ProductCommand, ProductRejection, ProductStatus};
use crate::shelf::{Segment, ShelfEntry, segment_key};
use crate::store::{claim, count, owner_of, sku_key};

/// Why a change did not come about.
pub type ChangeError = ExecuteError<ProductRejection>;

/// What came of a change. Its events are published by the table's stream.
#[derive(Debug)]
pub struct Changed {
    /// The product after it; none where there is none.
    pub state: Option<Product>,
    /// Whether the command changed anything, now or when the same message was handled before.
    pub committed: bool,
}

/// Does the command: loads the product, decides, and commits it with what stands beside it; again on a conflict.
pub async fn change<S: Store>(
    store: &S,
    product_id: &ProductId,
    cause: &Cause,
    command: &ProductCommand,
) -> Result<Changed, ChangeError> {
    for attempt in 0..MAX_ATTEMPTS {
        let loaded = load::<Product, S>(store, product_id, Consistency::Strong).await?;
        let before = loaded.state().cloned();
        let (record, expected, state, events) = match loaded.step(cause, Origin::Http, command)? {
            Step::Repeated(_) => {
                return Ok(Changed {
                    state: before,
                    committed: true,
                });
            }
            Step::Nothing => {
                return Ok(Changed {
                    state: before,
                    committed: false,
                });
            }
            Step::Commit {
                record,
                expected,
                state,
                events,
            } => (*record, expected, state, events),
        };
        let mut beside = claims(store, before.as_ref(), &state).await?;
        beside.extend(counts([(before.as_ref(), &state)]));
        beside.extend(segment_write(store, before.as_ref(), &state).await?);
        match write(store, product_id, record, expected, beside).await? {
            Written::Done => {
                note_committed(&events);
                return Ok(Changed {
                    state: Some(state),
                    committed: true,
                });
            }
            // The next round finds this message recorded if the write was done all the same.
            Written::Conflict | Written::Unknown => {
                pause_before(store, &cause.message_id, attempt).await
            }
        }
    }
    let subject = product_id.to_string();
    Err(Failure::Contended { subject }.into())
}

enum Written {
    Done,
    Conflict,
    Unknown,
}

async fn write<S: Store>(
    store: &S,
    product_id: &ProductId,
    record: Record,
    expected: Expected,
    beside: Vec<Write>,
) -> Result<Written, Failure> {
    let subject = || product_id.to_string();
    if beside.is_empty() {
        return match store.commit(&record, expected).await {
            Ok(()) => Ok(Written::Done),
            Err(CommitFailure::Conflict) => Ok(Written::Conflict),
            Err(CommitFailure::TooLarge { bytes }) => Err(Failure::TooLarge {
                subject: subject(),
                bytes,
            }),
            Err(CommitFailure::Store(failure)) if failure.outcome_unknown => Ok(Written::Unknown),
            Err(CommitFailure::Store(failure)) => Err(failure.into()),
        };
    }
    let mut writes = vec![Write::Put { record, expected }];
    writes.extend(beside);
    match store.transact(&writes).await {
        Ok(()) => Ok(Written::Done),
        Err(TransactFailure::Refused(_)) => Ok(Written::Conflict),
        Err(TransactFailure::TooLarge { bytes }) => Err(Failure::TooLarge {
            subject: subject(),
            bytes,
        }),
        Err(TransactFailure::Store(failure)) if failure.outcome_unknown => Ok(Written::Unknown),
        Err(TransactFailure::Store(failure)) => Err(failure.into()),
    }
}

/// The SKUs that the state has and the state before had not.
pub fn new_skus<'a>(before: Option<&Product>, state: &'a Product) -> Vec<&'a Sku> {
    let known: BTreeSet<&Sku> = before
        .iter()
        .flat_map(|product| &product.content.variants)
        .map(|variant| &variant.sku)
        .collect();
    let variants = state.content.variants.iter();
    variants
        .map(|variant| &variant.sku)
        .filter(|sku| !known.contains(sku))
        .collect()
}

/// The claims of new SKUs that nobody has yet.
async fn claims<S: Store>(
    store: &S,
    before: Option<&Product>,
    state: &Product,
) -> Result<Vec<Write>, ChangeError> {
    let mut claims = Vec::new();
    for sku in new_skus(before, state) {
        let item = store
            .load(&sku_key(sku), Consistency::Strong)
            .await
            .map_err(Failure::from)?;
        match item.as_ref().and_then(owner_of) {
            Some(owner) if owner == state.product_id => {}
            Some(owner) => {
                let sku = sku.clone();
                return Err(ExecuteError::Rejected(ProductRejection::SkuTaken {
                    sku,
                    owner,
                }));
            }
            None => claims.push(claim_write(sku, &state.product_id)),
        }
    }
    Ok(claims)
}

/// Claims a SKU that nobody has.
pub fn claim_write(sku: &Sku, owner: &ProductId) -> Write {
    Write::Put {
        record: claim(sku, owner),
        expected: Expected::Absent,
    }
}

/// What the changes add to the counts of categories, one write per category.
pub fn counts<'a>(
    changes: impl IntoIterator<Item = (Option<&'a Product>, &'a Product)>,
) -> Vec<Write> {
    let listed = |product: &'a Product| match product.status {
        ProductStatus::Published => Some(product.content.category.as_str()),
        ProductStatus::Draft | ProductStatus::Retired => None,
    };
    let mut by_category: BTreeMap<&str, i64> = BTreeMap::new();
    for (before, state) in changes {
        if let Some(category) = before.and_then(listed) {
            *by_category.entry(category).or_default() -= 1;
        }
        if let Some(category) = listed(state) {
            *by_category.entry(category).or_default() += 1;
        }
    }
    by_category
        .into_iter()
        .filter(|(_, by)| *by != 0)
        .map(|(category, by)| Write::Adjust(count(category, by)))
        .collect()
}

async fn segment_write<S: Store>(
    store: &S,
    before: Option<&Product>,
    state: &Product,
) -> Result<Option<Write>, Failure> {
    let entry = ShelfEntry::of(state);
    let Some(name) = &state.segment else {
        return Ok(None);
    };
    if before.and_then(ShelfEntry::of) == entry {
        return Ok(None);
    }
    let record = store.load(&segment_key(name), Consistency::Strong).await?;
    let mut segment = match &record {
        Some(record) => Segment::read(record)?,
        None => Segment::new(name),
    };
    segment.set(&state.product_id, entry);
    let expected = match segment.version() {
        0 => Expected::Absent,
        version => Expected::Version(version),
    };
    Ok(Some(Write::Put {
        record: segment.to_record(),
        expected,
    }))
}
