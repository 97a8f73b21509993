//! Sending a failed message again, and taking one out.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;

use crate::Letter;

/// Sends a letter to the queue that it was meant for, and deletes it then where it lies.
///
/// SQS's own message move task would do for a whole queue, but it cannot tell the source of what a function put there
/// itself, and it takes all or nothing: so one way serves for one message and for all.
///
/// # Errors
/// Why it was not sent, or lies here still, in words.
///
/// ```
/// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
/// # use failed::failed_order;
/// use dead_letters::{Bounds, Look, depth, send_again};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sqs, all) = failed_order().await;
/// let queues: Vec<_> = dead_letters::among(&all).collect();
/// let letters = Look::at(sqs.clone(), &queues, Bounds::NONE).await.unwrap().end().await;
/// send_again(&sqs, &letters[0]).await.unwrap();
/// assert_eq!(depth(&sqs, &queues[0].url).await.unwrap().waiting, 0);
/// assert_eq!(depth(&sqs, &all["OrdersQueue"]).await.unwrap().waiting, 1);
/// # });
/// ```
pub async fn send_again(client: &Client, letter: &Letter) -> Result<(), String> {
    if letter.kind_is_stream {
        return Err("it is a place in a stream, not a message: the commit's own item still holds what it said. \
            `noren publish-again --since` an instant before it says it again; then drop this"
            .to_owned());
    }
    let Some(source_url) = &letter.source_url else {
        return Err(format!(
            "{} belongs to no queue of this stack",
            letter.queue
        ));
    };
    let send = client
        .send_message()
        .queue_url(source_url)
        .message_body(&letter.body)
        .set_message_attributes(Some(letter.own_attributes.iter().cloned().collect()));
    send.send()
        .await
        .map_err(|error| format!("it was not sent: {}", DisplayErrorContext(&error)))?;
    delete(client, letter)
        .await
        .map_err(|why| format!("it was sent again, but is still here too: {why}"))
}

/// Takes a letter out of its queue.
///
/// # Errors
/// Why it lies there still, in words.
///
/// ```
/// # mod failed { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/failed.rs")); }
/// # use failed::failed_order;
/// use dead_letters::{Bounds, Look, delete, depth};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let (sqs, all) = failed_order().await;
/// let queues: Vec<_> = dead_letters::among(&all).collect();
/// let letters = Look::at(sqs.clone(), &queues, Bounds::NONE).await.unwrap().end().await;
/// delete(&sqs, &letters[0]).await.unwrap();
/// assert_eq!(depth(&sqs, &queues[0].url).await.unwrap().waiting, 0);
/// assert_eq!(depth(&sqs, &all["OrdersQueue"]).await.unwrap().waiting, 0);
/// # });
/// ```
pub async fn delete(client: &Client, letter: &Letter) -> Result<(), String> {
    client
        .delete_message()
        .queue_url(&letter.queue_url)
        .receipt_handle(&letter.receipt_handle)
        .send()
        .await
        .map(drop)
        .map_err(|error| DisplayErrorContext(&error).to_string())
}
