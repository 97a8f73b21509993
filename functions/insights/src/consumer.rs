//! What insights does about what the others say: all of a batch at once, so that what is about one order is one write.

use std::collections::BTreeMap;

use contracts::{CloudEvent, UnreadableEvent};
use decider::{MAX_ATTEMPTS, pause_before};
use door::ConsumeError;
use futures::StreamExt as _;
use identifiers::{LocationId, MessageId, OrderId, Sku, Timestamp};
use store::{CommitFailure, Consistency, Store, copy_all};

use crate::Insights;
use crate::day::Day;
use crate::fact::{About, Fact};
use crate::flow::{self, Flow};
use crate::order::Order;
use crate::reading;
use crate::stock::{Stock, StockNews};
use crate::store::{
    WARNINGS, listed, next_record, order_key, orders_of, read_or, stock_key, write_next,
};
use crate::timeline::Entry;
use crate::title::{Title, title_key};

/// How many items of a batch are written at a time.
const WRITES_IN_FLIGHT: usize = 16;

/// An event of a batch, by its position there.
type Heard<T> = (usize, T);

/// A batch, by what its events are about.
#[derive(Default)]
struct Batch {
    orders: BTreeMap<OrderId, Vec<Heard<Fact>>>,
    stocks: BTreeMap<(Sku, LocationId), Vec<Heard<StockNews>>>,
    titles: Vec<Heard<(Vec<Sku>, Title)>>,
    others: Vec<usize>,
}

/// What came of writing one item: the positions of the events that it was about, and what the flow is to know of them.
type Written = (Vec<usize>, Result<Flow, ConsumeError>);

/// Takes in events, and says of each what became of it.
pub(crate) async fn hear<S: Store + Clone>(
    insights: &Insights<S>,
    events: &[&CloudEvent],
    now: Timestamp,
) -> Vec<Result<(), ConsumeError>> {
    let mut results: Vec<Result<(), ConsumeError>> = events.iter().map(|_| Ok(())).collect();
    let mut batch = Batch::default();
    for (position, event) in events.iter().enumerate() {
        match reading::read(event) {
            Ok(about) => batch.sort_in(position, about),
            Err(unreadable) => results[position] = Err(unreadable.into()),
        }
    }
    let mut all = Flow::default();
    for (positions, written) in batch.write(insights, events, now).await {
        match written {
            Ok(flow) => all.add(flow, usize::MAX),
            Err(error) => {
                // Each event of the item is told apart in the log by its message; the reason is the same.
                let reason = error.to_string();
                let passing = error.is_passing();
                for position in positions {
                    results[position] = Err(match passing {
                        true => ConsumeError::Unavailable(reason.clone()),
                        false => ConsumeError::Refused(reason.clone()),
                    });
                }
            }
        }
    }
    let mut taken = events
        .iter()
        .zip(&results)
        .filter(|(_, result)| result.is_ok());
    if let Some((first, _)) = taken.next()
        && all != Flow::default()
    {
        flow::note(&insights.store, all, first, now).await;
    }
    results
}

impl Batch {
    fn sort_in(&mut self, position: usize, about: About) {
        match about {
            About::Order(order_id, fact) => {
                let heard = self.orders.entry(order_id).or_default();
                heard.push((position, fact));
            }
            About::Stock(news) => {
                let place = (news.sku.clone(), news.location_id.clone());
                let heard = self.stocks.entry(place).or_default();
                heard.push((position, news));
            }
            About::Titles(skus, title) => self.titles.push((position, (skus, title))),
            About::Flow => self.others.push(position),
        }
    }

    /// Writes each item that the batch is about, once.
    async fn write<S: Store + Clone>(
        self,
        insights: &Insights<S>,
        events: &[&CloudEvent],
        now: Timestamp,
    ) -> Vec<Written> {
        let orders = self.orders.into_iter().map(|(order_id, heard)| async move {
            let positions = positions(&heard);
            let done = hear_order(insights, &order_id, &heard, events, now).await;
            (positions, done)
        });
        let mut written: Vec<Written> = futures::stream::iter(orders)
            .buffer_unordered(WRITES_IN_FLIGHT)
            .collect()
            .await;
        let counted = |positions: &[usize]| {
            let mut flow = Flow::default();
            for position in positions {
                flow.hear(events[*position], None, now);
            }
            flow
        };
        for ((sku, location_id), heard) in self.stocks {
            let positions = positions(&heard);
            let first = events[positions[0]];
            let news = heard.into_iter().map(|(_, news)| news).collect();
            let done = hear_stock(&insights.store, sku, location_id, news, &first.id).await;
            let flow = counted(&positions);
            written.push((positions, done.map(|()| flow)));
        }
        for (position, (skus, title)) in self.titles {
            let version = events[position].aggregateversion;
            let titles = skus.iter().map(|sku| (title_key(sku), title.clone()));
            let done = copy_all(&insights.store, titles.collect(), version).await;
            let flow = counted(&[position]);
            let done = done.map(|()| flow).map_err(ConsumeError::from);
            written.push((vec![position], done));
        }
        let flow = counted(&self.others);
        written.push((self.others, Ok(flow)));
        written
    }
}

