//! What must hold, checked after every event for all that the event touched, and of everything once the world is quiet.
//!
//! The audit sees each commit's image, each event that reaches a topic and each message's end. It shares no code with
//! the contexts but the stored form: documents are read by structs of its own.

mod deadlines;
mod document;
mod invariant;
mod messages;
mod payment;
mod quiet;
mod stock;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use store::{Key, Origin, Record};

use deadlines::Deadlines;
pub use document::{Cart, Document, Order, Reservation, Shipment, Shipping};
pub use invariant::{INVARIANTS, Invariant};
pub use messages::{EventInfo, Messages};
pub use payment::Payment;
pub use quiet::Scene;
use stock::Shelves;

use crate::site::{SITES, Site};

/// An invariant that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub invariant: Invariant,
    /// When, in milliseconds since the world began.
    pub at_ms: i64,
    /// What was seen.
    pub detail: String,
}

/// More often nothing of one order is written, unless somebody asks for ever: what waits longest is asked again each hour
/// for a day or two. Stock and carts are written as often as people please.
const MOST_WRITES: u64 = 200;

/// How many violations of one world are kept; after that it is plain enough.
const KEPT: usize = 50;

/// What was checked, and what did not hold.
#[derive(Debug)]
pub struct Findings {
    /// How often each invariant was checked.
    pub checked: [u64; INVARIANTS],
    /// What did not hold.
    pub violations: Vec<Violation>,
    /// The present.
    pub now: i64,
    began: i64,
}

impl Findings {
    fn new(began: i64) -> Self {
        Self {
            checked: [0; INVARIANTS],
            violations: Vec::new(),
            now: began,
            began,
        }
    }

    /// Checks one thing.
    pub fn check(&mut self, invariant: Invariant, holds: bool, detail: impl FnOnce() -> String) {
        self.checked[invariant as usize] += 1;
        if !holds && self.violations.len() < KEPT {
            self.violations.push(Violation {
                invariant,
                at_ms: self.now - self.began,
                detail: detail(),
            });
        }
    }

    /// How many checks were made.
    pub fn checks(&self) -> u64 {
        self.checked.iter().sum()
    }
}

/// The audit of a world.
#[derive(Debug)]
pub struct Audit {
    /// What was found.
    pub findings: Findings,
    /// Every event.
    pub messages: Messages,
    /// Each order as it stands.
    pub orders: FxHashMap<String, Order>,
    shelves: Shelves,
    deadlines: Deadlines,
    images: [FxHashMap<Key, Arc<Record>>; SITES],
    emitted: Vec<u32>,
}

impl Audit {
    /// The audit of a world that begins at that instant.
    pub fn new(began: i64) -> Self {
        Self {
            findings: Findings::new(began),
            messages: Messages::default(),
            orders: FxHashMap::default(),
            shelves: Shelves::default(),
            deadlines: Deadlines::default(),
            images: Default::default(),
            emitted: Vec::new(),
        }
    }

    /// The present is another: checks what should have happened by now.
    pub fn time_is(&mut self, now: i64) {
        self.findings.now = now;
        self.deadlines.check(&mut self.findings);
    }

    /// Looks at what one event of the world committed to a context's table.
    pub fn committed(&mut self, site: Site, changes: &[Arc<Record>]) {
        for record in changes {
            self.check_version(site, record);
            self.look(site, record);
            self.images[site as usize].insert(record.key.clone(), Arc::clone(record));
        }
        if site == Site::Inventory {
            self.shelves.check(&mut self.findings);
        }
    }

    fn check_version(&mut self, site: Site, record: &Record) {
        let before = self.images[site as usize]
            .get(&record.key)
            .map_or(0, |image| image.version);
        let kind = record.key.sk.as_str();
        if matches!(
            kind,
            "order" | "payment" | "reservation" | "shipment" | "notifications"
        ) {
            let ends = record.version <= MOST_WRITES;
            self.findings.check(Invariant::WorkEnds, ends, || {
                format!("{} of {} is written for ever", record.key, site.name())
            });
        }
        // A copy of another context's facts has the version of what it copies.
        let is_copy = matches!(
            (site, kind),
            (Site::Orders, "price" | "rate") | (Site::Carts, "price" | "title")
        );
        let holds = if is_copy {
            record.version > before
        } else {
            record.version == before + 1
        };
        self.findings.check(Invariant::VersionPlusOne, holds, || {
            format!(
                "{} of {}: from {before} to {}",
                record.key,
                site.name(),
                record.version
            )
        });
    }

