//! What was told, as the operator sees it: addresses masked.

use identifiers::{CustomerId, OrderId, Timestamp};
use serde::Serialize;

use crate::contact::{Contact, Language};
use crate::notice::Kind;
use crate::told::{Entry, Progress, SkipReason, Told};

/// What was told about an order.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Told")]
pub struct ToldView {
    order_id: OrderId,
    customer_id: CustomerId,
    /// How the customer is reached at present; what was sent earlier may have gone elsewhere.
    contact: Option<ContactView>,
    notifications: Vec<NoticeView>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "MaskedContact")]
struct ContactView {
    masked_email: String,
    language: Language,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Notice")]
struct NoticeView {
    kind: Kind,
    number: u32,
    #[schemars(extend("enum" = ["sending", "sent", "skipped"]))]
    status: &'static str,
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Language>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<SkipReason>,
}

impl ToldView {
    /// The view of what was told to a customer with that contact.
    pub fn of(order_id: OrderId, told: Told, contact: Option<&Contact>) -> Self {
        Self {
            order_id,
            customer_id: told.customer_id,
            contact: contact.map(|contact| ContactView {
                masked_email: contact.email.to_string(),
                language: contact.language,
            }),
            notifications: told.entries.iter().map(NoticeView::of).collect(),
        }
    }
}

impl NoticeView {
    fn of(entry: &Entry) -> Self {
        let (status, at, language, reason) = match entry.progress {
            Progress::Claimed { at } => ("sending", at, None, None),
            Progress::Sent { at, language } => ("sent", at, Some(language), None),
            Progress::Skipped { at, reason } => ("skipped", at, None, Some(reason)),
        };
        Self {
            kind: entry.kind,
            number: entry.number,
            status,
            at,
            language,
            reason,
        }
    }
}
