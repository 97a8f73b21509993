//! The two APIs over HTTP: JSON 1.0, dispatched by the `X-Amz-Target` header.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use dynoxide::DynoxideError;
use dynoxide::actions::batch_execute_statement::BatchExecuteStatementRequest;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::execute_statement::ExecuteStatementRequest;
use dynoxide::actions::execute_transaction::ExecuteTransactionRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::actions::transact_get_items::TransactGetItemsRequest;
use dynoxide::actions::update_item::UpdateItemRequest;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};

use crate::action::{Action, Answer};
use crate::fault::Verdict;
use crate::metering::Usage;
use crate::operation::Operation;
use crate::refused::strip_refusing_items;
use crate::transaction::TransactWrite;
use crate::{DynamoDb, control};

const JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const TARGET: &str = "x-amz-target";

/// DynamoDB's limit of a request.
const BODY_LIMIT_BYTES: usize = 16 << 20;

/// A request that was not done, as it goes over the wire.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) body: String,
}

impl Refusal {
    fn of(operation: Operation, error: DynoxideError) -> Refusal {
        // ExecuteStatement shows the refusing item in a form of its own.
        let error = match error {
            DynoxideError::ConditionalCheckFailedException(message, Some(item))
                if operation == Operation::ExecuteStatement =>
            {
                DynoxideError::StatementConditionalCheckFailed(message, item)
            }
            error => error,
        };
        if error.status_code() >= 500 {
            tracing::error!(operation = operation.name(), %error, "a request failed");
        }
        Refusal {
            status: StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST),
            body: error.to_json(),
        }
    }

    pub(crate) fn failure(reason: &str) -> Refusal {
        let error = DynoxideError::InternalServerError(reason.to_owned());
        Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            body: error.to_json(),
        }
    }

    fn unknown_operation() -> Refusal {
        Refusal {
            status: StatusCode::BAD_REQUEST,
            body: r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#.to_owned(),
        }
    }

    fn unreadable() -> Refusal {
        Refusal {
            status: StatusCode::BAD_REQUEST,
            body: r#"{"__type":"com.amazon.coral.service#SerializationException"}"#.to_owned(),
        }
    }

    /// Whether the refusal is of the given exception.
    pub(crate) fn is(&self, exception: &str) -> bool {
        self.body.contains(&format!("#{exception}\""))
    }
}

impl DynamoDb {
    /// Whether a request is meant for this engine, by its target header.
    #[must_use]
    pub fn handles(headers: &HeaderMap) -> bool {
        headers
            .get(TARGET)
            .and_then(|target| target.to_str().ok())
            .is_some_and(Operation::is_target)
    }

