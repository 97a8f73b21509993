//! Orders of one batch that want the same SKU are reserved at once, and all comes out as if each had come alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::CloudEvent;
use contracts::inventory::LowStock;
use door::Context as _;
use futures::future::join_all;
use harness::Harness;
use inventory::reservation::{Ending, Status};
use inventory::{INDEXES, Inventory, stock_key};
use proptest::prelude::*;
use shop::{
    FailingStore, Fault, NOW, StaleStore, available, cancelled, check_conservation, lines, names,
    placed, placed_until, reservation, sku, stock_up, stock_up_many,
};
use store::{Consistency, MemoryStore, Store};

const TEA: &str = "TEA";
const RICE: &str = "RICE";

fn shop() -> Harness<Inventory<MemoryStore>> {
    let store = MemoryStore::new(INDEXES);
    Harness::new(store.clone(), Inventory::new(store))
}

/// How often the SKU's item was written.
async fn writes_of(store: &MemoryStore, name: &str) -> u64 {
    let key = stock_key(&sku(name));
    let record = store.load(&key, Consistency::Strong).await.unwrap();
    record.map_or(0, |record| record.version)
}

fn orders(count: usize, wish: &[(&str, u32)]) -> Vec<CloudEvent> {
    (0..count)
        .map(|number| placed(&format!("order-{number:03}"), lines(wish)))
        .collect()
}

#[tokio::test]
async fn a_batch_of_one_sku_writes_its_item_once() {
    let shop = shop();
    stock_up(&shop.store, TEA, "main", 100, 0).await;
    let before = writes_of(&shop.store, TEA).await;
    assert!(shop.deliver(&orders(10, &[(TEA, 2)])).await.is_empty());
    assert_eq!(names(&shop.published()), ["StockReserved"; 10]);
    assert_eq!(writes_of(&shop.store, TEA).await, before + 1);
    assert_eq!(available(&shop.store, TEA).await, 80);
    check_conservation(&shop.store);
}

#[tokio::test]
async fn orders_that_share_nothing_are_not_tied_together() {
    let shop = shop();
    stock_up_many(&shop.store, 10, 5).await;
    let wishes = (0..10).map(|number| {
        let name = format!("S{number:04}");
        // One of them fails, which must not cost the others a second try.
        let quantity = if number == 3 { 6 } else { 1 };
        placed(&format!("order-{number}"), lines(&[(&name, quantity)]))
    });
    assert!(shop.deliver(&wishes.collect::<Vec<_>>()).await.is_empty());
    let said = shop.published();
    let said = names(&said);
    assert_eq!(
        said.iter().filter(|name| **name == "StockReserved").count(),
        9
    );
    check_conservation(&shop.store);
}

#[tokio::test]
async fn the_last_units_go_to_some_and_the_others_are_told_so() {
    let shop = shop();
    stock_up(&shop.store, TEA, "main", 5, 0).await;
    stock_up(&shop.store, TEA, "osaka", 2, 0).await;
    assert!(shop.deliver(&orders(10, &[(TEA, 1)])).await.is_empty());
    let said = shop.published();
    let said = names(&said);
    let count = |wanted: &str| said.iter().filter(|name| **name == wanted).count();
    assert_eq!(
        (count("StockReserved"), count("StockReservationFailed")),
        (7, 3)
    );
    assert_eq!(available(&shop.store, TEA).await, 0);
    check_conservation(&shop.store);
}

#[tokio::test]
async fn what_comes_again_among_new_ones_says_the_same_again_and_takes_nothing() {
    let shop = shop();
    stock_up(&shop.store, TEA, "main", 100, 0).await;
    let all = orders(10, &[(TEA, 1)]);
    shop.deliver(&all[..4]).await;
    let first: Vec<String> = shop.published().iter().map(CloudEvent::to_json).collect();
    shop.clock.advance_seconds(86_400);
    // Late by now, and known: the answer that was given is given again.
    assert!(shop.deliver(&all[..4]).await.is_empty());
    let again: Vec<String> = shop.published().iter().map(CloudEvent::to_json).collect();
    assert_eq!(again, first);
    shop.clock.advance_seconds(-86_400);
    let before = writes_of(&shop.store, TEA).await;
    assert!(shop.deliver(&all).await.is_empty());
    assert_eq!(names(&shop.published()), ["StockReserved"; 10]);
    assert_eq!(available(&shop.store, TEA).await, 90);
    assert_eq!(
        writes_of(&shop.store, TEA).await,
        before + 1,
        "the new ones go on together"
    );
    check_conservation(&shop.store);
}

