//! OpenAPI 3.1 from the code: what a route takes is told by its handler's own types, and cannot be told otherwise.
//!
//! A [`Description`] is a context's: one [`Route`] an operation, begun with the handler itself. The handler's extractors
//! ([`Input`]) bring parameters, headers, body, security and refusals; its answer ([`Output`]) brings the schema; what no
//! type says (a summary, examples, refusals by a rule) is added by hand. [`document`] joins descriptions to one document.
//! [`changes`] judges a change of a document for those who call the API.
//!
//! ```
//! use axum::Json;
//! use openapi::{Description, document};
//!
//! #[derive(serde::Serialize, schemars::JsonSchema)]
//! struct Stock { available: i64 }
//!
//! async fn stock() -> Result<Json<Stock>, Json<String>> { Ok(Json(Stock { available: 3 })) }
//!
//! let mut inventory = Description::new("inventory", "What there is of each thing");
//! let _ = inventory
//!     .get("/stock", "showStock", stock)
//!     .says("Tells how many there are", "Of the only thing that is sold.")
//!     .ok("How many", serde_json::json!({ "available": 3 }));
//! let shop = document("Shop", "A shop", "1.0.0", [inventory]);
//! assert_eq!(
//!     shop["paths"]["/stock"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
//!     "#/components/schemas/Stock"
//! );
//! ```
//!
//! Nothing here runs in a deployed function: a description is made when it is asked for, by a generator or a test, and
//! the linker leaves out of a binary what it does not ask for. Owns no route and no rule of a context.

mod description;
mod document;
mod draft;
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
