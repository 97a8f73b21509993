//! Streams to functions: when a shard's batch goes to its relay, and what came of it.

use super::World;
use super::invoke::{Ended, Trigger};
use crate::agenda::Due;
use crate::bus::{Verdict, stream_payload};
use crate::faults::Fault;
use crate::site::Site;

impl World {
    pub(super) fn wake_shard(&mut self, site: Site, shard: u8, wait: i64) {
        let (now, dead_until) = (self.now(), self.streams[site as usize].dead_until);
        let usual = {
            let mut parts = self.fabric.parts();
            if parts.is_instant {
                1
            } else {
                parts.dice.between(5, 250)
            }
        };
        let at = (now + wait.max(usual)).max(dead_until);
        let part = self.streams[site as usize].shard(shard);
        if part.waits()
            && part
                .polls_at
                .is_none_or(|polls_at| polls_at > at || polls_at <= now)
        {
            part.polls_at = Some(at);
            self.fabric.parts().agenda.put(at, Due::Shard(site, shard));
        }
    }

    pub(super) fn poll_shard(&mut self, site: Site, shard: u8) {
        let now = self.now();
        let dead_until = self.streams[site as usize].dead_until;
        let part = self.streams[site as usize].shard(shard);
        if part.polls_at.is_some_and(|at| at > now) {
            return;
        }
        part.polls_at = None;
        if dead_until > now {
            self.wake_shard(site, shard, dead_until - now);
            return;
        }
        let most = {
            let mut parts = self.fabric.parts();
            let part = self.streams[site as usize].shard(shard);
            if part.waiting() > 1
                && parts.draws(Fault::StreamReordered)
                && part.reorder(&mut parts.dice)
            {
                parts.fired.count(Fault::StreamReordered);
            }
            let waiting = part.waiting();
            if waiting > 1 && parts.fires(Fault::StreamSplit) {
                1 + parts.dice.position(waiting - 1)
            } else {
                100
            }
        };
        let lost_before = self.streams[site as usize].lost.len();
        let payload = self.streams[site as usize]
            .take(shard, now, most)
            .map(stream_payload);
        let lost = self.streams[site as usize].lost.len() - lost_before;
        for _ in 0..lost {
            self.fabric.count(Fault::RelayDead25Hours);
        }
        match payload {
            Some(payload) => {
                self.line(site.name(), || "gets a batch of its stream".to_owned());
                self.invoke(site, Trigger::Shard(shard), payload);
            }
            None => self.wake_shard(site, shard, 0),
        }
    }

    pub(super) fn settle_shard(&mut self, site: Site, shard: u8, ended: Ended) {
        let plant = self.fabric.parts().plant.clone();
        let verdict = match ended {
            Ended::Answered(answer) => match plant {
                Some(plant) => Verdict::of_answer(&plant.on_stream_answer(site, answer.to_vec())),
                None => Verdict::of_answer(&answer),
            },
            Ended::Failed | Ended::Killed => Verdict::Failed,
        };
        if verdict != Verdict::Done {
            self.line(site.name(), || {
                format!("does not finish its stream's batch: {verdict:?}")
            });
        }
        let wait = self.streams[site as usize].settle(shard, verdict);
        self.wake_shard(site, shard, wait);
    }
}
