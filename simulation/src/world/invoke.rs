//! Invocations: each is a future of the real function, polled until it answers, is killed or runs out of time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use door::Invocation;

use super::{Phase, World};
use crate::agenda::{Due, TaskId};
use crate::audit::Invariant;
use crate::bus::VISIBILITY_MS;
use crate::fabric::Running;
use crate::faults::Fault;
use crate::people::{Answer, Errand};
use crate::planted::Acknowledges;
use crate::site::Site;

/// How long a function may run, in milliseconds; the template's `Timeout`.
const TIME_LIMIT_MS: i64 = 10_000;
/// How far a process's clock is off at most, before or behind, in milliseconds: two clocks are up to five minutes apart.
const SKEW_MS: i64 = 150_000;

/// What an invocation is for.
#[derive(Debug)]
pub(super) enum Trigger {
    /// A batch of a queue, received at that instant.
    Queue(Vec<u32>, i64),
    /// The batch of a stream's shard that is under way.
    Shard(u8),
    /// A tick.
    Tick,
    /// An operator's wish to have something published again: which.
    PublishAgain(usize),
    /// A request of somebody's errand.
    Errand(Errand),
    /// A webhook of the provider's: which hint, and the how-many-eth try.
    Webhook(u32, u8),
}

/// A running invocation.
pub(super) struct Task {
    site: Site,
    trigger: Trigger,
    future: Invocation,
    running: Option<Running>,
}

/// How an invocation ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// With an answer.
    Answered(Bytes),
    /// With an error: all of it comes again.
    Failed,
    /// Killed, or out of time.
    Killed,
}

impl World {
    /// Starts an invocation, and polls it for the first time.
    pub(super) fn invoke(&mut self, site: Site, trigger: Trigger, payload: String) {
        let task = TaskId(self.tasks.len() as u32);
        let running = self.process(site, task, &trigger);
        let future = self.functions[site as usize].invoke(Bytes::from(payload));
        self.tasks.push(Some(Task {
            site,
            trigger,
            future,
            running: Some(running),
        }));
        if self.phase > Phase::SetUp {
            self.later(TIME_LIMIT_MS, Due::TimeLimit(task));
        }
        self.poll(task);
    }

    /// The process that an invocation runs in: what is wrong with it is drawn once.
    fn process(&self, site: Site, task: TaskId, trigger: &Trigger) -> Running {
        let mut parts = self.fabric.parts();
        let mut running = Running {
            task,
            skew_ms: 0,
            is_newer: false,
            is_slow: false,
            killed_at: None,
            steps_back: None,
            calls: 0,
            storm: 0,
            throttled_until: 0,
            charged: false,
            published: false,
            told: None,
        };
        if let Trigger::Webhook(hint, _) = trigger {
            running.told.clone_from(&self.hints[*hint as usize].told);
        }
        if parts.is_instant {
            return running;
        }
        match parts.one_of(&[Fault::ClockOff, Fault::VersionsSideBySide]) {
            Some(Fault::ClockOff) => running.skew_ms = parts.dice.between(-SKEW_MS, SKEW_MS),
            Some(_) => running.is_newer = true,
            None => {}
        }
        if parts.draws(Fault::ClockStepsBack) {
            let at = parts.dice.between(1, 4) as u32;
            running.steps_back = Some((
                at,
                parts.dice.between(1_000, running.skew_ms + SKEW_MS + 1_000),
            ));
        }
        if let Trigger::Queue(batch, _) = trigger {
            if batch.len() > 1 && parts.draws(Fault::BatchKilled) {
                running.killed_at = Some(parts.dice.between(1, 8) as u32);
            }
            running.is_slow = parts.draws(Fault::VisibilityExpired);
            if running.is_slow {
                let after = parts.dice.between(50, 1_500);
                for message in batch {
                    parts.later(after, Due::Arrive(site, *message));
                }
            }
        }
        running
    }

