//! Cursor paging of a list (<https://docs.stripe.com/api/pagination>).

use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};

use crate::book::Book;
use crate::form::Params;
use crate::refusal::{Refusal, Stop};

const DEFAULT_LIMIT: i64 = 10;
const MAXIMUM_LIMIT: i64 = 100;

pub(crate) struct Page {
    pub limit: usize,
    /// The condition on `seq`, to be joined by AND.
    pub condition: String,
    pub values: Vec<SqlValue>,
    /// Whether the page lies before its cursor, so that it is read upwards and turned round.
    pub backwards: bool,
}

pub(crate) fn limit(params: &mut Params) -> Result<usize, Refusal> {
    let limit = params.integer("limit")?.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAXIMUM_LIMIT).contains(&limit) {
        return Err(Refusal::parameter(
            "parameter_invalid_integer",
            "limit",
            format!("Invalid limit: {limit}. It must be between 1 and {MAXIMUM_LIMIT}."),
        ));
    }
    Ok(usize::try_from(limit).unwrap_or(1))
}

impl Page {
    pub fn parse(
        book: &Book,
        params: &mut Params,
        table: &'static str,
        object: &str,
    ) -> Result<Self, Stop> {
        let limit = limit(params)?;
        let mut page = Self {
            limit,
            condition: "1".to_owned(),
            values: Vec::new(),
            backwards: false,
        };
        let starting_after = params.text("starting_after")?;
        let ending_before = params.text("ending_before")?;
        let (name, id) = match (starting_after, ending_before) {
            (Some(_), Some(_)) => {
                return Err(Refusal::parameter(
                    "parameters_exclusive",
                    "ending_before",
                    "You can only pass one of ending_before and starting_after.",
                )
                .into());
            }
            (Some(id), None) => ("starting_after", id),
            (None, Some(id)) => ("ending_before", id),
            (None, None) => return Ok(page),
        };
        let seq = book
            .seq_of(table, &id)?
            .ok_or_else(|| Refusal::no_such(object, &id, name, false))?;
        page.backwards = name == "ending_before";
        page.condition = if page.backwards { "seq > ?" } else { "seq < ?" }.to_owned();
        page.values.push(SqlValue::Integer(seq));
        Ok(page)
    }

    /// The condition with its order, for one row more than the page takes.
    pub fn sql(&self) -> String {
        let direction = if self.backwards { "ASC" } else { "DESC" };
        format!(
            "{} ORDER BY seq {direction} LIMIT {}",
            self.condition,
            self.limit + 1
        )
    }

    /// The list as the API shows it, from the rows that [`Page::sql`] found.
    pub fn list(&self, url: &str, mut found: Vec<Value>) -> Value {
        let has_more = found.len() > self.limit;
        found.truncate(self.limit);
        if self.backwards {
            found.reverse();
        }
        json!({ "object": "list", "data": found, "has_more": has_more, "url": url })
    }

    pub fn and(&mut self, condition: &str, value: SqlValue) {
        self.condition.push_str(" AND ");
        self.condition.push_str(condition);
        self.values.push(value);
    }

    /// `created=`, `created[gte]=` and so on, in seconds.
    pub fn created(&mut self, params: &mut Params) -> Result<(), Refusal> {
        let Some(mut nested) = params.nested("created")? else {
            return Ok(());
        };
        for (name, operator) in [("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")] {
            if let Some(seconds) = nested.integer(name)? {
                self.and(
                    &format!("created_ms / 1000 {operator} ?"),
                    SqlValue::Integer(seconds),
                );
            }
        }
        nested.finish()
    }
}
