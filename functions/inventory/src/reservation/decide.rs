//! What a reservation does about each command, in each of its states.

use contracts::inventory::{LowStock, ReservationFailure, Shortage};
use identifiers::{OrderId, Sku};

use super::evolve::evolve;
use super::{
    Dispatch, Ending, Event, LINES_PER_STEP, Line, MAX_LINES, MAX_SHORTAGES, Portions, Quantity,
    Refusal, Rejection, Reservation, Reserve, Status,
};
use crate::stock::{Portion, Stocks, saturating_u32};

/// One step of setting lines aside: begins it, goes on with it, or answers once more.
pub(super) fn reserve(
    state: Option<&Reservation>,
    reserve: &Reserve,
) -> Result<Vec<Event>, Rejection> {
    let order_id = &reserve.order_id;
    let is_late = reserve.now > reserve.until;
    let Some(state) = state else {
        check_lines(&reserve.lines)?;
        let short = shortages(reserve.lines.iter(), &reserve.stocks);
        return Ok(if is_late {
            vec![ended(order_id, Ending::Failed(too_late()))]
        } else if short.is_empty() {
            let asked = Event::Asked {
                lines: reserve.lines.clone(),
            };
            let begun = evolve(None, &asked);
            let mut events = vec![asked];
            events.extend(take(&begun, reserve));
            events
        } else {
            vec![ended(order_id, Ending::Failed(out_of_stock(short)))]
        });
    };
    Ok(match &state.status {
        Status::Reserving => {
            let wanted: Vec<_> = untaken(state).map(quantity_of).collect();
            let short = shortages(wanted.iter(), &reserve.stocks);
            if is_late {
                give_up(state, order_id, Ending::Failed(too_late()))
            } else if short.is_empty() {
                take(state, reserve)
            } else {
                give_up(state, order_id, Ending::Failed(out_of_stock(short)))
            }
        }
        Status::Releasing(ending @ Ending::Failed(_)) => give_back(state, order_id, ending),
        // The cancel's own message sees to the release. The answer does not wait for it.
        Status::Releasing(Ending::Released) | Status::Ended(Ending::Released) => {
            vec![Event::AnsweredFailed {
                order_id: order_id.clone(),
                refusal: Refusal {
                    reason: ReservationFailure::Released,
                    shortages: Vec::new(),
                },
            }]
        }
        Status::Ended(Ending::Failed(refusal)) => vec![Event::AnsweredFailed {
            order_id: order_id.clone(),
            refusal: refusal.clone(),
        }],
        Status::Reserved => vec![Event::AnsweredReserved {
            order_id: order_id.clone(),
        }],
        // What has left was confirmed, so the answer arrived.
        Status::PartlyConsumed | Status::Consumed => Vec::new(),
    })
}

/// One step of giving back what has not left.
pub(super) fn release(state: Option<&Reservation>, order_id: &OrderId) -> Vec<Event> {
    let Some(state) = state else {
        return vec![Event::Forestalled];
    };
    match &state.status {
        // Where a failed reservation is still being given back, the cancel takes that over: whichever message comes
        // again first ends it.
        Status::Reserving
        | Status::Reserved
        | Status::PartlyConsumed
        | Status::Releasing(Ending::Failed(_)) => give_up(state, order_id, Ending::Released),
        Status::Releasing(ending @ Ending::Released) => give_back(state, order_id, ending),
        Status::Consumed | Status::Ended(_) => Vec::new(),
    }
}

