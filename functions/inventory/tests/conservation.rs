//! Whatever happens in whatever order: nothing is sold that is not there, and no unit is lost or made up.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod shop;

use contracts::CloudEvent;
use futures::future::join_all;
use inventory::reservation::{Ending, Status};
use inventory::{INDEXES, Inventory};
use proptest::prelude::*;
use shop::{
    NOW, StaleStore, available, cancelled, check_conservation, consume, dispatched, lines,
    many_lines, names, placed, placed_until, reservation, returned, stock_of, stock_up,
    stock_up_many, until_taken,
};
use store::MemoryStore;

const SKUS: [&str; 3] = ["A", "B", "C"];

/// One thing that may happen in the shop.
#[derive(Debug, Clone)]
enum Happening {
    Received {
        sku: usize,
        location: usize,
        count: i64,
    },
    Placed {
        order: usize,
        quantities: [u32; 3],
        late: bool,
    },
    Cancelled {
        order: usize,
    },
    Dispatched {
        order: usize,
        parcel: u32,
        quantities: [u32; 3],
    },
    Returned {
        order: usize,
        number: u32,
        sku: usize,
        count: u32,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    let order = 0..5_usize;
    prop_oneof![
        2 => (0..3_usize, 0..2_usize, 1..8_i64)
            .prop_map(|(sku, location, count)| Happening::Received { sku, location, count }),
        4 => (order.clone(), any::<[u8; 3]>(), prop::bool::weighted(0.1)).prop_map(|(order, bytes, late)| {
            let mut quantities = bytes.map(|byte| u32::from(byte % 5));
            if quantities == [0; 3] {
                quantities[0] = 1;
            }
            Happening::Placed { order, quantities, late }
        }),
        2 => order.clone().prop_map(|order| Happening::Cancelled { order }),
        3 => (order.clone(), 1..4_u32, any::<[u8; 3]>()).prop_map(|(order, parcel, bytes)| {
            Happening::Dispatched { order, parcel, quantities: bytes.map(|byte| u32::from(byte % 3)) }
        }),
        1 => (order, 1..3_u32, 0..3_usize, 1..3_u32)
            .prop_map(|(order, number, sku, count)| Happening::Returned { order, number, sku, count }),
    ]
}

fn event_of(happening: &Happening) -> Option<CloudEvent> {
    let ordered = |quantities: &[u32; 3]| {
        let pairs: Vec<_> = SKUS
            .into_iter()
            .zip(*quantities)
            .filter(|(_, quantity)| *quantity > 0)
            .collect();
        lines(&pairs)
    };
    let name = |order: &usize| format!("order-{order}");
    Some(match happening {
        Happening::Received { .. } => return None,
        Happening::Placed {
            order,
            quantities,
            late,
        } => {
            let until = if *late { NOW.plus_seconds(-1) } else { NOW };
            placed_until(&name(order), ordered(quantities), until)
        }
        Happening::Cancelled { order } => cancelled(&name(order)),
        Happening::Dispatched {
            order,
            parcel,
            quantities,
        } => dispatched(&name(order), *parcel, ordered(quantities)),
        Happening::Returned {
            order,
            number,
            sku,
            count,
        } => returned(&name(order), *number, lines(&[(SKUS[*sku], *count)]), true),
    })
}

async fn let_happen(store: &MemoryStore, happening: &Happening) {
    if let Happening::Received {
        sku,
        location,
        count,
    } = happening
    {
        stock_up(store, SKUS[*sku], ["main", "osaka"][*location], *count, 2).await;
    }
    if let Some(event) = event_of(happening) {
        // Refused and not yet are fair answers to what is invented at random; a failure of the store is not.
        if let Err(error) = consume(&Inventory::new(store.clone()), &event).await {
            assert!(!error.to_string().contains("store"), "{error}");
        }
    }
}

fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn one_after_another_nothing_is_lost(happenings in prop::collection::vec(happening(), 1..60)) {
        run(async {
            let store = MemoryStore::new(INDEXES);
            for happening in &happenings {
                let_happen(&store, happening).await;
                check_conservation(&store);
            }
        });
    }

    #[test]
    fn interleaved_delivered_again_and_read_stale_nothing_is_lost(happenings in prop::collection::vec(happening(), 1..40)) {
        run(async {
            let store = MemoryStore::new(INDEXES);
            let stale = StaleStore::from_now_on(&store).await;
            for happening in &happenings {
                if matches!(happening, Happening::Received { .. }) {
                    let_happen(&store, happening).await;
                }
            }
            let events: Vec<_> = happenings.iter().filter_map(event_of).collect();
            let fresh = Inventory::new(Interleaving(store.clone()));
            join_all(events.iter().map(|event| consume(&fresh, event))).await;
            check_conservation(&store);
            let stale = Inventory::new(stale);
            join_all(events.iter().map(|event| consume(&stale, event))).await;
            check_conservation(&store);
            join_all(events.iter().map(|event| consume(&fresh, event))).await;
            check_conservation(&store);
        });
    }
}

