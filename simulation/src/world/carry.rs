//! What carries things: topics to queues, queues and streams to functions, the schedule, the provider's webhooks.

use std::sync::Arc;

use contracts::CloudEvent;
use hmac::{Hmac, KeyInit as _, Mac as _};
use notifications::mail::Mail;
use sha2::Sha256;
use store::{Indexed, Origin, Record, due_index};

use super::invoke::{Ended, Trigger};
use super::set_up::SECRETS;
use super::{Hint, Phase, World};
use crate::agenda::{Due, TaskId};
use crate::audit::Invariant;
use crate::bus::{Message, Verdict, batch_payload, stream_payload};
use crate::fabric::Effect;
use crate::faults::{Fault, Rates};
use crate::people::{CANARY, Caller, Request};
use crate::planted::Acknowledges;
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

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
/// How often the provider sends a webhook that is not answered with 2xx.
const WEBHOOK_TRIES: u8 = 6;

impl World {
    pub(super) fn take_effect(&mut self, effect: Effect) {
        match effect {
            Effect::Published(site, event, is_newer) => self.publish(site, &event, is_newer),
            Effect::Buried(site, message_id, reason) => self.bury(site, &message_id, reason),
            Effect::Mailed(task, mail) => self.mailed(task, &mail),
            Effect::Hint(payment) => {
                // The books check themselves with each change, and tell only of what is broken.
                for invariant in [
                    Invariant::OneLiveAuthorisation,
                    Invariant::RefundedWithinCaptured,
                ] {
                    self.audit.findings.check(invariant, true, String::new);
                }
                self.check_capture(payment);
                self.hint(payment);
            }
            Effect::Held(payment, until) => self
                .fabric
                .parts()
                .agenda
                .put(until, Due::HoldEnds(payment)),
            Effect::Broken(invariant, detail) => {
                let broken = Invariant::ALL.iter().find(|one| one.name() == invariant);
                let broken = broken.copied().unwrap_or(Invariant::OneLiveAuthorisation);
                self.audit.findings.check(broken, false, || detail);
            }
        }
    }

    /// A commit: the stream takes it, if a request or a tick made it, and the schedule learns of its deadline.
    pub(super) fn committed(&mut self, site: Site, record: &Arc<Record>) {
        self.note(record.version ^ (record.document.len() as u64) << 20 ^ (site as u64) << 60);
        self.fabric.parts().trace.note_text(&record.key.pk);
        self.line(site.name(), || {
            format!(
                "commits {} v{} ({})",
                record.key,
                record.version,
                record.origin.as_str()
            )
        });
        let due_at = match record.indexed.get(due_index().sort) {
            Some(Indexed::Number(at)) => Some(*at),
            Some(Indexed::Text(_)) | None => None,
        };
        let place = site as usize;
        let before = match due_at {
            Some(at) => self.due_of[place].insert(record.key.clone(), at),
            None => self.due_of[place].remove(&record.key),
        };
        if before != due_at {
            if let Some(before) = before {
                self.due[place].remove(&(before, record.key.clone()));
            }
            if let Some(at) = due_at {
                self.due[place].insert((at, record.key.clone()));
                self.plan_tick(site);
            }
        }
        let plant = self.fabric.parts().plant.clone();
        let reaches_stream = plant.is_none_or(|plant| plant.reaches_stream(site, record));
        if record.origin != Origin::Queue && reaches_stream {
            let now = self.now();
            let shard = self.streams[place].add(Some(Arc::clone(record)), now);
            let doubled = self.fabric.parts().fires(Fault::StreamDoubled);
            if doubled {
                let fabric = Arc::clone(&self.fabric);
                self.streams[place]
                    .shard(shard)
                    .double(&mut fabric.parts().dice);
            }
            if self.fabric.parts().fires(Fault::StreamPoison) {
                let shard = self.streams[place].add(None, now);
                self.wake_shard(site, shard, 0);
            }
            self.wake_shard(site, shard, 0);
        }
    }

