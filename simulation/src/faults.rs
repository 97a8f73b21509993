//! What can go wrong in a world: each fault by name, its rate, and how often it fired.

use std::collections::BTreeMap;

use crate::dice::Dice;

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $rate:literal;)+) => {
        /// A fault that can be switched on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Fault {
            $($(#[doc = $doc])* $variant,)+
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name, on the command line and in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How often it happens by default: times in a million occasions of its kind.
            pub const fn default_rate(self) -> u32 {
                match self { $(Self::$variant => $rate,)+ }
            }

            /// What it is, in a line.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+),)+ }
            }
        }
    };
}

faults! {
    /// A message is delivered 2 to 10 times.
    Duplicate = "duplicate", 15_000;
    /// A message is delivered once more 30 days later.
    DuplicateAfter30Days = "duplicate_after_30_days", 3_000;
    /// A message lets later ones pass.
    Reordered = "reordered", 20_000;
    /// A message is delayed by up to 24 hours.
    Delayed = "delayed_up_to_24_hours", 3_000;
    /// A message comes again while its first delivery still runs.
    VisibilityExpired = "visibility_expired", 12_000;
    /// A batch has a message in it that is none.
    PoisonMessage = "poison_message", 2_000;
    /// A message of a type that its consumer does not hear.
    UnknownType = "unknown_type", 2_000;
    /// A batch of several messages is killed in the middle.
    BatchKilled = "batch_killed", 15_000;
    /// Some entries of a `PublishBatch` fail.
    PublishPartlyFailed = "publish_partly_failed", 10_000;
    /// A `PublishBatch` gets no answer, and was done.
    PublishTimeoutDone = "publish_timeout_done", 4_000;
    /// An invocation is throttled; its batch comes again.
    InvokeThrottled = "invoke_throttled", 10_000;
    /// A message ends in the dead-letter queue and is redriven.
    DeadLetterRedriven = "dead_letter_redriven", 2_000;
    /// A topic may not deliver to a queue; the subscription's dead letters are redriven.
    DeliveryDenied = "delivery_denied", 2_000;
    /// A context's stream invokes nothing for an hour.
    RelayDeadHour = "relay_dead_hour", 60_000;
    /// A context's stream invokes nothing for 25 hours: it loses records, which are then published again from the table.
    RelayDead25Hours = "relay_dead_25_hours", 100_000;
    /// A record of a stream comes twice.
    StreamDoubled = "stream_doubled", 15_000;
    /// A batch of a stream is cut short.
    StreamSplit = "stream_split", 30_000;
    /// Records of different items change places in a stream.
    StreamReordered = "stream_reordered", 120_000;
    /// A record of a stream cannot be read, ever.
    StreamPoison = "stream_poison", 1_500;
    /// A call of the store times out, and was done.
    StoreTimeoutDone = "store_timeout_done", 3_000;
    /// A call of the store times out, and was not done.
    StoreTimeoutNotDone = "store_timeout_not_done", 3_000;
    /// Writes meet conflicts, several in a row.
    ConflictStorm = "conflict_storm", 4_000;
    /// The store refuses for a while.
    StoreThrottled = "store_throttled", 2_000;
    /// An eventually consistent read shows an older version.
    StaleRead = "stale_read", 10_000;
    /// An index shows what it held before.
    StaleIndex = "stale_index", 30_000;
    /// An item would be over the size limit.
    ItemNearLimit = "item_near_limit", 4_000;
    /// The provider does what it is asked, and no answer comes.
    ProviderTimeoutDone = "provider_timeout_done", 12_000;
    /// The provider does nothing, and no answer comes.
    ProviderTimeoutNotDone = "provider_timeout_not_done", 8_000;
    /// The provider fails and stores that under the idempotency key.
    ProviderFailureStored = "provider_failure_stored", 8_000;
    /// A call of the provider is tried again a day later.
    ProviderRetryAfterDay = "provider_retry_after_day", 400_000;
    /// The provider gives no answer for an hour.
    ProviderDownHour = "provider_down_hour", 60_000;
    /// A payment is declined.
    Decline = "decline", 60_000;
    /// A payment needs the customer, who never acts.
    ActionNeverCompleted = "action_never_completed", 20_000;
    /// A webhook comes before the answer of the call that it tells of.
    WebhookBeforeAnswer = "webhook_before_answer", 100_000;
    /// A webhook comes twice.
    WebhookDoubled = "webhook_doubled", 40_000;
    /// A webhook comes late, after later ones.
    WebhookReordered = "webhook_reordered", 60_000;
    /// A webhook is signed by somebody else.
    WebhookForged = "webhook_forged", 15_000;
    /// A webhook's signature is too old.
    WebhookTooOld = "webhook_too_old", 15_000;
    /// A hold ends before its order is dispatched.
    HoldExpired = "hold_expired_before_capture", 25_000;
    /// A confirmed order is cancelled just as it is dispatched.
    CaptureRacingVoid = "capture_racing_void", 40_000;
    /// Two refunds are asked for at once, together of more than was captured.
    TwoRefunds = "two_refunds_at_once", 40_000;
    /// A process dies before a call.
    CrashBeforeCall = "crash_before_call", 2_000;
    /// A process dies after a call.
    CrashAfterCall = "crash_after_call", 2_000;
    /// A process's clock is up to five minutes off.
    ClockOff = "clock_off", 50_000;
    /// A process's clock steps back while it runs.
    ClockStepsBack = "clock_steps_back", 20_000;
    /// A process runs a version whose documents and events have a field more.
    VersionsSideBySide = "versions_side_by_side", 50_000;
    /// A mail is sent, and no answer comes.
    MailTimeoutDone = "mail_timeout_done", 15_000;
    /// A mail is not sent.
    MailFailed = "mail_failed", 15_000;
    /// A client sends the same request twice at once, with one key.
    SameKeyInParallel = "same_key_in_parallel", 60_000;
    /// A client uses a key again for another wish.
    SameKeyOtherBody = "same_key_other_body", 30_000;
}

