//! Schedules at a fixed rate, as EventBridge Scheduler runs them: the first tick comes one period after the start. A tick
//! that fails is logged and the next one comes in its turn; Scheduler's own retries are not imitated.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::invoke::{FunctionError, Lambda, Trigger};

/// One schedule of one function.
pub(crate) struct Schedule {
    pub(crate) lambda: Arc<Lambda>,
    /// The event's name in the template.
    pub(crate) name: String,
    /// Time between two ticks.
    pub(crate) rate: Duration,
    /// What the function receives; none for Scheduler's own event.
    pub(crate) input: Option<String>,
    pub(crate) region: String,
    pub(crate) account_id: String,
}

impl Schedule {
    /// Ticks until told to stop. A tick under way is finished first.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.rate) => {}
            }
            // The invocation logs its own failure, and the next tick is the retry.
            drop(self.tick().await);
        }
    }

    /// Invokes the function once.
    pub(crate) async fn tick(&self) -> Result<Bytes, FunctionError> {
        let payload = match &self.input {
            Some(input) => input.clone(),
            None => self.event().to_string(),
        };
        self.lambda.invoke(Trigger::Schedule, payload.into()).await
    }

    fn event(&self) -> serde_json::Value {
        let (region, account) = (&self.region, &self.account_id);
        let arn = format!(
            "arn:aws:scheduler:{region}:{account}:schedule/default/{}-{}",
            self.lambda.name, self.name
        );
        json!({
            "version": "0",
            "id": Uuid::now_v7().to_string(),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": account,
            "time": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": region,
            "resources": [arn],
            "detail": "{}",
        })
    }
}