#[tokio::test]
async fn the_order_that_makes_stock_run_low_warns_and_no_other() {
    for ordered in 1..=10 {
        let shop = shop();
        stock_up(&shop.store, TEA, "main", 20, 13).await;
        shop.deliver(&orders(ordered, &[(TEA, 1)])).await;
        let said = shop.published();
        let low: Vec<LowStock> = said.iter().filter_map(|event| event.data().ok()).collect();
        // From twenty, the eighth piece leaves twelve.
        let expected = if ordered < 8 { vec![] } else { vec![12] };
        let seen: Vec<u32> = low.iter().map(|low| low.available).collect();
        assert_eq!(seen, expected, "{ordered}");
        shop.deliver(&orders(10, &[(TEA, 1)])).await;
        let rest = shop.published().len();
        assert_eq!(
            rest,
            10 + 1,
            "told once, or again by the order that told it"
        );
    }
}

#[tokio::test]
async fn more_than_fits_into_a_transaction_takes_several() {
    let shop = shop();
    stock_up_many(&shop.store, 40, 1_000).await;
    let wish: Vec<(String, u32)> = (0..40).map(|number| (format!("S{number:04}"), 1)).collect();
    let wish: Vec<(&str, u32)> = wish
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    let before = writes_of(&shop.store, "S0000").await;
    assert!(shop.deliver(&orders(150, &wish)).await.is_empty());
    assert_eq!(names(&shop.published()), ["StockReserved"; 150]);
    assert_eq!(
        writes_of(&shop.store, "S0000").await,
        before + 3,
        "sixty orders each"
    );
    assert_eq!(available(&shop.store, "S0039").await, 850);
    check_conservation(&shop.store);
}

#[tokio::test]
async fn what_is_out_of_the_ordinary_goes_alone_and_harms_no_other() {
    let shop = shop();
    stock_up(&shop.store, TEA, "main", 10, 0).await;
    let batch = [
        placed("plain-1", lines(&[(TEA, 1)])),
        placed_until("late", lines(&[(TEA, 1)]), NOW.plus_seconds(-1)),
        placed("absurd", lines(&[(TEA, u32::MAX), (TEA, u32::MAX)])),
        placed("unknown", lines(&[(TEA, 1), ("NOWHERE", 1)])),
        placed("empty", lines(&[])),
        placed("nothing", lines(&[(TEA, 0)])),
        cancelled("cancelled"),
        placed("plain-2", lines(&[(TEA, 1)])),
    ];
    assert!(shop.deliver(&batch).await.is_empty());
    let said = shop.published();
    let of = |order: &str| {
        let events = said.iter().filter(|event| event.subject == order);
        events
            .map(|event| event.event_type.as_str())
            .collect::<Vec<_>>()
    };
    for order in ["plain-1", "plain-2"] {
        assert_eq!(of(order), ["inventory.StockReserved.v1"], "{order}");
    }
    for order in ["late", "absurd", "unknown"] {
        assert_eq!(
            of(order),
            ["inventory.StockReservationFailed.v1"],
            "{order}"
        );
    }
    assert_eq!(
        shop.dead_letter_reasons().len(),
        2,
        "of no lines, and of none of something"
    );
    assert_eq!(available(&shop.store, TEA).await, 8);
    check_conservation(&shop.store);
}

/// Hands over a batch as the door does: at once, and then what is left one by one. Returns which were handled.
async fn deliver<S: Store + Clone>(context: &Inventory<S>, batch: &[CloudEvent]) -> Vec<bool> {
    let events: Vec<&CloudEvent> = batch.iter().collect();
    let together = context.consume_together(&events, NOW).await;
    let each = events
        .into_iter()
        .zip(together)
        .map(async |(event, done)| done.is_some() || context.consume(event, NOW).await.is_ok());
    join_all(each).await
}

