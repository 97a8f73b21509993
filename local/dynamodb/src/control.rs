//! Requests about tables and streams.

use dynoxide::actions::get_shard_iterator::{
    GetShardIteratorRequest, decode_shard_iterator, encode_shard_iterator,
};
use dynoxide::actions::{
    create_table, delete_table, describe_stream, describe_table, describe_time_to_live,
    get_shard_iterator, list_streams, list_tables, list_tags_of_resource, tag_resource,
    untag_resource, update_table, update_time_to_live,
};
use dynoxide::streams::shard_id;
use dynoxide::{DynoxideError, storage::Storage};
use serde::Serialize;
use serde_json::{Value, json};

use crate::action::{Outcome, decode, ready};
use crate::engine::{Access, Core};
use crate::feed::{self, StreamPosition};
use crate::names::Names;
use crate::operation::Operation;

/// The one shard of every stream, as clients see it. The store's own name for it embeds the table's and can
/// be shorter than the 28 characters that SDKs insist on.
const SHARD_ID: &str = "shardId-00000000000000000001-00000001";

pub(crate) fn access(operation: Operation) -> Access {
    match operation {
        Operation::CreateTable
        | Operation::DeleteTable
        | Operation::UpdateTable
        | Operation::UpdateTimeToLive
        | Operation::TagResource
        | Operation::UntagResource => Access::Write,
        _ => Access::Read,
    }
}

/// Runs a request about tables or streams. `body` has the store's own names in its ARNs, the answer has ours.
pub(crate) fn run(core: &Core, names: &Names, operation: Operation, body: &str) -> Outcome<String> {
    let storage = &core.storage;
    if access(operation) == Access::Write {
        core.shapes.borrow_mut().clear();
    }
    let answer = match operation {
        Operation::CreateTable => json_of(ready(create_table::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::DeleteTable => delete(core, body),
        Operation::DescribeTable => json_of(ready(describe_table::execute(
            storage,
            decode(operation, body.as_bytes())?,
            &core.vectors,
        ))?),
        Operation::UpdateTable => json_of(ready(update_table::execute(
            storage,
            decode(operation, body.as_bytes())?,
            &core.vectors,
        ))?),
        Operation::ListTables => json_of(ready(list_tables::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::UpdateTimeToLive => json_of(ready(update_time_to_live::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::DescribeTimeToLive => json_of(ready(describe_time_to_live::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::TagResource => json_of(ready(tag_resource::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::UntagResource => json_of(ready(untag_resource::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::ListTagsOfResource => json_of(ready(list_tags_of_resource::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::ListStreams => json_of(ready(list_streams::execute(
            storage,
            decode(operation, body.as_bytes())?,
        ))?),
        Operation::DescribeStream => describe(core, body),
        Operation::GetShardIterator => iterator(storage, body),
        Operation::GetRecords => return records(core, names, body),
        other => Err(DynoxideError::InternalServerError(format!(
            "{} is an item request",
            other.name()
        ))),
    }?;
    Ok(names.outward(answer))
}

fn json_of(answer: impl Serialize) -> Outcome<String> {
    serde_json::to_string(&answer)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// Deletes a table together with its stream records: a table made again under the name must not replay them.
fn delete(core: &Core, body: &str) -> Outcome<String> {
    let request: delete_table::DeleteTableRequest =
        decode(Operation::DeleteTable, body.as_bytes())?;
    let table = request.table_name.clone();
    let answer = ready(delete_table::execute(&core.storage, request, &core.vectors))?;
    core.storage.conn().execute(
        "DELETE FROM _stream_records WHERE table_name = ?1",
        [&table],
    )?;
    json_of(answer)
}

/// Adds what the store leaves out of a stream's description: the key schema.
fn describe(core: &Core, body: &str) -> Outcome<String> {
    let request: describe_stream::DescribeStreamRequest =
        decode(Operation::DescribeStream, body.as_bytes())?;
    let mut answer = ready(describe_stream::execute(&core.storage, request))?;
    let stream = feed::stream_of(core, &answer.stream_description.table_name)?;
    for shard in &mut answer.stream_description.shards {
        SHARD_ID.clone_into(&mut shard.shard_id);
        // An open shard has no end.
        shard.sequence_number_range.ending_sequence_number = None;
    }
    let mut answer = serde_json::to_value(&answer)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
    answer["StreamDescription"]["KeySchema"] =
        serde_json::from_str(&stream.key_schema).unwrap_or(Value::Null);
    answer["StreamDescription"]["CreationRequestDateTime"] = json!(stream.created_at);
    json_of(answer)
}

fn iterator(storage: &Storage, body: &str) -> Outcome<String> {
    let mut request: GetShardIteratorRequest =
        decode(Operation::GetShardIterator, body.as_bytes())?;
    if request.shard_id != SHARD_ID {
        return Err(DynoxideError::ResourceNotFoundException(format!(
            "Requested resource not found: Shard: {} in stream: {}",
            request.shard_id, request.stream_arn
        )));
    }
    if let Some(table) = request.stream_arn.split('/').nth(1) {
        request.shard_id = shard_id(table);
    }
    json_of(ready(get_shard_iterator::execute(storage, request))?)
}

fn records(core: &Core, names: &Names, body: &str) -> Outcome<String> {
    /// DynamoDB's own bounds of `Limit`.
    const LIMITS: std::ops::RangeInclusive<usize> = 1..=1_000;

    let request: dynoxide::actions::get_records::GetRecordsRequest =
        decode(Operation::GetRecords, body.as_bytes())?;
    let limit = request.limit.unwrap_or(*LIMITS.end());
    if !LIMITS.contains(&limit) {
        return Err(DynoxideError::ValidationException(format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: \
             Member must have value between 1 and 1000"
        )));
    }
    let (table, shard, after) = decode_shard_iterator(&request.shard_iterator)
        .ok_or_else(|| DynoxideError::ValidationException("Invalid ShardIterator".to_owned()))?;
    let stream = feed::stream_of(core, &table)?;
    let records = feed::stored_records(core, &table, StreamPosition::at(after), limit)?;
    let last = records
        .last()
        .map_or(after, |record| record.position.stored());
    let records: Vec<Value> = records
        .into_iter()
        .map(|record| record.api_form(&stream, names))
        .collect();
    json_of(json!({
        "Records": records,
        "NextShardIterator": encode_shard_iterator(&table, &shard, last),
    }))
}
