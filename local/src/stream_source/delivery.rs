//! A batch until the end of it: invoked, tried again, split, given up.

use std::collections::VecDeque;

use bytes::Bytes;
use jiff::Timestamp;
use local_dynamodb::StreamRecord;
use serde::Serialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Ended, StreamSource, created_seconds};
use crate::batch_report::BatchReport;
use crate::discarded_batch::{Condition, DiscardedBatch};
use crate::invoke::{FunctionError, Trigger};

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "Records")]
    records: Vec<&'a Value>,
}

/// A batch, or what splitting has left of one.
struct Piece {
    records: Vec<StreamRecord>,
    retries: u32,
    invocations: u32,
}

impl StreamSource {
    /// Invokes until every record has succeeded or been given up.
    pub(super) async fn deliver(
        &self,
        records: Vec<StreamRecord>,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        let mut pieces = VecDeque::from([Piece {
            records,
            retries: 0,
            invocations: 0,
        }]);
        let mut failures = 0;
        while let Some(mut piece) = pieces.pop_front() {
            self.give_up_expired(&mut piece, stop).await?;
            if piece.records.is_empty() {
                continue;
            }
            piece.invocations += 1;
            let result = self
                .lambda
                .invoke(Trigger::Stream, event(&piece.records))
                .await;
            let first_failed = match self.read_report(&piece, &result) {
                None => {
                    failures = 0;
                    continue;
                }
                Some(place) => place,
            };
            failures += 1;
            if first_failed > 0 {
                // What stands before it succeeded; the rest has a first try of its own.
                piece.records.drain(..first_failed);
                piece.retries = 0;
                pieces.push_front(piece);
            } else if self.bisect && piece.records.len() > 1 {
                let right = Piece {
                    records: piece.records.split_off(piece.records.len() / 2),
                    ..piece
                };
                pieces.push_front(right);
                pieces.push_front(piece);
            } else if self.max_retries.is_some_and(|most| piece.retries >= most) {
                self.give_up(&piece, Condition::RetryAttemptsExhausted, &result, stop)
                    .await?;
                failures = 0;
                continue;
            } else {
                piece.retries += 1;
                pieces.push_front(piece);
            }
            tokio::select! {
                () = stop.cancelled() => return Err(Ended::Stopped),
                () = tokio::time::sleep(self.pause.after(failures)) => {}
            }
        }
        Ok(())
    }

    /// The place of the first record that failed; none when all succeeded.
    fn read_report(&self, piece: &Piece, result: &Result<Bytes, FunctionError>) -> Option<usize> {
        let answer = match result {
            Err(_) => return Some(0),
            Ok(_) if !self.report_failures => return None,
            Ok(answer) => answer,
        };
        let numbers: Vec<String> = piece
            .records
            .iter()
            .map(|record| record.position.sequence_number())
            .collect();
        match BatchReport::read(answer, numbers.iter().map(String::as_str)) {
            BatchReport::Succeeded => None,
            BatchReport::Partly(failed) => failed.first().copied(),
            BatchReport::Senseless(reason) => {
                tracing::warn!(
                    function = self.lambda.name,
                    reason,
                    "a whole batch counts as failed"
                );
                Some(0)
            }
        }
    }

    /// Gives up the records at the front that are too old to be tried.
    async fn give_up_expired(
        &self,
        piece: &mut Piece,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let now = Timestamp::now().as_second();
        let expired = piece.records.iter().take_while(|record| {
            let age = u64::try_from(now - created_seconds(&record.event)).unwrap_or_default();
            age > max_age.as_secs()
        });
        let expired = expired.count();
        if expired == 0 {
            return Ok(());
        }
        let old = Piece {
            records: piece.records.drain(..expired).collect(),
            retries: piece.retries,
            invocations: piece.invocations,
        };
        let never = Ok(Bytes::new());
        self.give_up(&old, Condition::RecordAgeExceeded, &never, stop)
            .await
    }

    /// Tells the on-failure queue, for as long as it takes: what is given up must not vanish as well.
    async fn give_up(
        &self,
        piece: &Piece,
        condition: Condition,
        result: &Result<Bytes, FunctionError>,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        let count = piece.records.len();
        tracing::error!(
            table = self.table,
            count,
            condition = condition.name(),
            "stream records are given up"
        );
        let Some(queue_arn) = &self.on_failure_queue_arn else {
            return Ok(());
        };
        let message = DiscardedBatch {
            function_arn: &self.lambda.arn,
            condition,
            invocations: piece.invocations,
            error: result.as_ref().err(),
            records: &piece.records,
        }
        .to_json();
        let mut failures = 0;
        while let Err(error) = self
            .messaging
            .send(
                queue_arn,
                &message,
                local_messaging::MessageAttributes::new(),
            )
            .await
        {
            failures += 1;
            tracing::error!(queue = queue_arn, %error, "the on-failure queue could not be told");
            tokio::select! {
                () = stop.cancelled() => return Err(Ended::Stopped),
                () = tokio::time::sleep(self.pause.after(failures)) => {}
            }
        }
        Ok(())
    }
}

