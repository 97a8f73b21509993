//! What must hold once the world is quiet: of every order in all contexts, of every event, of every queue.

use serde::de::DeserializeOwned;
use store::Key;

use super::document::{CartPrice, Document, Price, Product, Reservation, Shipping, Told};
use super::{Audit, Findings, Invariant, Order, Payment};
use crate::bus::{Message, Queue, Stream};
use crate::provider::Books;
use crate::site::{SITES, Site};

/// What the audit looks at beside what it has seen committed.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The provider's books.
    pub books: &'a Books,
    /// The queues.
    pub queues: &'a [Queue; SITES],
    /// The streams.
    pub streams: &'a [Stream; SITES],
}

impl Audit {
    /// Checks that every order is at its end.
    pub fn check_terminal(&mut self) {
        let Self {
            orders, findings, ..
        } = self;
        let mut ids: Vec<_> = orders.iter().collect();
        ids.sort_by_key(|(id, _)| *id);
        for (id, order) in ids {
            findings.check(Invariant::OrdersTerminal, order.is_terminal(), || {
                format!("order {id} is {}, {}", order.st, order.ful)
            });
        }
    }

    /// Checks everything.
    pub fn check_quiet(&mut self, scene: &Scene<'_>) {
        self.check_terminal();
        let mut ids: Vec<String> = self.orders.keys().cloned().collect();
        ids.sort_unstable();
        for id in &ids {
            let order = self.orders[id.as_str()].clone();
            self.check_order(id, &order, scene.books);
        }
        self.check_books(scene.books);
        self.check_events(scene);
        self.check_prices();
        for site in Site::ALL {
            let due = self.images[site as usize]
                .values()
                .filter(|image| image.indexed.contains_key(store::due_index().partition));
            let due: Vec<String> = due.map(|image| image.key.to_string()).collect();
            self.findings
                .check(Invariant::NothingWaits, due.is_empty(), || {
                    format!("{} has deadlines: {due:?}", site.name())
                });
        }
    }

    pub(super) fn state<State: DeserializeOwned>(
        &self,
        site: Site,
        pk: String,
        sk: &str,
    ) -> Option<State> {
        let image = self.images[site as usize].get(&Key::new(pk, sk))?;
        let document: Document<'_, State> = serde_json::from_str(&image.document).ok()?;
        Some(document.s)
    }