fn positions<T>(heard: &[Heard<T>]) -> Vec<usize> {
    heard.iter().map(|(position, _)| *position).collect()
}

/// Takes in all that a batch brought about one order. Counts for the flow only what the order had not heard before.
async fn hear_order<S: Store + Clone>(
    insights: &Insights<S>,
    order_id: &OrderId,
    heard: &[Heard<Fact>],
    events: &[&CloudEvent],
    now: Timestamp,
) -> Result<Flow, ConsumeError> {
    let first = &events[heard[0].0].id;
    for attempt in 0..MAX_ATTEMPTS {
        let consistency = match attempt {
            0 => Consistency::Eventual,
            _ => Consistency::Strong,
        };
        let key = order_key(order_id);
        let before = insights.store.load(&key, consistency).await?;
        let known: Order = read_or(before.as_ref(), Order::default)?;
        let mut order = known.clone();
        let mut new: Vec<MessageId> = Vec::new();
        let mut flow = Flow::default();
        for (position, fact) in heard {
            let event = events[*position];
            if order.hear(Entry::of(event, now), fact.clone()) {
                new.push(event.id.clone());
                flow.hear(event, Some(order_id), now);
            }
        }
        if order == known {
            return Ok(Flow::default());
        }
        for reply in order.timeline().replies(&new) {
            flow.answer(&reply);
        }
        let mut record = next_record(key, before.as_ref(), &order);
        if let Some(placed) = order.placed() {
            let day = Day::at(placed.at, &insights.config.time_zone);
            record.indexed = listed(orders_of(day), placed.at);
        }
        match write_next(&insights.store, &record).await {
            Ok(()) => return Ok(flow),
            Err(CommitFailure::Conflict) => {
                pause_before(&insights.store, first, attempt).await;
            }
            Err(failure) => return Err(refused(failure)),
        }
    }
    Err(contended(order_id))
}

/// Takes in all that a batch brought about a SKU at a location.
async fn hear_stock<S: Store>(
    store: &S,
    sku: Sku,
    location_id: LocationId,
    news: Vec<StockNews>,
    first: &MessageId,
) -> Result<(), ConsumeError> {
    let key = stock_key(&sku, &location_id);
    for attempt in 0..MAX_ATTEMPTS {
        let before = store.load(&key, Consistency::Strong).await?;
        let none = || Stock::new(sku.clone(), location_id.clone());
        let mut stock: Stock = read_or(before.as_ref(), none)?;
        let known = stock.clone();
        for one in &news {
            stock.hear(one);
        }
        if stock == known {
            return Ok(());
        }
        let mut record = next_record(key.clone(), before.as_ref(), &stock);
        if let Some(warning) = stock.warning() {
            record.indexed = listed(WARNINGS, warning.at);
        }
        match write_next(store, &record).await {
            Ok(()) => return Ok(()),
            Err(CommitFailure::Conflict) => pause_before(store, first, attempt).await,
            Err(failure) => return Err(refused(failure)),
        }
    }
    Err(contended(&sku))
}

fn refused(failure: CommitFailure) -> ConsumeError {
    match failure {
        CommitFailure::Store(failure) => failure.into(),
        failure @ (CommitFailure::Conflict | CommitFailure::TooLarge { .. }) => {
            ConsumeError::Refused(failure.to_string())
        }
    }
}

fn contended(what: impl std::fmt::Display) -> ConsumeError {
    ConsumeError::Unavailable(format!(
        "what is kept of {what} is written by others all the time"
    ))
}

/// One event alone.
pub(crate) async fn consume<S: Store + Clone>(
    insights: &Insights<S>,
    event: &CloudEvent,
    now: Timestamp,
) -> Result<Vec<CloudEvent>, ConsumeError> {
    let results = hear(insights, &[event], now).await;
    match results.into_iter().next() {
        Some(result) => result.map(|()| Vec::new()),
        None => Err(UnreadableEvent::UnknownType(event.event_type.clone()).into()),
    }
}

/// The events of a batch; what did not succeed is to be consumed alone.
pub(crate) async fn consume_together<S: Store + Clone>(
    insights: &Insights<S>,
    events: &[&CloudEvent],
    now: Timestamp,
) -> Vec<Option<Vec<CloudEvent>>> {
    let results = hear(insights, events, now).await;
    let done = results
        .into_iter()
        .map(|result| result.ok().map(|()| Vec::new()));
    done.collect()
}
