//! What becomes of what left through a port, and of a commit.

use std::sync::Arc;

use notifications::mail::Mail;
use store::{Indexed, Origin, Record, due_index};

use super::World;
use crate::agenda::{Due, TaskId};
use crate::audit::Invariant;
use crate::fabric::Effect;
use crate::faults::Fault;
use crate::people::CANARY;
use crate::site::Site;

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
        if site == Site::Carts && record.key.sk == "cart" {
            self.cart_committed(record);
        }
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

    pub(super) fn mailed(&mut self, task: TaskId, mail: &Mail) {
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
}
