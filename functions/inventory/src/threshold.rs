//! Sets the level below which a SKU runs low at a location.

use contracts::Cause;
use decider::{ExecuteError, Failure, MAX_ATTEMPTS, Step, load, note_committed, pause_before};
use identifiers::{LocationId, Sku};
use store::{
    CommitFailure, Consistency, Expected, Origin, Store, StoreFailure, TransactFailure, Write,
};

use crate::stock::Stock;
use crate::store::{stock_key, threshold_counter};
use crate::threshold_wish::{ThresholdWish, WishId};

/// Why a threshold is not set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ThresholdError {
    /// The SKU has never been received there.
    #[error("{sku} has never been at {location_id}")]
    NotThere {
        /// What.
        sku: Sku,
        /// Where.
        location_id: LocationId,
    },
    /// Something failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// Sets the threshold, and returns the stock as it then is. Announces nothing: who sets it sees the level in the
/// answer, and the next draw that takes the level below it warns.
///
/// The whole item is written under its version, because a counter that was never written cannot have a condition and
/// two that set it at once would add up. With an idempotency key, a wish of the same key and another content is refused.
pub(crate) async fn set_threshold<S: Store>(
    store: &S,
    cause: &Cause,
    sku: &Sku,
    location_id: &LocationId,
    threshold: u32,
) -> Result<Stock, ThresholdError> {
    let key = stock_key(sku);
    let wish_id = WishId {
        sku: sku.clone(),
        message_id: cause.message_id.clone(),
    };
    for attempt in 0..MAX_ATTEMPTS {
        // Only a request with a key has something to be held to.
        let wish = match cause.request {
            Some(_) => Some(step(store, &wish_id, cause).await?),
            None => None,
        };
        let item = store
            .load(&key, Consistency::Strong)
            .await
            .map_err(Failure::from)?;
        let there =
            item.filter(|item| Stock::from_record(item).locations.contains_key(location_id));
        let Some(mut item) = there else {
            let (sku, location_id) = (sku.clone(), location_id.clone());
            return Err(ThresholdError::NotThere { sku, location_id });
        };
        if matches!(wish, Some(Step::Repeated(_))) {
            return Ok(Stock::from_record(&item));
        }
        let previous = item
            .counters
            .insert(threshold_counter(location_id), threshold.into());
        if previous == Some(threshold.into()) {
            return Ok(Stock::from_record(&item));
        }
        let expected = Expected::Version(item.version);
        item.version += 1;
        // There is nothing in a SKU's item for the stream to publish.
        item.origin = Origin::Queue;
        let stock = Stock::from_record(&item);
        let mut writes = vec![Write::Put {
            record: item,
            expected,
        }];
        if let Some(Step::Commit {
            record, expected, ..
        }) = wish
        {
            writes.push(Write::Put {
                record: *record,
                expected,
            });
        }
        if write(store, sku, &writes).await? {
            note_committed(&[]);
            return Ok(stock);
        }
        pause_before(store, &cause.message_id, attempt).await;
    }
    let subject = key.to_string();
    Err(Failure::Contended { subject }.into())
}

async fn step<S: Store>(
    store: &S,
    id: &WishId,
    cause: &Cause,
) -> Result<Step<ThresholdWish>, Failure> {
    let loaded = load::<ThresholdWish, S>(store, id, Consistency::Strong).await?;
    match loaded.step(cause, Origin::Queue, &cause.now) {
        Ok(step) => Ok(step),
        Err(ExecuteError::Failed(failure)) => Err(failure),
        Err(ExecuteError::Rejected(never)) => match never {},
    }
}

/// Writes all of it; false where somebody else was first, or it is not known whether it was written.
async fn write<S: Store>(store: &S, sku: &Sku, writes: &[Write]) -> Result<bool, Failure> {
    let too_large = |bytes| Failure::TooLarge {
        subject: sku.to_string(),
        bytes,
    };
    let failed = |failure: StoreFailure| {
        if failure.outcome_unknown {
            tracing::warn!(error = %failure, "a write's outcome is unknown; reading again");
            return Ok(false);
        }
        Err(Failure::Store(failure))
    };
    // One item alone costs half of what it does in a transaction.
    if let [Write::Put { record, expected }] = writes {
        return match store.commit(record, *expected).await {
            Ok(()) => Ok(true),
            Err(CommitFailure::Conflict) => Ok(false),
            Err(CommitFailure::Store(failure)) => failed(failure),
            Err(CommitFailure::TooLarge { bytes }) => Err(too_large(bytes)),
        };
    }
    match store.transact(writes).await {
        Ok(()) => Ok(true),
        Err(TransactFailure::Refused(_)) => Ok(false),
        Err(TransactFailure::Store(failure)) => failed(failure),
        Err(TransactFailure::TooLarge { bytes }) => Err(too_large(bytes)),
    }
}
