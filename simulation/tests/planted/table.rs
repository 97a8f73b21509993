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
    /// The first seed at which it was found.
    pub found_at: u64,
    /// The invariants of which one finds it first.
    pub by: &'static [Invariant],
}

/// Each plant is made where it is planted.
macro_rules! mistakes {
    ($($name:literal, $about:literal, $plant:expr, $found_at:literal, [$($by:ident),*];)+) => {
        /// Every mistake.
        pub const MISTAKES: &[Mistake] = &[$(Mistake {
            name: $name,
            about: $about,
            plant: || Arc::new($plant),
            found_at: $found_at,
            by: &[$(Invariant::$by),*],
        }),+];
    };
}

mistakes! {
    "inbox_apart", "the record that a message was handled is a write of its own, and the process dies before it (1 of 20)",
        InboxApart, 7, [EveryEventTakesEffect];
    "published_first", "published before it is committed",
        PublishedFirst, 0, [PublishedWasCommitted];
    "acknowledged_on_receipt", "a message is acknowledged when it is received",
        AcknowledgedOnReceipt, 1, [ContextsAgree];
    "acknowledged_before_publishing", "a message is acknowledged when it is committed, before its events are published",
        AcknowledgedBeforePublishing, 0, [EveryEventTakesEffect];
    "entries_unchecked", "`Ok` on a failed entry of `PublishBatch`",
        EntriesUnchecked, 0, [EveryEventTakesEffect];
    "published_hopefully", "publishing is not waited for, and the process is frozen (1 of 40)",
        PublishedHopefully, 4, [OrdersTerminal];
    "batch_always_done", "a batch with failed messages is answered as wholly succeeded",
        BatchAlwaysDone, 0, [OrdersTerminal];
    "stream_always_done", "a stream's records are acknowledged though not published",
        StreamAlwaysDone, 14, [OrdersTerminal];
    "stream_filter_misspelt", "the stream's filter drops what requests commit",
        StreamFilterMisspelt, 0, [EveryEventTakesEffect];
    "new_id_each_time", "an event gets another id at each retry",
        NewIdEachTime::default(), 0, [PublishedWasCommitted];
    "tried_for_ever", "a poison message is tried for ever",
        TriedForEver, 0, [WorkEnds];
    "poison_dropped", "a message that cannot be read is logged and dropped",
        PoisonDropped, 0, [PoisonKept];
    "unknown_type_dropped", "a message of an unknown type is dropped",
        UnknownTypeDropped, 0, [PoisonKept];
    "filter_policy_short", "a filter policy lacks a type that its consumer hears",
        FilterPolicyShort, 0, [EveryEventTakesEffect];
    "unknown_field_refused", "a consumer refuses an event with a field more than it knows",
        UnknownFieldRefused, 0, [OnlyPoisonDead];
    "address_in_event", "a mail address in an event",
        AddressInEvent::default(), 0, [NoPersonalData];
    "schedule_off", "the schedule does not tick for orders",
        ScheduleOff(Site::Orders), 2, [DeadlineMetInTime];
    "schedule_off_payments", "the schedule does not tick for payments",
        ScheduleOff(Site::Payments), 8, [DeadlineMetInTime];
    "stock_unconditional", "stock is drawn without a condition",
        StockUnconditional, 20, [StockNotNegative];
    "version_unconditional", "an item is read, changed and written without its version",
        VersionUnconditional, 0, [VersionPlusOne];
    "copy_unconditional", "an older price or rate overwrites a newer one",
        CopyUnconditional, 8, [VersionPlusOne];
    "write_error_swallowed", "an error of a write is turned into `Ok`",
        WriteErrorSwallowed, 1, [PublishedWasCommitted];
    "conflict_swallowed", "a conflict is taken for \"somebody else did it\"",
        ConflictSwallowed, 0, [AnswersMakeSense];
    "again_first_page", "what a stream has lost is published again from the table's first page alone",
        FirstPageOnly, 32, [EveryEventTakesEffect];
    "again_hopefully", "publishing again is not repeated where some of it failed",
        AgainHopefully, 205, [EveryEventTakesEffect];
    "again_only_counted", "what a stream has lost is counted, and nobody publishes it",
        OnlyCounted, 0, [EveryEventTakesEffect];
    "again_since_too_late", "what a stream has lost is looked for from its return on only",
        SinceTooLate, 0, [EveryEventTakesEffect];
    "version_by_two", "a version jumps by two",
        VersionByTwo, 0, [VersionPlusOne];
    "one_per_line", "one piece is taken per line, whatever the quantity",
        OnePerLine, 0, [StockConserved];
    "writes_one_by_one", "a reservation's writes are made one by one, and the process dies in between (1 of 10)",
        WritesOneByOne, 0, [StockConserved];
    "no_reservation_tombstone", "a release that comes before its reservation leaves no tombstone",
        NoReservationTombstone, 5, [NothingLeaked];
    "no_payment_tombstone", "a cancellation that comes before its payment's request leaves no tombstone",
        NoPaymentTombstone, 55, [NothingLeaked];
    "released_twice", "a reservation is released again",
        ReleasedTwice::default(), 0, [EffectOnce];
    "taken_again_at_dispatch", "dispatch takes the stock that the reservation took",
        TakenAgainAtDispatch::default(), 0, [StockConserved];
    "deadline_far_off", "an order's deadline is persisted in another unit: the sweep comes a month late",
        DeadlineFarOff(Site::Orders), 0, [DeadlineMetInTime];
    "deadline_unindexed_payments", "a payment's deadline is not persisted where the sweep looks",
        DeadlineUnindexed(Site::Payments), 0, [DeadlineMetInTime];
    "asked_uncounted", "how often was asked is not kept: an order asks for ever",
        AskedUncounted, 2, [WorkEnds];
    "reads_never_sure", "what is decided for good rests on an eventually consistent read",
        ReadsNeverSure, 4, [ToldOnce];
    "cancelled_unasked", "a confirmed order is cancelled without asking shipping",
        CancelledUnasked, 0, [ContextsAgree];
    "key_burnt", "an Idempotency-Key is burnt by a failure",
        KeyBurnt::default(), 22, [AnswersMakeSense];
    "owner_unchecked", "another customer's order is shown",
        OwnerUnchecked::default(), 0, [AnswersMakeSense];
    "mail_unclaimed", "a mail is sent without being claimed first",
        MailUnclaimed, 0, [ToldOnce];
    "no_key", "no key at the provider",
        NoKey::default(), 0, [OneLiveAuthorisation];
    "key_without_try", "the provider's key leaves out the try",
        KeyWithoutTry, 40, [WorkEnds, AnswersMakeSense];
    "key_without_step", "the provider's key leaves out step and attempt",
        KeyWithoutStep, 0, [ContextsAgree];
    "captured_at_once", "captured before dispatch",
        CapturedAtOnce, 0, [CapturedAfterDispatch];
    "not_called", "the void of a cancelled order is swallowed",
        NotCalled(Charge::Void), 0, [NothingLeaked];
    "not_called_capture", "a capture is noted and not made",
        NotCalled(Charge::Capture), 0, [ContextsAgree];
    "decline_misread", "a decline is read as an authorisation",
        DeclineMisread, 0, [WorkEnds, OrdersTerminal];
    "refused_capture_misread", "a refused capture is read as one made before",
        RefusedCaptureMisread, 162, [ContextsAgree];
    "not_looked_for", "a late retry does not look for what was done before",
        NotLookedFor, 294, [OneLiveAuthorisation];
    "signature_unchecked", "a webhook's signature is not checked",
        SignatureUnchecked, 2, [AnswersMakeSense];
    "refund_unbounded", "a refund is not bounded by what was captured",
        RefundUnbounded, 0, [RefundedWithinCaptured];
    "pending_refunds_uncounted", "a refund's bound leaves out refunds under way",
        PendingRefundsUncounted, 0, [RefundedWithinCaptured];
    "refund_wish_forgotten", "a refund forgets which request asked for it",
        RefundWishForgotten, 49, [EffectOnce];
    "fee_forgotten", "the payment is asked for without the shipping fee",
        FeeForgotten, 0, [ContextsAgree];
}