/// A parcel has left. It moves what was set aside and not the SKU's counters, which lost it when it was set aside.
pub(super) fn dispatch(
    state: Option<&Reservation>,
    dispatch: &Dispatch,
) -> Result<Vec<Event>, Rejection> {
    let state = state.ok_or(Rejection::NotReservedYet)?;
    if state.parcels.contains(&dispatch.parcel) {
        return Ok(Vec::new());
    }
    if dispatch.lines.is_empty() {
        return Err(Rejection::NoLines);
    }
    match &state.status {
        Status::Reserving | Status::Releasing(Ending::Released) => Err(Rejection::NotReservedYet),
        Status::Reserved | Status::PartlyConsumed | Status::Consumed => {
            let lines = dispatch.lines.iter().map(|left| {
                let line = line_of(state, &left.sku)?;
                let portions = held_portions(line, left.quantity).ok_or_else(|| {
                    Rejection::MoreThanReserved {
                        sku: left.sku.clone(),
                    }
                })?;
                Ok(Portions {
                    sku: left.sku.clone(),
                    portions,
                })
            });
            Ok(vec![Event::Dispatched {
                parcel: dispatch.parcel,
                lines: lines.collect::<Result<_, Rejection>>()?,
            }])
        }
        Status::Releasing(Ending::Failed(_)) | Status::Ended(Ending::Failed(_)) => {
            Err(Rejection::NothingReserved)
        }
        Status::Ended(Ending::Released) if state.lines.is_empty() => {
            Err(Rejection::NothingReserved)
        }
        Status::Ended(Ending::Released) => leave_late(state, dispatch),
    }
}

/// The parcel and the cancel crossed: the goods are gone although they were released, so the stock loses them again.
fn leave_late(state: &Reservation, dispatch: &Dispatch) -> Result<Vec<Event>, Rejection> {
    let done = match state.late {
        Some((parcel, done)) if parcel == dispatch.parcel => done,
        // Another parcel's lines come first; its message, which comes again, goes on with them.
        Some(_) => return Err(Rejection::NotReservedYet),
        None => 0,
    };
    let now = dispatch.lines.iter().skip(done).take(LINES_PER_STEP);
    let mut lines = Vec::new();
    let mut warnings = Vec::new();
    for left in now {
        let line = line_of(state, &left.sku)?;
        if left.quantity > line.quantity.saturating_sub(line.consumed()) {
            return Err(Rejection::MoreThanReserved {
                sku: left.sku.clone(),
            });
        }
        let (portions, warned) =
            draw(&left.sku, left.quantity, &dispatch.stocks).ok_or_else(|| {
                Rejection::SoldMeanwhile {
                    sku: left.sku.clone(),
                }
            })?;
        lines.push(portions);
        warnings.extend(warned);
    }
    let done = done + lines.len();
    let unfinished = (done < dispatch.lines.len()).then_some(done);
    let mut events = vec![Event::LeftLate {
        parcel: dispatch.parcel,
        lines,
        unfinished,
    }];
    events.extend(warnings.iter().cloned().map(Event::Crossed));
    if unfinished.is_none() {
        events.extend(warn_of(state, warnings));
    }
    Ok(events)
}

/// Takes the next lines, and completes the reservation with the last of them. Only called when by what was read there
/// is enough of all of them.
fn take(state: &Reservation, reserve: &Reserve) -> Vec<Event> {
    let mut lines = Vec::new();
    let mut warnings = Vec::new();
    for line in untaken(state).take(LINES_PER_STEP) {
        if let Some((portions, warned)) = draw(&line.sku, line.quantity, &reserve.stocks) {
            lines.push(portions);
            warnings.extend(warned);
        }
    }
    let completes = lines.len() == untaken(state).count();
    let mut events = vec![Event::Took { lines }];
    events.extend(warnings.iter().cloned().map(Event::Crossed));
    if completes {
        events.push(Event::Reserved {
            order_id: reserve.order_id.clone(),
        });
        events.extend(warn_of(state, warnings));
    }
    events
}

fn give_up(state: &Reservation, order_id: &OrderId, ending: Ending) -> Vec<Event> {
    let given_back = give_back(state, order_id, &ending);
    let mut events = vec![Event::GaveUp { ending }];
    events.extend(given_back);
    events
}

