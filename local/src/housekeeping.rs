//! What AWS does by itself in the background: time to live of items, and the age limit of stream records.

use std::time::Duration;

use local_dynamodb::DynamoDb;
use tokio_util::sync::CancellationToken;

/// DynamoDB promises a few days; a developer wants to see it happen. A sweep looks at every item, so not too often.
const SWEEP_EVERY: Duration = Duration::from_secs(300);

/// Sweeps until told to stop.
pub(crate) async fn run(dynamodb: DynamoDb, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SWEEP_EVERY) => {}
        }
        if let Err(error) = dynamodb.sweep_ttl().await {
            tracing::error!(%error, "expired items could not be deleted");
        }
        if let Err(error) = dynamodb.trim_expired().await {
            tracing::error!(%error, "old stream records could not be deleted");
        }
    }
}
