#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! Reading and writing trace contexts, making the ids of spans, keeping what a task records of them, and their form as
//! OTLP. Not the sending of it, and no clock: whoever records a span says when it began and ended.

mod context;
mod otlp;
mod recorder;
mod span;

pub use context::{SpanId, TraceContext, TraceId};
pub use otlp::to_otlp;
pub use recorder::{current, is_recorded, record, recording, within};
pub use span::{Kind, Span};
