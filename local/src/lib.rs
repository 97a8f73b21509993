//! The whole of Noren on one machine.
//!
//! Reads the SAM template and runs what it declares: tables and their streams, topics, subscriptions, queues, event
//! source mappings, the HTTP API with its authoriser, schedules, and the functions with their environment, in this
//! process or in processes of their own over the Lambda Runtime API. A [`Stack`] is all of that; the binary `noren`
//! starts one and says where it is.
//!
//! Not here: the services themselves (`local/dynamodb`, `local/messaging`, `local/mail`, `local/stand-in`), the reading
//! of the template (`local/template`), and the contexts (`functions/`). Nothing of this is ever deployed.

mod activity;
mod address;
mod batch_report;
mod checkpoint;
mod contexts;
mod control;
mod counts;
mod data_directory;
mod discarded_batch;
mod endpoint;
mod environment;
mod frontend;
mod gateway;
mod hops;
mod housekeeping;
mod invoke;
mod isolated;
mod lambda_api;
mod options;
mod parameter_store;
mod parameters;
mod pause;
mod queue_source;
mod quiet;
mod resources;
mod schedule;
mod server;
mod stack;
mod start_error;
mod stream_source;
mod triggers;

pub use address::{Addresses, Ports};
pub use counts::{Counts, Invocations, TableUse};
pub use frontend::build::{Pages, prepare as prepare_pages};
pub use hops::{Hops, Latency};
pub use invoke::{Answer, FunctionError, FunctionProcess, InProcess, Invoker, PAYLOAD_LIMIT_BYTES};
pub use options::{Functions, Isolation, StackOptions};
pub use pause::RetryPause;
pub use quiet::{Stillness, Waiting};
pub use stack::Stack;
pub use start_error::StartError;
