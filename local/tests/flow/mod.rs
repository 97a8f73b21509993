//! A whole shop in memory for the flow's tests: the product's own template with its real functions, and a queue clock
//! that the test moves, so that visibility time-outs cost no time.
//!
//! Owns starting, waiting and the ending that every test has. What customers and operators send is `counter.rs`'s, what
//! is done to messages `wire.rs`'s, killed processes `crash.rs`'s, and what must hold of every order `invariants.rs`'s.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod counter;
pub mod crash;
mod invariants;
pub mod wire;

use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use local_messaging::ManualClock;
use noren::{Functions, Isolation, RetryPause, Stack, StackOptions, Stillness};
use tempfile::TempDir;

/// The longest that a test waits for anything. Far beyond what it takes, for a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// As the template has it for every queue that a function consumes.
const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(90);
/// After so many looks with nothing but messages in flight, only their visibility time-out can bring them back.
const LOOKS_BEFORE_TIME_OUT: u32 = 25;

/// A running shop, and what the test has done in it.
pub struct Shop {
    pub stack: Stack,
    pub clock: ManualClock,
    client: counter::Client,
    /// Every order that was placed.
    orders: Mutex<BTreeSet<String>>,
    /// Every SKU that is sold.
    skus: Mutex<BTreeSet<String>>,
}

fn template() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")
}

/// In memory, in this process. Retries come quickly, and schedules tick when the test says so.
pub fn options() -> StackOptions {
    StackOptions {
        retry_pause: RetryPause {
            first: Duration::from_millis(1),
            longest: Duration::from_millis(20),
        },
        schedules: false,
        // The queues' clock stands still until a test moves it: what waits for a fuller batch would look forgotten.
        parameters: [
            ("InsightsBatchSize", "10"),
            ("InsightsBatchingWindowSeconds", "0"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        ..StackOptions::in_memory(template())
    }
}

/// The same, with each function in one process of its own. The functions' binaries must have been built beside this test.
pub fn isolated() -> StackOptions {
    let isolation = Isolation {
        processes: 1,
        ..Isolation::default()
    };
    StackOptions {
        functions: Functions::Isolated(isolation),
        ..options()
    }
}

/// The same, where orders waits only seconds for replies. The directory holds the template and must outlive the start.
pub fn impatient(reply_within_seconds: u32, obtain_within_seconds: u32) -> (StackOptions, TempDir) {
    let text = std::fs::read_to_string(template()).unwrap();
    let name = "          SERVICE_NAME: orders\n";
    assert!(text.contains(name), "the template gives orders its name");
    let settings = format!(
        "{name}          REPLY_WITHIN_SECONDS: \"{reply_within_seconds}\"\n          \
         OBTAIN_WITHIN_SECONDS: \"{obtain_within_seconds}\"\n"
    );
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("template.yaml");
    std::fs::write(&path, text.replace(name, &settings)).unwrap();
    let options = StackOptions {
        template: path,
        ..options()
    };
    (options, directory)
}

impl Shop {
    pub async fn open(options: StackOptions) -> Self {
        Self::open_at(options, ManualClock::new(jiff::Timestamp::now())).await
    }

    /// Opens with a clock that an earlier shop on the same directory had: time does not run back over a restart.
    pub async fn open_at(options: StackOptions, clock: ManualClock) -> Self {
        let options = StackOptions {
            queue_clock: Arc::new(clock.clone()),
            ..options
        };
        let started = Stack::start(options).await;
        let stack = started.unwrap_or_else(|error| panic!("{error}"));
        Self {
            client: counter::Client::default(),
            stack,
            clock,
            orders: Mutex::default(),
            skus: Mutex::default(),
        }
    }

    /// Waits until nothing is under way. Where only visibility time-outs could go on, they pass.
    pub async fn quiet(&self) -> Stillness {
        let end = Instant::now() + PATIENCE;
        let mut looks = 0;
        loop {
            let seen = self.stack.look().await;
            if seen.quiet {
                return seen;
            }
            assert!(
                Instant::now() < end,
                "the stack does not come to rest: {seen:?}"
            );
            let only_in_flight = seen.running == 0
                && seen.streams.is_empty()
                && seen.webhooks == 0
                && seen.queues.values().all(|queue| queue.visible == 0);
            looks = if only_in_flight { looks + 1 } else { 0 };
            if looks == LOOKS_BEFORE_TIME_OUT {
                self.pass_visibility_time_out();
                looks = 0;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Lets as much time pass on the queues' clock as brings an unacknowledged message back.
    pub fn pass_visibility_time_out(&self) {
        self.clock.advance(VISIBILITY_TIMEOUT);
    }

    /// Ticks the schedules until the order has that status: deadlines are of whole seconds by the real clock.
    pub async fn tick_until(&self, order_id: &str, status: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            self.stack.tick_schedules().await.unwrap();
            self.quiet().await;
            let order = self.order(order_id).await;
            if order["status"] == status {
                return;
            }
            assert!(Instant::now() < end, "not {status}: {order}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Stops the shop in the middle of whatever it does, and gives what the next one on the same directory needs.
    pub async fn close(self) -> (ManualClock, BTreeSet<String>, BTreeSet<String>) {
        let Self {
            stack,
            clock,
            orders,
            skus,
            ..
        } = self;
        stack.stop().await;
        (
            clock,
            orders.into_inner().unwrap(),
            skus.into_inner().unwrap(),
        )
    }

    /// Takes over what an earlier shop on the same directory had been told.
    pub fn goes_on_with(&self, orders: BTreeSet<String>, skus: BTreeSet<String>) {
        self.orders.lock().unwrap().extend(orders);
        self.skus.lock().unwrap().extend(skus);
    }

    /// The end of every test: all is quiet, the dead-letter queues (by their names in the template) hold so many
    /// messages and no others, and the invariants hold of every order.
    pub async fn finish(self, dead_letters: &[(&str, usize)]) {
        let seen = self.quiet().await;
        let mut found: Vec<(&str, usize)> = Vec::new();
        for queue in &self.stack.template().queues {
            if let Some(count) = seen.dead_letters.get(&queue.name) {
                found.push((&queue.logical_id, *count));
            }
        }
        assert_eq!(found, dead_letters, "{}", self.reasons());
        self.check_invariants().await;
        self.stack.stop().await;
    }
}

/// Waits until a condition holds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let end = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < end, "it never came about that {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
