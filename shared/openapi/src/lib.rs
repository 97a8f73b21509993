#![doc = include_str!("../README.md")]
//!
//! # What this crate owns
//!
//! A [`Description`] is a context's, with one [`Route`] an operation; [`document`] joins several to one document, and
//! [`changes`] judges a change of it. Owns no route and no rule of a context, not where documents are kept, and no
//! extractor: what one takes is said beside it ([`Input`]).

mod description;
mod document;
mod draft;
mod finished;
mod handler;
mod input;
mod judge;
mod rewrite;
mod route;
mod schemas;

pub use description::{Description, Operation};
pub use document::{document, in_text};
pub use handler::Handler;
pub use input::{Input, Output};
pub use judge::{Breach, changes};
pub use route::{Refusal, Route};
