//! Mistakes with messages: publishing, acknowledging, giving up.

use std::collections::HashMap;

use contracts::CloudEvent;
use door::{PublishAgain, PublishedAgain};
use identifiers::MessageId;
use parking_lot::Mutex;
use publisher::PublishFailure;
use serde_json::value::RawValue;
use simulation::Site;
use simulation::planted::{Acknowledges, Burial, Committed, Plant};
use store::{Expected, Origin, Record, Write};

use crate::lie::{edit, forget_newest_message, is, is_by_queue, puts, strikes};

const ALL_SUCCEEDED: &[u8] = b"{\"batchItemFailures\":[]}";

/// The inbox is a write of its own, and one time in twenty the process dies before it.
#[derive(Debug)]
pub struct InboxApart;

impl Plant for InboxApart {
    fn on_commit(&self, _: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if is_by_queue(record) && strikes(&record.key.pk, record.version, 20) {
            forget_newest_message(record);
        }
        Committed::Really
    }

    fn on_transact(&self, _: Site, writes: &mut Vec<Write>) -> Committed {
        for record in puts(writes) {
            if strikes(&record.key.pk, record.version, 20) {
                forget_newest_message(record);
            }
        }
        Committed::Really
    }
}

/// Events are published, and then the state is written.
#[derive(Debug)]
pub struct PublishedFirst;

impl Plant for PublishedFirst {
    fn publishes_first(&self, _: Site) -> bool {
        true
    }
}

/// A message is deleted when it is received.
#[derive(Debug)]
pub struct AcknowledgedOnReceipt;

impl Plant for AcknowledgedOnReceipt {
    fn acknowledges(&self, _: Site) -> Acknowledges {
        Acknowledges::OnReceipt
    }
}

/// A message is deleted when its effect is committed, and then its events are published.
#[derive(Debug)]
pub struct AcknowledgedBeforePublishing;

impl Plant for AcknowledgedBeforePublishing {
    fn acknowledges(&self, _: Site) -> Acknowledges {
        Acknowledges::BeforePublishing
    }

    fn on_published(
        &self,
        site: Site,
        _: &[CloudEvent],
        results: &mut Vec<Result<(), PublishFailure>>,
    ) {
        // Its message is gone, so what becomes of it is nobody's business. A stream's record is not acknowledged so.
        if site != Site::Catalog {
            results.iter_mut().for_each(|result| *result = Ok(()));
        }
    }
}

/// The answer of `PublishBatch` is taken for success whenever there is one.
#[derive(Debug)]
pub struct EntriesUnchecked;

impl Plant for EntriesUnchecked {
    fn on_published(
        &self,
        _: Site,
        _: &[CloudEvent],
        results: &mut Vec<Result<(), PublishFailure>>,
    ) {
        results.iter_mut().for_each(|result| *result = Ok(()));
    }
}

/// Publishing is not waited for: the process is frozen before one in forty is sent.
#[derive(Debug)]
pub struct PublishedHopefully;

impl Plant for PublishedHopefully {
    fn reaches_topic(&self, _: Site, event: &mut CloudEvent) -> bool {
        !strikes(event.id.as_str(), 0, 40)
    }
}

/// A handler catches its errors, so a batch is always reported as done.
#[derive(Debug)]
pub struct BatchAlwaysDone;

impl Plant for BatchAlwaysDone {
    fn on_queue_answer(&self, _: Site, _: Vec<u8>) -> Vec<u8> {
        ALL_SUCCEEDED.to_vec()
    }
}

/// The same at the stream.
#[derive(Debug)]
pub struct StreamAlwaysDone;

impl Plant for StreamAlwaysDone {
    fn on_stream_answer(&self, _: Site, _: Vec<u8>) -> Vec<u8> {
        ALL_SUCCEEDED.to_vec()
    }
}

/// The stream's filter knows the origin of ticks and not that of requests.
#[derive(Debug)]
pub struct StreamFilterMisspelt;

impl Plant for StreamFilterMisspelt {
    fn reaches_stream(&self, site: Site, record: &Record) -> bool {
        site != Site::Orders || record.origin != Origin::Http
    }
}

/// An event gets its id when it is published, so a repeat has another one.
#[derive(Debug, Default)]
pub struct NewIdEachTime(Mutex<HashMap<String, u32>>);

impl Plant for NewIdEachTime {
    fn reaches_topic(&self, _: Site, event: &mut CloudEvent) -> bool {
        let mut times = self.0.lock();
        let times = times.entry(event.id.to_string()).or_insert(0);
        *times += 1;
        if *times > 1 {
            event.id = MessageId::new(format!("{}.{times}", event.id)).unwrap();
        }
        true
    }
}

/// No dead-letter queue: what cannot be handled is tried for ever.
#[derive(Debug)]
pub struct TriedForEver;

