//! What each event makes of a reservation.

use identifiers::LocationId;

use super::{Ending, Event, Line, Part, Portions, Reservation, Status};

pub(super) fn evolve(state: Option<Reservation>, event: &Event) -> Reservation {
    let mut state = state.unwrap_or_else(|| Reservation {
        status: Status::Reserving,
        lines: Vec::new(),
        parcels: Vec::new(),
        warnings: Vec::new(),
        late: None,
    });
    match event {
        Event::Asked { lines } => {
            let lines = lines.iter().map(|line| Line {
                sku: line.sku.clone(),
                quantity: line.quantity,
                parts: Vec::new(),
            });
            state.lines = lines.collect();
        }
        Event::Took { lines } => {
            for_each_part(&mut state, lines, |part, quantity| part.held += quantity);
        }
        Event::Crossed(warning) => state.warnings.push(warning.clone()),
        Event::Reserved { .. } => state.status = Status::Reserved,
        Event::GaveUp { ending } => state.status = Status::Releasing(ending.clone()),
        Event::GaveBack { skus } => {
            for line in &mut state.lines {
                if skus.binary_search(&line.sku).is_ok() {
                    for part in &mut line.parts {
                        part.held = 0;
                    }
                    line.parts.retain(|part| part.consumed > 0);
                }
            }
        }
        Event::Ended { ending, .. } => state.status = Status::Ended(ending.clone()),
        Event::Forestalled => state.status = Status::Ended(Ending::Released),
        Event::Warned(warning) => state.warnings.retain(|kept| kept != warning),
        Event::AnsweredReserved { .. } | Event::AnsweredFailed { .. } => {}
        Event::Dispatched { parcel, lines } => {
            for_each_part(&mut state, lines, |part, quantity| {
                part.held -= quantity;
                part.consumed += quantity;
            });
            state.parcels.push(*parcel);
            let all_left = state.lines.iter().all(|line| line.held() == 0);
            state.status = if all_left {
                Status::Consumed
            } else {
                Status::PartlyConsumed
            };
        }
        Event::LeftLate {
            parcel,
            lines,
            unfinished,
        } => {
            for_each_part(&mut state, lines, |part, quantity| {
                part.consumed += quantity
            });
            state.late = unfinished.map(|done| (*parcel, done));
            if unfinished.is_none() {
                state.parcels.push(*parcel);
            }
        }
    }
    state
}

fn for_each_part(
    state: &mut Reservation,
    lines: &[Portions],
    mut change: impl FnMut(&mut Part, u64),
) {
    for Portions { sku, portions } in lines {
        let position = state.lines.binary_search_by(|line| line.sku.cmp(sku));
        let Ok(position) = position else { continue };
        let line = &mut state.lines[position];
        for portion in portions {
            change(part_at(line, &portion.location_id), portion.quantity);
        }
    }
}

/// The line's part at the location, made where there is none.
fn part_at<'a>(line: &'a mut Line, location_id: &LocationId) -> &'a mut Part {
    let found = line
        .parts
        .iter()
        .position(|part| part.location_id == *location_id);
    let position = found.unwrap_or_else(|| {
        line.parts.push(Part {
            location_id: location_id.clone(),
            held: 0,
            consumed: 0,
        });
        line.parts.len() - 1
    });
    &mut line.parts[position]
}
