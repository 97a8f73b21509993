//! Orders of one batch that want the same SKU are reserved in one transaction: a popular SKU's item is then written once
//! for all of them instead of once for each, which is what bounds how fast it can be sold.
//!
//! Owns which orders go together and what is written for them. What each order gets is decided by its own reservation, one
//! after another, as if each had been written before the next was decided. Whatever is out of the ordinary (a shortage, a
//! deadline that is over, an order that is known already, more lines than fit) is left to [`crate::settle`], which does it
//! for the order alone: going together is a saving and never a rule.

use std::collections::{BTreeMap, BTreeSet};

use contracts::orders::OrderPlaced;
use contracts::{Cause, CloudEvent, EventData as _};
use decider::{Failure, Loaded, Step, note_committed, pause_before};
use futures::future::{join_all, try_join_all};
use identifiers::{Sku, Timestamp};
use store::{
    Adjustment, Consistency, Expected, MAX_TRANSACTION_ITEMS, Origin, Record, Refusal, Store,
    TransactFailure, Write,
};

use crate::consumer::by_sku;
use crate::reservation::{Command, Reservation, Reserve, Status};
use crate::stock::{Stock, Stocks};
use crate::store::{stock_key, stock_writes};

/// How often orders are tried together before each goes alone: others that sell the same SKU may be first.
const ATTEMPTS: u32 = 4;

/// An order that wants to be reserved.
struct Wish {
    /// Where its event stands among those given.
    position: usize,
    cause: Cause,
    reserve: Reserve,
}

/// An order's part of a transaction.
struct Part {
    position: usize,
    record: Record,
    expected: Expected,
    events: Vec<CloudEvent>,
}

/// Reserves for those orders that share a SKU with another. Returns, in the order of the events, what is to be published of
/// each order that was reserved, and nothing for each event that is still to be handled.
pub(crate) async fn reserve_together<S: Store>(
    store: &S,
    events: &[&CloudEvent],
    now: Timestamp,
) -> Vec<Option<Vec<CloudEvent>>> {
    let mut answers = vec![None; events.len()];
    let groups = sharing(wishes(events, now));
    let done = join_all(groups.into_iter().map(|group| reserve_group(store, group))).await;
    for (position, events) in done.into_iter().flatten() {
        answers[position] = Some(events);
    }
    answers
}

/// The orders among the events that ask for something sensible, each order once. Of what is about one order, only what came
/// first goes together: a cancellation that came before is to be known before.
fn wishes(events: &[&CloudEvent], now: Timestamp) -> Vec<Wish> {
    let (mut subjects, mut orders) = (BTreeSet::new(), BTreeSet::new());
    let placed = events.iter().enumerate().filter_map(|(position, event)| {
        let is_first = subjects.insert(&event.subject);
        if !is_first || event.event_type != OrderPlaced::TYPE {
            return None;
        }
        let placed: OrderPlaced = event.data().ok()?;
        orders.insert(placed.order_id.clone()).then(|| Wish {
            position,
            cause: event.as_cause(now),
            reserve: Reserve {
                order_id: placed.order_id,
                lines: by_sku(placed.lines),
                until: placed.reserve_until,
                now,
                stocks: Stocks::new(),
            },
        })
    });
    placed.collect()
}

/// Wishes that are connected by SKUs, where there are at least two.
fn sharing(wishes: Vec<Wish>) -> Vec<Vec<Wish>> {
    let mut groups: Vec<(BTreeSet<Sku>, Vec<Wish>)> = Vec::new();
    for wish in wishes {
        let mut skus: BTreeSet<Sku> = skus(&wish).cloned().collect();
        let mut members = Vec::new();
        let (connected, others) = groups
            .into_iter()
            .partition(|(known, _)| known.iter().any(|sku| skus.contains(sku)));
        groups = others;
        for (known, connected) in connected {
            skus.extend(known);
            members.extend(connected);
        }
        members.push(wish);
        groups.push((skus, members));
    }
    let groups = groups.into_iter().map(|(_, members)| members);
    groups.filter(|members| members.len() > 1).collect()
}

fn skus(wish: &Wish) -> impl Iterator<Item = &Sku> {
    wish.reserve.lines.iter().map(|line| &line.sku)
}

