//! Stripe's search query language, as far as payments here are looked for
//! (<https://docs.stripe.com/search#search-query-language>). What it does not know it refuses by name.

use rusqlite::types::Value as SqlValue;

use crate::refusal::Refusal;

/// A query as an SQL condition over the table `intents`.
#[derive(Debug)]
pub(crate) struct Condition {
    pub sql: String,
    pub values: Vec<SqlValue>,
}

/// Parses `metadata['order_id']:'o-1' AND status:'succeeded'` and the like.
pub(crate) fn parse(query: &str) -> Result<Condition, Refusal> {
    let mut rest = query.trim();
    let mut condition = Condition {
        sql: String::new(),
        values: Vec::new(),
    };
    let mut joined_by: Option<&str> = None;
    if rest.is_empty() {
        return Err(invalid(query, "it is empty"));
    }
    loop {
        rest = clause(query, rest, &mut condition)?;
        if rest.is_empty() {
            return Ok(condition);
        }
        let joiner = if let Some(after) = strip_word(rest, "AND") {
            rest = after;
            "AND"
        } else if let Some(after) = strip_word(rest, "OR") {
            rest = after;
            "OR"
        } else {
            // Clauses side by side are joined by AND.
            "AND"
        };
        if joined_by.is_some_and(|before| before != joiner) {
            return Err(invalid(query, "AND and OR cannot be mixed"));
        }
        joined_by = Some(joiner);
        condition
            .sql
            .push_str(if joiner == "AND" { " AND " } else { " OR " });
    }
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let head = text.get(..word.len())?;
    let after = &text[word.len()..];
    (head.eq_ignore_ascii_case(word) && after.starts_with(char::is_whitespace))
        .then(|| after.trim_start())
}

fn clause<'a>(query: &str, text: &'a str, condition: &mut Condition) -> Result<&'a str, Refusal> {
    let (negated, text) = match text.strip_prefix('-') {
        Some(after) => (true, after),
        None => (false, text),
    };
    let name_end = text
        .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .ok_or_else(|| invalid(query, "a clause has no operator"))?;
    let (name, mut rest) = text.split_at(name_end);
    let mut key = None;
    if let Some(after) = rest.strip_prefix('[') {
        let (found, after) =
            quoted(after).ok_or_else(|| invalid(query, "a metadata key must be quoted"))?;
        rest = after
            .strip_prefix(']')
            .ok_or_else(|| invalid(query, "a bracket is not closed"))?;
        key = Some(found);
    }
    let (operator, rest) =
        if let Some(after) = rest.strip_prefix(':').or_else(|| rest.strip_prefix('=')) {
            ("=", after)
        } else if let Some(after) = rest.strip_prefix(">=") {
            (">=", after)
        } else if let Some(after) = rest.strip_prefix("<=") {
            ("<=", after)
        } else if let Some(after) = rest.strip_prefix('>') {
            (">", after)
        } else if let Some(after) = rest.strip_prefix('<') {
            ("<", after)
        } else {
            return Err(invalid(
                query,
                "only the operators : = < <= > >= are supported",
            ));
        };
    let (value, rest) = match quoted(rest) {
        Some(found) => found,
        None => {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (rest[..end].to_owned(), &rest[end..])
        }
    };
    let not = if negated { "NOT " } else { "" };
    match (name, key) {
        ("metadata", Some(key)) if operator == "=" => {
            condition.sql.push_str(&format!(
                "{not}seq IN (SELECT intent_seq FROM metadata WHERE key = ? AND value = ?)"
            ));
            condition
                .values
                .extend([SqlValue::Text(key), SqlValue::Text(value)]);
        }
        ("status" | "currency", None) if operator == "=" => {
            condition.sql.push_str(&format!("{not}{name} = ?"));
            condition
                .values
                .push(SqlValue::Text(value.to_ascii_lowercase()));
        }
        ("amount" | "created", None) => {
            let number: i64 = value
                .parse()
                .map_err(|_| invalid(query, "amount and created take numbers"))?;
            let column = if name == "created" {
                "created_seconds"
            } else {
                "amount_minor"
            };
            condition
                .sql
                .push_str(&format!("{not}{column} {operator} ?"));
            condition.values.push(SqlValue::Integer(number));
        }
        _ => {
            return Err(invalid(
                query,
                &format!("the field `{name}` cannot be searched so here"),
            ));
        }
    }
    Ok(rest.trim_start())
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text
        .chars()
        .next()
        .filter(|first| *first == '\'' || *first == '"')?;
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            value.push(characters.next()?.1);
        } else if character == quote {
            return Some((value, &text[at + quote.len_utf8()..]));
        } else {
            value.push(character);
        }
    }
    None
}

fn invalid(query: &str, why: &str) -> Refusal {
    Refusal::parameter(
        "search_query_invalid",
        "query",
        format!("We were unable to parse your search query `{query}`: {why}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let cases = [
            (
                "metadata['order_id']:'o-1'",
                Some("seq IN (SELECT intent_seq FROM metadata WHERE key = ? AND value = ?)"),
            ),
            (
                "metadata[\"a\"]:\"b\" AND status:'succeeded'",
                Some(
                    "seq IN (SELECT intent_seq FROM metadata WHERE key = ? AND value = ?) AND status = ?",
                ),
            ),
            (
                "status:'canceled' OR amount>100",
                Some("status = ? OR amount_minor > ?"),
            ),
            ("-currency:'jpy'", Some("NOT currency = ?")),
            ("created>=1", Some("created_seconds >= ?")),
            ("status:'a' AND amount>1 OR amount<2", None),
            ("metadata['a'", None),
            ("customer~'x'", None),
            ("status", None),
            ("", None),
            ("amount:abc", None),
        ];
        for (query, sql) in cases {
            assert_eq!(
                parse(query).ok().map(|condition| condition.sql).as_deref(),
                sql,
                "{query}"
            );
        }
    }

    #[test]
    fn quotes_may_be_escaped() {
        let condition = parse(r"metadata['k']:'it\'s'").unwrap();
        assert_eq!(condition.values[1], SqlValue::Text("it's".to_owned()));
    }
}
