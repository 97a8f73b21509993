//! The mistakes, and how each was found when this table was written.

use std::sync::Arc;

use simulation::Site;
use simulation::audit::Invariant;
use simulation::planted::{Charge, Plant};

use crate::items::{
    AskedUncounted, CancelledUnasked, ConflictSwallowed, CopyUnconditional, DeadlineFarOff,
    DeadlineUnindexed, KeyBurnt, MailUnclaimed, NoPaymentTombstone, NoReservationTombstone,
    OnePerLine, OwnerUnchecked, ReadsNeverSure, ReleasedTwice, StockUnconditional,
    TakenAgainAtDispatch, VersionByTwo, VersionUnconditional, WriteErrorSwallowed, WritesOneByOne,
};
use crate::messages::{
    AcknowledgedBeforePublishing, AcknowledgedOnReceipt, AddressInEvent, AgainHopefully,
    BatchAlwaysDone, EntriesUnchecked, FilterPolicyShort, FirstPageOnly, InboxApart, NewIdEachTime,
    OnlyCounted, PoisonDropped, PublishedFirst, PublishedHopefully, ScheduleOff, SinceTooLate,
    StreamAlwaysDone, StreamFilterMisspelt, TriedForEver, UnknownFieldRefused, UnknownTypeDropped,
};
use crate::money::{
    CapturedAtOnce, DeclineMisread, FeeForgotten, KeyWithoutStep, KeyWithoutTry, NoKey, NotCalled,
    NotLookedFor, PendingRefundsUncounted, RefundUnbounded, RefundWishForgotten,
    RefusedCaptureMisread, SignatureUnchecked,
};

/// A mistake.
pub struct Mistake {
    /// Its name.
    pub name: &'static str,
    /// It, in words.
    pub about: &'static str,
    /// Plants it, in one world.
    pub plant: fn() -> Arc<dyn Plant>,
    /// For how long its worlds trade after their last order, in hours.
    pub hours: i64,
    /// The first seed at which it was found.
    pub found_at: u64,
    /// The invariants of which one finds it first.
    pub by: &'static [Invariant],
}

/// For how long worlds trade, in hours: longer than a hold lasts.
pub const HOURS: i64 = 240;
/// Where work never ends, a world of days takes minutes.
const FEW_HOURS: i64 = 6;

/// What 1,000 seeds do not show any more. Since an operator publishes again what a dead relay has lost, each reply comes in
/// the end, and an order's own deadline is not what brings it there: an invariant is missing that a deadline is met in time.
/// A hold that lapses just before its capture has become too rare.
pub const UNSEEN: &[&str] = &[
    "schedule_off",
    "deadline_far_off",
    "refused_capture_misread",
];

/// What is found, and in a world in which so much comes again and again that only an optimised build gets to its end.
pub const SLOW: &[&str] = &["unknown_field_refused"];

/// Each plant is made where it is planted.
macro_rules! mistakes {
    ($($name:literal, $about:literal, $plant:expr, $hours:expr, $found_at:literal, [$($by:ident),*];)+) => {
        /// Every mistake.
        pub const MISTAKES: &[Mistake] = &[$(Mistake {
            name: $name,
            about: $about,
            plant: || Arc::new($plant),
            hours: $hours,
            found_at: $found_at,
            by: &[$(Invariant::$by),*],
        }),+];
    };
}