#[test]
fn stale_reads_neither_refuse_nor_sell_wrongly() {
    run(async {
        let store = MemoryStore::new(INDEXES);
        stock_up(&store, "GONE", "main", 5, 0).await;
        let before_receipt = StaleStore::from_now_on(&store).await;
        stock_up(&store, "NEW", "main", 5, 0).await;
        until_taken(
            &Inventory::new(store.clone()),
            &placed("first", lines(&[("GONE", 5)])),
        )
        .await;

        let context = Inventory::new(before_receipt);
        let said = until_taken(&context, &placed("second", lines(&[("NEW", 5)]))).await;
        assert_eq!(
            names(&said),
            ["StockReserved"],
            "a receipt that is not visible yet counts"
        );
        let said = until_taken(&context, &placed("third", lines(&[("GONE", 1)]))).await;
        assert_eq!(
            names(&said),
            ["StockReservationFailed"],
            "a sale that is not visible yet counts"
        );

        // The reservations are not visible to eventual reads, and are found all the same.
        let said = until_taken(&context, &dispatched("second", 1, lines(&[("NEW", 2)]))).await;
        assert!(said.is_empty());
        let said = until_taken(&context, &cancelled("second")).await;
        assert_eq!(names(&said), ["StockReleased"]);
        assert_eq!(available(&store, "NEW").await, 3);
        let late = dispatched("second", 2, lines(&[("NEW", 3)]));
        until_taken(&context, &late).await;
        assert_eq!(available(&store, "NEW").await, 0);
        let said = until_taken(&context, &returned("second", 1, lines(&[("NEW", 1)]), true)).await;
        let again = until_taken(&context, &returned("second", 1, lines(&[("NEW", 1)]), true)).await;
        assert_eq!((names(&said), said.len()), (names(&again), 1));
        assert_eq!(available(&store, "NEW").await, 1);
        check_conservation(&store);
    });
}

/// A store that lets others run before each of its operations, so that concurrent handlers truly interleave.
#[derive(Debug, Clone)]
struct Interleaving(MemoryStore);

impl store::Store for Interleaving {
    async fn load(
        &self,
        key: &store::Key,
        consistency: store::Consistency,
    ) -> Result<Option<store::Record>, store::StoreFailure> {
        tokio::task::yield_now().await;
        self.0.load(key, consistency).await
    }
    async fn load_many(
        &self,
        keys: &[store::Key],
    ) -> Result<Vec<store::Record>, store::StoreFailure> {
        tokio::task::yield_now().await;
        self.0.load_many(keys).await
    }
    async fn commit(
        &self,
        record: &store::Record,
        expected: store::Expected,
    ) -> Result<(), store::CommitFailure> {
        tokio::task::yield_now().await;
        self.0.commit(record, expected).await
    }
    async fn transact(&self, writes: &[store::Write]) -> Result<(), store::TransactFailure> {
        tokio::task::yield_now().await;
        self.0.transact(writes).await
    }
    async fn query(&self, query: &store::Query) -> Result<store::Page, store::StoreFailure> {
        tokio::task::yield_now().await;
        self.0.query(query).await
    }
    async fn scan(
        &self,
        after: Option<&store::Cursor>,
        limit: usize,
    ) -> Result<store::Page, store::StoreFailure> {
        tokio::task::yield_now().await;
        self.0.scan(after, limit).await
    }
}

#[test]
fn the_last_unit_is_sold_to_one_of_a_hundred() {
    run(async {
        let store = Interleaving(MemoryStore::new(INDEXES));
        stock_up(&store.0, "A", "main", 1, 0).await;
        let context = Inventory::new(store.clone());
        let events: Vec<_> = (0..100)
            .map(|buyer| placed(&format!("o{buyer}"), lines(&[("A", 1)])))
            .collect();
        let said = join_all(events.iter().map(|event| until_taken(&context, event)))
            .await
            .concat();
        let winners = names(&said)
            .into_iter()
            .filter(|name| *name == "StockReserved")
            .count();
        assert_eq!((said.len(), winners), (100, 1));
        assert_eq!(available(&store.0, "A").await, 0);
        check_conservation(&store.0);
    });
}

#[test]
fn running_low_is_warned_of_exactly_once_however_many_buy_at_once() {
    run(async {
        let store = Interleaving(MemoryStore::new(INDEXES));
        stock_up(&store.0, "A", "main", 40, 10).await;
        let context = Inventory::new(store.clone());
        let events: Vec<_> = (0..38)
            .map(|buyer| placed(&format!("o{buyer}"), lines(&[("A", 1)])))
            .collect();
        let said = join_all(events.iter().map(|event| until_taken(&context, event)))
            .await
            .concat();
        let warnings: Vec<_> = said
            .iter()
            .filter(|event| names(std::slice::from_ref(event)) == ["LowStock"])
            .collect();
        assert_eq!(warnings.len(), 1);
        let warning: contracts::inventory::LowStock = warnings[0].data().unwrap();
        assert_eq!((warning.available, warning.threshold), (9, 10));
        assert_eq!(available(&store.0, "A").await, 2);
    });
}

