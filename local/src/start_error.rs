//! Why a stack could not start, in words for whoever started it.

use std::path::PathBuf;

use crate::checkpoint::CheckpointError;
use crate::data_directory::DataDirectoryError;
use crate::isolated::StartFailure;
use crate::resources::ResourceError;

/// Why a stack could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port is taken.
    #[error(
        "{what} cannot listen on 127.0.0.1:{port}: {source}. Choose another port with {flag}, or 0 for any free one"
    )]
    Port {
        /// What was to listen.
        what: &'static str,
        /// The flag that sets the port.
        flag: &'static str,
        /// The port.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The template's file cannot be read.
    #[error("the template {} cannot be read: {source}", path.display())]
    Template {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The template cannot be run here.
    #[error(transparent)]
    Unsupported(#[from] sam_template::TemplateError),
    /// An event source mapping is set to what the engine cannot do.
    #[error("{logical_id}.Events.{event}: {reason}")]
    Mapping {
        /// The function's name in the template.
        logical_id: String,
        /// The event's name.
        event: String,
        /// What cannot be done.
        reason: String,
    },
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDirectory(#[from] DataDirectoryError),
    /// The tables' file cannot be used.
    #[error(transparent)]
    Tables(#[from] local_dynamodb::OpenError),
    /// A stream could not be read.
    #[error(transparent)]
    Stream(#[from] local_dynamodb::EngineError),
    /// The messages' file cannot be used.
    #[error(transparent)]
    Messages(#[from] local_messaging::OpenError),
    /// The payment stand-in cannot open its ledger.
    #[error(transparent)]
    Payments(#[from] payment_stand_in::OpenError),
    /// The inbox cannot be opened.
    #[error(transparent)]
    Mail(#[from] local_mail::OpenError),
    /// The issuer's state cannot be opened.
    #[error(transparent)]
    Identity(#[from] local_identity::OpenError),
    /// A stream's checkpoint cannot be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A table, queue, topic or subscription could not be made.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// The template names a binary that this program does not hold.
    #[error(
        "{logical_id} is the binary {binary}, which is none of the contexts that run in this process; --isolated runs any binary"
    )]
    NoContext {
        /// The function's name in the template.
        logical_id: String,
        /// The binary.
        binary: String,
    },
    /// A function's executable is missing.
    #[error(
        "{logical_id} is the binary {binary}, which is not in {directories}; build it with `cargo build --workspace` (with --release if this is a release build)"
    )]
    NoBinary {
        /// The function's name in the template.
        logical_id: String,
        /// The binary.
        binary: String,
        /// Where it was looked for.
        directories: String,
    },
    /// A function did not start in this process.
    #[error("{logical_id} did not start: {source}")]
    Function {
        /// The function's name in the template.
        logical_id: String,
        /// What it said.
        source: door::StartError,
    },
    /// A function's process did not start.
    #[error("{logical_id} did not start: {source}")]
    Process {
        /// The function's name in the template.
        logical_id: String,
        /// Why.
        source: StartFailure,
    },
}