    fn check_order(&mut self, id: &str, order: &Order, books: &Books) {
        let reservation: Option<Reservation> =
            self.state(Site::Inventory, format!("reservation#{id}"), "reservation");
        let payment: Option<Payment> =
            self.state(Site::Payments, format!("payment#{id}"), "payment");
        let shipping: Option<Shipping> =
            self.state(Site::Shipping, format!("shipment#{id}"), "shipment");
        let told: Option<Told> = self.state(
            Site::Notifications,
            format!("notifications#{id}"),
            "notifications",
        );
        let findings = &mut self.findings;
        let (mut captured, mut refunded) = (0, 0);
        for booked in books.of_order(id) {
            captured += booked.captured_minor;
            refunded += booked.refunded_minor();
            findings.check(Invariant::NothingLeaked, !booked.is_held(), || {
                format!(
                    "order {id} is {}: {} is still held",
                    order.st, booked.intent.intent_id
                )
            });
        }
        let held: u64 = reservation
            .iter()
            .flat_map(|reservation| &reservation.l)
            .flat_map(|line| &line.p)
            .map(|part| part.1)
            .sum();
        findings.check(Invariant::NothingLeaked, held == 0, || {
            format!(
                "order {id} is {}: {held} pieces are still reserved",
                order.st
            )
        });
        if order.st == "cancelled" {
            findings.check(
                Invariant::NothingKeptOnCancelled,
                captured == refunded,
                || format!("order {id}: captured {captured}, refunded {refunded}"),
            );
        }
        check_payment(findings, id, order, payment.as_ref(), captured, refunded);
        let shipment = match &shipping {
            Some(Shipping::Confirmed(shipment)) => Some(shipment),
            Some(Shipping::Unconfirmed(_)) | None => None,
        };
        let agree = |findings: &mut Findings, holds: bool, what: &str| {
            findings.check(Invariant::ContextsAgree, holds, || {
                format!("order {id} ({}, {}): {what}", order.st, order.ful)
            });
        };
        // A parcel that left just as its hold lapsed: the order ends, and the loss is known.
        let left_unpaid = payment.as_ref().is_some_and(|payment| payment.st == "v");
        if order.st == "completed" {
            agree(
                findings,
                captured == order.total || (captured == 0 && left_unpaid),
                "it is completed, and not its total was captured",
            );
            let delivered = shipment.is_some_and(|shipment| !shipment.x && shipment.is_delivered());
            agree(
                findings,
                delivered,
                "it is completed, and not all of it was delivered",
            );
        }
        if order.st == "cancelled" {
            let nothing_left = shipment.is_none_or(|shipment| shipment.x && shipment.p.is_empty());
            agree(
                findings,
                nothing_left,
                "it is cancelled, and its shipment is not",
            );
        }
        if let Some(shipment) = shipment {
            let parcels: Vec<u32> = (1..=shipment.p.len() as u32).collect();
            let mut consumed = reservation
                .as_ref()
                .map(|one| one.p.clone())
                .unwrap_or_default();
            consumed.sort_unstable();
            agree(
                findings,
                consumed == parcels,
                "stock left for other parcels than were dispatched",
            );
            for (number, returned) in shipment.b.iter().enumerate() {
                let wish = format!("movement#return:{id}:{}", number + 1);
                for (line, quantity) in returned.l.iter().filter(|_| returned.r) {
                    let sku = &shipment.l[*line].k;
                    let key = Key::new(format!("stock#{sku}"), wish.as_str());
                    let image = self.images[Site::Inventory as usize].get(&key);
                    let moved = image.and_then(|image| {
                        let read: Document<'_, super::document::Movement> =
                            serde_json::from_str(&image.document).ok()?;
                        Some(read.s.by)
                    });
                    agree(
                        findings,
                        moved == Some(i64::from(*quantity)),
                        "a return is not on the shelf",
                    );
                }
            }
        }
        let is_told = |kind: &str, number: u32| {
            told.iter()
                .flat_map(|told| &told.n)
                .any(|notice| notice.k == kind && notice.i == number && notice.p != "c")
        };
        agree(
            findings,
            order.st != "cancelled" || order.no.is_some() || is_told("order_cancelled", 1),
            "its customer was not told of its end",
        );
        let parcels = shipment.map_or(0, |shipment| shipment.p.len() as u32);
        for parcel in 1..=parcels {
            agree(
                findings,
                is_told("shipment_dispatched", parcel),
                "a parcel was not told of",
            );
        }
        let refunds = payment.iter().flat_map(|payment| &payment.r).zip(1..);
        for (refund, number) in refunds {
            let done = refund.s == "d";
            agree(
                findings,
                !done || is_told("payment_refunded", number),
                "a refund was not told of",
            );
        }
    }

    fn check_books(&mut self, books: &Books) {
        for booked in books.payments() {
            let order_id = booked
                .intent
                .order_id
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let order = self.orders.get(&order_id);
            let total = booked.amount().amount_minor;
            self.findings.check(
                Invariant::NoChargeWithoutOrder,
                order.is_some_and(|order| order.total == total),
                || {
                    format!(
                        "{} is of order {order_id} and of {total}",
                        booked.intent.intent_id
                    )
                },
            );
        }
    }

