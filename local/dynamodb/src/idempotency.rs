//! Client request tokens of TransactWriteItems: a token used again within ten minutes (AWS's window) answers
//! as it did the first time and changes nothing; with other items it is refused.
//!
//! Kept in memory: after a restart of the process a token is unknown again.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use dynoxide::AttributeValue;
use dynoxide::actions::transact_write_items::TransactWriteItem;

/// How long DynamoDB remembers a token.
const WINDOW: Duration = Duration::from_secs(600);

/// What is known of a token.
#[derive(Debug, PartialEq)]
pub(crate) enum Known {
    /// Never seen, or longer ago than the window.
    No,
    /// Seen with the same items.
    Same,
    /// Seen with other items.
    Other,
}

/// The tokens of the last ten minutes.
#[derive(Default)]
pub(crate) struct TokenLedger {
    fingerprints: HashMap<String, u128>,
    order: VecDeque<(Instant, String)>,
    /// How many at the end of `order` belong to the commit that is under way.
    unsettled: usize,
}

impl TokenLedger {
    pub(crate) fn look_up(&mut self, token: &str, fingerprint: u128) -> Known {
        while self
            .order
            .front()
            .is_some_and(|(at, _)| at.elapsed() >= WINDOW)
        {
            if let Some((_, expired)) = self.order.pop_front() {
                self.fingerprints.remove(&expired);
            }
        }
        match self.fingerprints.get(token) {
            None => Known::No,
            Some(known) if *known == fingerprint => Known::Same,
            Some(_) => Known::Other,
        }
    }

    /// Remembers a token whose transaction was done but is not yet committed.
    pub(crate) fn record(&mut self, token: String, fingerprint: u128) {
        self.order.push_back((Instant::now(), token.clone()));
        self.fingerprints.insert(token, fingerprint);
        self.unsettled += 1;
    }

    /// The commit under way succeeded.
    pub(crate) fn keep(&mut self) {
        self.unsettled = 0;
    }

    /// The commit under way failed: its tokens were never used.
    pub(crate) fn forget(&mut self) {
        for _ in 0..std::mem::take(&mut self.unsettled) {
            if let Some((_, token)) = self.order.pop_back() {
                self.fingerprints.remove(&token);
            }
        }
    }
}

/// A hash of the items that does not depend on the order of names inside a map.
pub(crate) fn fingerprint(items: &[TransactWriteItem]) -> u128 {
    let halves = [0x9e37_79b9_u64, 0x85eb_ca6b_u64].map(|seed| {
        let keys = Seeded(seed);
        let mut hasher = keys.build_hasher();
        for item in items {
            hash_item(item, keys, &mut hasher);
        }
        hasher.finish()
    });
    (u128::from(halves[0]) << 64) | u128::from(halves[1])
}

#[derive(Clone, Copy)]
struct Seeded(u64);

impl BuildHasher for Seeded {
    type Hasher = std::hash::DefaultHasher;

    fn build_hasher(&self) -> Self::Hasher {
        let mut hasher = std::hash::DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher
    }
}

type Values = HashMap<String, AttributeValue>;

fn hash_item(item: &TransactWriteItem, keys: Seeded, hasher: &mut impl Hasher) {
    if let Some(put) = &item.put {
        ("Put", &put.table_name, &put.condition_expression).hash(hasher);
        hash_values(&put.item, keys, hasher);
        hash_expression(
            &put.expression_attribute_names,
            &put.expression_attribute_values,
            keys,
            hasher,
        );
    }
    if let Some(update) = &item.update {
        (
            "Update",
            &update.table_name,
            &update.update_expression,
            &update.condition_expression,
        )
            .hash(hasher);
        hash_values(&update.key, keys, hasher);
        hash_expression(
            &update.expression_attribute_names,
            &update.expression_attribute_values,
            keys,
            hasher,
        );
    }
    if let Some(delete) = &item.delete {
        ("Delete", &delete.table_name, &delete.condition_expression).hash(hasher);
        hash_values(&delete.key, keys, hasher);
        hash_expression(
            &delete.expression_attribute_names,
            &delete.expression_attribute_values,
            keys,
            hasher,
        );
    }
    if let Some(check) = &item.condition_check {
        ("Check", &check.table_name, &check.condition_expression).hash(hasher);
        hash_values(&check.key, keys, hasher);
        hash_expression(
            &check.expression_attribute_names,
            &check.expression_attribute_values,
            keys,
            hasher,
        );
    }
}

fn hash_expression(
    names: &Option<HashMap<String, String>>,
    values: &Option<Values>,
    keys: Seeded,
    hasher: &mut impl Hasher,
) {
    let sum = names
        .iter()
        .flatten()
        .fold(0_u64, |sum, pair| sum.wrapping_add(keys.hash_one(pair)));
    sum.hash(hasher);
    match values {
        Some(values) => hash_values(values, keys, hasher),
        None => 0_u64.hash(hasher),
    }
}

/// Sums the hashes of the entries, so that their order does not matter.
fn hash_values(values: &Values, keys: Seeded, hasher: &mut impl Hasher) {
    let sum = values.iter().fold(0_u64, |sum, (name, value)| {
        let mut entry = keys.build_hasher();
        name.hash(&mut entry);
        hash_value(value, keys, &mut entry);
        sum.wrapping_add(entry.finish())
    });
    sum.hash(hasher);
}

fn hash_value(value: &AttributeValue, keys: Seeded, hasher: &mut impl Hasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.hash(hasher),
        AttributeValue::B(bytes) => bytes.hash(hasher),
        AttributeValue::BOOL(flag) | AttributeValue::NULL(flag) => flag.hash(hasher),
        AttributeValue::SS(members) | AttributeValue::NS(members) => members.hash(hasher),
        AttributeValue::BS(members) => members.hash(hasher),
        AttributeValue::L(members) => {
            members.len().hash(hasher);
            for member in members {
                hash_value(member, keys, hasher);
            }
        }
        AttributeValue::M(members) => hash_values(members, keys, hasher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(json: &str) -> Vec<TransactWriteItem> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_order_of_names_does_not_matter_and_everything_else_does() {
        let base = r#"[{"Put":{"TableName":"t","Item":{"pk":{"S":"a"},"m":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}}}}]"#;
        let turned = r#"[{"Put":{"TableName":"t","Item":{"m":{"M":{"y":{"N":"2"},"x":{"N":"1"}}},"pk":{"S":"a"}}}}]"#;
        let swapped = r#"[{"Put":{"TableName":"t","Item":{"pk":{"S":"a"},"m":{"M":{"x":{"N":"2"},"y":{"N":"1"}}}}}}]"#;
        assert_eq!(fingerprint(&items(base)), fingerprint(&items(turned)));
        assert_ne!(fingerprint(&items(base)), fingerprint(&items(swapped)));
    }

    #[test]
    fn a_token_of_a_failed_commit_was_never_used() {
        let mut ledger = TokenLedger::default();
        ledger.record("kept".to_owned(), 1);
        ledger.keep();
        ledger.record("lost".to_owned(), 2);
        ledger.forget();
        assert_eq!(ledger.look_up("kept", 1), Known::Same);
        assert_eq!(ledger.look_up("kept", 2), Known::Other);
        assert_eq!(ledger.look_up("lost", 2), Known::No);
    }
}
