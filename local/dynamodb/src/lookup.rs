//! Reading whole items by key without taking them apart.
//!
//! The store parses an item, measures it and writes it out again. A read of a whole item needs none of that:
//! its text and its size are stored as they are to be answered. Whatever is not plain (projections, keys
//! that are not strings, sets, whose members DynamoDB orders, and every mistake) is left to the store.

use std::collections::HashMap;
use std::rc::Rc;

use dynoxide::actions::batch_get_item::{self, BatchGetItemRequest, BatchGetItemResponse};
use dynoxide::actions::get_item::{self, GetItemRequest, GetItemResponse};
use dynoxide::types::{
    ConsumedCapacity, KeySchemaElement, KeyType, consumed_capacity,
    read_capacity_units_with_consistency,
};
use dynoxide::{AttributeValue, DynoxideError, Item};
use rusqlite::OptionalExtension;
use serde_json::Value;

use crate::action::{Action, Answer, Outcome, decode, distinct, ready};
use crate::engine::{Access, Core};
use crate::operation::Operation;

/// Longest string keys by DynamoDB's limits.
const PARTITION_KEY_BYTES: usize = 2048;
const SORT_KEY_BYTES: usize = 1024;

/// Most a BatchGetItem answers at once, by DynamoDB's limits.
const BATCH_KEYS: usize = 100;
const BATCH_BYTES: usize = 16 << 20;

/// The key of a table all of whose key attributes are strings, and the statement that reads an item by it.
pub(crate) struct KeyShape {
    partition: String,
    sort: Option<String>,
    select: String,
}

/// The shapes of the tables seen so far; none for a table that has another kind of key. Forgotten with every
/// change of a table.
pub(crate) type KeyShapes = HashMap<String, Option<Rc<KeyShape>>>;

/// An item as it is stored.
struct Stored {
    json: String,
    size_bytes: usize,
}

fn shape_of(core: &Core, table: &str) -> Outcome<Option<Rc<KeyShape>>> {
    if let Some(known) = core.shapes.borrow().get(table) {
        return Ok(known.clone());
    }
    let Some(metadata) = core.storage.get_table_metadata(table)? else {
        return Ok(None);
    };
    let schema: Vec<KeySchemaElement> =
        serde_json::from_str(&metadata.key_schema).unwrap_or_default();
    let types: Value = serde_json::from_str(&metadata.attribute_definitions).unwrap_or_default();
    let is_string = |name: &str| {
        types.as_array().into_iter().flatten().any(|definition| {
            definition["AttributeName"] == name && definition["AttributeType"] == "S"
        })
    };
    let of_type = |wanted: KeyType| {
        schema
            .iter()
            .find(|element| element.key_type == wanted)
            .map(|element| element.attribute_name.clone())
    };
    let plain = schema
        .iter()
        .all(|element| is_string(&element.attribute_name))
        && metadata.vector_index_definitions.is_none();
    let shape = of_type(KeyType::HASH).filter(|_| plain).map(|partition| {
        Rc::new(KeyShape {
            partition,
            sort: of_type(KeyType::RANGE),
            select: format!(
                "SELECT item_json, item_size FROM \"{}\" WHERE pk = ?1 AND sk = ?2",
                table.replace('"', "\"\"")
            ),
        })
    });
    core.shapes
        .borrow_mut()
        .insert(table.to_owned(), shape.clone());
    Ok(shape)
}

impl KeyShape {
    /// The stored form of a key; none when it is not a right one.
    fn stored_key(&self, key: &Item) -> Option<(String, String)> {
        let part = |name: &str, limit: usize| match key.get(name)? {
            AttributeValue::S(text) if !text.is_empty() && text.len() <= limit => {
                key.get(name)?.to_key_string()
            }
            _ => None,
        };
        let partition = part(&self.partition, PARTITION_KEY_BYTES)?;
        let (sort, attributes) = match &self.sort {
            Some(name) => (part(name, SORT_KEY_BYTES)?, 2),
            None => (String::new(), 1),
        };
        (key.len() == attributes).then_some((partition, sort))
    }

