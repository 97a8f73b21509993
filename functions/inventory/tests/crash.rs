//! A process that dies between the steps of a reservation, before or after a write: the redelivered message goes on
//! from there, and the end is the same as without the crash.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::CloudEvent;
use inventory::reservation::{Ending, Status};
use inventory::{INDEXES, Inventory};
use shop::{
    FailingStore, Fault, available, cancelled, check_conservation, consume, dispatched, many_lines,
    names, placed, reservation, returned, stock_up, stock_up_many, until_taken,
};
use store::{MemoryStore, Store};

const FAULTS: [Fault; 3] = [Fault::NotDone, Fault::DoneUnknown, Fault::NotDoneUnknown];

/// Lets the event's handling die at its nth write, and delivers it again to a healthy process. Returns what both
/// published, the first time and the last.
async fn crash_at(
    store: &MemoryStore,
    event: &CloudEvent,
    writes: usize,
    fault: Fault,
) -> Vec<CloudEvent> {
    let failing = FailingStore::new(store.clone(), writes, fault);
    let first = consume(&Inventory::new(failing.clone()), event).await;
    check_conservation(store);
    let again = until_taken(&Inventory::new(store.clone()), event).await;
    check_conservation(store);
    if let Ok(first) = first {
        let ids = |events: &[CloudEvent]| {
            events
                .iter()
                .map(|event| event.id.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            ids(&first),
            ids(&again),
            "a redelivery publishes the very same events"
        );
    }
    again
}

#[tokio::test(start_paused = true)]
async fn reserving_survives_a_crash_at_any_write() {
    for fault in FAULTS {
        for writes in 0..3 {
            let store = MemoryStore::new(INDEXES);
            stock_up_many(&store, 250, 1).await;
            let said = crash_at(&store, &placed("o", many_lines(250)), writes, fault).await;
            assert_eq!(names(&said), ["StockReserved"], "{fault:?} after {writes}");
            assert_eq!(
                reservation(&store, "o").await.unwrap().status,
                Status::Reserved
            );
            assert_eq!(available(&store, "S0249").await, 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn releasing_survives_a_crash_at_any_write() {
    for fault in FAULTS {
        for writes in 0..3 {
            let store = MemoryStore::new(INDEXES);
            stock_up_many(&store, 250, 1).await;
            until_taken(
                &Inventory::new(store.clone()),
                &placed("o", many_lines(250)),
            )
            .await;
            let said = crash_at(&store, &cancelled("o"), writes, fault).await;
            assert_eq!(names(&said), ["StockReleased"], "{fault:?} after {writes}");
            assert_eq!(
                reservation(&store, "o").await.unwrap().status,
                Status::Ended(Ending::Released)
            );
            assert_eq!(
                available(&store, "S0000").await + available(&store, "S0249").await,
                2
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_shortage_gives_everything_back_whatever_dies() {
    for fault in FAULTS {
        for writes in 0..5 {
            let store = MemoryStore::new(INDEXES);
            stock_up_many(&store, 250, 1).await;
            // Two steps are taken; then somebody else buys what the third needs.
            let event = placed("o", many_lines(250));
            let failing = FailingStore::new(store.clone(), 2, Fault::NotDone);
            consume(&Inventory::new(failing), &event).await.unwrap_err();
            until_taken(
                &Inventory::new(store.clone()),
                &placed("rival", shop::lines(&[("S0249", 1)])),
            )
            .await;
            let said = crash_at(&store, &event, writes, fault).await;
            assert_eq!(
                names(&said),
                ["StockReservationFailed"],
                "{fault:?} after {writes}"
            );
            assert!(matches!(
                reservation(&store, "o").await.unwrap().status,
                Status::Ended(Ending::Failed(_))
            ));
            assert_eq!(available(&store, "S0000").await, 1);
            assert_eq!(available(&store, "S0249").await, 0);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancel_takes_over_where_the_reserving_process_died() {
    for writes in 1..3 {
        let store = MemoryStore::new(INDEXES);
        stock_up_many(&store, 250, 1).await;
        let context = Inventory::new(store.clone());
        let event = placed("o", many_lines(250));
        let failing = FailingStore::new(store.clone(), writes, Fault::NotDone);
        consume(&Inventory::new(failing), &event).await.unwrap_err();
        let said = until_taken(&context, &cancelled("o")).await;
        assert_eq!(names(&said), ["StockReleased"]);
        let said = until_taken(&context, &event).await;
        assert_eq!(names(&said), ["StockReservationFailed"]);
        check_conservation(&store);
        assert_eq!(available(&store, "S0000").await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_parcel_that_left_after_the_release_survives_a_crash_at_any_write() {
    for fault in FAULTS {
        for writes in 0..3 {
            let store = MemoryStore::new(INDEXES);
            stock_up_many(&store, 250, 1).await;
            let context = Inventory::new(store.clone());
            until_taken(&context, &placed("o", many_lines(250))).await;
            until_taken(&context, &cancelled("o")).await;
            crash_at(&store, &dispatched("o", 1, many_lines(250)), writes, fault).await;
            assert_eq!(
                available(&store, "S0000").await + available(&store, "S0249").await,
                0
            );
            assert_eq!(reservation(&store, "o").await.unwrap().parcels, [1]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn taking_back_survives_a_crash_at_any_write() {
    for fault in FAULTS {
        for writes in 0..3 {
            let store = MemoryStore::new(INDEXES);
            stock_up(&store, "S0000", "main", 1, 0).await;
            let event = returned("o", 1, many_lines(120), true);
            let said = crash_at(&store, &event, writes, fault).await;
            assert_eq!(said.len(), 120, "{fault:?} after {writes}");
            assert_eq!(available(&store, "S0000").await, 2);
            assert_eq!(available(&store, "S0119").await, 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_mends_while_the_message_is_handled_needs_no_redelivery() {
    let store = MemoryStore::new(INDEXES);
    stock_up_many(&store, 150, 1).await;
    for fault in [Fault::DoneUnknown, Fault::NotDoneUnknown] {
        let failing = FailingStore::new(store.clone(), 1, fault);
        let context = Inventory::new(failing.clone());
        let name = format!("{fault:?}");
        let (event, cancel) = (placed(&name, many_lines(150)), cancelled(&name));
        let mend = async {
            tokio::task::yield_now().await;
            failing.mend();
        };
        let (said, ()) = tokio::join!(consume(&context, &event), mend);
        assert_eq!(names(&said.unwrap()), ["StockReserved"]);
        until_taken(&context, &cancel).await;
    }
    check_conservation(&store);
    assert!(store.load_many(&[]).await.unwrap().is_empty());
}
