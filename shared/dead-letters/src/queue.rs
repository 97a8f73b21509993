//! The queues in which failed messages lie, known by their names.

use std::collections::BTreeMap;

use serde::Serialize;

/// What lies in a queue.
///
/// ```
/// use dead_letters::{Kind, among};
///
/// let all = [("CatalogStreamFailures".to_owned(), "https://sqs/catalog".to_owned())].into();
/// let queue = among(&all).next().unwrap();
/// // What lies there names a place in a stream: the table still holds what it said.
/// assert_eq!((queue.kind, queue.source_url), (Kind::StreamFailures, None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What a function gave up.
    DeadLetters,
    /// What a topic could not hand over.
    Undelivered,
    /// Where in a stream a commit stands that could not be published.
    StreamFailures,
}

/// A queue of failed messages.
///
/// ```
/// use dead_letters::{FailedQueue, Kind};
///
/// let queue = FailedQueue {
///     logical_id: "OrdersDeadLetters".to_owned(),
///     url: "https://sqs/orders-dead".to_owned(),
///     kind: Kind::DeadLetters,
///     source_url: Some("https://sqs/orders".to_owned()),
/// };
/// assert_eq!(queue.context(), "orders");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedQueue {
    /// Its name in the template.
    pub logical_id: String,
    /// Where SQS has it.
    pub url: String,
    /// What lies in it.
    pub kind: Kind,
    /// The queue that its messages were meant for, where there is one.
    pub source_url: Option<String>,
}

/// Those of the queues, by logical id, in which failed messages lie.
///
/// ```
/// use dead_letters::among;
///
/// let all = ["OrdersQueue", "OrdersDeadLetters"].map(|name| (name.to_owned(), format!("https://sqs/{name}")));
/// let failed: Vec<_> = among(&all.into()).collect();
/// assert_eq!(failed.len(), 1, "what is to be handled is not failed");
/// assert_eq!(failed[0].source_url.as_deref(), Some("https://sqs/OrdersQueue"));
/// ```
pub fn among(all: &BTreeMap<String, String>) -> impl Iterator<Item = FailedQueue> {
    all.iter().filter_map(|(logical_id, url)| {
        let (kind, context, _) = parts(logical_id)?;
        let source = match kind {
            Kind::DeadLetters | Kind::Undelivered => all.get(&format!("{context}Queue")),
            Kind::StreamFailures => None,
        };
        Some(FailedQueue {
            logical_id: logical_id.clone(),
            url: url.clone(),
            kind,
            source_url: source.cloned(),
        })
    })
}

impl FailedQueue {
    /// The context whose messages, or whose commits, lie in it.
    ///
    /// ```
    /// let all = [("OrdersFromInventoryUndelivered".to_owned(), "https://sqs/u".to_owned())].into();
    /// assert_eq!(dead_letters::among(&all).next().unwrap().context(), "orders");
    /// ```
    pub fn context(&self) -> String {
        let context = parts(&self.logical_id).map_or("", |(_, context, _)| context);
        context.to_ascii_lowercase()
    }

    /// The context whose topic could not hand them over, if that is what happened.
    ///
    /// ```
    /// let all = [("OrdersFromInventoryUndelivered".to_owned(), "https://sqs/u".to_owned())].into();
    /// assert_eq!(dead_letters::among(&all).next().unwrap().publisher().as_deref(), Some("inventory"));
    /// ```
    pub fn publisher(&self) -> Option<String> {
        let (_, _, publisher) = parts(&self.logical_id)?;
        publisher.map(str::to_ascii_lowercase)
    }
}

/// By the template's own rule for names: `<Context>DeadLetters`, `<Context>From<Publisher>Undelivered`,
/// `<Context>StreamFailures`.
fn parts(logical_id: &str) -> Option<(Kind, &str, Option<&str>)> {
    if let Some(context) = logical_id.strip_suffix("DeadLetters") {
        return Some((Kind::DeadLetters, context, None));
    }
    if let Some(subscription) = logical_id.strip_suffix("Undelivered") {
        let (context, publisher) = subscription.split_once("From")?;
        return Some((Kind::Undelivered, context, Some(publisher)));
    }
    let context = logical_id.strip_suffix("StreamFailures")?;
    Some((Kind::StreamFailures, context, None))
}

/// The logical id in a resource's name, if it is of that stack. CloudFormation names what has no name of its own
/// `<stack>-<logical id>-<letters>`, and the local engine `<stack>-<logical id>`; a logical id has no hyphen.
///
/// ```
/// use dead_letters::logical_id;
///
/// assert_eq!(logical_id("shop", "shop-OrdersDeadLetters-1ABCDEF2GHIJ"), Some("OrdersDeadLetters"));
/// assert_eq!(logical_id("shop", "another-OrdersDeadLetters-1ABCDEF2GHIJ"), None);
/// ```
pub fn logical_id<'a>(stack: &str, name: &'a str) -> Option<&'a str> {
    let rest = name.strip_prefix(stack)?.strip_prefix('-')?;
    let logical_id = rest.split('-').next()?;
    // Resources begin with a capital: what is named by hand in the same style is not the template's.
    let is_one = logical_id.starts_with(|first: char| first.is_ascii_uppercase());
    is_one.then_some(logical_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_known_by_its_name_and_goes_back_to_its_contexts_queue() {
        let names = [
            "OrdersQueue",
            "OrdersDeadLetters",
            "OrdersFromInventoryUndelivered",
            "CatalogStreamFailures",
        ];
        let all = names.map(|name| (name.to_owned(), format!("http://q/{name}")));
        let found: Vec<FailedQueue> = among(&all.into_iter().collect()).collect();
        let kinds: Vec<(Kind, Option<&str>)> = found
            .iter()
            .map(|queue| (queue.kind, queue.source_url.as_deref()))
            .collect();
        let back = Some("http://q/OrdersQueue");
        let expected = [
            (Kind::StreamFailures, None),
            (Kind::DeadLetters, back),
            (Kind::Undelivered, back),
        ];
        assert_eq!(kinds, expected);
        let whose: Vec<(String, Option<String>)> = found
            .iter()
            .map(|queue| (queue.context(), queue.publisher()))
            .collect();
        let expected = [
            ("catalog".to_owned(), None),
            ("orders".to_owned(), None),
            ("orders".to_owned(), Some("inventory".to_owned())),
        ];
        assert_eq!(whose, expected);
    }

    #[test]
    fn names_of_both_kinds_are_read_and_others_are_not() {
        assert_eq!(
            logical_id("noren", "noren-OrdersTable"),
            Some("OrdersTable")
        );
        let on_aws = "my-shop-OrdersFromInventoryUndelivered-1ABCDEF2GHIJ";
        assert_eq!(
            logical_id("my-shop", on_aws),
            Some("OrdersFromInventoryUndelivered")
        );
        assert_eq!(logical_id("my", on_aws), None);
        assert_eq!(logical_id("noren", "noren-tail-17"), None);
        assert_eq!(logical_id("noren", "norenOrdersTable"), None);
    }
}
