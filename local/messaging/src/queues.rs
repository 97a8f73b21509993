//! Queues as a collection: made, found, changed, emptied and deleted, the same for the wire and for the engine.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::Messaging;
use crate::journal::{Change, LoadedQueue};
use crate::message::Message;
use crate::names::{self, Identity};
use crate::queue::{Queue, SharedQueue};
use crate::queue_settings::{Attributes, QueueSettings};
use crate::rejection::{MessagingError, Rejection};

/// Where a queue is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDescription {
    /// Its name.
    pub name: String,
    /// Its URL, as the SQS API takes it.
    pub url: String,
    /// Its ARN.
    pub arn: String,
}

/// What to do where the name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenTaken {
    /// Answer with the queue if the attributes agree with it, and refuse otherwise, as CreateQueue does.
    MustAgree,
    /// Give the queue these attributes.
    Update,
}

impl Messaging {
    /// Makes sure that there is a queue of this name with these attributes (named and valued as in SQS's CreateQueue).
    /// One that exists keeps its messages and takes the attributes over; attributes left out return to their defaults.
    /// A dead-letter queue must be made before the queue that names it.
    ///
    /// # Errors
    /// When SQS would refuse a name or an attribute, or the change cannot be kept.
    pub async fn create_queue(
        &self,
        name: &str,
        attributes: Attributes,
    ) -> Result<QueueDescription, MessagingError> {
        let queue = self
            .put_queue(name, attributes, Attributes::new(), WhenTaken::Update)
            .await?;
        Ok(self.describe(&queue))
    }

    /// All queues, by name.
    pub fn all_queues(&self) -> Vec<QueueDescription> {
        self.inner
            .queues
            .read()
            .values()
            .map(|queue| self.describe(queue))
            .collect()
    }

    pub(crate) fn describe(&self, queue: &Queue) -> QueueDescription {
        QueueDescription {
            name: queue.name.clone(),
            url: self.identity().queue_url(&queue.name),
            arn: queue.arn.clone(),
        }
    }

    pub(crate) fn find_queue(&self, name: &str) -> Option<SharedQueue> {
        self.inner.queues.read().get(name).cloned()
    }

    pub(crate) fn find_queue_by_arn(&self, arn: &str) -> Option<SharedQueue> {
        self.find_queue(self.identity().queue_name(arn)?)
    }

    pub(crate) fn queue_by_arn(&self, arn: &str) -> Result<SharedQueue, Rejection> {
        self.find_queue_by_arn(arn)
            .ok_or_else(Rejection::queue_does_not_exist)
    }

    /// Every queue, in the order of their names.
    pub(crate) fn queues(&self) -> Vec<SharedQueue> {
        self.inner.queues.read().values().cloned().collect()
    }

    pub(crate) async fn put_queue(
        &self,
        name: &str,
        attributes: Attributes,
        tags: Attributes,
        when_taken: WhenTaken,
    ) -> Result<SharedQueue, MessagingError> {
        names::check_queue_name(name)?;
        let settings = QueueSettings::read(attributes)?;
        let _setting_up = self.inner.setting_up.lock().await;
        if let Some(queue) = self.find_queue(name) {
            match when_taken {
                WhenTaken::MustAgree if queue.contents.lock().settings.agrees_with(&settings) => {}
                WhenTaken::MustAgree => {
                    return Err(Rejection::queue_name_exists(
                        "A queue already exists with the same name and a different value for one or more attributes",
                    )
                    .into());
                }
                WhenTaken::Update => {
                    if queue.contents.lock().settings.given != settings.given {
                        self.keep_settings(&queue, Some(settings), None).await?;
                    }
                }
            }
            return Ok(queue);
        }
        let arn = self.identity().queue_arn(name);
        self.check_redrive(&arn, &settings)?;
        let id = self.inner.next_queue.fetch_add(1, Ordering::Relaxed);
        let queue = Arc::new(Queue::new(
            id,
            name.to_owned(),
            arn,
            self.now_ms(),
            settings,
            tags,
        ));
        let change = put_change(&queue, None, None, queue.created_ms);
        let (inner, made) = (Arc::clone(&self.inner), Arc::clone(&queue));
        self.inner
            .journal
            .commit(vec![change], move || {
                inner.queues.write().insert(made.name.clone(), made);
            })
            .await?;
        Ok(queue)
    }

    pub(crate) async fn set_queue_attributes(
        &self,
        queue: &SharedQueue,
        changes: &Attributes,
    ) -> Result<(), MessagingError> {
        let _setting_up = self.inner.setting_up.lock().await;
        let settings = queue.contents.lock().settings.changed(changes)?;
        self.keep_settings(queue, Some(settings), None).await
    }

    /// Lets `change` edit the queue's tags.
    pub(crate) async fn change_queue_tags(
        &self,
        queue: &SharedQueue,
        change: impl FnOnce(&mut Attributes) -> Result<(), Rejection>,
    ) -> Result<(), MessagingError> {
        let _setting_up = self.inner.setting_up.lock().await;
        let mut tags = queue.contents.lock().tags.clone();
        change(&mut tags)?;
        self.keep_settings(queue, None, Some(tags)).await
    }