    fn look(&mut self, site: Site, record: &Arc<Record>) {
        match (site, record.key.sk.as_str()) {
            (Site::Inventory, "stock") => {
                self.shelves
                    .stock(&record.key.pk, &record.counters, &mut self.findings);
            }
            (Site::Inventory, "reservation") => {
                if let Some(document) = self.read::<Reservation>(site, record) {
                    self.shelves.reservation(&record.key.pk, &document);
                }
            }
            (Site::Inventory, _) => {
                if let Some(movement) = self.read::<document::Movement>(site, record) {
                    self.shelves.movement(&movement.sku, movement.by);
                }
            }
            (Site::Orders, "order") => {
                if let Some(order) = self.read::<Order>(site, record) {
                    let (due, findings) = (order.due, &mut self.findings);
                    self.deadlines.committed(site, record, due, findings);
                    self.order(&record.key.pk, order);
                }
            }
            (Site::Orders, _) => {}
            (Site::Payments, _) => {
                if let Some(payment) = self.read::<Payment>(site, record) {
                    let (due, findings) = (payment.due(), &mut self.findings);
                    self.deadlines.committed(site, record, due, findings);
                    let (promised, captured) = (payment.promised(), payment.booked("c"));
                    self.findings.check(
                        Invariant::RefundedWithinCaptured,
                        promised <= captured,
                        || {
                            let pk = &record.key.pk;
                            format!("{pk}: {promised} shall go back of {captured}")
                        },
                    );
                }
            }
            (Site::Catalog, "product")
            | (Site::Shipping, _)
            | (Site::Notifications, "notifications")
            | (Site::Carts, "cart") => {
                self.read::<serde::de::IgnoredAny>(site, record);
            }
            (Site::Catalog | Site::Notifications | Site::Carts, _) => {}
        }
    }

    /// Reads a document, and takes note of the events that its last commit emitted.
    fn read<State: serde::de::DeserializeOwned>(
        &mut self,
        site: Site,
        record: &Record,
    ) -> Option<State> {
        match serde_json::from_str::<Document<'_, State>>(&record.document) {
            Ok(document) => {
                let relayed = record.origin != Origin::Queue;
                for handled in document
                    .h
                    .iter()
                    .filter(|handled| handled.v == record.version)
                {
                    for (position, said) in handled.e.iter().enumerate() {
                        let number = self.messages.committed(
                            site,
                            document.id,
                            record.version,
                            position,
                            said,
                            &mut self.findings,
                        );
                        self.messages.events[number as usize].is_relayed = relayed;
                        self.emitted.push(number);
                    }
                }
                Some(document.s)
            }
            Err(error) => {
                self.findings.check(Invariant::ContextsAgree, false, || {
                    format!("the document of {} in {}: {error}", record.key, site.name())
                });
                None
            }
        }
    }

    fn order(&mut self, pk: &str, order: Order) {
        let id = pk.strip_prefix("order#").unwrap_or(pk);
        if let Some(before) = self.orders.get(id) {
            let ended = before.is_terminal() && before.st != order.st;
            self.findings.check(Invariant::TerminalStays, !ended, || {
                format!("order {id}: from {} to {}", before.st, order.st)
            });
            let same = before.total == order.total && before.cust == order.cust;
            self.findings.check(Invariant::ContextsAgree, same, || {
                format!("order {id}: total or customer changed")
            });
        }
        self.orders.insert(id.to_owned(), order);
    }

    /// An order's shipment as it stands, if the order is confirmed.
    pub fn shipment(&self, order_id: &str) -> Option<Shipment> {
        match self.state(Site::Shipping, format!("shipment#{order_id}"), "shipment")? {
            Shipping::Confirmed(shipment) => Some(shipment),
            Shipping::Unconfirmed(_) => None,
        }
    }

    /// How many refunds of an order's payment people have asked for.
    pub fn refunds_asked_for(&self, order_id: &str) -> usize {
        let payment: Option<Payment> =
            self.state(Site::Payments, format!("payment#{order_id}"), "payment");
        let refunds = payment.iter().flat_map(|payment| &payment.r);
        refunds
            .filter(|refund| refund.k != "order_cancelled")
            .count()
    }

    /// A context's items as they were last committed.
    pub fn images(&self, site: Site) -> &FxHashMap<Key, Arc<Record>> {
        &self.images[site as usize]
    }
}