const COUNT: usize = Fault::ALL.len();

/// The rates at which faults happen: times in a million occasions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates([u32; COUNT]);

impl Rates {
    /// Nothing goes wrong.
    pub const fn none() -> Self {
        Self([0; COUNT])
    }

    /// Everything goes wrong, at its default rate.
    pub fn all() -> Self {
        let mut rates = Self::none();
        for fault in Fault::ALL {
            rates.set(*fault, fault.default_rate());
        }
        rates
    }

    /// Sets one.
    pub fn set(&mut self, fault: Fault, per_million: u32) {
        self.0[fault as usize] = per_million.min(1_000_000);
    }

    /// One's rate.
    pub fn of(&self, fault: Fault) -> u32 {
        self.0[fault as usize]
    }

    /// Those that are on.
    pub fn on(&self) -> impl Iterator<Item = Fault> + '_ {
        Fault::ALL
            .iter()
            .copied()
            .filter(|fault| self.of(*fault) > 0)
    }

    /// The rates of one world: each fault off, rare, as set or frequent. A world where all happens at once hides what
    /// a world with much of one thing shows.
    #[must_use]
    pub fn mixed(&self, dice: &mut Dice) -> Self {
        let mut mixed = self.clone();
        for rate in &mut mixed.0 {
            *rate = match dice.below(8) {
                0 => 0,
                1 | 2 => *rate / 3,
                3..=5 => *rate,
                6 => rate.saturating_mul(2).min(1_000_000),
                _ => rate.saturating_mul(4).min(1_000_000),
            };
        }
        mixed
    }
}

/// How often each fault fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired([u64; COUNT]);

impl Default for Fired {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self::none()
    }
}

impl Fired {
    /// Counts one.
    pub fn count(&mut self, fault: Fault) {
        self.0[fault as usize] += 1;
    }

    /// How often one fired.
    pub fn of(&self, fault: Fault) -> u64 {
        self.0[fault as usize]
    }

    /// Adds another world's.
    pub fn add(&mut self, other: &Self) {
        for (sum, count) in self.0.iter_mut().zip(&other.0) {
            *sum += count;
        }
    }

    /// By name.
    pub fn by_name(&self) -> BTreeMap<&'static str, u64> {
        Fault::ALL
            .iter()
            .map(|fault| (fault.name(), self.of(*fault)))
            .collect()
    }
}