    /// Answers one request. Signatures are not checked.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        if parts.method == Method::GET {
            return answer(StatusCode::OK, "healthy: dynamodb".to_owned());
        }
        if parts.method != Method::POST {
            return answer(
                StatusCode::NOT_FOUND,
                "<UnknownOperationException/>\n".to_owned(),
            );
        }
        let operation = parts
            .headers
            .get(TARGET)
            .and_then(|target| target.to_str().ok())
            .and_then(Operation::from_target);
        let outcome = match operation {
            None => Err(Refusal::unknown_operation()),
            Some(_) if body.trim_ascii_start().first() != Some(&b'{') => Err(Refusal::unreadable()),
            Some(operation) => self.dispatch(operation, &body).await,
        };
        match outcome {
            Ok(body) => answer(StatusCode::OK, body),
            Err(refusal) => {
                tracing::debug!(
                    operation = operation.map_or("unknown", Operation::name),
                    status = refusal.status.as_u16(),
                    body = refusal.body,
                    "refused"
                );
                answer(refusal.status, refusal.body)
            }
        }
    }

    /// [`DynamoDb::handle`] as a router that answers everything.
    pub fn router(&self) -> Router {
        let engine = self.clone();
        Router::new().fallback(move |request: Request<Body>| {
            let engine = engine.clone();
            async move {
                let (parts, body) = request.into_parts();
                let answer = match Limited::new(body, BODY_LIMIT_BYTES).collect().await {
                    Ok(body) => {
                        engine
                            .handle(Request::from_parts(parts, body.to_bytes()))
                            .await
                    }
                    Err(error) => {
                        tracing::debug!(%error, "a request's body could not be read");
                        answer(StatusCode::PAYLOAD_TOO_LARGE, Refusal::unreadable().body)
                    }
                };
                answer.map(Body::from)
            }
        })
    }

    pub(crate) async fn dispatch(
        &self,
        operation: Operation,
        body: &[u8],
    ) -> Result<String, Refusal> {
        match operation {
            Operation::PutItem => self.item::<PutItemRequest>(operation, body).await,
            Operation::GetItem => self.item::<GetItemRequest>(operation, body).await,
            Operation::UpdateItem => self.item::<UpdateItemRequest>(operation, body).await,
            Operation::DeleteItem => self.item::<DeleteItemRequest>(operation, body).await,
            Operation::Query => self.item::<QueryRequest>(operation, body).await,
            Operation::Scan => self.item::<ScanRequest>(operation, body).await,
            Operation::BatchGetItem => self.item::<BatchGetItemRequest>(operation, body).await,
            Operation::BatchWriteItem => self.item::<BatchWriteItemRequest>(operation, body).await,
            Operation::TransactGetItems => {
                self.item::<TransactGetItemsRequest>(operation, body).await
            }
            Operation::TransactWriteItems => self.item::<TransactWrite>(operation, body).await,
            Operation::ExecuteStatement => {
                self.item::<ExecuteStatementRequest>(operation, body).await
            }
            Operation::ExecuteTransaction => {
                self.item::<ExecuteTransactionRequest>(operation, body)
                    .await
            }
            Operation::BatchExecuteStatement => {
                self.item::<BatchExecuteStatementRequest>(operation, body)
                    .await
            }
            Operation::CreateTable
            | Operation::DeleteTable
            | Operation::DescribeStream
            | Operation::DescribeTable
            | Operation::DescribeTimeToLive
            | Operation::GetRecords
            | Operation::GetShardIterator
            | Operation::ListStreams
            | Operation::ListTables
            | Operation::ListTagsOfResource
            | Operation::TagResource
            | Operation::UntagResource
            | Operation::UpdateTable
            | Operation::UpdateTimeToLive => self.about_tables(operation, body).await,
        }
    }

    async fn about_tables(&self, operation: Operation, body: &[u8]) -> Result<String, Refusal> {
        let body = std::str::from_utf8(body).map_err(|_| Refusal::unreadable())?;
        let names = self.names().clone();
        let body = names.inward(body).into_owned();
        let answer = self
            .engine()
            .run(control::access(operation), Vec::new(), move |core| {
                control::run(core, &names, operation, &body)
            })
            .await
            .map_err(|error| Refusal::of(operation, error))?;
        if operation == Operation::DeleteTable {
            self.feeds().forget_all();
        }
        Ok(answer)
    }

    async fn item<R: Action>(&self, operation: Operation, body: &[u8]) -> Result<String, Refusal> {
        let mut request =
            R::read(operation, body).map_err(|error| Refusal::of(operation, error))?;
        let tables = request.tables();
        for table in &tables {
            self.meter().request(table, operation);
        }
        let verdict = self.faults().verdict(&tables, operation);
        match verdict {
            Verdict::Proceed | Verdict::LoseAnswer => {}
            Verdict::Refuse => {
                let message = "The level of configured provisioned throughput for the table was exceeded. \
                               Consider increasing your provisioning level with the UpdateTable API.";
                return Err(Refusal::of(
                    operation,
                    DynoxideError::ProvisionedThroughputExceededException(message.to_owned()),
                ));
            }
            Verdict::TransactionConflict => return Err(conflict(operation)),
        }
        let mode = request.capacity_mode();
        let unasked_capacity = matches!(mode.as_deref(), None | Some("NONE"));
        if unasked_capacity {
            *mode = Some("TOTAL".to_owned());
        }
        let unasked_items = request.ask_for_refusing_items();
        let refused = request.refused_units();
        let (access, reads) = (request.access(), request.reads());
        let written = match (reads, tables.is_empty()) {
            (true, _) => Vec::new(),
            // A PartiQL statement may have written anywhere.
            (false, true) => self.feeds().tables(),
            (false, false) => tables,
        };
        let outcome = self
            .engine()
            .run(access, written, move |core| request.run(core))
            .await;
        let mut done = match outcome {
            Ok(done) => done,
            Err(error) => {
                for (table, usage) in refused.bill(&error) {
                    self.meter().add(&table, operation, usage);
                }
                return Err(Refusal::of(
                    operation,
                    strip_refusing_items(error, &unasked_items),
                ));
            }
        };
        for capacity in done.capacity() {
            let reads = reads
                || capacity
                    .read_capacity_units
                    .is_some_and(|units| units > 0.0);
            let usage = if reads {
                Usage::read(capacity.capacity_units)
            } else {
                Usage::write(capacity.capacity_units)
            };
            self.meter().add(&capacity.table_name, operation, usage);
        }
        if verdict == Verdict::LoseAnswer {
            return Err(Refusal::failure("the answer was lost"));
        }
        if unasked_capacity {
            done.strip_capacity();
        }
        done.json().map_err(|error| Refusal::of(operation, error))
    }
}

fn conflict(operation: Operation) -> Refusal {
    let message = "Transaction is ongoing for the item";
    match operation {
        Operation::TransactWriteItems | Operation::TransactGetItems => Refusal::of(
            operation,
            DynoxideError::TransactionCanceledException(
                "Transaction cancelled, please refer cancellation reasons for specific reasons \
                 [TransactionConflict]"
                    .to_owned(),
                vec![dynoxide::errors::CancellationReason {
                    code: "TransactionConflict".to_owned(),
                    message: Some(message.to_owned()),
                    item: None,
                }],
            ),
        ),
        _ => Refusal {
            status: StatusCode::BAD_REQUEST,
            body: format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"{message}"}}"#
            ),
        },
    }
}

fn answer(status: StatusCode, body: String) -> Response<Bytes> {
    let body = Bytes::from(body);
    let checksum = crc32fast::hash(&body);
    let length = body.len();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert("x-amz-crc32", HeaderValue::from(checksum));
    if let Ok(id) = HeaderValue::from_str(&request_id()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// A request id in DynamoDB's form: 52 characters and digits.
fn request_id() -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static SEED: std::sync::LazyLock<RandomState> = std::sync::LazyLock::new(RandomState::new);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut id = String::with_capacity(52);
    for part in 0..4_u64 {
        let mut bits = SEED.hash_one((count, part));
        for _ in 0..12 {
            id.push(char::from(ALPHABET[(bits & 31) as usize]));
            bits >>= 5;
        }
    }
    id.push_str("AAAA");
    id
}
