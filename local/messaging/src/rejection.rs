//! What the services refuse, with the names and codes that AWS gives, and what fails on our side.

use std::fmt;

use crate::journal::JournalFailure;

/// A request that AWS would refuse. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Name of the error's shape in the service model, as in the JSON protocol's `__type`.
    pub shape: &'static str,
    /// Code in the query protocol, which differs from the shape for older errors.
    pub code: &'static str,
    /// HTTP status of the answer.
    pub status: u16,
    /// Text for a person.
    pub message: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Rejection {}

/// Why a call had no effect that can be relied on.
#[derive(Debug, thiserror::Error)]
pub enum MessagingError {
    /// The caller asked for something that the service refuses.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// The service could not record the change.
    #[error(transparent)]
    Failed(#[from] JournalFailure),
}

macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident = $shape:literal, $code:literal, $status:literal;)*) => {
        impl Rejection {
            $($(#[$doc])* pub(crate) fn $name(message: impl Into<String>) -> Self {
                Self { shape: $shape, code: $code, status: $status, message: message.into() }
            })*
        }
    };
}

// Shapes, codes and statuses are those of the service models (SQS 2012-11-05, SNS 2010-03-31).
rejections! {
    missing_parameter = "MissingParameter", "MissingParameter", 400;
    invalid_parameter_value = "InvalidParameterValueException", "InvalidParameterValue", 400;
    invalid_action = "InvalidAction", "InvalidAction", 400;
    serialization = "SerializationException", "SerializationException", 400;
    queue_does_not_exist_with = "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", 400;
    queue_name_exists = "QueueNameExists", "QueueAlreadyExists", 400;
    invalid_attribute_name = "InvalidAttributeName", "InvalidAttributeName", 400;
    invalid_attribute_value = "InvalidAttributeValue", "InvalidAttributeValue", 400;
    invalid_message_contents = "InvalidMessageContents", "InvalidMessageContents", 400;
    receipt_handle_is_invalid = "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404;
    message_not_inflight = "MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight", 400;
    over_limit = "OverLimit", "OverLimit", 403;
    purge_queue_in_progress = "PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress", 403;
    unsupported_operation = "UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", 400;
    empty_batch = "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest", 400;
    too_many_entries = "TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400;
    batch_ids_not_distinct = "BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400;
    invalid_batch_id = "InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", 400;
    batch_too_long = "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong", 400;
    move_resource_not_found = "ResourceNotFoundException", "ResourceNotFoundException", 404;

    sns_invalid_parameter = "InvalidParameter", "InvalidParameter", 400;
    sns_parameter_value_invalid = "ParameterValueInvalid", "ParameterValueInvalid", 400;
    sns_not_found = "NotFound", "NotFound", 404;
    sns_resource_not_found = "ResourceNotFound", "ResourceNotFound", 404;
    sns_internal_error = "InternalFailure", "InternalError", 500;
    sns_tag_limit_exceeded = "TagLimitExceeded", "TagLimitExceeded", 400;
    sns_empty_batch = "EmptyBatchRequest", "EmptyBatchRequest", 400;
    sns_too_many_entries = "TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequest", 400;
    sns_batch_ids_not_distinct = "BatchEntryIdsNotDistinct", "BatchEntryIdsNotDistinct", 400;
    sns_invalid_batch_id = "InvalidBatchEntryId", "InvalidBatchEntryId", 400;
    sns_batch_too_long = "BatchRequestTooLong", "BatchRequestTooLong", 400;
}

impl Rejection {
    pub(crate) fn queue_does_not_exist() -> Self {
        Self::queue_does_not_exist_with("The specified queue does not exist.")
    }

    pub(crate) fn topic_does_not_exist() -> Self {
        Self::sns_not_found("Topic does not exist")
    }

    pub(crate) fn subscription_does_not_exist() -> Self {
        Self::sns_not_found("Subscription does not exist")
    }

    /// The text SQS gives for a parameter that breaks a rule of its own.
    pub(crate) fn parameter(
        value: impl fmt::Display,
        parameter: &str,
        reason: impl fmt::Display,
    ) -> Self {
        Self::invalid_parameter_value(format!(
            "Value {value} for parameter {parameter} is invalid. Reason: {reason}."
        ))
    }

    /// The text SNS gives for a parameter that breaks a rule of its own.
    pub(crate) fn sns_parameter(parameter: &str, reason: impl fmt::Display) -> Self {
        Self::sns_invalid_parameter(format!("Invalid parameter: {parameter} Reason: {reason}"))
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::missing_parameter(format!(
            "The request must contain the parameter {parameter}."
        ))
    }

    pub(crate) fn receipt_handle(handle: &str) -> Self {
        Self::receipt_handle_is_invalid(format!(
            "The input receipt handle \"{handle}\" is not a valid receipt handle."
        ))
    }
}
