//! What customers says.

use identifiers::{CustomerId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::published_by;

/// A customer or guest has told something of themselves for the first time. Says neither who nor where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerRegistered {
    /// Who; a guest's begins with `guest-`.
    pub customer_id: CustomerId,
    /// When.
    pub registered_at: Timestamp,
}

/// A customer is to be forgotten: whoever keeps something about the person forgets it, and keeps nothing again that
/// comes later. The id stays, as the pseudonym that orders and their payments are kept under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerErased {
    /// Who.
    pub customer_id: CustomerId,
    /// When.
    pub erased_at: Timestamp,
}

published_by!("customers": CustomerRegistered, CustomerErased);
