//! What was told, as the operator sees it: addresses masked.

use identifiers::{CustomerId, OrderId, Timestamp};
use serde::Serialize;

use crate::contact::Language;
use crate::notice::Kind;
use crate::reach::Reach;
use crate::told::{Entry, Progress, SkipReason, Told};

/// What was told about an order.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Told")]
pub struct ToldView {
    order_id: OrderId,
    customer_id: CustomerId,
    /// How the customer is reached at present; what was sent earlier may have gone elsewhere.
    contact: Option<ContactView>,
    /// Since when the customer is erased, and told nothing any more.
    erased_at: Option<Timestamp>,
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
    /// What `skipped_because` said before customers could be erased: `no_contact` where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("deprecated" = true))]
    reason: Option<EarlierReason>,
    /// Why it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped_because: Option<SkipReason>,
}

#[derive(Debug, Clone, Copy, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SkipReason")]
enum EarlierReason {
    /// Nobody knows where to reach the customer.
    NoContact,
    /// A confirmation that comes after the cancellation would tell the customer that the order is still on.
    Superseded,
}

impl EarlierReason {
    fn of(reason: SkipReason) -> Self {
        match reason {
            SkipReason::NoContact | SkipReason::Erased => Self::NoContact,
            SkipReason::Superseded => Self::Superseded,
        }
    }
}

impl ToldView {
    /// The view of what was told to a customer who is reached like that.
    pub fn of(order_id: OrderId, told: Told, reach: Option<&Reach>) -> Self {
        let erased_at = match reach {
            Some(Reach::Erased { erased_at }) => Some(*erased_at),
            Some(Reach::By(_)) | None => None,
        };
        Self {
            order_id,
            customer_id: told.customer_id,
            erased_at,
            contact: reach.and_then(Reach::contact).map(|contact| ContactView {
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
            reason: reason.map(EarlierReason::of),
            skipped_because: reason,
        }
    }
}
