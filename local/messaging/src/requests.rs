//! How often each queue and topic was asked for what.

use std::collections::{BTreeMap, HashMap};

use parking_lot::Mutex;

#[derive(Debug, Default)]
pub(crate) struct Requests {
    by_resource: Mutex<HashMap<String, HashMap<&'static str, u64>>>,
}

impl Requests {
    pub fn count(&self, resource: &str, operation: &'static str) {
        let mut by_resource = self.by_resource.lock();
        // Only a resource's first request pays for a copy of its name.
        if let Some(operations) = by_resource.get_mut(resource) {
            *operations.entry(operation).or_default() += 1;
        } else {
            by_resource.insert(resource.to_owned(), HashMap::from([(operation, 1)]));
        }
    }

    pub fn counts(&self) -> BTreeMap<(String, String), u64> {
        let by_resource = self.by_resource.lock();
        by_resource
            .iter()
            .flat_map(|(resource, operations)| {
                operations
                    .iter()
                    .map(|(operation, count)| ((resource.clone(), (*operation).to_owned()), *count))
            })
            .collect()
    }
}