impl Plant for TriedForEver {
    fn gives_up(&self, _: Site) -> bool {
        false
    }

    fn on_bury(&self, _: Site, _: &str) -> Burial {
        Burial::Fails
    }
}

/// What cannot be handled is logged and dropped.
#[derive(Debug)]
pub struct PoisonDropped;

impl Plant for PoisonDropped {
    fn on_bury(&self, _: Site, _: &str) -> Burial {
        Burial::Dropped
    }
}

/// `_ => {}` for a type that is not known.
#[derive(Debug)]
pub struct UnknownTypeDropped;

impl Plant for UnknownTypeDropped {
    fn on_bury(&self, _: Site, reason: &str) -> Burial {
        if reason.contains("none that this context hears") {
            Burial::Dropped
        } else {
            Burial::Real
        }
    }
}

/// A filter policy misses a type that its consumer hears.
#[derive(Debug)]
pub struct FilterPolicyShort;

impl Plant for FilterPolicyShort {
    fn delivers(&self, to: Site, event_type: &str) -> bool {
        to != Site::Inventory || event_type != "orders.OrderCancelled.v1"
    }
}

/// A consumer refuses an event that has a field more than it knows.
#[derive(Debug)]
pub struct UnknownFieldRefused;

impl Plant for UnknownFieldRefused {
    fn on_consume(&self, _: Site, body: String) -> String {
        if body.contains("said_by_a_newer_version") {
            "{}".to_owned()
        } else {
            body
        }
    }
}

/// The event about a mail says to which address.
#[derive(Debug, Default)]
pub struct AddressInEvent(Mutex<HashMap<String, String>>);

impl AddressInEvent {
    fn with_address(&self, data: &RawValue) -> Option<Box<RawValue>> {
        let text = data.get();
        let customer = text.split("\"customer_id\":\"").nth(1)?.split('"').next()?;
        let addresses = self.0.lock();
        let address = addresses.get(&format!("contact#{customer}"))?;
        if text.contains("\"email\":") {
            return None;
        }
        let text = format!("{},\"email\":\"{address}\"}}", text.strip_suffix('}')?);
        RawValue::from_string(text).ok()
    }
}

impl Plant for AddressInEvent {
    fn on_commit(&self, site: Site, record: &mut Record, _: &mut Expected) -> Committed {
        if site == Site::Notifications && record.key.pk.starts_with("contact#") {
            let email = record
                .document
                .split('"')
                .find(|text| text.contains('@'))
                .unwrap()
                .to_owned();
            self.0.lock().insert(record.key.pk.clone(), email);
        }
        if is(site, Site::Notifications, record, "notifications") {
            edit(record, |document| {
                let newest = document.handled.last_mut().unwrap();
                for said in &mut newest.announced {
                    if let Some(data) = self.with_address(&said.data) {
                        said.data = data;
                    }
                }
                true
            });
        }
        Committed::Really
    }

    fn reaches_topic(&self, site: Site, event: &mut CloudEvent) -> bool {
        if site == Site::Notifications
            && let Some(data) = self.with_address(&event.data)
        {
            event.data = data;
        }
        true
    }
}

/// The schedule's rule is disabled.
#[derive(Debug)]
pub struct ScheduleOff(pub Site);

impl Plant for ScheduleOff {
    fn ticks(&self, site: Site) -> bool {
        site != self.0
    }
}

/// What a stream has lost is published again from the first page of the table alone.
#[derive(Debug)]
pub struct FirstPageOnly;

impl Plant for FirstPageOnly {
    fn on_published_again(
        &self,
        _: Site,
        answer: Option<PublishedAgain>,
    ) -> Option<PublishedAgain> {
        let cut_short = |done| PublishedAgain {
            cursor: None,
            ..done
        };
        answer.map(cut_short)
    }
}

/// An invocation that should have published again and failed is taken for one that did.
#[derive(Debug)]
pub struct AgainHopefully;

impl Plant for AgainHopefully {
    fn on_published_again(
        &self,
        _: Site,
        answer: Option<PublishedAgain>,
    ) -> Option<PublishedAgain> {
        Some(answer.unwrap_or_default())
    }
}

/// What was announced while a relay was dead is counted, and nobody publishes it.
#[derive(Debug)]
pub struct OnlyCounted;

impl Plant for OnlyCounted {
    fn on_publish_again(&self, _: Site, wanted: &mut PublishAgain) {
        wanted.dry_run = true;
    }
}

/// Publishing again begins when the relay is back, a day too late.
#[derive(Debug)]
pub struct SinceTooLate;

impl Plant for SinceTooLate {
    fn on_publish_again(&self, _: Site, wanted: &mut PublishAgain) {
        wanted.since = wanted.since.plus_seconds(26 * 3600);
    }
}
