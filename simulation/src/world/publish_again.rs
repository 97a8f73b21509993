//! What an operator does about a relay that was dead for longer than its stream keeps records: has published again, from
//! the table, what was announced since then, page by page, each until it succeeds.

use door::{PublishAgain, PublishedAgain};
use identifiers::Timestamp;

use super::World;
use super::invoke::{Ended, Trigger};
use crate::agenda::Due;
use crate::audit::Invariant;
use crate::people::{Errand, What};
use crate::site::Site;

const MINUTE_MS: i64 = 60_000;
/// How much earlier than the relay's death an operator begins: clocks differ by minutes, and what had failed just then
/// was to be tried again.
const EARLIER_MS: i64 = 60 * MINUTE_MS;
/// How many items an invocation looks at. Few, so that a table has many pages.
const ITEMS: usize = 20;

/// How far an operator is with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It is to be begun, or to be gone on with.
    Waits,
    /// A function is at it.
    Runs,
    /// All is published.
    Done,
}

/// One publishing again.
#[derive(Debug)]
pub(super) struct Again {
    site: Site,
    wanted: PublishAgain,
    stage: Stage,
}

impl World {
    /// A relay has died for so long that its stream will have lost records when it is back.
    pub(super) fn relay_dies(&mut self, site: Site, length: i64) {
        let since = Timestamp::from_milliseconds(self.now() - EARLIER_MS);
        self.again.push(Again {
            site,
            wanted: PublishAgain {
                since,
                cursor: None,
                dry_run: false,
                items: Some(ITEMS),
            },
            stage: Stage::Waits,
        });
        let notices = self
            .fabric
            .parts()
            .dice
            .between(MINUTE_MS, 12 * 60 * MINUTE_MS);
        self.go_on_publishing(self.again.len() - 1, length + notices);
    }

    fn go_on_publishing(&self, number: usize, wait: i64) {
        let errand = Errand::new(What::PublishAgain, number as u32, 0);
        self.later(wait, Due::Errand(errand));
    }

    /// Nothing is left for later when faults stop.
    pub(super) fn publish_all_again(&self) {
        for number in 0..self.again.len() {
            self.go_on_publishing(number, 1);
        }
    }

    pub(super) fn publish_again(&mut self, errand: Errand) {
        let number = errand.order as usize;
        let again = &mut self.again[number];
        if again.stage != Stage::Waits {
            return;
        }
        again.stage = Stage::Runs;
        let site = again.site;
        let mut wanted = again.wanted.clone();
        let plant = self.fabric.parts().plant.clone();
        if let Some(plant) = plant {
            plant.on_publish_again(site, &mut wanted);
        }
        self.line("people", || {
            format!("have {} publish again since {}", site.name(), wanted.since)
        });
        let payload = serde_json::json!({ "publish_again": wanted }).to_string();
        self.invoke(site, Trigger::PublishAgain(number), payload);
    }

    pub(super) fn published_again(&mut self, number: usize, ended: &Ended) {
        let site = self.again[number].site;
        let mut answer: Option<PublishedAgain> = match ended {
            Ended::Answered(answer) => serde_json::from_slice(answer).ok(),
            Ended::Failed | Ended::Killed => None,
        };
        let plant = self.fabric.parts().plant.clone();
        if let Some(plant) = plant {
            answer = plant.on_published_again(site, answer);
        }
        let again = &mut self.again[number];
        let wait = match answer {
            Some(done) => {
                let is_whole = done.forgetful.is_empty() && done.unreadable.is_empty();
                let name = site.name();
                self.audit
                    .findings
                    .check(Invariant::EveryEventTakesEffect, is_whole, || {
                        format!("{name} cannot publish all of it again: {done:?}")
                    });
                again.wanted.cursor = done.cursor;
                again.stage = match again.wanted.cursor {
                    Some(_) => Stage::Waits,
                    None => Stage::Done,
                };
                1
            }
            None => {
                again.stage = Stage::Waits;
                MINUTE_MS
            }
        };
        if again.stage == Stage::Waits {
            self.go_on_publishing(number, wait);
        }
    }
}