    fn read(&self, core: &Core, (partition, sort): &(String, String)) -> Outcome<Option<Stored>> {
        let found = core
            .storage
            .conn()
            .prepare_cached(&self.select)?
            .query_row([partition, sort], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })
            .optional()?;
        Ok(found.map(|(json, size)| Stored {
            json,
            size_bytes: usize::try_from(size).unwrap_or(0),
        }))
    }
}

/// Whether an item may hold a set. A text that only looks like one is read by the store for nothing.
fn may_hold_a_set(json: &str) -> bool {
    json.contains("S\":[")
}

fn json_of(value: &impl serde::Serialize) -> Outcome<String> {
    serde_json::to_string(value)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The answer to a GetItem, taken apart by the store or not.
pub(crate) enum Got {
    Store(GetItemResponse),
    Text {
        item: Option<String>,
        consumed_capacity: Option<ConsumedCapacity>,
    },
}

impl Answer for Got {
    fn capacity(&self) -> Vec<&ConsumedCapacity> {
        match self {
            Got::Store(answer) => answer.consumed_capacity.iter().collect(),
            Got::Text {
                consumed_capacity, ..
            } => consumed_capacity.iter().collect(),
        }
    }

    fn strip_capacity(&mut self) {
        match self {
            Got::Store(answer) => answer.consumed_capacity = None,
            Got::Text {
                consumed_capacity, ..
            } => *consumed_capacity = None,
        }
    }

    fn json(&self) -> Outcome<String> {
        let (item, capacity) = match self {
            Got::Store(answer) => return json_of(answer),
            Got::Text {
                item,
                consumed_capacity,
            } => (item, consumed_capacity),
        };
        let mut members = Vec::new();
        if let Some(item) = item {
            members.push(format!("\"Item\":{item}"));
        }
        if let Some(capacity) = capacity {
            members.push(format!("\"ConsumedCapacity\":{}", json_of(capacity)?));
        }
        Ok(format!("{{{}}}", members.join(",")))
    }
}

impl Action for GetItemRequest {
    type Answer = Got;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        decode(operation, body)
    }

    fn access(&self) -> Access {
        Access::Read
    }

    fn tables(&self) -> Vec<String> {
        vec![self.table_name.clone()]
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.return_consumed_capacity
    }

    fn run(self, core: &Core) -> Outcome<Got> {
        match whole_item(core, &self)? {
            Some(got) => Ok(got),
            None => ready(get_item::execute(&core.storage, self)).map(Got::Store),
        }
    }
}

fn whole_item(core: &Core, request: &GetItemRequest) -> Outcome<Option<Got>> {
    if request.projection_expression.is_some()
        || request.attributes_to_get.is_some()
        || request.expression_attribute_names.is_some()
    {
        return Ok(None);
    }
    let Some(shape) = shape_of(core, &request.table_name)? else {
        return Ok(None);
    };
    let Some(key) = shape.stored_key(&request.key) else {
        return Ok(None);
    };
    let stored = shape.read(core, &key)?;
    if stored
        .as_ref()
        .is_some_and(|stored| may_hold_a_set(&stored.json))
    {
        return Ok(None);
    }
    let units = read_capacity_units_with_consistency(
        stored.as_ref().map_or(0, |stored| stored.size_bytes),
        request.consistent_read.unwrap_or(false),
    );
    Ok(Some(Got::Text {
        item: stored.map(|stored| stored.json),
        consumed_capacity: consumed_capacity(
            &request.table_name,
            units,
            &request.return_consumed_capacity,
        ),
    }))
}

/// The answer to a BatchGetItem, taken apart by the store or not.
pub(crate) enum GotBatch {
    Store(BatchGetItemResponse),
    Text {
        items: HashMap<String, Vec<String>>,
        consumed_capacity: Option<Vec<ConsumedCapacity>>,
    },
}