/// Reserves for a group, in as many transactions as its items need. A failure of the store is not told: what is not
/// answered is handled alone, and finds out whether it was written.
async fn reserve_group<S: Store>(
    store: &S,
    mut wishes: Vec<Wish>,
) -> Vec<(usize, Vec<CloudEvent>)> {
    let mut answers = Vec::new();
    let mut attempt = 0;
    while wishes.len() > 1 && attempt < ATTEMPTS {
        let stocks = match read(store, &wishes, attempt).await {
            Ok(stocks) => stocks,
            Err(failure) => {
                tracing::warn!(error = %failure, "orders are reserved each alone");
                break;
            }
        };
        let (parts, adjustments) = decide(&wishes, stocks);
        if parts.len() < 2 {
            break;
        }
        let puts = parts.iter().map(|part| Write::Put {
            record: part.record.clone(),
            expected: part.expected,
        });
        let writes: Vec<Write> = puts
            .chain(adjustments.into_values().map(Write::Adjust))
            .collect();
        match store.transact(&writes).await {
            Ok(()) => {
                for part in parts {
                    note_committed(&part.events);
                    wishes.retain(|wish| wish.position != part.position);
                    answers.push((part.position, part.events));
                }
                // What did not fit has its turn, with tries of its own.
                attempt = 0;
            }
            Err(TransactFailure::Refused(refusals)) => {
                // An order that is known already goes alone, and the others go on without it.
                let known: BTreeSet<usize> = parts
                    .iter()
                    .zip(&refusals)
                    .filter(|(_, refusal)| **refusal == Refusal::ConditionFailed)
                    .map(|(part, _)| part.position)
                    .collect();
                wishes.retain(|wish| !known.contains(&wish.position));
                if let Some(first) = wishes.first() {
                    pause_before(store, &first.cause.message_id, attempt).await;
                }
                attempt += 1;
            }
            Err(failure @ (TransactFailure::Store(_) | TransactFailure::TooLarge { .. })) => {
                tracing::warn!(error = %failure, "orders are reserved each alone");
                break;
            }
        }
    }
    answers
}

/// Reads what the wishes are about: cheaply at first, since the write's conditions make it sure; after a refusal so that
/// nothing is missed.
async fn read<S: Store>(store: &S, wishes: &[Wish], attempt: u32) -> Result<Stocks, Failure> {
    let wanted: BTreeSet<&Sku> = wishes.iter().flat_map(skus).collect();
    let keys = wanted.iter().map(|sku| stock_key(sku));
    let records = match attempt {
        0 => store.load_many(&keys.collect::<Vec<_>>()).await?,
        _ => {
            let reads = keys.map(async |key| store.load(&key, Consistency::Strong).await);
            let records = try_join_all(reads).await?;
            records.into_iter().flatten().collect()
        }
    };
    let found: BTreeMap<_, _> = records.iter().map(|record| (&record.key, record)).collect();
    let stocks = wanted.into_iter().map(|sku| {
        let record = found.get(&stock_key(sku));
        let stock = record.map(|record| Stock::from_record(record));
        (sku.clone(), stock.unwrap_or_default())
    });
    Ok(stocks.collect())
}

/// Decides for one order after another, each on the stock that those before it leave, as long as it all fits into a
/// transaction. An order that is not completely reserved by this is left out.
fn decide(wishes: &[Wish], mut stocks: Stocks) -> (Vec<Part>, BTreeMap<Sku, Adjustment>) {
    let mut parts = Vec::new();
    let mut adjustments: BTreeMap<Sku, Adjustment> = BTreeMap::new();
    for wish in wishes {
        let new = skus(wish).filter(|sku| !adjustments.contains_key(sku));
        if parts.len() + 1 + adjustments.len() + new.count() > MAX_TRANSACTION_ITEMS {
            continue;
        }
        let Some((part, state, stocks_read)) = decide_one(wish, &stocks) else {
            continue;
        };
        for (sku, adjustment) in stock_writes(None, &state, Some(&stocks_read)) {
            match adjustments.remove(&sku) {
                None => adjustments.insert(sku, adjustment),
                Some(before) => adjustments.insert(sku, before.then(adjustment)),
            };
        }
        for ((sku, location_id), taken) in state.taken_since(None) {
            let stock = stocks.get_mut(&sku);
            if let Some(level) = stock.and_then(|stock| stock.locations.get_mut(&location_id)) {
                level.available -= taken;
            }
        }
        parts.push(part);
    }
    (parts, adjustments)
}

/// The order's own decision, if it is to be reserved in one step.
fn decide_one(wish: &Wish, stocks: &Stocks) -> Option<(Part, Reservation, Stocks)> {
    let of_order = skus(wish).filter_map(|sku| Some((sku.clone(), stocks.get(sku)?.clone())));
    let stocks: Stocks = of_order.collect();
    let command = Command::Reserve(Reserve {
        stocks: stocks.clone(),
        ..wish.reserve.clone()
    });
    // As for one order alone, nothing is read of the reservation: the write's condition finds out if one is there.
    let none = Loaded::<Reservation>::from_record(&wish.reserve.order_id, None).ok()?;
    match none.step(&wish.cause, Origin::Queue, &command) {
        Ok(Step::Commit {
            record,
            expected,
            state,
            events,
        }) if state.status == Status::Reserved => {
            let part = Part {
                position: wish.position,
                record: *record,
                expected,
                events,
            };
            Some((part, state, stocks))
        }
        Ok(Step::Commit { .. } | Step::Repeated(_) | Step::Nothing) | Err(_) => None,
    }
}
