//! Sending failed messages again: each to its source queue, then deleted where it lay.

use aws_sdk_sqs::error::DisplayErrorContext;

use super::Done;
use super::letter::Letter;
use super::look::Look;

/// SQS's own message move task would do for a whole queue, but it cannot tell the source of what a function put there
/// itself, and it takes all or nothing: so one way serves for one message and for all.
pub(super) async fn redrive(look: &Look, letters: &[Letter]) -> Done {
    let mut done = Done {
        ids: Vec::new(),
        left: Vec::new(),
    };
    for letter in letters {
        match send_again(look, letter).await {
            Ok(()) => done.ids.push(letter.id.clone()),
            Err(why) => done.left.push((letter.id.clone(), why)),
        }
    }
    done
}

async fn send_again(look: &Look, letter: &Letter) -> Result<(), String> {
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
    let send = look
        .deployment
        .sqs
        .send_message()
        .queue_url(source_url)
        .message_body(&letter.body)
        .set_message_attributes(Some(letter.own_attributes.iter().cloned().collect()));
    send.send()
        .await
        .map_err(|error| format!("it was not sent: {}", DisplayErrorContext(&error)))?;
    delete(look, letter)
        .await
        .map_err(|why| format!("it was sent again, but is still here too: {why}"))
}

/// Takes a letter out of its queue.
pub(super) async fn delete(look: &Look, letter: &Letter) -> Result<(), String> {
    look.deployment
        .sqs
        .delete_message()
        .queue_url(&letter.queue_url)
        .receipt_handle(&letter.receipt_handle)
        .send()
        .await
        .map(drop)
        .map_err(|error| DisplayErrorContext(&error).to_string())
}
