//! The rush: orders for one SKU, in batches, several at once.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use contracts::orders::{OrderPlaced, OrderedLine};
use door::{DeadLetterRecorder, Door};
use harness::{event, queue_batch};
use identifiers::{Clock as _, LocationId, Sku, SystemClock};
use inventory::Inventory;
use inventory::stock::Stock;
use money::{Currency, Money};
use publisher::Recorder;
use store::{Adjustment, Consistency, CounterChange, Store, Write};
use tokio::task::JoinSet;

const SKU: &str = "HOT-SKU";
const NONE_FAILED: &[u8] = br#"{"batchItemFailures":[]}"#;

/// A load.
pub(crate) struct Rush {
    pub(crate) reservations: u64,
    pub(crate) batch: u64,
    pub(crate) concurrency: u64,
}

/// How long it took.
pub(crate) struct Timed {
    pub(crate) per_second: f64,
}

impl Rush {
    /// Reserves for every order over that store, which must be empty, and checks that each has got its unit.
    ///
    /// # Errors
    /// When an order was not reserved, or a unit is missing or made up.
    pub(crate) async fn run<S: Store + Clone>(&self, store: S) -> anyhow::Result<Timed> {
        self.stock_up(&store).await?;
        let mut payloads = self.payloads()?;
        let said = Recorder::default();
        let dead_letters = DeadLetterRecorder::default();
        let door = Arc::new(Door::new(
            Arc::new(Inventory::new(store.clone())),
            said.clone(),
            dead_letters.clone(),
            SystemClock,
        ));
        let mut shares: Vec<Vec<String>> = (0..self.concurrency).map(|_| Vec::new()).collect();
        let places = shares.len();
        for (number, payload) in payloads.drain(..).enumerate() {
            shares[number % places].push(payload);
        }
        let begun = Instant::now();
        let mut invocations = JoinSet::new();
        for share in shares {
            let door = Arc::clone(&door);
            invocations.spawn(async move {
                for payload in share {
                    let answer = door.handle(payload.as_bytes()).await?;
                    ensure!(answer == NONE_FAILED, "a message failed: {answer:?}");
                }
                Ok(())
            });
        }
        while let Some(done) = invocations.join_next().await {
            done??;
        }
        let seconds = begun.elapsed().as_secs_f64();

        ensure!(dead_letters.take().is_empty(), "a message is a dead letter");
        let said = said.take();
        let reserved = said
            .iter()
            .filter(|event| event.event_type == "inventory.StockReserved.v1");
        ensure!(
            reserved.count() as u64 == self.reservations && said.len() as u64 == self.reservations,
            "not every order was reserved"
        );
        let key = inventory::stock_key(&sku()?);
        let record = store.load(&key, Consistency::Strong).await?;
        let stock = Stock::from_record(&record.context("the SKU is gone")?);
        let level = stock.level(&LocationId::new(inventory::DEFAULT_LOCATION)?);
        ensure!(
            level.available == 0 && level.allocated() == i64::try_from(self.reservations)?,
            "units are missing or made up: {level:?}"
        );
        Ok(Timed {
            per_second: self.reservations as f64 / seconds,
        })
    }

    /// Just enough for everybody: a unit sold twice would show.
    async fn stock_up<S: Store>(&self, store: &S) -> anyhow::Result<()> {
        let count = i64::try_from(self.reservations)?;
        let change = |kind: &str| CounterChange {
            counter: format!("{kind}:{}", inventory::DEFAULT_LOCATION),
            by: count,
            before: None,
        };
        let adjustment = Adjustment {
            key: inventory::stock_key(&sku()?),
            changes: vec![change("available"), change("received")],
        };
        store.transact(&[Write::Adjust(adjustment)]).await?;
        Ok(())
    }

    fn payloads(&self) -> anyhow::Result<Vec<String>> {
        let until = SystemClock.now().plus_seconds(86_400);
        let body = |number: u64| -> anyhow::Result<String> {
            let order_id = format!("order-{number:08}");
            let placed = OrderPlaced {
                order_id: order_id.parse()?,
                customer_id: "customer-1".parse()?,
                lines: vec![OrderedLine {
                    sku: sku()?,
                    quantity: 1,
                }],
                total: Money::new(1980, Currency::JPY),
                reserve_until: until,
            };
            Ok(event(&order_id, 1, 0, &placed).to_json())
        };
        let bodies: Vec<String> = (0..self.reservations).map(body).collect::<Result<_, _>>()?;
        let batch = usize::try_from(self.batch)?;
        Ok(bodies.chunks(batch).map(queue_batch).collect())
    }
}

fn sku() -> anyhow::Result<Sku> {
    Ok(Sku::new(SKU)?)
}

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn every_order_gets_its_unit_alone_and_merged() {
        for batch in [1, 10] {
            let rush = Rush {
                reservations: 95,
                batch,
                concurrency: 3,
            };
            let timed = rush
                .run(MemoryStore::new(inventory::INDEXES))
                .await
                .unwrap();
            assert!(timed.per_second > 0.0);
        }
    }

    #[tokio::test]
    async fn a_unit_that_is_missing_is_no_figure() {
        let store = MemoryStore::new(inventory::INDEXES);
        let rush = |reservations| Rush {
            reservations,
            batch: 10,
            concurrency: 1,
        };
        rush(10).run(store.clone()).await.unwrap();
        // The same orders again find themselves known, so that what is stocked up for them stays.
        assert!(rush(10).run(store).await.is_err());
    }
}