    pub(crate) async fn delete_queue(&self, queue: &SharedQueue) -> Result<(), MessagingError> {
        let _setting_up = self.inner.setting_up.lock().await;
        let (inner, gone) = (Arc::clone(&self.inner), Arc::clone(queue));
        let delete = move || {
            inner.queues.write().remove(&gone.name);
            let mut contents = gone.contents.lock();
            contents.deleted = true;
            contents.clear();
            drop(contents);
            gone.arrivals.notify_waiters();
        };
        Ok(self
            .inner
            .journal
            .commit(vec![Change::DeleteQueue { id: queue.id }], delete)
            .await?)
    }

    /// Drops all messages. SQS allows one purge of a queue in 60 seconds.
    pub(crate) async fn purge_queue(&self, queue: &SharedQueue) -> Result<(), MessagingError> {
        let now_ms = self.now_ms();
        {
            let mut contents = queue.contents.lock();
            if contents
                .purged_ms
                .is_some_and(|purged_ms| now_ms - purged_ms < 60_000)
            {
                return Err(Rejection::purge_queue_in_progress(format!(
                    "Only one PurgeQueue operation on {} is allowed every 60 seconds.",
                    queue.name
                ))
                .into());
            }
            contents.purged_ms = Some(now_ms);
        }
        let purged = Arc::clone(queue);
        let purge = move || purged.contents.lock().clear();
        Ok(self
            .inner
            .journal
            .commit(vec![Change::Purge { queue: queue.id }], purge)
            .await?)
    }

    /// The dead-letter queue must exist, be another queue, and allow this one to use it.
    fn check_redrive(&self, arn: &str, settings: &QueueSettings) -> Result<(), Rejection> {
        let Some(policy) = &settings.redrive else {
            return Ok(());
        };
        let target = &policy.dead_letter_target_arn;
        let invalid = |reason: &str| Err(Rejection::parameter(target, "RedrivePolicy", reason));
        if target == arn {
            return invalid("Dead letter target must not be the queue itself");
        }
        match self.find_queue_by_arn(target) {
            None => invalid("Dead letter target does not exist"),
            Some(queue) if !queue.contents.lock().settings.redrive_allow.allows(arn) => {
                invalid("Dead letter target's redrive allow policy does not allow this queue")
            }
            Some(_) => Ok(()),
        }
    }

    /// Keeps new settings, new tags, or both. The caller holds `setting_up`.
    async fn keep_settings(
        &self,
        queue: &SharedQueue,
        settings: Option<QueueSettings>,
        tags: Option<Attributes>,
    ) -> Result<(), MessagingError> {
        if let Some(settings) = &settings {
            self.check_redrive(&queue.arn, settings)?;
        }
        let modified_ms = self.now_ms();
        let change = put_change(queue, settings.as_ref(), tags.as_ref(), modified_ms);
        let changed = Arc::clone(queue);
        let apply = move || {
            let mut contents = changed.contents.lock();
            if let Some(settings) = settings {
                contents.settings = settings;
                contents.modified_ms = modified_ms;
            }
            if let Some(tags) = tags {
                contents.tags = tags;
            }
            drop(contents);
            // A shorter retention or another redrive policy may matter to those who wait.
            changed.arrivals.notify_waiters();
        };
        Ok(self.inner.journal.commit(vec![change], apply).await?)
    }
}

fn put_change(
    queue: &Queue,
    settings: Option<&QueueSettings>,
    tags: Option<&Attributes>,
    modified_ms: i64,
) -> Change {
    let contents = queue.contents.lock();
    Change::PutQueue {
        id: queue.id,
        name: queue.name.clone(),
        attributes: settings.unwrap_or(&contents.settings).given.clone(),
        tags: tags.unwrap_or(&contents.tags).clone(),
        created_ms: queue.created_ms,
        modified_ms,
    }
}

/// The queues that a file holds, with their messages.
pub(crate) fn restore(
    identity: &Identity,
    loaded: Vec<LoadedQueue>,
    messages: Vec<(i64, Message)>,
    now_ms: i64,
) -> Result<BTreeMap<String, SharedQueue>, String> {
    let mut by_id = BTreeMap::new();
    for row in loaded {
        let settings = QueueSettings::read(row.attributes)
            .map_err(|error| format!("queue {}: {error}", row.name))?;
        let queue = Queue::new(
            row.id,
            row.name.clone(),
            identity.queue_arn(&row.name),
            row.created_ms,
            settings,
            row.tags,
        );
        queue.contents.lock().modified_ms = row.modified_ms;
        by_id.insert(row.id, Arc::new(queue));
    }
    for (id, message) in messages {
        if let Some(queue) = by_id.get(&id) {
            queue.contents.lock().add(message, now_ms);
        }
    }
    Ok(by_id
        .into_values()
        .map(|queue| (queue.name.clone(), queue))
        .collect())
}
