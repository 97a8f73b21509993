//! Topics to queues and queues to functions: copies, delays, batches, dead letters.

use std::sync::Arc;

use contracts::CloudEvent;

use super::World;
use super::invoke::Trigger;
use crate::agenda::Due;
use crate::audit::Invariant;
use crate::bus::{Message, batch_payload};
use crate::faults::Fault;
use crate::people::CANARY;
use crate::planted::Acknowledges;
use crate::site::Site;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;

impl World {
    pub(super) fn publish(&mut self, site: Site, event: &CloudEvent, is_newer: bool) {
        let plant = self.fabric.parts().plant.clone();
        let mut changed = None;
        if let Some(plant) = &plant
            && !plant.reaches_topic(site, changed.insert(event.clone()))
        {
            return;
        }
        let event = changed.as_ref().unwrap_or(event);
        let facts = (!is_newer).then(|| event.data.get());
        let id = event.id.as_str();
        let number =
            self.audit
                .messages
                .published(id, &event.event_type, facts, &mut self.audit.findings);
        {
            let mut parts = self.fabric.parts();
            parts.trace.note_text(id);
            let now = parts.now;
            parts.trace.line(now, site.name(), || {
                format!("says {} ({id})", event.event_type)
            });
        }
        let Some(number) = number else { return };
        self.check_hold(event);
        let heard_by = self
            .hears
            .get(event.event_type.as_str())
            .copied()
            .unwrap_or(0);
        let info = &mut self.audit.messages.events[number as usize];
        info.heard_by = heard_by;
        let is_first = info.published == 1;
        let body: Arc<str> = event.to_json().into();
        self.audit
            .findings
            .check(Invariant::NoPersonalData, !body.contains(CANARY), || {
                format!("{id} ({})", event.event_type)
            });
        for hearer in Site::ALL {
            let delivers = plant
                .as_ref()
                .is_none_or(|plant| plant.delivers(hearer, &event.event_type));
            if heard_by & (1 << hearer as u8) != 0 && delivers {
                self.send(hearer, &body, number);
            }
        }
        if is_first {
            self.react(event);
        }
    }

    /// A topic hands an event to a queue: once, or not just so.
    pub(super) fn send(&mut self, to: Site, body: &Arc<str>, event: u32) {
        let mut copies: Vec<(i64, bool)> = Vec::with_capacity(1);
        let mut is_unlucky = false;
        {
            let mut parts = self.fabric.parts();
            if parts.is_instant {
                copies.push((1, false));
            } else {
                let usual = parts.dice.between(5, 80);
                let delay = match parts.one_of(&[
                    Fault::Reordered,
                    Fault::Delayed,
                    Fault::DeliveryDenied,
                    Fault::DeadLetterRedriven,
                ]) {
                    Some(Fault::Reordered) => parts.dice.between(1_000, 10 * MINUTE_MS),
                    Some(Fault::Delayed) => parts.dice.between(10 * MINUTE_MS, DAY_MS),
                    // Until an operator redrives the subscription's dead letters.
                    Some(Fault::DeliveryDenied) => parts.dice.between(30 * MINUTE_MS, DAY_MS / 2),
                    Some(_) => {
                        is_unlucky = true;
                        usual
                    }
                    None => usual,
                };
                copies.push((delay, false));
                if parts.fires(Fault::Duplicate) {
                    for _ in 0..parts.dice.between(1, 9) {
                        let after = if parts.dice.below(2) == 0 {
                            parts.dice.between(0, 200)
                        } else {
                            parts.dice.between(0, 30 * MINUTE_MS)
                        };
                        copies.push((usual + after, false));
                    }
                }
                if parts.fires(Fault::DuplicateAfter30Days) {
                    copies.push((30 * DAY_MS + parts.dice.between(0, DAY_MS), true));
                }
            }
        }
        for (delay, is_late) in copies {
            let mut message = Message::new(Arc::clone(body), Some(event), is_unlucky && !is_late);
            message.is_late = is_late;
            let id = self.queues[to as usize].add(message);
            self.later(delay, Due::Arrive(to, id));
        }
    }

    pub(super) fn arrive(&mut self, site: Site, id: u32) {
        let in_flight = self.queues[site as usize].messages[id as usize].in_flight > 0;
        if !self.queues[site as usize].arrive(id) {
            return;
        }
        if in_flight {
            self.fabric.count(Fault::VisibilityExpired);
        }
        let wait = {
            let mut parts = self.fabric.parts();
            if parts.is_instant {
                1
            } else {
                parts.dice.between(1, 30)
            }
        };
        self.wake_queue(site, wait);
    }

    pub(super) fn wake_queue(&mut self, site: Site, wait: i64) {
        let at = self.now() + wait;
        let queue = &mut self.queues[site as usize];
        if queue.polls_at.is_none_or(|polls_at| polls_at > at) {
            queue.polls_at = Some(at);
            self.fabric.parts().agenda.put(at, Due::Poll(site));
        }
    }