mistakes! {
    "inbox_apart", "the record that a message was handled is a write of its own, and the process dies before it (1 of 20)",
        InboxApart, HOURS, 19, [EveryEventTakesEffect];
    "published_first", "published before it is committed",
        PublishedFirst, HOURS, 0, [PublishedWasCommitted];
    "acknowledged_on_receipt", "a message is acknowledged when it is received",
        AcknowledgedOnReceipt, HOURS, 0, [ContextsAgree];
    "acknowledged_before_publishing", "a message is acknowledged when it is committed, before its events are published",
        AcknowledgedBeforePublishing, HOURS, 1, [EveryEventTakesEffect];
    "entries_unchecked", "`Ok` on a failed entry of `PublishBatch`",
        EntriesUnchecked, HOURS, 1, [EveryEventTakesEffect];
    "published_hopefully", "publishing is not waited for, and the process is frozen (1 of 40)",
        PublishedHopefully, HOURS, 1, [OrdersTerminal];
    "batch_always_done", "a batch with failed messages is answered as wholly succeeded",
        BatchAlwaysDone, HOURS, 6, [OrdersTerminal];
    "stream_always_done", "a stream's records are acknowledged though not published",
        StreamAlwaysDone, HOURS, 2, [OrdersTerminal];
    "stream_filter_misspelt", "the stream's filter drops what requests commit",
        StreamFilterMisspelt, HOURS, 1, [EveryEventTakesEffect];
    "new_id_each_time", "an event gets another id at each retry",
        NewIdEachTime::default(), HOURS, 0, [PublishedWasCommitted];
    "tried_for_ever", "a poison message is tried for ever",
        TriedForEver, FEW_HOURS, 1, [NothingWaits];
    "poison_dropped", "a message that cannot be read is logged and dropped",
        PoisonDropped, HOURS, 1, [PoisonKept];
    "unknown_type_dropped", "a message of an unknown type is dropped",
        UnknownTypeDropped, HOURS, 2, [PoisonKept];
    "filter_policy_short", "a filter policy lacks a type that its consumer hears",
        FilterPolicyShort, HOURS, 0, [EveryEventTakesEffect];
    "unknown_field_refused", "a consumer refuses an event with a field more than it knows",
        UnknownFieldRefused, FEW_HOURS, 2, [OrdersTerminal];
    "address_in_event", "a mail address in an event",
        AddressInEvent::default(), HOURS, 0, [NoPersonalData];
    "schedule_off", "the schedule does not tick for orders",
        ScheduleOff(Site::Orders), HOURS, 6, [OrdersTerminal];
    "schedule_off_payments", "the schedule does not tick for payments",
        ScheduleOff(Site::Payments), HOURS, 1, [ContextsAgree];
    "stock_unconditional", "stock is drawn without a condition",
        StockUnconditional, HOURS, 254, [StockNotNegative];
    "version_unconditional", "an item is read, changed and written without its version",
        VersionUnconditional, HOURS, 0, [VersionPlusOne];
    "copy_unconditional", "an older price or rate overwrites a newer one",
        CopyUnconditional, HOURS, 1, [VersionPlusOne];
    "write_error_swallowed", "an error of a write is turned into `Ok`",
        WriteErrorSwallowed, HOURS, 0, [PublishedWasCommitted];
    "conflict_swallowed", "a conflict is taken for \"somebody else did it\"",
        ConflictSwallowed, HOURS, 0, [AnswersMakeSense];
    "again_first_page", "what a stream has lost is published again from the table's first page alone",
        FirstPageOnly, HOURS, 32, [EveryEventTakesEffect];
    "again_hopefully", "publishing again is not repeated where some of it failed",
        AgainHopefully, HOURS, 144, [EveryEventTakesEffect];
    "again_only_counted", "what a stream has lost is counted, and nobody publishes it",
        OnlyCounted, HOURS, 0, [EveryEventTakesEffect];
    "again_since_too_late", "what a stream has lost is looked for from its return on only",
        SinceTooLate, HOURS, 0, [EveryEventTakesEffect];
    "version_by_two", "a version jumps by two",
        VersionByTwo, HOURS, 0, [VersionPlusOne];
    "one_per_line", "one piece is taken per line, whatever the quantity",
        OnePerLine, HOURS, 0, [StockConserved];
    "writes_one_by_one", "a reservation's writes are made one by one, and the process dies in between (1 of 10)",
        WritesOneByOne, HOURS, 0, [StockConserved];
    "no_reservation_tombstone", "a release that comes before its reservation leaves no tombstone",
        NoReservationTombstone, HOURS, 6, [NothingLeaked];
    "no_payment_tombstone", "a cancellation that comes before its payment's request leaves no tombstone",
        NoPaymentTombstone, HOURS, 20, [NothingLeaked];
    "released_twice", "a reservation is released again",
        ReleasedTwice::default(), HOURS, 10, [EffectOnce];
    "taken_again_at_dispatch", "dispatch takes the stock that the reservation took",
        TakenAgainAtDispatch::default(), HOURS, 0, [StockConserved];
    "deadline_far_off", "an order's deadline is persisted in another unit: the sweep comes a month late",
        DeadlineFarOff(Site::Orders), HOURS, 6, [OrdersTerminal];
    "deadline_unindexed_payments", "a payment's deadline is not persisted where the sweep looks",
        DeadlineUnindexed(Site::Payments), HOURS, 1, [ContextsAgree];
    "asked_uncounted", "how often was asked is not kept: an order asks for ever",
        AskedUncounted, HOURS, 6, [EveryEventTakesEffect];
    "reads_never_sure", "what is decided for good rests on an eventually consistent read",
        ReadsNeverSure, HOURS, 108, [ToldOnce];
    "cancelled_unasked", "a confirmed order is cancelled without asking shipping",
        CancelledUnasked, HOURS, 0, [ContextsAgree];
    "key_burnt", "an Idempotency-Key is burnt by a failure",
        KeyBurnt::default(), HOURS, 4, [AnswersMakeSense];
    "owner_unchecked", "another customer's order is shown",
        OwnerUnchecked::default(), HOURS, 0, [AnswersMakeSense];
    "mail_unclaimed", "a mail is sent without being claimed first",
        MailUnclaimed, HOURS, 0, [ToldOnce];
    "no_key", "no key at the provider",
        NoKey::default(), HOURS, 0, [OneLiveAuthorisation];
    "key_without_try", "the provider's key leaves out the try",
        KeyWithoutTry, HOURS, 185, [AnswersMakeSense];
    "key_without_step", "the provider's key leaves out step and attempt",
        KeyWithoutStep, HOURS, 1, [ContextsAgree];
    "captured_at_once", "captured before dispatch",
        CapturedAtOnce, HOURS, 0, [CapturedAfterDispatch];
    "not_called", "the void of a cancelled order is swallowed",
        NotCalled(Charge::Void), HOURS, 0, [NothingLeaked];
    "not_called_capture", "a capture is noted and not made",
        NotCalled(Charge::Capture), HOURS, 0, [ContextsAgree];
    "decline_misread", "a decline is read as an authorisation",
        DeclineMisread, HOURS, 1, [OrdersTerminal];
    "refused_capture_misread", "a refused capture is read as one made before",
        RefusedCaptureMisread, HOURS, 52, [ContextsAgree];
    "not_looked_for", "a late retry does not look for what was done before",
        NotLookedFor, HOURS, 644, [OneLiveAuthorisation];
    "signature_unchecked", "a webhook's signature is not checked",
        SignatureUnchecked, HOURS, 0, [AnswersMakeSense];
    "refund_unbounded", "a refund is not bounded by what was captured",
        RefundUnbounded, HOURS, 1, [RefundedWithinCaptured];
    "pending_refunds_uncounted", "a refund's bound leaves out refunds under way",
        PendingRefundsUncounted, HOURS, 1, [RefundedWithinCaptured];
    "refund_wish_forgotten", "a refund forgets which request asked for it",
        RefundWishForgotten, HOURS, 83, [EffectOnce];
    "fee_forgotten", "the payment is asked for without the shipping fee",
        FeeForgotten, HOURS, 0, [ContextsAgree];
}