    fn publish(&mut self, site: Site, event: &CloudEvent, is_newer: bool) {
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
    fn send(&mut self, to: Site, body: &Arc<str>, event: u32) {
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

    fn wake_queue(&mut self, site: Site, wait: i64) {
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
            self.line(site.name(), || {
                format!("is throttled; {} messages wait", batch.len())
            });
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
        self.line(site.name(), || format!("gets a batch of {}", batch.len()));
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

    fn bury(&mut self, site: Site, message_id: &str, reason: String) {
        let id: Option<usize> = message_id.strip_prefix("m-").and_then(|id| id.parse().ok());
        self.line(site.name(), || format!("buries {message_id}: {reason}"));
        let Some(id) = id else { return };
        let body = Arc::clone(&self.queues[site as usize].messages[id].body);
        let event = self.queues[site as usize].messages[id].event;
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

    fn mailed(&mut self, task: TaskId, mail: &Mail) {
        let order = mail
            .text
            .split("/orders/")
            .nth(1)
            .map(|rest| rest.chars().take(32).collect());
        let key: (String, String) = (order.unwrap_or_default(), mail.notice.to_string());
        let repeats = self.mails.contains(&key);
        self.audit
            .findings
            .check(Invariant::ToldOnce, !repeats, || {
                format!("{} about order {}", key.1, key.0)
            });
        let right = mail.to.reveal().contains(CANARY);
        self.audit
            .findings
            .check(Invariant::NoPersonalData, right, || {
                "a mail to nobody".to_owned()
            });
        self.sent_mails.entry(task).or_default().push(key);
    }

    /// What payments says to be void is not held any more; and it is noted since when an order is off.
    fn check_hold(&mut self, event: &CloudEvent) {
        let order_id = event.subject.as_str();
        match event.event_type.as_str() {
            "orders.OrderCancelled.v1" => {
                let now = self.now();
                let since = self.cancelled_at.entry(order_id.to_owned());
                since.or_insert(now);
            }
            "payments.PaymentVoided.v1" => {
                let parts = self.fabric.parts();
                let mut payments = parts.books.of_order(order_id);
                let is_held = payments.any(crate::provider::Booked::is_held);
                self.audit
                    .findings
                    .check(Invariant::NothingLeaked, !is_held, || {
                        format!(
                            "order {order_id}: {} is said of a hold that stands",
                            event.id
                        )
                    });
            }
            _ => {}
        }
    }

    /// Money is taken only when something of its order has left.
    fn check_capture(&mut self, payment: u32) {
        let fabric = Arc::clone(&self.fabric);
        let parts = fabric.parts();
        let booked = &parts.books.payments()[payment as usize];
        let Some(order_id) = booked
            .intent
            .order_id
            .as_ref()
            .filter(|_| booked.captured_minor > 0)
        else {
            return;
        };
        let has_left = self
            .audit
            .shipment(order_id.as_str())
            .is_some_and(|shipment| !shipment.p.is_empty());
        let detail = || format!("order {order_id}: its money was taken and nothing of it has left");
        self.audit
            .findings
            .check(Invariant::CapturedAfterDispatch, has_left, detail);
    }

    /// The provider tells of a change: perhaps twice, late, and so does somebody who is not the provider.
    fn hint(&mut self, payment: u32) {
        let told = {
            let parts = self.fabric.parts();
            let plant = parts.plant.as_ref();
            plant.map(|_| parts.books.payments()[payment as usize].intent.clone())
        };
        let mut hints: Vec<(i64, Option<Fault>)> = Vec::with_capacity(1);
        let mut is_doubled = false;
        {
            let mut parts = self.fabric.parts();
            if parts.is_instant {
                hints.push((1_000, None));
            } else {
                let delay =
                    match parts.one_of(&[Fault::WebhookBeforeAnswer, Fault::WebhookReordered]) {
                        Some(Fault::WebhookBeforeAnswer) => 0,
                        Some(_) => parts.dice.between(MINUTE_MS, 20 * MINUTE_MS),
                        None => parts.dice.between(300, 4_000),
                    };
                hints.push((delay, None));
                is_doubled = parts.fires(Fault::WebhookDoubled);
                for fault in [Fault::WebhookForged, Fault::WebhookTooOld] {
                    if parts.fires(fault) {
                        hints.push((delay + parts.dice.between(0, 2_000), Some(fault)));
                    }
                }
            }
        }
        for (delay, fault) in hints {
            let number = self.hints.len() as u32;
            let mut told = told.clone();
            if let Some(told) = told
                .as_mut()
                .filter(|_| fault == Some(Fault::WebhookForged))
            {
                told.phase = payments::provider::Phase::Captured;
            }
            self.hints.push(Hint {
                payment,
                fault,
                told,
            });
            self.later(delay, Due::Webhook(number, 0));
            if is_doubled && fault.is_none() {
                self.later(delay + 40, Due::Webhook(number, 0));
            }
        }
    }

    pub(super) fn send_webhook(&mut self, number: u32, tries: u8) {
        let Hint { payment, fault, .. } = self.hints[number as usize];
        let plant = self.fabric.parts().plant.clone();
        let unchecked = plant
            .as_ref()
            .is_some_and(|plant| !plant.checks_signatures());
        let body = format!(
            "{{\"id\":\"evt_{number}\",\"object\":\"event\",\"type\":\"payment_intent.updated\",\
             \"data\":{{\"object\":{{\"id\":\"pi_{payment}\",\"object\":\"payment_intent\"}}}}}}"
        );
        let age_seconds = if fault == Some(Fault::WebhookTooOld) && !unchecked {
            900
        } else {
            0
        };
        let seconds = self.now() / 1000 - age_seconds;
        let secret = match fault {
            Some(Fault::WebhookForged) if !unchecked => "whsec_somebody_else",
            _ => SECRETS[usize::from(number % 2 == 1)],
        };
        let signature = signature(secret, seconds, &body);
        let request = Request::new(
            Site::Payments,
            "POST",
            "/api/payments/webhook",
            Caller::Nobody,
        )
        .header("stripe-signature", format!("t={seconds},v1={signature}"))
        .body(body);
        self.serial += 1;
        let payload = request.payload(self.serial);
        let payload = match plant {
            Some(plant) => plant.on_request(Site::Payments, payload),
            None => payload,
        };
        self.invoke(Site::Payments, Trigger::Webhook(number, tries), payload);
    }

    pub(super) fn webhook_answered(&mut self, number: u32, tries: u8, status: Option<u16>) {
        let fault = self.hints[number as usize].fault;
        if fault.is_some() {
            let refused = status.is_none_or(|status| status == 400);
            self.audit
                .findings
                .check(Invariant::AnswersMakeSense, refused, || {
                    format!("a webhook ({fault:?}) was answered with {status:?}")
                });
            return;
        }
        if status == Some(200) || tries >= WEBHOOK_TRIES {
            return;
        }
        self.later(MINUTE_MS << tries, Due::Webhook(number, tries + 1));
    }

    pub(super) fn hold_ends(&mut self, payment: u32) {
        let effects = {
            let mut parts = self.fabric.parts();
            let parts = &mut *parts;
            let mut effects = Vec::new();
            if parts.books.let_go(parts.now, payment, &mut effects) {
                parts.fired.count(Fault::HoldExpired);
                let order_id = parts.books.payments()[payment as usize]
                    .intent
                    .order_id
                    .as_ref();
                let since = order_id.and_then(|id| self.cancelled_at.get(id.as_str()));
                let left_over = since.is_some_and(|since| parts.now - since > 3 * DAY_MS);
                self.audit
                    .findings
                    .check(Invariant::NothingLeaked, !left_over, || {
                        format!("order {order_id:?} was cancelled long ago, and its hold was left to lapse")
                    });
            }
            effects
        };
        for effect in effects {
            self.take_effect(effect);
        }
    }

    fn wake_shard(&mut self, site: Site, shard: u8, wait: i64) {
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

fn signature(secret: &str, seconds: i64, body: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