    /// Polls an invocation, and looks at all that it did.
    pub(super) fn poll(&mut self, id: TaskId) {
        let Some(mut task) = self.tasks[id.0 as usize].take() else {
            return;
        };
        self.fabric.parts().running = task.running.take();
        let mut context = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(&mut context)));
        let dies = {
            let mut parts = self.fabric.parts();
            task.running = parts.running.take();
            std::mem::take(&mut parts.dies)
        };
        self.take_in(task.site);
        self.read_logs(task.site);
        let ended = match polled {
            Ok(Poll::Ready(Ok(answer))) => Ended::Answered(answer),
            Ok(Poll::Ready(Err(error))) => {
                self.line(task.site.name(), || format!("fails: {error}"));
                Ended::Failed
            }
            Ok(Poll::Pending) if dies => Ended::Killed,
            Ok(Poll::Pending) => {
                self.tasks[id.0 as usize] = Some(task);
                return;
            }
            Err(panic) => {
                let said = panic.downcast_ref::<String>().cloned();
                let said =
                    said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                self.audit.findings.check(Invariant::NoPanic, false, || {
                    format!("{}: {}", task.site.name(), said.unwrap_or_default())
                });
                Ended::Failed
            }
        };
        self.finish(id, task, ended);
    }

    fn read_logs(&mut self, site: Site) {
        let (lines, leaked, texts) = self.logs.take();
        if lines > 0 {
            self.audit
                .findings
                .check(Invariant::NoPersonalData, leaked.is_none(), || {
                    format!("{} logs {}", site.name(), leaked.unwrap_or_default())
                });
        }
        for text in texts {
            self.line(site.name(), || format!("logs {text}"));
        }
    }

    pub(super) fn time_out(&mut self, id: TaskId) {
        if let Some(task) = self.tasks[id.0 as usize].take() {
            self.line(task.site.name(), || "runs out of time".to_owned());
            self.finish(id, task, Ended::Killed);
        }
    }

    fn finish(&mut self, id: TaskId, task: Task, ended: Ended) {
        let Task {
            site,
            trigger,
            future,
            running,
        } = task;
        drop(future);
        self.note(match &ended {
            Ended::Answered(answer) => 1 + answer.len() as u64,
            Ended::Failed => 0,
            Ended::Killed => u64::MAX,
        });
        if matches!(ended, Ended::Killed) {
            self.line(site.name(), || format!("is killed while at {trigger:?}"));
        }
        self.settle_mails(id, &ended);
        match trigger {
            Trigger::Queue(batch, received_at) => {
                self.settle_batch(site, &batch, received_at, ended, running.as_ref());
            }
            Trigger::Shard(shard) => self.settle_shard(site, shard, ended),
            Trigger::Tick => self.plan_tick(site),
            Trigger::PublishAgain(number) => self.published_again(number, &ended),
            Trigger::Errand(errand) => {
                let answer = match &ended {
                    Ended::Answered(bytes) => Answer::read(bytes),
                    Ended::Failed | Ended::Killed => None,
                };
                self.answered(errand, answer);
            }
            Trigger::Webhook(hint, tries) => {
                let status = match &ended {
                    Ended::Answered(bytes) => Answer::read(bytes).map(|answer| answer.status),
                    Ended::Failed | Ended::Killed => None,
                };
                self.webhook_answered(hint, tries, status);
            }
        }
    }

    /// What becomes of a batch's messages.
    fn settle_batch(
        &mut self,
        site: Site,
        batch: &[u32],
        received_at: i64,
        ended: Ended,
        running: Option<&Running>,
    ) {
        let plant = self.fabric.parts().plant.clone();
        let failed: Option<Vec<u32>> = match ended {
            Ended::Answered(answer) => {
                let answer = match &plant {
                    Some(plant) => plant.on_queue_answer(site, answer.to_vec()),
                    None => answer.to_vec(),
                };
                failed_messages(&answer)
            }
            Ended::Failed | Ended::Killed
                if running.is_some_and(|running| running.published)
                    && plant.as_ref().is_some_and(|plant| {
                        plant.acknowledges(site) == Acknowledges::BeforePublishing
                    }) =>
            {
                Some(Vec::new())
            }
            Ended::Failed | Ended::Killed => None,
        };
        let killed_charging = failed.is_none() && running.is_some_and(|running| running.charged);
        for id in batch {
            let comes_again = failed.as_ref().is_none_or(|failed| failed.contains(id));
            let message = &mut self.queues[site as usize].messages[*id as usize];
            message.in_flight = message.in_flight.saturating_sub(1);
            if message.is_done || message.is_dead {
                continue;
            }
            if !comes_again {
                message.is_done = true;
                if let Some(event) = message.event {
                    self.audit.messages.events[event as usize].taken_by |= 1 << site as u8;
                }
                continue;
            }
            let mut at = received_at + VISIBILITY_MS;
            if killed_charging && self.fabric.parts().fires(Fault::ProviderRetryAfterDay) {
                at = received_at + 25 * 3_600_000;
            }
            self.fabric.parts().agenda.put(at, Due::Arrive(site, *id));
        }
    }

    /// A mail of an invocation that succeeded is never to be sent again.
    fn settle_mails(&mut self, id: TaskId, ended: &Ended) {
        let Some(sent) = self.sent_mails.remove(&id) else {
            return;
        };
        let succeeded = match ended {
            Ended::Answered(answer) => {
                failed_messages(answer).is_some_and(|failed| failed.is_empty())
            }
            Ended::Failed | Ended::Killed => false,
        };
        if succeeded {
            self.mails.extend(sent);
        }
    }

    /// Takes in what a context committed and what left through its ports.
    pub(super) fn take_in(&mut self, site: Site) {
        let changes = self.stores[site as usize].table.take_shared_changes();
        if !changes.is_empty() {
            self.audit.committed(site, &changes);
            for record in &changes {
                self.committed(site, record);
            }
        }
        let fabric = Arc::clone(&self.fabric);
        let effects = {
            let mut parts = fabric.parts();
            if parts.effects.is_empty() {
                return;
            }
            std::mem::take(&mut parts.effects)
        };
        for effect in effects {
            self.take_effect(effect);
        }
    }
}

/// The messages that an answer reports; none where it is no such answer.
fn failed_messages(answer: &[u8]) -> Option<Vec<u32>> {
    if answer == b"{\"batchItemFailures\":[]}" {
        return Some(Vec::new());
    }
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    let failures = answer.get("batchItemFailures")?.as_array()?;
    let id = |failure: &serde_json::Value| {
        failure
            .get("itemIdentifier")?
            .as_str()?
            .strip_prefix("m-")?
            .parse()
            .ok()
    };
    failures.iter().map(id).collect()
}
