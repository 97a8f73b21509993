//! What comes by the clock: ticks, windows of trouble, the end of all faults.

use super::invoke::Trigger;
use super::{Phase, World};
use crate::agenda::Due;
use crate::faults::{Fault, Rates};
use crate::site::Site;

/// A window of trouble.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// Of which kind.
    pub fault: Fault,
    /// Where.
    pub site: Site,
    /// How long, in milliseconds.
    pub length: i64,
}

const MINUTE_MS: i64 = 60_000;

impl World {
    /// Puts down the next tick, if something is or will be due.
    pub(super) fn plan_tick(&mut self, site: Site) {
        let place = site as usize;
        let Some((due_at, _)) = self.due[place].first() else {
            return;
        };
        let now = self.now();
        // The schedule ticks each minute; those at which nothing can be due are left out.
        let earliest = (due_at * 1000).max(now + 1);
        let at = earliest.div_euclid(MINUTE_MS) * MINUTE_MS
            + i64::from(earliest.rem_euclid(MINUTE_MS) > 0) * MINUTE_MS;
        if self.ticks_at[place].is_none_or(|ticks_at| ticks_at > at || ticks_at <= now) {
            self.ticks_at[place] = Some(at);
            self.fabric.parts().agenda.put(at, Due::Tick(site));
        }
    }

    pub(super) fn tick(&mut self, site: Site) {
        let place = site as usize;
        if self.ticks_at[place] != Some(self.now()) {
            return;
        }
        self.ticks_at[place] = None;
        let plant = self.fabric.parts().plant.clone();
        if plant.is_some_and(|plant| !plant.ticks(site)) {
            return;
        }
        self.line(site.name(), || "is ticked".to_owned());
        self.invoke(
            site,
            Trigger::Tick,
            "{\"schedule\":\"deadlines\"}".to_owned(),
        );
    }

    /// A window of trouble opens.
    pub(super) fn turn_window(&mut self, window: u8) {
        let Window {
            fault,
            site,
            length,
        } = self.windows[usize::from(window)];
        if self.phase != Phase::Trading {
            return;
        }
        let until = self.now() + length;
        self.line(site.name(), || format!("{} begins", fault.name()));
        match fault {
            Fault::ProviderDownHour => self.fabric.parts().provider_down_until = until,
            _ => {
                if fault == Fault::RelayDeadHour {
                    self.fabric.count(fault);
                } else {
                    self.relay_dies(site, length);
                }
                self.streams[site as usize].dead_until = until;
            }
        }
    }

    /// Faults stop.
    pub(super) fn stop_faults(&mut self) {
        let now = self.now();
        {
            let mut parts = self.fabric.parts();
            parts.rates = Rates::none();
            parts.provider_down_until = 0;
        }
        for site in Site::ALL {
            self.streams[site as usize].dead_until = 0;
            for shard in 0..crate::bus::SHARDS {
                self.streams[site as usize].shard(shard).polls_at = None;
                self.wake_shard(site, shard, 0);
            }
            for id in self.queues[site as usize].delayed() {
                self.fabric
                    .parts()
                    .agenda
                    .put(now + 1, Due::Arrive(site, id));
            }
        }
        self.publish_all_again();
    }
}
