//! What a stack is started with.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::address::Ports;
use crate::hops::Hops;
use crate::invoke::Invoker;
use crate::isolated;
use crate::pause::RetryPause;

/// Choices made when a stack is started.
#[derive(Clone)]
pub struct StackOptions {
    /// The SAM template.
    pub template: PathBuf,
    /// Values for the template's parameters; those with a local meaning need none.
    pub parameters: BTreeMap<String, String>,
    /// Where all state is kept; none for a stack in memory, which ends with the process.
    pub data_directory: Option<PathBuf>,
    /// Where to listen.
    pub ports: Ports,
    /// The directory of the shop's built pages, served from the HTTP API's origin; none serves the API alone.
    pub frontend: Option<PathBuf>,
    /// How functions run.
    pub functions: Functions,
    /// Functions that run instead of the template's own, by the cargo binary that the template names.
    pub replaced: BTreeMap<String, Arc<dyn Invoker>>,
    /// Invocations at once for each queue that has no `MaximumConcurrency`. Lambda begins with five.
    pub queue_concurrency: usize,
    /// How long events are on their way; none for as fast as this machine is.
    pub hops: Option<Hops>,
    /// Pauses of event source mappings whose function fails, and of processes that do not start.
    pub retry_pause: RetryPause,
    /// Whether schedules run by themselves; [`crate::Stack::tick_schedules`] runs them by hand.
    pub schedules: bool,
    /// The time that visibility, delays and retention of queues follow.
    pub queue_clock: Arc<dyn local_messaging::Clock>,
    /// Choices about the payment stand-in; addresses, directory and secrets are the stack's own.
    pub payments: payment_stand_in::Options,
    /// Choices about the mail inbox; its directory is the stack's own.
    pub mail: local_mail::Options,
    /// Region in ARNs.
    pub region: String,
    /// Account in ARNs: twelve digits.
    pub account_id: String,
    /// Beginning of every generated name.
    pub stack_name: String,
}

/// How functions run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Functions {
    /// In this process.
    InProcess,
    /// Each in processes of its own.
    Isolated(Isolation),
}

/// Where the functions' binaries are, and how many of each run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// Looked through in this order.
    pub directories: Vec<PathBuf>,
    /// Processes of each function.
    pub processes: usize,
}

impl Default for Isolation {
    /// Two processes of each, from beside the running executable.
    fn default() -> Self {
        Self {
            directories: isolated::beside_this_executable(),
            processes: 2,
        }
    }
}

impl StackOptions {
    /// A stack in memory, on free ports, with its functions in this process.
    pub fn in_memory(template: impl Into<PathBuf>) -> Self {
        let names = sam_template::Parameters::default();
        Self {
            template: template.into(),
            parameters: BTreeMap::new(),
            data_directory: None,
            ports: Ports::FREE,
            frontend: None,
            functions: Functions::InProcess,
            replaced: BTreeMap::new(),
            queue_concurrency: 5,
            hops: None,
            retry_pause: RetryPause::default(),
            schedules: true,
            queue_clock: Arc::new(local_messaging::SystemClock),
            payments: payment_stand_in::Options::default(),
            mail: local_mail::Options::default(),
            region: names.region,
            account_id: names.account_id,
            stack_name: names.stack_name,
        }
    }
}