/// The door hands over the whole batch; what came first about an order is to be known before what came after.
#[tokio::test]
async fn an_order_whose_cancellation_came_before_it_does_not_go_together() {
    let store = MemoryStore::new(INDEXES);
    stock_up(&store, TEA, "main", 10, 0).await;
    let context = Inventory::new(store.clone());
    let mut batch = orders(3, &[(TEA, 1)]);
    batch.insert(0, cancelled("order-000"));
    let events: Vec<&CloudEvent> = batch.iter().collect();
    let together = context.consume_together(&events, NOW).await;
    let taken: Vec<bool> = together.iter().map(Option::is_some).collect();
    assert_eq!(taken, [false, false, true, true]);
}

/// Which orders were reserved, once all of them have been decided.
async fn reserved(store: &MemoryStore, count: usize) -> usize {
    let mut reserved = 0;
    for number in 0..count {
        let found = reservation(store, &format!("order-{number:03}"))
            .await
            .unwrap();
        match found.status {
            Status::Reserved => reserved += 1,
            Status::Ended(Ending::Failed(_)) => {}
            other => panic!("order {number} is {other:?}"),
        }
    }
    reserved
}

#[tokio::test]
async fn a_process_that_dies_at_any_write_takes_nothing_twice() {
    for fault in [Fault::NotDone, Fault::DoneUnknown, Fault::NotDoneUnknown] {
        for writes in 0..14 {
            let store = MemoryStore::new(INDEXES);
            stock_up(&store, TEA, "main", 7, 3).await;
            let failing = FailingStore::new(store.clone(), writes, fault);
            let context = Inventory::new(failing.clone());
            let batch = orders(10, &[(TEA, 1)]);
            deliver(&context, &batch).await;
            check_conservation(&store);
            failing.mend();
            assert_eq!(
                deliver(&context, &batch).await,
                [true; 10],
                "{fault:?} {writes}"
            );
            check_conservation(&store);
            assert_eq!(reserved(&store, 10).await, 7, "{fault:?} {writes}");
            assert_eq!(available(&store, TEA).await, 0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Several functions at once, each with a batch, over reads that are behind: whoever asks for what is there gets it.
    #[test]
    fn batches_at_once_sell_what_is_there_and_no_more(
        quantities in prop::collection::vec((0..3_u32, 0..4_u32), 1..24),
        tea in 0..20_i64,
        rice in 0..40_i64,
        threshold in 0..6_i64,
        batch in 1..9_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let store = MemoryStore::new(INDEXES);
            stock_up(&store, TEA, "main", tea, threshold).await;
            stock_up(&store, RICE, "main", rice / 2, 0).await;
            stock_up(&store, RICE, "osaka", rice - rice / 2, threshold).await;
            let stale = StaleStore::from_now_on(&store).await;
            let wishes: Vec<CloudEvent> = quantities.iter().enumerate().map(|(number, (tea, rice))| {
                let wish = [(TEA, *tea), (RICE, *rice)];
                let wish: Vec<_> = wish.into_iter().filter(|(_, count)| *count > 0).collect();
                let wish = if wish.is_empty() { vec![(TEA, 1)] } else { wish };
                placed(&format!("order-{number:03}"), lines(&wish))
            }).collect();
            let context = Inventory::new(stale);
            for _ in 0..8 {
                let done = join_all(wishes.chunks(batch).map(|batch| deliver(&context, batch))).await;
                check_conservation(&store);
                if done.into_iter().flatten().all(|handled| handled) {
                    break;
                }
            }
            reserved(&store, wishes.len()).await;
            let left = (available(&store, TEA).await, available(&store, RICE).await);
            for (number, (tea, rice)) in quantities.iter().enumerate() {
                let found = reservation(&store, &format!("order-{number:03}")).await.unwrap();
                let wanted = if (*tea, *rice) == (0, 0) { (1, 0) } else { (i64::from(*tea), i64::from(*rice)) };
                if found.status != Status::Reserved {
                    prop_assert!(wanted.0 > left.0 || wanted.1 > left.1, "order {number} was refused although {left:?} is left");
                }
            }
            Ok(())
        })?;
    }
}
