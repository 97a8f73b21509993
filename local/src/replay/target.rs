//! The stack that a replay plays on: one that runs already, or one of its own. Either is spoken to over HTTP only.

use std::path::PathBuf;

use anyhow::Context as _;
use http::Method;
use noren::{Addresses, Counts, Functions, Hops, Isolation, Ports, Stack, StackOptions, Stillness};
use serde_json::Value;
use tempfile::TempDir;

use super::arguments::Arguments;
use crate::shop::{Call, Caller, ClientError, ShopClient};

/// Where a running stack's AWS endpoint is, unless said otherwise.
const USUAL_AWS_ENDPOINT: &str = "http://127.0.0.1:4566";

/// The stack, and the clients of its parts.
pub(super) struct Target {
    /// The HTTP API.
    pub(super) shop: ShopClient,
    /// The payment stand-in.
    pub(super) payments: ShopClient,
    /// The mail inbox.
    pub(super) mail: ShopClient,
    /// The stack's own counts and stillness.
    control: ShopClient,
    /// Where everything is.
    pub(super) at: Addresses,
    own: Option<(Stack, Option<TempDir>)>,
}

impl Target {
    /// Finds the running stack, or starts one.
    pub(super) async fn reach(
        arguments: &Arguments,
        template: Option<PathBuf>,
    ) -> anyhow::Result<Self> {
        if let Some(template) = template {
            let (stack, directory) = start(arguments, template).await?;
            let at = stack.addresses().clone();
            return Ok(Self::at(at, arguments, Some((stack, directory))));
        }
        let aws = arguments.aws_endpoint.as_deref();
        let aws = aws.unwrap_or(USUAL_AWS_ENDPOINT).trim_end_matches('/');
        let where_all_is = Call::new(Method::GET, "/_noren", Caller::Nobody);
        let at: Addresses = ShopClient::new(aws)
            .get(&where_all_is)
            .await
            .with_context(|| format!("there is no stack with its AWS endpoint at {aws}"))?;
        let given = |url: &Option<String>, usual: String| url.clone().unwrap_or(usual);
        let at = Addresses {
            http_api: given(&arguments.endpoint, at.http_api),
            aws: aws.to_owned(),
            payments: given(&arguments.payments, at.payments),
            mail: at.mail,
            identity: at.identity,
        };
        Ok(Self::at(at, arguments, None))
    }

    fn at(at: Addresses, arguments: &Arguments, own: Option<(Stack, Option<TempDir>)>) -> Self {
        let client = |base: &str| ShopClient::new(base).with_patience(arguments.client_patience);
        Self {
            shop: client(&at.http_api),
            payments: client(&at.payments),
            mail: client(&at.mail),
            control: client(&at.aws),
            at,
            own,
        }
    }

    /// What the stack has done since the last reset.
    pub(super) async fn counts(&self) -> Result<Counts, ClientError> {
        let path = "/_noren/counts";
        self.control
            .get(&Call::new(Method::GET, path, Caller::Nobody))
            .await
    }

    /// Starts counting afresh.
    pub(super) async fn reset_counts(&self) -> Result<(), ClientError> {
        let path = "/_noren/counts/reset";
        let reset = Call::new(Method::POST, path, Caller::Nobody);
        self.control.get::<Value>(&reset).await.map(drop)
    }

    /// Waits until nothing is under way, for so many seconds at most, and says what was seen last.
    pub(super) async fn quiet(&self, seconds: u64) -> Result<Stillness, ClientError> {
        let path = format!("/_noren/quiet?wait_seconds={seconds}");
        self.control
            .get(&Call::new(Method::GET, &path, Caller::Nobody))
            .await
    }

    /// Stops the stack, if it is the replay's own.
    pub(super) async fn stop(self) {
        if let Some((stack, directory)) = self.own {
            stack.stop().await;
            drop(directory);
        }
    }
}

/// As `noren up` starts one, with its state on disk, except that it listens on free ports.
async fn start(
    arguments: &Arguments,
    template: PathBuf,
) -> anyhow::Result<(Stack, Option<TempDir>)> {
    let (path, temporary) = match &arguments.data_dir {
        Some(path) => (path.clone(), None),
        None => {
            let temporary = tempfile::Builder::new().prefix("noren-replay-").tempdir();
            let temporary = temporary.context("a temporary directory cannot be made")?;
            (temporary.path().to_owned(), Some(temporary))
        }
    };
    let functions = match arguments.isolated {
        false => Functions::InProcess,
        true => Functions::Isolated(Isolation {
            processes: arguments.processes,
            ..Isolation::default()
        }),
    };
    let mut options = StackOptions {
        data_directory: Some(path),
        ports: Ports::FREE,
        functions,
        ..StackOptions::in_memory(template)
    };
    if arguments.published_hops {
        options.hops = Some(Hops::published(arguments.seed));
        // Lambda runs more of a function while messages wait; a batch on its way holds one of these places.
        options.queue_concurrency = 64;
    }
    Ok((Stack::start(options).await?, temporary))
}
