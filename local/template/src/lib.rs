//! Reads the SAM template into a typed, resolved model that the local engine runs.
//!
//! Owns: YAML with places (line and path), parameters, pseudo parameters, intrinsics, Globals, the resource types that
//! the engine runs, and the filter patterns of event source mappings. Does not own: running any of it, creating tables
//! or queues, or delivering anything.
//!
//! What the engine cannot run is refused, with the resource, the property and the line. What is known to be without
//! effect on a laptop stands in [`inert::INERT`], each with its reason; nothing else is passed over.

mod condition;
mod error;
mod field;
mod globals;
mod identity;
pub mod inert;
mod intrinsic;
mod load;
mod model;
mod node;
mod parameter;
mod pattern;
mod read;

pub use error::{Refusal, TemplateError};
pub use model::{
    Alarm, Api, AttributeDefinition, AttributeKind, Authorizer, Cors, Dashboard, EventSource,
    Function, HearsError, Index, KeySchema, LogGroup, Metric, Output, Permission, Projection,
    Queue, QueuePolicy, RedrivePolicy, Role, StartingPosition, StreamView, Subscription, Table,
    Template, Topic,
};
pub use parameter::Parameters;
pub use pattern::{FilterCriteria, Pattern, PatternError};