/// Gives back the next lines, and ends the reservation with the last of them.
fn give_back(state: &Reservation, order_id: &OrderId, ending: &Ending) -> Vec<Event> {
    let held = || state.lines.iter().filter(|line| line.held() > 0);
    let skus: Vec<Sku> = held()
        .take(LINES_PER_STEP)
        .map(|line| line.sku.clone())
        .collect();
    let ends = skus.len() == held().count();
    let mut events = vec![Event::GaveBack { skus }];
    if ends {
        events.push(ended(order_id, ending.clone()));
        events.extend(warn_of(state, Vec::new()));
    }
    events
}

/// Chooses where a line comes from, and says where that makes stock run low.
fn draw(sku: &Sku, quantity: u64, stocks: &Stocks) -> Option<(Portions, Vec<LowStock>)> {
    let stock = stocks.get(sku)?;
    let portions = stock.allocate(quantity)?;
    let warnings = portions
        .iter()
        .filter_map(|portion| stock.warning(sku, portion))
        .collect();
    let sku = sku.clone();
    Some((Portions { sku, portions }, warnings))
}

fn warn_of(state: &Reservation, newer: Vec<LowStock>) -> impl Iterator<Item = Event> + '_ {
    state
        .warnings
        .iter()
        .cloned()
        .chain(newer)
        .map(Event::Warned)
}

fn untaken(state: &Reservation) -> impl Iterator<Item = &Line> {
    state.lines.iter().filter(|line| line.parts.is_empty())
}

fn quantity_of(line: &Line) -> Quantity {
    Quantity {
        sku: line.sku.clone(),
        quantity: line.quantity,
    }
}

fn line_of<'a>(state: &'a Reservation, sku: &Sku) -> Result<&'a Line, Rejection> {
    match state.lines.binary_search_by(|line| line.sku.cmp(sku)) {
        Ok(position) => Ok(&state.lines[position]),
        Err(_) => Err(Rejection::MoreThanReserved { sku: sku.clone() }),
    }
}

/// The parts of the line that the quantity leaves from; nothing where less is held.
fn held_portions(line: &Line, quantity: u64) -> Option<Vec<Portion>> {
    let mut missing = quantity;
    let mut portions = Vec::new();
    for part in &line.parts {
        let leaves = part.held.min(missing);
        if leaves > 0 {
            missing -= leaves;
            portions.push(Portion {
                location_id: part.location_id.clone(),
                quantity: leaves,
            });
        }
    }
    (missing == 0).then_some(portions)
}

fn check_lines(lines: &[Quantity]) -> Result<(), Rejection> {
    if lines.is_empty() {
        return Err(Rejection::NoLines);
    }
    if lines.len() > MAX_LINES {
        return Err(Rejection::TooManyLines);
    }
    match lines.iter().find(|line| line.quantity == 0) {
        Some(line) => Err(Rejection::ZeroQuantity {
            sku: line.sku.clone(),
        }),
        None => Ok(()),
    }
}

fn shortages<'a>(lines: impl Iterator<Item = &'a Quantity>, stocks: &Stocks) -> Vec<Shortage> {
    let short = lines.filter_map(|line| {
        let available = stocks.get(&line.sku).map_or(0, |stock| stock.available());
        let enough = u64::try_from(available).is_ok_and(|available| available >= line.quantity);
        (!enough).then(|| Shortage {
            sku: line.sku.clone(),
            requested: u32::try_from(line.quantity).unwrap_or(u32::MAX),
            available: saturating_u32(available),
        })
    });
    short.take(MAX_SHORTAGES).collect()
}

fn ended(order_id: &OrderId, ending: Ending) -> Event {
    Event::Ended {
        order_id: order_id.clone(),
        ending,
    }
}

fn too_late() -> Refusal {
    Refusal {
        reason: ReservationFailure::TooLate,
        shortages: Vec::new(),
    }
}

fn out_of_stock(shortages: Vec<Shortage>) -> Refusal {
    Refusal {
        reason: ReservationFailure::OutOfStock,
        shortages,
    }
}
