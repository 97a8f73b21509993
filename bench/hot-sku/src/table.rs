//! Inventory's table on this machine's DynamoDB, in a file of its own that goes with it.

use anyhow::Context as _;
use local_dynamodb::{DynamoDb, Options, TableSpecification, Usage};
use serde_json::json;
use store::DynamoDbStore;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const TABLE: &str = "InventoryTable";

/// A running engine with an empty table.
pub(crate) struct LocalTable {
    engine: DynamoDb,
    endpoint: String,
    server: JoinHandle<()>,
    _directory: TempDir,
}

impl LocalTable {
    /// Makes it, as the template declares it.
    ///
    /// # Errors
    /// When the engine does not start.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let directory = tempfile::tempdir().context("a temporary directory cannot be made")?;
        let engine = DynamoDb::open(Options::in_directory(directory.path()))?;
        let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
        let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
        let index = inventory::INDEXES.iter().map(|index| {
            json!({
                "IndexName": index.name,
                "KeySchema": [key(index.partition, "HASH"), key(index.sort, "RANGE")],
                "Projection": { "ProjectionType": "ALL" },
            })
        });
        let names = inventory::INDEXES.iter();
        let names = names.flat_map(|index| [index.partition, index.sort]);
        let attributes = ["pk", "sk"].into_iter().chain(names).map(attribute);
        let specification = TableSpecification::from_json(json!({
            "TableName": TABLE,
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "AttributeDefinitions": attributes.collect::<Vec<_>>(),
            "GlobalSecondaryIndexes": index.collect::<Vec<_>>(),
            "StreamSpecification": { "StreamViewType": "NEW_IMAGE" },
        }))?;
        engine.ensure_table(&specification).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let router = engine.router();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("hot-sku: the table's server ended: {error}");
            }
        });
        engine.reset_counts();
        Ok(Self {
            engine,
            endpoint,
            server,
            _directory: directory,
        })
    }

    /// The table as a function reaches it.
    ///
    /// # Errors
    /// When the SDK cannot be configured.
    pub(crate) fn store(&self) -> anyhow::Result<DynamoDbStore> {
        let variables = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = door::sdk_config(&variables.into_iter().collect())?;
        let client = aws_sdk_dynamodb::Client::new(&config);
        Ok(DynamoDbStore::new(client, TABLE))
    }

    /// What was asked of it so far.
    pub(crate) fn used(&self) -> Usage {
        let mut all = Usage::default();
        for usage in self.engine.counts().into_values() {
            all.requests += usage.requests;
            all.read_units += usage.read_units;
            all.write_units += usage.write_units;
        }
        all
    }
}

impl Drop for LocalTable {
    fn drop(&mut self) {
        self.server.abort();
    }
}
