//! Makes what the template declares: tables, queues with their redrive, topics, subscriptions. What is there already is
//! brought in line or refused by name; nothing is ever deleted.

use local_dynamodb::{
    AttributeDefinition, DynamoDb, GlobalSecondaryIndex, KeyElement, Projection,
    StreamSpecification, TableError, TableSpecification, TimeToLiveSpecification,
};
use local_messaging::{Messaging, MessagingError};
use sam_template::{KeySchema, Queue, Table, Template};

/// A declared resource could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// A table; the source names it.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A queue, topic or subscription.
    #[error("{logical_id} could not be made: {source}")]
    Messaging {
        /// Its name in the template.
        logical_id: String,
        /// What the service said.
        source: MessagingError,
    },
    /// Queues whose dead letters go round in a circle.
    #[error("the dead-letter queues of {0} form a circle")]
    RedriveCircle(String),
}

pub(crate) async fn make(
    template: &Template,
    dynamodb: &DynamoDb,
    messaging: &Messaging,
) -> Result<(), ResourceError> {
    for table in &template.tables {
        dynamodb.ensure_table(&specification(table)).await?;
    }
    let failed = |logical_id: &str| {
        let logical_id = logical_id.to_owned();
        move |source| ResourceError::Messaging { logical_id, source }
    };
    for queue in redrive_targets_first(&template.queues)? {
        messaging
            .create_queue(&queue.name, queue.attributes())
            .await
            .map_err(failed(&queue.logical_id))?;
    }
    for topic in &template.topics {
        messaging
            .create_topic(&topic.name, Default::default())
            .await
            .map_err(failed(&topic.logical_id))?;
    }
    for subscription in &template.subscriptions {
        messaging
            .subscribe(
                &subscription.topic_arn,
                &subscription.queue_arn,
                subscription.attributes(),
            )
            .await
            .map_err(failed(&subscription.logical_id))?;
    }
    Ok(())
}

/// A queue can only be made once its dead-letter queue is there.
fn redrive_targets_first(queues: &[Queue]) -> Result<Vec<&Queue>, ResourceError> {
    let mut made: Vec<&Queue> = Vec::with_capacity(queues.len());
    let mut waiting: Vec<&Queue> = queues.iter().collect();
    while !waiting.is_empty() {
        let (ready, later): (Vec<&Queue>, Vec<&Queue>) = waiting.iter().partition(|queue| {
            let target = queue
                .redrive
                .as_ref()
                .map(|redrive| &redrive.dead_letter_queue_arn);
            // A queue of another stack is not ours to wait for; making this one says whether it is there.
            target.is_none_or(|target| waiting.iter().all(|other| other.arn != *target))
        });
        if ready.is_empty() {
            let names: Vec<&str> = later
                .iter()
                .map(|queue| queue.logical_id.as_str())
                .collect();
            return Err(ResourceError::RedriveCircle(names.join(", ")));
        }
        made.extend(ready);
        waiting = later;
    }
    Ok(made)
}

fn specification(table: &Table) -> TableSpecification {
    let definitions = table
        .attributes
        .iter()
        .map(|attribute| AttributeDefinition {
            attribute_name: attribute.name.clone(),
            attribute_type: attribute.kind.as_str().to_owned(),
        });
    let indexes = table.indexes.iter().map(|index| GlobalSecondaryIndex {
        index_name: index.name.clone(),
        key_schema: key(&index.key),
        projection: projection(&index.projection),
        on_demand_throughput: None,
    });
    TableSpecification {
        name: table.name.clone(),
        key_schema: key(&table.key),
        attribute_definitions: definitions.collect(),
        global_secondary_indexes: indexes.collect(),
        stream_specification: table.stream_view.map(|view| StreamSpecification {
            stream_view_type: view.as_str().to_owned(),
            stream_enabled: true,
        }),
        time_to_live_specification: table.ttl_attribute.clone().map(|attribute_name| {
            TimeToLiveSpecification {
                attribute_name,
                enabled: true,
            }
        }),
    }
}

fn key(key: &KeySchema) -> Vec<KeyElement> {
    let element = |attribute_name: &String, key_type: &str| KeyElement {
        attribute_name: attribute_name.clone(),
        key_type: key_type.to_owned(),
    };
    let hash = element(&key.hash, "HASH");
    let range = key.range.as_ref().map(|range| element(range, "RANGE"));
    std::iter::once(hash).chain(range).collect()
}

fn projection(projection: &sam_template::Projection) -> Projection {
    let (kind, attributes) = match projection {
        sam_template::Projection::All => ("ALL", Vec::new()),
        sam_template::Projection::KeysOnly => ("KEYS_ONLY", Vec::new()),
        sam_template::Projection::Include(names) => ("INCLUDE", names.clone()),
    };
    Projection {
        projection_type: kind.to_owned(),
        non_key_attributes: attributes,
    }
}
