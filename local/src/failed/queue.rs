//! The queues in which a stack's failed messages lie.

use anyhow::bail;
use dead_letters::{FailedQueue, among};

use crate::deployment::Deployment;
use crate::ending::Misuse;

/// All such queues of the stack, or the one that is asked for.
pub(super) async fn failed(
    deployment: &Deployment,
    only: Option<&str>,
) -> anyhow::Result<Vec<FailedQueue>> {
    let all = deployment.queues().await?;
    let found: Vec<FailedQueue> = among(&all)
        .filter(|queue| only.is_none_or(|only| only == queue.logical_id))
        .collect();
    match (found.is_empty(), only) {
        (true, Some(only)) => {
            let known: Vec<String> = among(&all).map(|queue| queue.logical_id).collect();
            bail!(Misuse(format!(
                "no failed message can lie in {only}; they lie in {}",
                known.join(", ")
            )))
        }
        (true, None) => bail!("{} has no queue for failed messages", deployment.place()),
        (false, _) => Ok(found),
    }
}