    fn check_events(&mut self, scene: &Scene<'_>) {
        let Self {
            messages, findings, ..
        } = self;
        let mut dead = vec![0_u8; messages.events.len()];
        for site in Site::ALL {
            let queue = &scene.queues[site as usize];
            findings.check(Invariant::OnlyPoisonDead, true, String::new);
            findings.check(Invariant::PoisonKept, true, String::new);
            let is_poison = |message: &&Message| message.event.is_none() && !message.is_letter;
            for message in queue.messages.iter().filter(is_poison) {
                let is_kept = message.is_dead || message.is_buried;
                findings.check(Invariant::PoisonKept, is_kept, || {
                    format!("{}: {}", site.name(), message.body)
                });
            }
            for message in queue.messages.iter().filter(|message| message.is_dead) {
                if let Some(event) = message.event {
                    dead[event as usize] |= 1 << site as u8;
                }
                findings.check(Invariant::OnlyPoisonDead, message.event.is_none(), || {
                    format!("{}: {} ({:?})", site.name(), message.body, message.reason)
                });
            }
            findings.check(Invariant::NothingWaits, queue.pending() == 0, || {
                format!("{} messages wait for {}", queue.pending(), site.name())
            });
            let stream = &scene.streams[site as usize];
            findings.check(Invariant::NothingWaits, stream.is_idle(), || {
                format!("the stream of {} is not idle", site.name())
            });
            let given_up = stream
                .given_up
                .iter()
                .filter_map(|record| record.image.as_ref());
            let given_up: Vec<String> = given_up.map(|image| image.key.to_string()).collect();
            findings.check(Invariant::OnlyPoisonDead, given_up.is_empty(), || {
                format!("the stream of {} gave up {given_up:?}", site.name())
            });
        }
        for (event, dead) in messages.events.iter().zip(dead) {
            let settled = event.published > 0 && event.heard_by & !(event.taken_by | dead) == 0;
            findings.check(Invariant::EveryEventTakesEffect, settled, || {
                format!(
                    "{} ({}): published {} times, heard by {:07b}, taken by {:07b}",
                    event.id, event.event_type, event.published, event.heard_by, event.taken_by
                )
            });
        }
    }

    /// The prices that orders copied are those that catalog has.
    fn check_prices(&mut self) {
        let Self {
            images, findings, ..
        } = self;
        let mut products: Vec<_> = images[Site::Catalog as usize].values().collect();
        products.retain(|image| image.key.sk == "product");
        products.sort_by(|one, other| one.key.cmp(&other.key));
        for image in products {
            let read: Result<Document<'_, Product>, _> = serde_json::from_str(&image.document);
            let Ok(Document { s: product, .. }) = read else {
                continue;
            };
            for variant in &product.v {
                let key = Key::new(format!("price#{}", variant.k), "price");
                let copy = images[Site::Orders as usize].get(&key);
                let copy = copy.and_then(|copy| serde_json::from_str::<Price>(&copy.document).ok());
                let holds = match product.t.as_str() {
                    "published" => copy.is_some_and(|copy| {
                        copy.sku == variant.k && copy.price == variant.p && copy.on_sale
                    }),
                    "retired" => copy.is_none_or(|copy| !copy.on_sale),
                    _ => true,
                };
                findings.check(Invariant::ContextsAgree, holds, || {
                    format!("orders has another price of {} than catalog", variant.k)
                });
                let copy = images[Site::Carts as usize].get(&key);
                let copy =
                    copy.and_then(|copy| serde_json::from_str::<CartPrice>(&copy.document).ok());
                let holds = match product.t.as_str() {
                    "published" => copy
                        .is_some_and(|copy| copy.sku == variant.k && copy.price == Some(variant.p)),
                    "retired" => copy.is_none_or(|copy| copy.price.is_none()),
                    _ => true,
                };
                findings.check(Invariant::ContextsAgree, holds, || {
                    format!("carts has another price of {} than catalog", variant.k)
                });
            }
        }
    }
}

fn check_payment(
    findings: &mut Findings,
    id: &str,
    order: &Order,
    payment: Option<&Payment>,
    captured: i64,
    refunded: i64,
) {
    let Some(payment) = payment else {
        findings.check(Invariant::ContextsAgree, captured == 0, || {
            format!("order {id}: {captured} was captured and payments has nothing")
        });
        return;
    };
    let ours = (payment.booked("c"), payment.booked("r"));
    findings.check(
        Invariant::ContextsAgree,
        ours == (captured, refunded),
        || format!("order {id}: the provider has {captured} and {refunded}, our ledger {ours:?}"),
    );
    findings.check(Invariant::ContextsAgree, payment.count("c") <= 1, || {
        format!(
            "order {id}: captured {} times in our ledger",
            payment.count("c")
        )
    });
    let made = payment.r.iter().all(|refund| refund.s == "d");
    findings.check(Invariant::ContextsAgree, made, || {
        format!(
            "order {id}: not all refunds that were accepted were made: {:?}",
            payment.r
        )
    });
    findings.check(Invariant::ContextsAgree, payment.ca.is_empty(), || {
        format!("order {id}: {} calls are pending", payment.ca.len())
    });
    let known = (order.cap, order.refunded);
    findings.check(
        Invariant::ContextsAgree,
        known == (captured, refunded),
        || format!("order {id}: the provider has {captured} and {refunded}, the order {known:?}"),
    );
}
