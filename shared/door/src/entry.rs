//! The door itself: a payload in, an answer out.

use std::sync::Arc;

use bytes::Bytes;
use identifiers::Clock;
use publisher::Publisher;

use crate::function::InvocationError;
use crate::{
    Callers, Context, DeadLetters, Problem, Trigger, gateway, publish_again, queue, stream,
};

/// A context with everything that its triggers need.
///
/// ```
/// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
/// # use courses::*;
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use std::sync::Arc;
///
/// use door::{DeadLetterRecorder, Door};
/// use identifiers::SystemClock;
/// use publisher::Recorder;
/// use store::MemoryStore;
///
/// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
/// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
/// let answer = door.handle(br#"{"schedule":"deadlines"}"#).await.unwrap();
/// assert_eq!(answer, r#"{"due":0}"#);
/// # });
/// ```
pub struct Door<C, P, D, K> {
    pub(crate) context: Arc<C>,
    pub(crate) router: axum::Router,
    pub(crate) publisher: P,
    pub(crate) dead_letters: D,
    pub(crate) clock: K,
    pub(crate) callers: Callers,
}

impl<C: Context, P: Publisher, D: DeadLetters, K: Clock> Door<C, P, D, K> {
    /// A door to the context, which believes no caller yet: events go to the publisher, hopeless messages to the dead letters.
    ///
    /// ```
    /// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
    /// # use courses::*;
    /// use std::sync::Arc;
    ///
    /// use door::{DeadLetterRecorder, Door};
    /// use identifiers::SystemClock;
    /// use publisher::Recorder;
    /// use store::MemoryStore;
    ///
    /// // In tests. In a function `door::start` makes it over DynamoDB, SNS and SQS.
    /// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
    /// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
    /// # drop(door);
    /// ```
    pub fn new(context: Arc<C>, publisher: P, dead_letters: D, clock: K) -> Self {
        let router = context
            .router()
            .fallback(async || Problem::not_found("this path"))
            .method_not_allowed_fallback(async |method: http::Method| {
                Problem::method_not_allowed(&method)
            });
        Self {
            context,
            router,
            publisher,
            dead_letters,
            clock,
            callers: Callers::nobody(),
        }
    }

    /// Lets in whom it is told to believe. Without this, nobody is signed in and no guest is known.
    ///
    /// ```
    /// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
    /// # use courses::*;
    /// use std::sync::Arc;
    ///
    /// use door::{Callers, DeadLetterRecorder, Door};
    /// use identifiers::SystemClock;
    /// use publisher::Recorder;
    /// use store::MemoryStore;
    ///
    /// let context = Arc::new(Courses { table: MemoryStore::new(&[]) });
    /// let door = Door::new(context, Recorder::default(), DeadLetterRecorder::default(), SystemClock);
    /// let door = door.with_callers(Callers::of("https://issuer.example", ["shop".to_owned()]));
    /// # drop(door);
    /// ```
    #[must_use]
    pub fn with_callers(self, callers: Callers) -> Self {
        Self { callers, ..self }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// When the payload is no trigger of a function, or a sweep failed. A failed message or record is not an error:
    /// the answer reports it.
    ///
    /// ```
    /// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
    /// # use courses::*;
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// use std::sync::Arc;
    ///
    /// use contracts::Announcement;
    /// use door::{DeadLetterRecorder, Door};
    /// use identifiers::SystemClock;
    /// use publisher::Deaf;
    /// use store::MemoryStore;
    ///
    /// let table = MemoryStore::new(&[]);
    /// let context = Arc::new(Courses { table: table.clone() });
    /// let door = Door::new(context, Deaf, DeadLetterRecorder::default(), SystemClock);
    ///
    /// let paid = FeePaid { course: courses::course::course("rust"), student: "mia".to_owned() };
    /// let event = Announcement::of(&paid).envelope("payment-1", 1, 0, &courses::course::message("m-1"));
    /// let batch = serde_json::json!({ "Records": [
    ///     { "eventSource": "aws:sqs", "messageId": "m-1", "body": event.to_json() },
    ///     { "eventSource": "aws:sqs", "messageId": "m-2", "body": "no event" },
    /// ] });
    /// // The first is committed, and not acknowledged: what it led to could not be published. The second is a dead letter.
    /// let answer = door.handle(batch.to_string().as_bytes()).await.unwrap();
    /// assert_eq!(answer, r#"{"batchItemFailures":[{"itemIdentifier":"m-1"}]}"#);
    /// assert_eq!(table.all().len(), 1);
    /// # });
    /// ```
    pub async fn handle(&self, payload: &[u8]) -> Result<Bytes, InvocationError> {
        match Trigger::read(payload)? {
            Trigger::Http(request) => gateway::answer(self, *request).await,
            Trigger::Queue(batch) => queue::answer(self, batch).await,
            Trigger::Stream(batch) => stream::answer(self, batch).await,
            Trigger::PublishAgain(wanted) => publish_again::answer(self, wanted).await,
            Trigger::Schedule => {
                let sweep = self.context.sweep(self.clock.now()).await?;
                if sweep.failed > 0 {
                    return Err(InvocationError::Sweep {
                        due: sweep.due,
                        failed: sweep.failed,
                    });
                }
                Ok(Bytes::from(format!("{{\"due\":{}}}", sweep.due)))
            }
        }
    }
}