    pub(super) fn poll_queue(&mut self, site: Site) {
        let now = self.now();
        let queue = &mut self.queues[site as usize];
        if queue.polls_at.is_some_and(|at| at > now) {
            return;
        }
        queue.polls_at = None;
        let plant = self.fabric.parts().plant.clone();
        let gives_up = plant.as_ref().is_none_or(|plant| plant.gives_up(site));
        let received = queue.receive(&mut self.fabric.parts().dice, gives_up);
        for id in received.died {
            self.dies_of_age(site, id);
        }
        if received.more {
            self.wake_queue(site, 1);
        }
        let mut batch = received.batch;
        if batch.is_empty() {
            return;
        }
        // Those whose invocation is throttled until they are dead letters.
        let unlucky: Vec<u32> = batch
            .extract_if(.., |id| {
                self.queues[site as usize].messages[*id as usize].is_unlucky
            })
            .collect();
        self.put_back(site, &unlucky, now);
        if batch.is_empty() {
            return;
        }
        if self.fabric.parts().fires(Fault::InvokeThrottled) {
            self.line(site.name(), || format!("is throttled; {batch:?} wait"));
            self.put_back(site, &batch, now);
            return;
        }
        self.add_poison(site, &mut batch);
        let acknowledges_first = plant
            .as_ref()
            .is_some_and(|plant| plant.acknowledges(site) == Acknowledges::OnReceipt);
        let payload = batch_payload(&self.queues[site as usize], &batch, |body| {
            plant
                .as_ref()
                .map(|plant| plant.on_consume(site, body.to_owned()))
        });
        self.line(site.name(), || format!("gets a batch: {batch:?}"));
        if acknowledges_first {
            for id in &batch {
                let message = &mut self.queues[site as usize].messages[*id as usize];
                message.is_done = true;
                if let Some(event) = message.event {
                    self.audit.messages.events[event as usize].taken_by |= 1 << site as u8;
                }
            }
        }
        self.invoke(site, Trigger::Queue(batch, now), payload);
    }

    fn put_back(&mut self, site: Site, batch: &[u32], now: i64) {
        for id in batch {
            let message = &mut self.queues[site as usize].messages[*id as usize];
            message.in_flight = message.in_flight.saturating_sub(1);
            self.fabric
                .parts()
                .agenda
                .put(now + crate::bus::VISIBILITY_MS, Due::Arrive(site, *id));
        }
    }

    /// A message that nobody can read, or of a type that nobody here hears, gets into the batch.
    fn add_poison(&mut self, site: Site, batch: &mut Vec<u32>) {
        if batch.len() > 9 {
            return;
        }
        let poison = {
            let mut parts = self.fabric.parts();
            match parts.one_of(&[Fault::PoisonMessage, Fault::UnknownType]) {
                None => return,
                Some(Fault::UnknownType) => UNKNOWN_TYPE,
                Some(_) => POISON[parts.dice.position(POISON.len())],
            }
        };
        let mut message = Message::new(poison.into(), None, false);
        message.received = 1;
        message.in_flight = 1;
        let id = self.queues[site as usize].add(message);
        let at = self.fabric.parts().dice.position(batch.len() + 1);
        batch.insert(at, id);
    }

    pub(super) fn bury(&mut self, site: Site, message_id: &str, reason: String) {
        let id: Option<usize> = message_id.strip_prefix("m-").and_then(|id| id.parse().ok());
        self.line(site.name(), || format!("buries {message_id}: {reason}"));
        let Some(id) = id else { return };
        let body = Arc::clone(&self.queues[site as usize].messages[id].body);
        let event = self.queues[site as usize].messages[id].event;
        // What an operator has brought back for no good would come back for ever.
        let is_refused_again = self.queues[site as usize].messages[id].is_letter;
        self.audit
            .findings
            .check(Invariant::OnlyPoisonDead, !is_refused_again, || {
                format!("{} refuses {body} again: {reason}", site.name())
            });
        // A copy, as the function sends one; the message itself is acknowledged.
        let mut letter = Message::new(body, event, false);
        letter.is_dead = true;
        letter.is_letter = true;
        self.queues[site as usize].messages[id].is_buried = true;
        letter.reason = Some(reason);
        let letter = self.queues[site as usize].add(letter);
        if event.is_some() {
            self.dies_of_age(site, letter);
        }
    }

    /// A message is a dead letter. An operator redrives it, sooner or later.
    fn dies_of_age(&mut self, site: Site, id: u32) {
        self.line(site.name(), || format!("message {id} is a dead letter"));
        let wait = self
            .fabric
            .parts()
            .dice
            .between(MINUTE_MS, 12 * 60 * MINUTE_MS);
        self.later(wait, Due::Redrive(site));
    }

    pub(super) fn redrive(&mut self, site: Site) {
        for id in self.queues[site as usize].dead() {
            let is_poison = self.queues[site as usize].messages[id as usize]
                .event
                .is_none();
            if !is_poison {
                self.queues[site as usize].redrive(id);
                self.later(1, Due::Arrive(site, id));
            }
        }
    }
}

/// A message of a type that nobody hears.
const UNKNOWN_TYPE: &str = "{\"specversion\":\"1.0\",\"id\":\"elsewhere.1\",\"source\":\"noren/elsewhere\",\
    \"type\":\"elsewhere.SomethingHappened.v1\",\"subject\":\"1\",\"time\":\"2026-11-24T09:30:00Z\",\
    \"datacontenttype\":\"application/json\",\"dataschema\":\"urn:noren:schema:elsewhere\",\
    \"correlationid\":\"1\",\"causationid\":\"1\",\"aggregateversion\":1,\"data\":{}}";

/// Messages that nobody can read.
const POISON: [&str; 5] = [
    "",
    "not an event",
    "{\"specversion\":\"0.3\"}",
    "{\"specversion\":\"1.0\",\"id\":\"orders.x.1.0\",\"source\":\"noren/orders\",\
     \"type\":\"orders.OrderCancelled.v1\",\"subject\":\"x\",\"time\":\"2026-11-24T09:30:00Z\",\
     \"datacontenttype\":\"application/json\",\"dataschema\":\"urn:x\",\"correlationid\":\"x\",\
     \"causationid\":\"x\",\"aggregateversion\":1,\"data\":{\"order_id\":7}}",
    "[[[[[[[[",
];