impl Answer for GotBatch {
    fn capacity(&self) -> Vec<&ConsumedCapacity> {
        match self {
            GotBatch::Store(answer) => answer.consumed_capacity.iter().flatten().collect(),
            GotBatch::Text {
                consumed_capacity, ..
            } => consumed_capacity.iter().flatten().collect(),
        }
    }

    fn strip_capacity(&mut self) {
        match self {
            GotBatch::Store(answer) => answer.consumed_capacity = None,
            GotBatch::Text {
                consumed_capacity, ..
            } => *consumed_capacity = None,
        }
    }

    fn json(&self) -> Outcome<String> {
        let (items, capacity) = match self {
            GotBatch::Store(answer) => return json_of(answer),
            GotBatch::Text {
                items,
                consumed_capacity,
            } => (items, consumed_capacity),
        };
        let mut tables = Vec::with_capacity(items.len());
        for (table, items) in items {
            tables.push(format!("{}:[{}]", json_of(table)?, items.join(",")));
        }
        let capacity = match capacity {
            Some(capacity) => format!(",\"ConsumedCapacity\":{}", json_of(capacity)?),
            None => String::new(),
        };
        Ok(format!(
            "{{\"Responses\":{{{}}},\"UnprocessedKeys\":{{}}{capacity}}}",
            tables.join(",")
        ))
    }
}

impl Action for BatchGetItemRequest {
    type Answer = GotBatch;

    fn read(operation: Operation, body: &[u8]) -> Outcome<Self> {
        decode(operation, body)
    }

    fn access(&self) -> Access {
        Access::Read
    }

    fn tables(&self) -> Vec<String> {
        distinct(self.request_items.keys())
    }

    fn capacity_mode(&mut self) -> &mut Option<String> {
        &mut self.return_consumed_capacity
    }

    fn run(self, core: &Core) -> Outcome<GotBatch> {
        match whole_items(core, &self)? {
            Some(got) => Ok(got),
            None => ready(batch_get_item::execute(&core.storage, self)).map(GotBatch::Store),
        }
    }
}

fn whole_items(core: &Core, request: &BatchGetItemRequest) -> Outcome<Option<GotBatch>> {
    let count: usize = request
        .request_items
        .values()
        .map(|wanted| wanted.keys.len())
        .sum();
    if count > BATCH_KEYS || request.request_items.is_empty() {
        return Ok(None);
    }
    let mut items = HashMap::with_capacity(request.request_items.len());
    let mut capacity = Vec::new();
    let mut size_bytes = 0;
    for (table, wanted) in &request.request_items {
        if wanted.keys.is_empty()
            || wanted.projection_expression.is_some()
            || wanted.attributes_to_get.is_some()
            || wanted.expression_attribute_names.is_some()
        {
            return Ok(None);
        }
        let Some(shape) = shape_of(core, table)? else {
            return Ok(None);
        };
        let keys: Option<Vec<_>> = wanted
            .keys
            .iter()
            .map(|key| shape.stored_key(key))
            .collect();
        let Some(keys) = keys else {
            return Ok(None);
        };
        if keys
            .iter()
            .enumerate()
            .any(|(index, key)| keys[..index].contains(key))
        {
            return Ok(None);
        }
        let mut found = Vec::with_capacity(keys.len());
        let mut units = 0.0;
        for key in &keys {
            let stored = shape.read(core, key)?;
            units += read_capacity_units_with_consistency(
                stored.as_ref().map_or(0, |stored| stored.size_bytes),
                wanted.consistent_read.unwrap_or(false),
            );
            let Some(stored) = stored else { continue };
            size_bytes += stored.size_bytes;
            if size_bytes > BATCH_BYTES || may_hold_a_set(&stored.json) {
                return Ok(None);
            }
            found.push(stored.json);
        }
        capacity.extend(consumed_capacity(
            table,
            units,
            &request.return_consumed_capacity,
        ));
        items.insert(table.clone(), found);
    }
    Ok(Some(GotBatch::Text {
        items,
        consumed_capacity: (!capacity.is_empty()).then_some(capacity),
    }))
}
