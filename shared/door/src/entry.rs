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
    #[must_use]
    pub fn with_callers(self, callers: Callers) -> Self {
        Self { callers, ..self }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// When the payload is no trigger of a function, or a sweep failed. A failed message or record is not an error:
    /// the answer reports it.
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
