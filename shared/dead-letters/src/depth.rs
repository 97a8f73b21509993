//! How many messages lie in a queue.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::QueueAttributeName;

/// How many messages lie in a queue, as SQS approximately knows.
///
/// ```
/// use dead_letters::Depth;
///
/// // A message in a look is there, and nobody else can receive it.
/// let during_a_look = Depth { waiting: 0, hidden: 1 };
/// assert_eq!(during_a_look.waiting + during_a_look.hidden, 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Those that can be received now.
    pub waiting: u64,
    /// Those that somebody has received and not let go of.
    pub hidden: u64,
}

/// Asks SQS how many messages lie in the queue at that URL.
///
/// # Errors
/// What SQS or the network said, in words.
///
/// ```
/// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
/// # use failed::failed_order;
/// use dead_letters::{Depth, depth};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sqs, all) = failed_order().await;
/// let queues: Vec<_> = dead_letters::among(&all).collect();
/// let known = depth(&sqs, &queues[0].url).await.unwrap();
/// assert_eq!(known, Depth { waiting: 1, hidden: 0 });
/// # });
/// ```
pub async fn depth(client: &Client, url: &str) -> Result<Depth, String> {
    let (waiting, hidden) = (
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
    );
    let answer = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(waiting.clone())
        .attribute_names(hidden.clone())
        .send()
        .await
        .map_err(|error| DisplayErrorContext(&error).to_string())?;
    let number = |name: &QueueAttributeName| {
        let values = answer.attributes();
        let value = values.and_then(|values| values.get(name));
        value
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| format!("SQS does not say {}", name.as_str()))
    };
    Ok(Depth {
        waiting: number(&waiting)?,
        hidden: number(&hidden)?,
    })
}
