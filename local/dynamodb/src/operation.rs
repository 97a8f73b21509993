//! The operations of the two APIs that this engine answers, by their names on the wire.

/// An operation of DynamoDB or of DynamoDB Streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is named as AWS names it")]
pub enum Operation {
    BatchExecuteStatement,
    BatchGetItem,
    BatchWriteItem,
    CreateTable,
    DeleteItem,
    DeleteTable,
    DescribeStream,
    DescribeTable,
    DescribeTimeToLive,
    ExecuteStatement,
    ExecuteTransaction,
    GetItem,
    GetRecords,
    GetShardIterator,
    ListStreams,
    ListTables,
    ListTagsOfResource,
    PutItem,
    Query,
    Scan,
    TagResource,
    TransactGetItems,
    TransactWriteItems,
    UntagResource,
    UpdateItem,
    UpdateTable,
    UpdateTimeToLive,
}

const TABLES_PREFIX: &str = "DynamoDB_20120810.";
const STREAMS_PREFIX: &str = "DynamoDBStreams_20120810.";

impl Operation {
    const ALL: [Operation; 27] = [
        Operation::BatchExecuteStatement,
        Operation::BatchGetItem,
        Operation::BatchWriteItem,
        Operation::CreateTable,
        Operation::DeleteItem,
        Operation::DeleteTable,
        Operation::DescribeStream,
        Operation::DescribeTable,
        Operation::DescribeTimeToLive,
        Operation::ExecuteStatement,
        Operation::ExecuteTransaction,
        Operation::GetItem,
        Operation::GetRecords,
        Operation::GetShardIterator,
        Operation::ListStreams,
        Operation::ListTables,
        Operation::ListTagsOfResource,
        Operation::PutItem,
        Operation::Query,
        Operation::Scan,
        Operation::TagResource,
        Operation::TransactGetItems,
        Operation::TransactWriteItems,
        Operation::UntagResource,
        Operation::UpdateItem,
        Operation::UpdateTable,
        Operation::UpdateTimeToLive,
    ];

    /// The name AWS gives the operation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Operation::BatchExecuteStatement => "BatchExecuteStatement",
            Operation::BatchGetItem => "BatchGetItem",
            Operation::BatchWriteItem => "BatchWriteItem",
            Operation::CreateTable => "CreateTable",
            Operation::DeleteItem => "DeleteItem",
            Operation::DeleteTable => "DeleteTable",
            Operation::DescribeStream => "DescribeStream",
            Operation::DescribeTable => "DescribeTable",
            Operation::DescribeTimeToLive => "DescribeTimeToLive",
            Operation::ExecuteStatement => "ExecuteStatement",
            Operation::ExecuteTransaction => "ExecuteTransaction",
            Operation::GetItem => "GetItem",
            Operation::GetRecords => "GetRecords",
            Operation::GetShardIterator => "GetShardIterator",
            Operation::ListStreams => "ListStreams",
            Operation::ListTables => "ListTables",
            Operation::ListTagsOfResource => "ListTagsOfResource",
            Operation::PutItem => "PutItem",
            Operation::Query => "Query",
            Operation::Scan => "Scan",
            Operation::TagResource => "TagResource",
            Operation::TransactGetItems => "TransactGetItems",
            Operation::TransactWriteItems => "TransactWriteItems",
            Operation::UntagResource => "UntagResource",
            Operation::UpdateItem => "UpdateItem",
            Operation::UpdateTable => "UpdateTable",
            Operation::UpdateTimeToLive => "UpdateTimeToLive",
        }
    }

    /// Whether the operation belongs to the streams API.
    #[must_use]
    pub fn is_of_streams(self) -> bool {
        matches!(
            self,
            Operation::DescribeStream
                | Operation::GetRecords
                | Operation::GetShardIterator
                | Operation::ListStreams
        )
    }

    /// The operation an `X-Amz-Target` header names, if this engine has it.
    #[must_use]
    pub fn from_target(target: &str) -> Option<Operation> {
        let (name, streams) = match target.strip_prefix(TABLES_PREFIX) {
            Some(name) => (name, false),
            None => (target.strip_prefix(STREAMS_PREFIX)?, true),
        };
        Operation::ALL
            .into_iter()
            .find(|operation| operation.name() == name && operation.is_of_streams() == streams)
    }

    /// Whether an `X-Amz-Target` header is meant for DynamoDB at all.
    #[must_use]
    pub fn is_target(target: &str) -> bool {
        target.starts_with(TABLES_PREFIX) || target.starts_with(STREAMS_PREFIX)
    }
}
