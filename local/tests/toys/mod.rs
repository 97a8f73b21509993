//! A toy function that a test tells how to behave, in a stack in memory around a small template; and a plain HTTP client.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use noren::{InProcess, Invoker, RetryPause, Stack, StackOptions};
use serde_json::Value;
use tokio::sync::watch;

/// What one invocation does.
pub enum Behaviour {
    Answer(Value),
    Fail(&'static str),
    Panic,
    Hang,
}

type Rule = Box<dyn FnMut(&Value) -> Behaviour + Send>;

/// The toy: it keeps every payload, and does what the rule says.
#[derive(Clone)]
pub struct Toy {
    rule: Arc<Mutex<Rule>>,
    payloads: watch::Sender<Vec<Value>>,
}

impl Toy {
    pub fn new(rule: impl FnMut(&Value) -> Behaviour + Send + 'static) -> Self {
        Self {
            rule: Arc::new(Mutex::new(Box::new(rule))),
            payloads: watch::Sender::new(Vec::new()),
        }
    }

    pub fn invoker(&self) -> Arc<dyn Invoker> {
        let toy = self.clone();
        Arc::new(InProcess::new(move |payload: Bytes| {
            let toy = toy.clone();
            async move { toy.run(&payload).await }
        }))
    }

    async fn run(&self, payload: &[u8]) -> Result<Bytes, String> {
        let payload: Value = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let behaviour = (self.rule.lock().unwrap())(&payload);
        self.payloads.send_modify(|payloads| payloads.push(payload));
        match behaviour {
            Behaviour::Answer(answer) => Ok(answer.to_string().into()),
            Behaviour::Fail(reason) => Err(reason.to_owned()),
            Behaviour::Panic => panic!("the toy panics"),
            Behaviour::Hang => std::future::pending().await,
        }
    }

    /// Everything it was invoked with so far.
    pub fn payloads(&self) -> Vec<Value> {
        self.payloads.borrow().clone()
    }

    /// Waits until it has been invoked so often, and gives the payloads.
    pub async fn invoked(&self, times: usize) -> Vec<Value> {
        let mut payloads = self.payloads.subscribe();
        let enough = payloads.wait_for(|payloads| payloads.len() >= times);
        let enough = tokio::time::timeout(Duration::from_secs(20), enough).await;
        match enough {
            Ok(payloads) => payloads.expect("the toy is alive").clone(),
            Err(_) => panic!("invoked {} times, not {times}", self.payloads().len()),
        }
    }
}

/// A template of this folder.
pub fn template(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/templates")
        .join(name)
}

/// A stack of the small template whose one function is the toy. Pauses are short, so that retries are quick.
pub fn options(toy: &Toy) -> StackOptions {
    StackOptions {
        replaced: [("toys".to_owned(), toy.invoker())].into(),
        retry_pause: RetryPause {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(5),
        },
        schedules: false,
        ..StackOptions::in_memory(template("small.yaml"))
    }
}

pub async fn start(toy: &Toy) -> Stack {
    Stack::start(options(toy)).await.unwrap()
}

/// Sends a request; gives the status, the headers and the body.
pub async fn send(
    request: http::request::Builder,
    body: impl Into<Bytes>,
) -> http::Response<Bytes> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let request = request.body(Full::new(body.into())).unwrap();
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    http::Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

pub fn json(response: &http::Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// Waits until a condition holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert!(waited.is_ok(), "{what}");
}

/// Waits for stillness, and fails with what was still under way.
pub async fn quiet(stack: &Stack) -> noren::Stillness {
    let seen = stack.wait_until_quiet(Duration::from_secs(20)).await;
    assert!(seen.quiet, "{seen:?}");
    seen
}

/// Asks DynamoDB through the AWS endpoint.
pub async fn dynamodb(stack: &Stack, operation: &str, body: Value) -> Value {
    let request = http::Request::post(&stack.addresses().aws)
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .header("content-type", "application/x-amz-json-1.0");
    let response = send(request, body.to_string()).await;
    assert!(response.status().is_success(), "{:?}", response.body());
    json(&response)
}

/// ARN of a queue of the small template, by its logical id.
pub fn queue_arn(stack: &Stack, logical_id: &str) -> String {
    let queues = &stack.template().queues;
    let queue = queues.iter().find(|queue| queue.logical_id == logical_id);
    queue.unwrap().arn.clone()
}
