//! How a world comes to its end: faults stop, operators bring everything left to its end, and then it is waited for.

use super::{BOUND_MS, Phase, World};
use crate::agenda::Due;
use crate::audit::{Invariant, Shipping};
use crate::people::{Errand, What};
use crate::site::Site;

/// After how long operators look again whether something is left, in milliseconds.
const LOOK_AGAIN_MS: i64 = 10 * 60_000;

impl World {
    pub(super) fn next_phase(&mut self) {
        match self.phase {
            Phase::SetUp | Phase::Late => {}
            Phase::Trading => {
                self.phase = Phase::Closing;
                self.line("world", || "faults stop".to_owned());
                self.stop_faults();
                self.bring_to_an_end();
                let looks = (BOUND_MS / LOOK_AGAIN_MS).max(1);
                for look in 1..=looks {
                    self.later(look * LOOK_AGAIN_MS, Due::Phase);
                }
                self.closes_at = self.now() + BOUND_MS;
            }
            Phase::Closing if self.now() < self.closes_at => self.bring_to_an_end(),
            Phase::Closing => {
                self.audit.check_terminal();
                for site in Site::ALL {
                    let waiting = self.queues[site as usize].pending_in_time();
                    self.audit
                        .findings
                        .check(Invariant::NothingWaits, waiting == 0, || {
                            let name = site.name();
                            format!(
                                "{waiting} messages still wait for {name} when all is long over"
                            )
                        });
                }
                self.phase = Phase::Late;
            }
        }
    }

    /// What operators do each time they look: dead letters are redriven, open shipments sent and delivered.
    fn bring_to_an_end(&mut self) {
        for site in Site::ALL {
            self.redrive(site);
        }
        for order in 0..self.plans.len() as u32 {
            let id = self.plans[order as usize].order_id.clone();
            let is_over = self
                .audit
                .orders
                .get(&id)
                .is_none_or(|order| order.is_terminal());
            if is_over {
                continue;
            }
            let key = store::Key::new(format!("shipment#{id}"), "shipment");
            let Some(image) = self.audit.images(Site::Shipping).get(&key) else {
                continue;
            };
            let read =
                serde_json::from_str::<crate::audit::Document<'_, Shipping>>(&image.document);
            let Ok(crate::audit::Document {
                s: Shipping::Confirmed(shipment),
                ..
            }) = read
            else {
                continue;
            };
            if shipment.x {
                continue;
            }
            let what = if shipment.is_complete() {
                What::Deliver
            } else {
                What::Dispatch
            };
            self.later(1_000, Due::Errand(Errand::new(what, order, LAST_PARCEL)));
        }
    }
}

/// The number of the parcel that takes all that is left.
pub(super) const LAST_PARCEL: u16 = 99;
