//! Stock: what the counters say, against what reservations hold and took, and against the ledger of movements.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::document::Reservation;
use super::{Findings, Invariant};

#[derive(Debug, Default)]
struct Shelf {
    available: i64,
    received: i64,
    held: i64,
    consumed: i64,
    moved: i64,
}

/// What a reservation has of a SKU: its number, held, consumed.
type Share = (u32, i64, i64);

/// All SKUs.
#[derive(Debug, Default)]
pub struct Shelves {
    numbers: FxHashMap<String, u32>,
    names: Vec<String>,
    shelves: Vec<Shelf>,
    shares: FxHashMap<String, Vec<Share>>,
    touched: Vec<u32>,
}

impl Shelves {
    fn number(&mut self, sku: &str) -> u32 {
        if let Some(number) = self.numbers.get(sku) {
            return *number;
        }
        let number = self.shelves.len() as u32;
        self.numbers.insert(sku.to_owned(), number);
        self.names.push(sku.to_owned());
        self.shelves.push(Shelf::default());
        number
    }

    /// A SKU's counters were written.
    pub fn stock(&mut self, pk: &str, counters: &BTreeMap<String, i64>, findings: &mut Findings) {
        let sku = pk.strip_prefix("stock#").unwrap_or(pk);
        let number = self.number(sku);
        let (mut available, mut received) = (0, 0);
        for (name, value) in counters {
            if name.starts_with("available:") {
                available += value;
                findings.check(Invariant::StockNotNegative, *value >= 0, || {
                    format!("{sku}: {name} is {value}")
                });
            } else if name.starts_with("received:") {
                received += value;
            }
        }
        let shelf = &mut self.shelves[number as usize];
        (shelf.available, shelf.received) = (available, received);
        self.touched.push(number);
    }

    /// A reservation was written.
    pub fn reservation(&mut self, pk: &str, reservation: &Reservation) {
        let mut shares = Vec::with_capacity(reservation.l.len());
        for line in &reservation.l {
            let held: u64 = line.p.iter().map(|part| part.1).sum();
            let consumed: u64 = line.p.iter().map(|part| part.2).sum();
            if held + consumed > 0 {
                shares.push((self.number(&line.s), held as i64, consumed as i64));
            }
        }
        let before = self
            .shares
            .insert(pk.to_owned(), shares.clone())
            .unwrap_or_default();
        for (sign, shares) in [(-1, before), (1, shares)] {
            for (number, held, consumed) in shares {
                let shelf = &mut self.shelves[number as usize];
                shelf.held += sign * held;
                shelf.consumed += sign * consumed;
                self.touched.push(number);
            }
        }
    }

    /// A movement was recorded.
    pub fn movement(&mut self, sku: &str, by: i64) {
        let number = self.number(sku);
        self.shelves[number as usize].moved += by;
        self.touched.push(number);
    }

    /// What must hold of all SKUs that were touched.
    pub fn check(&mut self, findings: &mut Findings) {
        self.touched.sort_unstable();
        self.touched.dedup();
        for number in self.touched.drain(..) {
            let shelf = &self.shelves[number as usize];
            let sku = &self.names[number as usize];
            let taken = shelf.held + shelf.consumed;
            findings.check(
                Invariant::StockConserved,
                shelf.available + taken == shelf.received,
                || format!("{sku}: {shelf:?}"),
            );
            findings.check(
                Invariant::ReservedWithinOnHand,
                shelf.held >= 0 && shelf.held <= shelf.received - shelf.consumed,
                || format!("{sku}: {shelf:?}"),
            );
            findings.check(
                Invariant::MovementsAddUp,
                shelf.moved == shelf.received,
                || format!("{sku}: {shelf:?}"),
            );
        }
    }
}
