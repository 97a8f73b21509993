// The context of the examples, over the aggregate of decider's. Documentation includes this file, and so compiles it.
#[rustfmt::skip]
pub mod course { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../decider/doc/course.rs")); }

use axum::extract::{Path, State};
use axum::routing::put;
use axum::{Json, Router};
use contracts::{CloudEvent, EventData};
use course::{Course, Full, enrol};
use decider::{ExecuteError, execute};
use door::{ConsumeError, Context, Problem, RequestCause, describe};
use identifiers::{ProductId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Cursor, Origin, Page, Store, StoreFailure};

/// Courses, over a table.
#[derive(Clone)]
pub struct Courses<S> {
    pub table: S,
}

/// What payments say, and courses hear.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FeePaid {
    pub course: ProductId,
    pub student: String,
}

impl EventData for FeePaid {
    const TYPE: &'static str = "payments.FeePaid.v1";
}

impl<S: Store + Clone> Context for Courses<S> {
    const HEARS: &'static [&'static str] = &[FeePaid::TYPE];

    fn router(&self) -> Router {
        let route = put(put_student::<S>);
        Router::new()
            .route("/courses/{course}/students/{student}", route)
            .with_state(self.table.clone())
    }

    fn description() -> openapi::Description {
        describe("courses", "Courses and who takes part in them")
    }

    async fn consume(
        &self,
        event: &CloudEvent,
        now: Timestamp,
    ) -> Result<Vec<CloudEvent>, ConsumeError> {
        let FeePaid { course, student } = event.data()?;
        let (cause, command) = (event.as_cause(now), enrol(&student));
        let work = execute::<Course, S>(&self.table, &course, &cause, Origin::Queue, &command);
        // A course that is full refuses: the message goes to the dead-letter queue with the reason.
        let outcome = work.await.map_err(ConsumeError::from_execute)?;
        Ok(outcome.events)
    }

    async fn scan(&self, after: Option<&Cursor>, limit: usize) -> Result<Page, StoreFailure> {
        self.table.scan(after, limit).await
    }
}

async fn put_student<S: Store>(
    State(table): State<S>,
    Path((course, student)): Path<(String, String)>,
    RequestCause(cause): RequestCause,
) -> Result<Json<Course>, Problem> {
    let course = ProductId::new(course).map_err(|_| Problem::not_found("this course"))?;
    let command = enrol(&student);
    match execute::<Course, S>(&table, &course, &cause, Origin::Http, &command).await {
        Ok(outcome) => Ok(Json(outcome.state.unwrap_or_default())),
        Err(ExecuteError::Rejected(Full)) => {
            Err(Problem::conflict("course-full", "each seat is taken"))
        }
        Err(ExecuteError::Failed(failure)) => Err(failure.into()),
    }
}
