//! A function: what Lambda, or the local engine, invokes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use identifiers::Clock;
use lambda_runtime::{LambdaEvent, service_fn};
use publisher::Publisher;
use serde_json::value::RawValue;

use crate::exporter::Exporter;
use crate::telemetry::Telemetry;
use crate::{Context, DeadLetters, Door, Environment, MissingVariable, UnknownTrigger};

/// Why a function could not start.
///
/// ```
/// use door::{Environment, StartError};
///
/// fn seats(environment: &Environment) -> Result<u32, StartError> {
///     let seats = environment.require("SEATS")?;
///     seats.parse().map_err(|error: std::num::ParseIntError| StartError::InvalidVariable {
///         name: "SEATS",
///         reason: error.to_string(),
///     })
/// }
///
/// let error = seats(&Environment::from_iter([("SEATS".to_owned(), "many".to_owned())])).unwrap_err();
/// assert!(error.to_string().starts_with("the environment variable SEATS is not usable"));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is missing.
    #[error(transparent)]
    MissingVariable(#[from] MissingVariable),
    /// A variable has a value that makes no sense.
    #[error("the environment variable {name} is not usable: {reason}")]
    InvalidVariable {
        /// Which.
        name: &'static str,
        /// Why.
        reason: String,
    },
}

/// Why an invocation failed as a whole, so that its trigger brings all of it again.
///
/// ```
/// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
/// # use courses::*;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
///
/// use door::{DeadLetterRecorder, Door, InvocationError};
/// use identifiers::SystemClock;
/// use publisher::Recorder;
/// use store::MemoryStore;
///
/// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
/// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
/// let error = door.handle(b"{}").await.unwrap_err();
/// assert!(matches!(error, InvocationError::Trigger(_)));
/// # });
/// ```
#[derive(Debug, thiserror::Error)]
pub enum InvocationError {
    /// The payload is no trigger that a function has.
    #[error(transparent)]
    Trigger(#[from] UnknownTrigger),
    /// Deadlines could not be looked up.
    #[error("a sweep failed: {0}")]
    Deadlines(#[from] decider::Failure),
    /// Some deadlines could not be met; they stay due.
    #[error("{failed} of {due} deadlines failed")]
    Sweep {
        /// How many were due.
        due: usize,
        /// How many of them failed.
        failed: usize,
    },
    /// The table could not be read.
    #[error("the table could not be read: {0}")]
    Table(#[from] store::StoreFailure),
    /// Some events were not published again.
    #[error("{failed} of {events} events were not published again")]
    PublishAgain {
        /// How many of them failed.
        failed: usize,
        /// How many there were.
        events: usize,
    },
    /// A response body could not be read to its end.
    #[error("the response's body failed: {0}")]
    Body(String),
    /// An answer could not be written as JSON.
    #[error("the answer cannot be written: {0}")]
    Answer(#[source] serde_json::Error),
}

/// The answer of one invocation, when it comes.
///
/// ```
/// use bytes::Bytes;
/// use door::{Function, Invocation};
///
/// fn tick(function: &Function) -> Invocation {
///     function.invoke(Bytes::from_static(br#"{"schedule":"deadlines"}"#))
/// }
/// ```
pub type Invocation = Pin<Box<dyn Future<Output = Result<Bytes, InvocationError>> + Send>>;

/// A started function. Clones share it.
///
/// ```
/// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
/// # use courses::*;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
///
/// use bytes::Bytes;
/// use door::{DeadLetterRecorder, Door, Function};
/// use identifiers::SystemClock;
/// use publisher::Recorder;
/// use store::MemoryStore;
///
/// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
/// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
/// let function = Function::new(door);
/// let answer = function.invoke(Bytes::from_static(br#"{"schedule":"deadlines"}"#)).await.unwrap();
/// assert_eq!(answer, r#"{"due":0}"#);
/// # });
/// ```
#[derive(Clone)]
pub struct Function {
    invoke: Arc<dyn Fn(Bytes) -> Invocation + Send + Sync>,
    exporter: Option<Arc<Exporter>>,
}

impl Function {
    /// The function behind a door.
    ///
    /// ```
    /// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
    /// # use courses::*;
    /// use std::sync::Arc;
    ///
    /// use door::{DeadLetterRecorder, Door, Function};
    /// use identifiers::SystemClock;
    /// use publisher::Recorder;
    /// use store::MemoryStore;
    ///
    /// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
    /// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
    /// let function = Function::new(door);
    /// # drop(function);
    /// ```
    pub fn new<C, P, D, K>(door: Door<C, P, D, K>) -> Self
    where
        C: Context,
        P: Publisher,
        D: DeadLetters,
        K: Clock,
    {
        let door = Arc::new(door);
        let invoke = move |payload: Bytes| -> Invocation {
            let door = Arc::clone(&door);
            Box::pin(async move { door.handle(&payload).await })
        };
        Self {
            invoke: Arc::new(invoke),
            exporter: None,
        }
    }

    /// The same, with its spans sent to the collector that the environment names, if it names one.
    ///
    /// ```
    /// use door::{Environment, Function};
    ///
    /// fn traced(function: Function) -> Function {
    ///     let name = "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned();
    ///     let environment = Environment::from_iter([(name, "http://localhost:4318".to_owned())]);
    ///     function.traced(&environment)
    /// }
    /// ```
    #[must_use]
    pub fn traced(self, environment: &Environment) -> Self {
        let exporter = Exporter::of(environment).map(Arc::new);
        Self { exporter, ..self }
    }

    /// Invokes it with a payload.
    ///
    /// ```
    /// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
    /// # use courses::*;
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::sync::Arc;
    ///
    /// use bytes::Bytes;
    /// use door::{DeadLetterRecorder, Door, Function};
    /// use identifiers::SystemClock;
    /// use publisher::Recorder;
    /// use store::MemoryStore;
    ///
    /// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
    /// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
    /// let request = r#"{"version":"2.0","rawPath":"/courses/rust/students/mia","headers":{},"isBase64Encoded":false,
    ///     "requestContext":{"requestId":"r-1","http":{"method":"PUT"}}}"#;
    /// let answer = Function::new(door).invoke(Bytes::from(request)).await.unwrap();
    /// let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    /// assert_eq!((&answer["statusCode"], &answer["body"]), (&200.into(), &r#"{"students":["mia"]}"#.into()));
    /// # });
    /// ```
    pub fn invoke(&self, payload: Bytes) -> Invocation {
        let work = (self.invoke)(payload);
        let Some(exporter) = self.exporter.clone() else {
            return work;
        };
        Box::pin(async move {
            let (answer, spans) = trace::recording(work).await;
            exporter.export(&spans).await;
            answer
        })
    }
}

/// Runs a function over the Lambda Runtime API, until its environment ends: when the API no longer answers, there is
/// nobody to work for, and the process ends without complaint.
///
/// # Errors
/// When it cannot start.
///
/// ```no_run
/// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
/// # use courses::*;
/// use door::{Environment, Function, StartError};
///
/// async fn start(environment: Environment) -> Result<Function, StartError> {
///     door::start(&environment, |table, _| Ok(Courses { table }))
/// }
///
/// fn main() -> Result<(), lambda_runtime::Error> {
///     door::run(start)
/// }
/// ```
pub fn run<F>(start: impl FnOnce(Environment) -> F) -> Result<(), lambda_runtime::Error>
where
    F: Future<Output = Result<Function, StartError>>,
{
    let environment = Environment::of_process();
    let telemetry = Telemetry::of(&environment);
    telemetry.log();
    // One thread: a Lambda environment has one invocation at a time, and less than one core at 256 MB.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let function = start(environment).await?;
        let handler = service_fn(|event: LambdaEvent<Box<RawValue>>| {
            let payload = Bytes::from(String::from(Box::<str>::from(event.payload)));
            let answer = function.invoke(payload);
            let telemetry = &telemetry;
            async move {
                let answer = telemetry.tell(&event.context, answer).await?;
                Ok::<_, lambda_runtime::Error>(serde_json::from_slice::<Box<RawValue>>(&answer)?)
            }
        });
        // What a handler returns is reported to the API and not returned here. What is returned is the API's own failure.
        if let Err(error) = lambda_runtime::run(handler).await {
            tracing::info!(%error, "the Lambda Runtime API is gone, and so is this process");
        }
        Ok(())
    })
}
