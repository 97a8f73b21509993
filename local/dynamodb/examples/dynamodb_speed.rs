//! How many requests the engine answers in a second, called without a socket between, on a file.
//!
//! `cargo run --release -p local-dynamodb --example dynamodb_speed [SECONDS] [put|transact|batch|order|all]`

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use local_dynamodb::{DynamoDb, Options, TableSpecification};
use serde_json::{Value, json};

const SKUS: u64 = 5_000;
const TASKS: u64 = 32;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone)]
struct Shop {
    engine: DynamoDb,
    next: Arc<AtomicU64>,
}

impl Shop {
    async fn call(&self, operation: &str, body: Value) -> Result<(), Failure> {
        let request = Request::post("/")
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .body(Bytes::from(body.to_string()))?;
        let answer = self.engine.handle(request).await;
        if answer.status().is_success() {
            return Ok(());
        }
        Err(format!("{operation}: {}", String::from_utf8_lossy(answer.body())).into())
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn sku(number: u64, line: u64) -> String {
        format!(
            "sku-{:05}",
            number.wrapping_mul(7_919).wrapping_add(line * 487) % SKUS
        )
    }

    /// A new aggregate of about a kilobyte.
    async fn put(&self, number: u64) -> Result<(), Failure> {
        self.call(
            "PutItem",
            json!({
                "TableName": "throughput-orders",
                "Item": order(number, 1),
                "ConditionExpression": "attribute_not_exists(pk)",
            }),
        )
        .await
    }

    /// The next version of an aggregate.
    async fn step(&self, number: u64, version: u64) -> Result<(), Failure> {
        self.call(
            "PutItem",
            json!({
                "TableName": "throughput-orders",
                "Item": order(number, version + 1),
                "ConditionExpression": "version = :read",
                "ExpressionAttributeValues": { ":read": { "N": version.to_string() } },
            }),
        )
        .await
    }

    async fn get(&self, number: u64) -> Result<(), Failure> {
        self.call(
            "GetItem",
            json!({
                "TableName": "throughput-orders",
                "Key": { "pk": { "S": format!("order-{number:09}") } },
                "ConsistentRead": true,
            }),
        )
        .await
    }

    /// Ten lines reserved and the reservation put.
    async fn reserve(&self, number: u64) -> Result<(), Failure> {
        let mut items: Vec<Value> = (0..10)
            .map(|line| {
                json!({ "Update": {
                    "TableName": "throughput-stock",
                    "Key": { "pk": { "S": Shop::sku(number, line) } },
                    "UpdateExpression": "SET reserved = reserved + :quantity, available = available - :quantity, \
                                         version = version + :one",
                    "ConditionExpression": "available >= :quantity",
                    "ExpressionAttributeValues": { ":quantity": { "N": "2" }, ":one": { "N": "1" } },
                } })
            })
            .collect();
        items.push(json!({ "Put": {
            "TableName": "throughput-stock",
            "Item": reservation(number),
            "ConditionExpression": "attribute_not_exists(pk)",
        } }));
        self.call(
            "TransactWriteItems",
            json!({ "TransactItems": items, "ClientRequestToken": format!("token-{number}") }),
        )
        .await
    }

    async fn prices(&self, number: u64) -> Result<(), Failure> {
        let keys: Vec<Value> = (0..10)
            .map(|line| json!({ "pk": { "S": Shop::sku(number, line) } }))
            .collect();
        self.call(
            "BatchGetItem",
            json!({ "RequestItems": { "throughput-stock": { "Keys": keys } } }),
        )
        .await
    }

    /// What one order asks of the tables: 15 requests, a transaction and a batch among them.
    async fn order(&self, number: u64) -> Result<(), Failure> {
        self.prices(number).await?;
        self.put(number).await?;
        self.get(number).await?;
        self.reserve(number).await?;
        for version in 1..=5 {
            self.get(number).await?;
            self.step(number, version).await?;
        }
        self.get(number).await
    }
}

fn order(number: u64, version: u64) -> Value {
    let lines: Vec<Value> = (0..10)
        .map(|line| {
            json!({ "M": {
                "sku": { "S": Shop::sku(number, line) },
                "quantity": { "N": "2" },
                "unit_price_minor": { "N": "1280" },
            } })
        })
        .collect();
    json!({
        "pk": { "S": format!("order-{number:09}") },
        "version": { "N": version.to_string() },
        "customer": { "S": format!("customer-{:06}", number % 10_000) },
        "state": { "S": "placed" },
        "due": { "N": (1_800_000_000 + number).to_string() },
        "due_shard": { "S": format!("{}", number % 4) },
        "lines": { "L": lines },
    })
}

fn reservation(number: u64) -> Value {
    let lines: Vec<Value> = (0..10)
        .map(|line| json!({ "M": { "sku": { "S": Shop::sku(number, line) }, "quantity": { "N": "2" } } }))
        .collect();
    json!({
        "pk": { "S": format!("reservation-{number:09}") },
        "version": { "N": "1" },
        "lines": { "L": lines },
    })
}

async fn prepare(engine: &DynamoDb) -> Result<(), Failure> {
    for table in ["throughput-orders", "throughput-stock"] {
        let mut declaration = json!({
            "TableName": table,
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        });
        if table == "throughput-orders" {
            declaration["AttributeDefinitions"] = json!([
                { "AttributeName": "pk", "AttributeType": "S" },
                { "AttributeName": "due_shard", "AttributeType": "S" },
                { "AttributeName": "due", "AttributeType": "N" },
            ]);
            declaration["GlobalSecondaryIndexes"] = json!([{
                "IndexName": "due",
                "KeySchema": [
                    { "AttributeName": "due_shard", "KeyType": "HASH" },
                    { "AttributeName": "due", "KeyType": "RANGE" },
                ],
                "Projection": { "ProjectionType": "KEYS_ONLY" },
            }]);
        }
        engine
            .ensure_table(&TableSpecification::from_json(declaration)?)
            .await?;
    }
    let shop = Shop {
        engine: engine.clone(),
        next: Arc::new(AtomicU64::new(0)),
    };
    for start in (0..SKUS).step_by(25) {
        let puts: Vec<Value> = (start..start + 25)
            .map(|number| {
                json!({ "PutRequest": { "Item": {
                    "pk": { "S": format!("sku-{number:05}") },
                    "version": { "N": "1" },
                    "on_hand": { "N": "100000000" },
                    "available": { "N": "100000000" },
                    "reserved": { "N": "0" },
                    "location": { "S": "tokyo-1" },
                    "name": { "S": "A thing of which there is much, and that many want at once" },
                } } })
            })
            .collect();
        shop.call(
            "BatchWriteItem",
            json!({ "RequestItems": { "throughput-stock": puts } }),
        )
        .await?;
    }
    Ok(())
}

/// Processor time this process has used, where the system tells it in `/proc`.
fn processor_seconds() -> Option<f64> {
    /// The unit of the two fields on every Linux that Rust runs on.
    const TICKS_PER_SECOND: f64 = 100.0;
    let status = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field, the program's name in brackets, may itself hold blanks.
    let mut fields = status.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

async fn measure<F>(
    name: &str,
    shop: &Shop,
    length: Duration,
    work: impl Fn(Shop, u64) -> F + Send + Sync + Clone + 'static,
) -> Result<(), Failure>
where
    F: Future<Output = Result<(), Failure>> + Send,
{
    let begun = Instant::now();
    let used_before = processor_seconds();
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (shop, work) = (shop.clone(), work.clone());
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while begun.elapsed() < length {
                    let started = Instant::now();
                    work(shop.clone(), shop.number()).await?;
                    waits.push(started.elapsed());
                }
                Ok::<_, Failure>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let used = processor_seconds().zip(used_before);
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let each = used.map_or_else(String::new, |(after, before)| {
        let millis = (after - before) * 1e3 / waits.len() as f64;
        format!("   {millis:>6.3} ms of processor time each")
    });
    println!(
        "{name:<10} {:>8.0}/s{each}   p50 {:>7.2} ms   p99 {:>7.2} ms   max {:>7.2} ms",
        waits.len() as f64 / seconds,
        at(0.5),
        at(0.99),
        at(1.0),
    );
    Ok(())
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let length = Duration::from_secs_f64(arguments.next().map_or(Ok(5.0), |text| text.parse())?);
    let which = arguments.next().unwrap_or_else(|| "all".to_owned());
    let directory = std::env::var_os("THROUGHPUT_DIRECTORY");
    let scratch = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let path = directory.map_or_else(|| scratch.path().to_owned(), Into::into);
        let engine = DynamoDb::open(Options::in_directory(path))?;
        prepare(&engine).await?;
        let shop = Shop {
            engine: engine.clone(),
            next: Arc::new(AtomicU64::new(0)),
        };
        let trimmer = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(500)).await;
                for table in ["throughput-orders", "throughput-stock"] {
                    if let Ok(latest) = engine.latest_position(table).await {
                        engine.trim(table, latest).await.ok();
                    }
                }
            }
        });
        let chosen = |name: &str| which == "all" || which == name;
        if chosen("put") {
            measure("put", &shop, length, |shop, number| async move {
                shop.put(number).await
            })
            .await?;
        }
        if chosen("transact") {
            measure("transact", &shop, length, |shop, number| async move {
                shop.reserve(number).await
            })
            .await?;
        }
        if chosen("batch") {
            measure("batch", &shop, length, |shop, number| async move {
                shop.prices(number).await
            })
            .await?;
        }
        if chosen("order") {
            measure("order", &shop, length, |shop, number| async move {
                shop.order(number).await
            })
            .await?;
        }
        trimmer.abort();
        Ok(())
    })
}
