//! The start of a function: its context over what every function has of its own, a table, a topic and a dead-letter
//! queue, by its environment.

use std::sync::Arc;

use aws_config::SdkConfig;
use identifiers::SystemClock;
use store::DynamoDbStore;

use crate::aws::{dynamodb_store, sdk_config, sns_publisher, sqs_dead_letters};
use crate::{Callers, Context, Door, Environment, Function, NoDeadLetters, StartError};

/// Starts the function of the context that `context` makes over the function's own table. The SDK's settings serve
/// contexts that need another AWS service.
///
/// # Errors
/// When an environment variable is missing or not usable. `DEAD_LETTER_QUEUE_URL` is needed by contexts that hear
/// something only: the others have no queue.
///
/// ```
/// # mod courses { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/courses.rs")); }
/// # use courses::*;
/// use door::Environment;
///
/// let environment: Environment = [
///     ("AWS_REGION", "eu-central-1"),
///     ("AWS_ACCESS_KEY_ID", "an-id"),
///     ("AWS_SECRET_ACCESS_KEY", "a-secret"),
///     ("TABLE_NAME", "courses"),
///     ("TOPIC_ARN", "arn:aws:sns:eu-central-1:123456789012:courses"),
///     ("DEAD_LETTER_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/123456789012/courses-dead-letters"),
///     ("TOKEN_ISSUER", "https://issuer.example"),
///     ("TOKEN_AUDIENCE", "courses"),
/// ]
/// .map(|(name, value)| (name.to_owned(), value.to_owned()))
/// .into_iter()
/// .collect();
/// assert!(door::start(&environment, |table, _| Ok(Courses { table })).is_ok());
/// ```
pub fn start<C: Context>(
    environment: &Environment,
    context: impl FnOnce(DynamoDbStore, &SdkConfig) -> Result<C, StartError>,
) -> Result<Function, StartError> {
    let sdk = sdk_config(environment)?;
    let context = Arc::new(context(dynamodb_store(&sdk, environment)?, &sdk)?);
    let callers = Callers::from_environment(environment)?;
    let publisher = sns_publisher(&sdk, environment)?;
    if C::HEARS.is_empty() {
        let door = Door::new(context, publisher, NoDeadLetters, SystemClock).with_callers(callers);
        return Ok(Function::new(door).traced(environment));
    }
    let dead_letters = sqs_dead_letters(&sdk, environment)?;
    let door = Door::new(context, publisher, dead_letters, SystemClock).with_callers(callers);
    Ok(Function::new(door).traced(environment))
}