fn event(records: &[StreamRecord]) -> Bytes {
    let records = records.iter().map(|record| &record.event).collect();
    let json = serde_json::to_vec(&Event { records });
    json.expect("stream records are JSON").into()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use local_dynamodb::{DynamoDb, StreamPosition};
    use local_messaging::{MessageAttributes, Messaging};
    use sam_template::FilterCriteria;
    use serde_json::json;

    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::invoke::{InProcess, Lambda, PAYLOAD_LIMIT_BYTES, Slowness};
    use crate::pause::RetryPause;

    fn record(number: u64, created_seconds: i64) -> StreamRecord {
        let number = format!("1000017640000000000{number:02}");
        StreamRecord {
            position: StreamPosition::from_sequence_number(&number).expect("a sequence number"),
            event: json!({
                "eventSourceARN": "arn:aws:dynamodb:r:1:table/t/stream/s",
                "dynamodb": { "ApproximateCreationDateTime": created_seconds },
            }),
        }
    }

    fn source(function: InProcess, messaging: &Messaging, told: &str) -> StreamSource {
        StreamSource {
            lambda: Arc::new(Lambda {
                name: "toy".to_owned(),
                arn: "arn:toy".to_owned(),
                timeout: Duration::from_secs(1),
                invoker: Arc::new(function),
                tally: Arc::default(),
                activity: Arc::default(),
                slowness: Slowness::default(),
            }),
            dynamodb: DynamoDb::open(local_dynamodb::Options::in_memory()).unwrap(),
            messaging: messaging.clone(),
            table: "t".to_owned(),
            batch_size: 10,
            window: Duration::ZERO,
            filters: FilterCriteria::new(Vec::new()),
            bisect: true,
            max_retries: Some(1),
            max_age: Some(Duration::from_secs(60)),
            report_failures: true,
            on_failure_queue_arn: Some(told.to_owned()),
            checkpoint: Arc::new(Checkpoint::open(None, "r", "t").unwrap()),
            trims: false,
            pause: RetryPause::default(),
            waits: None,
        }
    }

    #[tokio::test]
    async fn records_over_the_age_limit_are_given_up_untried_and_the_rest_is_handled() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let handled = Arc::clone(&seen);
        let function = InProcess::new(move |payload: Bytes| {
            let event: Value = serde_json::from_slice(&payload).unwrap();
            let count = event["Records"].as_array().map_or(0, Vec::len);
            handled.lock().unwrap().push(count);
            async { Ok(Bytes::new()) }
        });
        let messaging = Messaging::open(local_messaging::Options::default()).unwrap();
        let told = messaging
            .create_queue("told", Default::default())
            .await
            .unwrap();
        let now = Timestamp::now().as_second();
        let records = vec![record(1, now - 90), record(2, now - 61), record(3, now)];
        let delivered = source(function, &messaging, &told.arn)
            .deliver(records, &CancellationToken::new())
            .await;
        assert!(delivered.is_ok());
        assert_eq!(*seen.lock().unwrap(), [1]);
        let messages = messaging.peek(&told.arn, 10).unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].message_attributes, MessageAttributes::new());
        let message: Value = serde_json::from_str(&messages[0].body).unwrap();
        assert_eq!(message["requestContext"]["condition"], "RecordAgeExceeded");
        assert_eq!(message["requestContext"]["approximateInvokeCount"], 0);
        assert_eq!(message["DDBStreamBatchInfo"]["batchSize"], 2);
        let first = &message["DDBStreamBatchInfo"]["startSequenceNumber"];
        assert_eq!(*first, record(1, 0).position.sequence_number());
    }
    #[test]
    fn a_batch_is_cut_by_number_and_by_size() {
        let function = InProcess::new(|payload| async { Ok(payload) });
        let messaging = Messaging::open(local_messaging::Options::default()).unwrap();
        let source = source(function, &messaging, "told");
        let mut waiting: VecDeque<_> = (0..12).map(|number| record(number, 0)).collect();
        assert_eq!(source.take_batch(&mut waiting).len(), 10);
        assert_eq!(source.take_batch(&mut waiting).len(), 2);
        waiting.extend((0..4).map(|number| {
            let mut large = record(number, 0);
            large.event["dynamodb"]["SizeBytes"] = (PAYLOAD_LIMIT_BYTES / 5).into();
            large
        }));
        assert_eq!(source.take_batch(&mut waiting).len(), 2);
        assert_eq!(source.take_batch(&mut waiting).len(), 2);
        assert_eq!(source.take_batch(&mut waiting).len(), 0);
    }
}
