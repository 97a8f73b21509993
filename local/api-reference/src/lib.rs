//! The shop's HTTP API as one: what every context says of its own routes, joined.
//!
//! Of it are made the OpenAPI documents that are committed ([`artefact`]), the pages of the local stack ([`Pages`]), and
//! the judgement of a change ([`gate`], [`history`]), with whom in this repository it would break ([`callers`]). The binary `api-reference` writes what is committed.
//!
//! Does not own what a route takes or answers: that is told by each context beside its handlers
//! (`functions/*/src/http/description.rs`), and made a document by `shared/openapi`.

mod command;
mod contexts;
mod fields;
mod pages;

pub mod artefact;
pub mod callers;
pub mod gate;
pub mod history;

pub use contexts::{CONTEXTS, Context, document, document_of};
pub use pages::{Pages, serves};
