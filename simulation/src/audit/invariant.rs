//! What must hold, by name.

macro_rules! invariants {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal;)+) => {
        /// Something that must hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Invariant {
            $($(#[doc = $doc])* $variant,)+
        }

        impl Invariant {
            /// Every invariant.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name, in reports.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it says, in a line.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+),)+ }
            }
        }
    };
}

invariants! {
    /// No stock is below nothing.
    StockNotNegative = "stock_not_negative";
    /// What is reserved is on hand.
    ReservedWithinOnHand = "reserved_within_on_hand";
    /// What can be sold, what is reserved and what has left add up to what came in.
    StockConserved = "stock_conserved";
    /// The ledger of movements adds up to what came in.
    MovementsAddUp = "movements_add_up";
    /// The provider has at most one hold or charge per order and attempt.
    OneLiveAuthorisation = "one_live_authorisation";
    /// By the provider's books, refunded is within captured, and captured within authorised.
    RefundedWithinCaptured = "refunded_within_captured_within_held";
    /// Money is taken only when a parcel of its order has left.
    CapturedAfterDispatch = "captured_after_dispatch";
    /// Every payment in the provider's books is of an order that exists, and of its total.
    NoChargeWithoutOrder = "no_charge_without_order";
    /// Once quiet: nothing is held or kept for a cancelled order.
    NothingKeptOnCancelled = "nothing_kept_on_cancelled";
    /// Every order is terminal within twice its longest deadline after faults stop.
    OrdersTerminal = "orders_terminal_within_bound";
    /// The world comes to rest, and before it does nothing of an order is written hundreds of times.
    WorkEnds = "work_ends";
    /// A terminal order stays what it is.
    TerminalStays = "terminal_stays";
    /// Once quiet: no reservation and no hold is left over.
    NothingLeaked = "nothing_leaked";
    /// What is due stands where the sweep looks, and has been dealt with twelve hours later.
    DeadlineMetInTime = "deadline_met_in_time";
    /// Nothing is published that was not committed.
    PublishedWasCommitted = "published_was_committed";
    /// What is published again is the same.
    RepeatedIsSame = "repeated_is_same";
    /// What can happen once happens once.
    EffectOnce = "effect_once";
    /// Once quiet: every committed event was published and taken by all who hear it, or is a dead letter.
    EveryEventTakesEffect = "every_event_takes_effect";
    /// Once quiet: the contexts agree about every order.
    ContextsAgree = "contexts_agree";
    /// Each commit raises the version by one; a copy's by at least one.
    VersionPlusOne = "version_plus_one";
    /// Nobody reads another customer's order or payment.
    OthersHidden = "others_orders_hidden";
    /// No personal data is in an event or a log.
    NoPersonalData = "no_personal_data";
    /// No dead letter is refused again once it was redriven; and once quiet, nothing but poison is in a dead-letter
    /// queue or among records given up.
    OnlyPoisonDead = "only_poison_dead";
    /// Once quiet: every message that nobody could read is a dead letter.
    PoisonKept = "poison_kept";
    /// Once quiet: nothing waits in a queue, a stream or the index of deadlines.
    NothingWaits = "nothing_waits";
    /// Every order that a client was told of exists.
    AcknowledgedExists = "acknowledged_exists";
    /// Requests are answered as they must be: never 500, a forged webhook 400, a key used again 422.
    AnswersMakeSense = "answers_make_sense";
    /// No code of a function panics.
    NoPanic = "no_panic";
    /// A customer is told each thing once, unless a mail's outcome was unknown.
    ToldOnce = "told_once";
}

/// How many there are.
pub const INVARIANTS: usize = Invariant::ALL.len();
