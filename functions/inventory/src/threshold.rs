//! Sets the level below which a SKU runs low at a location.

use contracts::Cause;
use decider::{Failure, MAX_ATTEMPTS, pause_before};
use identifiers::{LocationId, Sku};
use store::{CommitFailure, Consistency, Expected, Origin, Store};

use crate::stock::Stock;
use crate::store::{stock_key, threshold_counter};

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
/// two that set it at once would add up.
pub(crate) async fn set_threshold<S: Store>(
    store: &S,
    cause: &Cause,
    sku: &Sku,
    location_id: &LocationId,
    threshold: u32,
) -> Result<Stock, ThresholdError> {
    let key = stock_key(sku);
    for attempt in 0..MAX_ATTEMPTS {
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
        match store.commit(&item, expected).await {
            Ok(()) => return Ok(Stock::from_record(&item)),
            Err(CommitFailure::Conflict) => {}
            Err(CommitFailure::Store(failure)) if failure.outcome_unknown => {
                tracing::warn!(error = %failure, "a write's outcome is unknown; reading again");
            }
            Err(CommitFailure::Store(failure)) => return Err(Failure::Store(failure).into()),
            Err(CommitFailure::TooLarge { bytes }) => {
                return Err(Failure::TooLarge {
                    subject: key.to_string(),
                    bytes,
                }
                .into());
            }
        }
        pause_before(store, &cause.message_id, attempt).await;
    }
    Err(Failure::Contended {
        subject: key.to_string(),
    }
    .into())
}
