//! TagQueue, UntagQueue and ListQueueTags.

use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::Messaging;
use crate::queue_settings::Attributes;
use crate::rejection::{MessagingError, Rejection};

/// Tags that a queue may have.
const MOST_TAGS: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct TagQueue {
    queue_url: String,
    tags: Attributes,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct UntagQueue {
    queue_url: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ListQueueTags {
    queue_url: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tags {
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    tags: Attributes,
}

impl Messaging {
    pub(super) async fn sqs_tag_queue(&self, input: TagQueue) -> Result<Nothing, MessagingError> {
        let queue = self.addressed(&input.queue_url, "TagQueue")?;
        if input.tags.is_empty() {
            return Err(Rejection::missing("Tags").into());
        }
        self.change_queue_tags(&queue, |tags| {
            tags.extend(input.tags);
            if tags.len() > MOST_TAGS {
                return Err(Rejection::invalid_parameter_value(format!(
                    "Too many tags added for queue {}.",
                    queue.name
                )));
            }
            Ok(())
        })
        .await?;
        Ok(Nothing {})
    }

    pub(super) async fn sqs_untag_queue(
        &self,
        input: UntagQueue,
    ) -> Result<Nothing, MessagingError> {
        let queue = self.addressed(&input.queue_url, "UntagQueue")?;
        self.change_queue_tags(&queue, |tags| {
            tags.retain(|name, _| !input.tag_keys.contains(name));
            Ok(())
        })
        .await?;
        Ok(Nothing {})
    }

    pub(super) async fn sqs_list_queue_tags(
        &self,
        input: ListQueueTags,
    ) -> Result<Tags, MessagingError> {
        let queue = self.addressed(&input.queue_url, "ListQueueTags")?;
        let tags = queue.contents.lock().tags.clone();
        Ok(Tags { tags })
    }
}
