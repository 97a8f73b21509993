//! The message with which a stream's mapping tells its on-failure queue of records that it has given up: where they
//! stand, not what they hold
//! (<https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-create-package.html#services-dynamodb-errors>).

use jiff::Timestamp;
use local_dynamodb::StreamRecord;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::invoke::FunctionError;
use crate::stream_source::created_seconds;

/// The one shard of every local stream, as DescribeStream names it.
const SHARD_ID: &str = "shardId-00000000000000000001-00000001";

/// Why records were given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    RetryAttemptsExhausted,
    RecordAgeExceeded,
}

impl Condition {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RetryAttemptsExhausted => "RetryAttemptsExhausted",
            Self::RecordAgeExceeded => "RecordAgeExceeded",
        }
    }
}

/// Records given up together; there is at least one.
pub(crate) struct DiscardedBatch<'a> {
    pub(crate) function_arn: &'a str,
    pub(crate) condition: Condition,
    pub(crate) invocations: u32,
    pub(crate) error: Option<&'a FunctionError>,
    pub(crate) records: &'a [StreamRecord],
}

impl DiscardedBatch<'_> {
    /// The message's body.
    pub(crate) fn to_json(&self) -> String {
        let (first, last) = (self.records.first(), self.records.last());
        let number = |record: Option<&StreamRecord>| record.map(|it| it.position.sequence_number());
        let arrival = |record: Option<&StreamRecord>| {
            let seconds = record
                .map(|it| created_seconds(&it.event))
                .unwrap_or_default();
            Timestamp::from_second(seconds)
                .unwrap_or_default()
                .to_string()
        };
        let stream_arn = first.map_or(Value::Null, |it| it.event["eventSourceARN"].clone());
        let mut response = json!({ "statusCode": 200, "executedVersion": "$LATEST" });
        response["functionError"] = match self.error {
            Some(error) => error.kind().into(),
            None => Value::Null,
        };
        let now = Timestamp::now();
        json!({
            "requestContext": {
                "requestId": Uuid::now_v7().to_string(),
                "functionArn": self.function_arn,
                "condition": self.condition.name(),
                "approximateInvokeCount": self.invocations,
            },
            "responseContext": response,
            "version": "1.0",
            "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            "DDBStreamBatchInfo": {
                "shardId": SHARD_ID,
                "startSequenceNumber": number(first),
                "endSequenceNumber": number(last),
                "approximateArrivalOfFirstRecord": arrival(first),
                "approximateArrivalOfLastRecord": arrival(last),
                "batchSize": self.records.len(),
                "streamArn": stream_arn,
            },
        })
        .to_string()
    }
}
