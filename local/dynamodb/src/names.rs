//! Region and account in names. The store calls its region `dynoxide` and its account all zeroes; outside
//! they are the configured ones.

use std::borrow::Cow;

/// The place that the store's own ARNs name.
const STORE_PLACE: &str = ":dynoxide:000000000000:";

#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) region: String,
    account_id: String,
    place: String,
}

impl Names {
    pub(crate) fn new(region: String, account_id: String) -> Names {
        let place = format!(":{region}:{account_id}:");
        Names {
            region,
            account_id,
            place,
        }
    }

    pub(crate) fn table_arn(&self, table: &str) -> String {
        format!(
            "arn:aws:dynamodb:{}:{}:table/{table}",
            self.region, self.account_id
        )
    }

    pub(crate) fn stream_arn(&self, table: &str, label: &str) -> String {
        format!("{}/stream/{label}", self.table_arn(table))
    }

    /// A text of the store with our region and account in its ARNs.
    pub(crate) fn outward(&self, text: String) -> String {
        if text.contains(STORE_PLACE) {
            text.replace(STORE_PLACE, &self.place)
        } else {
            text
        }
    }

    /// A client's text with the store's region and account in its ARNs.
    pub(crate) fn inward<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if text.contains(&self.place) {
            Cow::Owned(text.replace(&self.place, STORE_PLACE))
        } else {
            Cow::Borrowed(text)
        }
    }
}