#[test]
fn orders_of_any_size_are_reserved_released_and_shipped() {
    for count in [1, 99, 100, 150, 1000] {
        run(async {
            let store = MemoryStore::new(INDEXES);
            stock_up_many(&store, count, 2).await;
            let context = Inventory::new(store.clone());
            let said = until_taken(&context, &placed("kept", many_lines(count))).await;
            assert_eq!(names(&said), ["StockReserved"]);
            let said = until_taken(&context, &placed("dropped", many_lines(count))).await;
            assert_eq!(names(&said), ["StockReserved"]);
            let said = until_taken(&context, &placed("unlucky", many_lines(count))).await;
            assert_eq!(names(&said), ["StockReservationFailed"]);
            assert_eq!(
                names(&until_taken(&context, &cancelled("dropped")).await),
                ["StockReleased"]
            );
            until_taken(&context, &dispatched("kept", 1, many_lines(count))).await;
            check_conservation(&store);
            assert_eq!(
                reservation(&store, "kept").await.unwrap().status,
                Status::Consumed
            );
            assert_eq!(
                reservation(&store, "dropped").await.unwrap().status,
                Status::Ended(Ending::Released)
            );
            let last = stock_of(&store, &format!("S{:04}", count - 1)).await;
            let level = last.locations.values().next().unwrap();
            assert_eq!((level.available, level.received), (1, 2));
        });
    }
}

#[test]
fn two_large_orders_for_the_same_stock_do_not_both_get_it() {
    run(async {
        let store = Interleaving(MemoryStore::new(INDEXES));
        stock_up_many(&store.0, 300, 1).await;
        let context = Inventory::new(store.clone());
        let mut backwards = many_lines(300);
        backwards.reverse();
        let events = [placed("one", many_lines(300)), placed("other", backwards)];
        let said = join_all(events.iter().map(|event| until_taken(&context, event)))
            .await
            .concat();
        let mut said = names(&said);
        said.sort_unstable();
        assert_eq!(said, ["StockReservationFailed", "StockReserved"]);
        check_conservation(&store.0);
        assert_eq!(available(&store.0, "S0000").await, 0);
    });
}

#[test]
fn a_line_is_split_over_locations_only_where_none_has_all_of_it() {
    run(async {
        let store = MemoryStore::new(INDEXES);
        for (location, count) in [("main", 3), ("osaka", 5)] {
            stock_up(&store, "A", location, count, 0).await;
        }
        let context = Inventory::new(store.clone());
        until_taken(&context, &placed("whole", lines(&[("A", 5)]))).await;
        assert_eq!(
            reservation(&store, "whole").await.unwrap().lines[0]
                .parts
                .len(),
            1
        );
        until_taken(&context, &cancelled("whole")).await;
        until_taken(&context, &placed("split", lines(&[("A", 7)]))).await;
        assert_eq!(
            reservation(&store, "split").await.unwrap().lines[0]
                .parts
                .len(),
            2
        );
        until_taken(&context, &dispatched("split", 1, lines(&[("A", 6)]))).await;
        until_taken(&context, &cancelled("split")).await;
        assert_eq!(available(&store, "A").await, 2);
        check_conservation(&store);
    });
}

/// Write units bill every kilobyte begun, and a transaction's twice.
#[test]
fn the_reservation_of_an_ordinary_order_takes_one_kilobyte_to_the_end() {
    run(async {
        let store = MemoryStore::new(INDEXES);
        let names: Vec<String> = (0..8).map(|number| format!("100{number}906")).collect();
        let wanted: Vec<_> = names.iter().map(|name| (name.as_str(), 2)).collect();
        for name in &names {
            stock_up(&store, name, "main", 9, 0).await;
        }
        let context = Inventory::new(store.clone());
        let order_id = "0198c0de-7f1c-7a3b-9d4e-5f60718293a4";
        until_taken(&context, &placed(order_id, lines(&wanted))).await;
        until_taken(&context, &dispatched(order_id, 1, lines(&wanted))).await;
        let items = store.all();
        let item = items.iter().find(|item| item.key.sk == "reservation");
        let attributes = store::to_attributes(item.unwrap());
        let bytes: usize = attributes
            .iter()
            .map(|(name, value)| name.len() + size_bytes(value))
            .sum();
        assert!(bytes <= 1024, "{bytes} bytes: {attributes:?}");
    });
}

fn size_bytes(value: &store::Attribute) -> usize {
    match value {
        store::Attribute::S(text) => text.len(),
        store::Attribute::B(bytes) => bytes.len(),
        store::Attribute::N(number) => number.to_string().len(),
    }
}
