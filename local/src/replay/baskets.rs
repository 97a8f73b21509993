//! Baskets: read, made fit to be ordered, and put in order of time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::BufRead as _;

use identifiers::CustomerId;
use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer};

use super::input::{Input, InputError};
use super::skipped::Skipped;

/// The most of one SKU that the orders context takes in an order.
const MAX_QUANTITY: i64 = 10_000;

/// A basket to be placed as an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basket {
    /// Its id, which makes the idempotency key.
    pub(super) basket_id: String,
    /// The customer: `h-` and the household.
    pub(super) customer_id: String,
    /// A number of the household, for choosing a region.
    pub(super) household: u64,
    /// When it was bought.
    pub(super) placed_at: DateTime,
    /// SKU and quantity, each SKU once.
    pub(super) lines: Vec<(String, u32)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(deserialize_with = "number_or_text")]
    basket_id: String,
    #[serde(deserialize_with = "number_or_text")]
    household_id: String,
    #[serde(rename = "store_id", deserialize_with = "number_or_text")]
    _store_id: String,
    placed_at: DateTime,
    lines: Vec<RowLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowLine {
    #[serde(deserialize_with = "number_or_text")]
    product_id: String,
    quantity: i64,
    /// What was really paid, with the discounts of the time. The shop's own price is what counts here.
    #[serde(rename = "paid_cents")]
    _paid_cents: i64,
}

fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    Ok(match Either::deserialize(deserializer)? {
        Either::Number(number) => number.to_string(),
        Either::Text(text) => text,
    })
}

/// Reads baskets of what is sold, in order of time.
pub(super) fn read(
    input: Input,
    sold: &HashMap<String, i64>,
    skipped: &mut Skipped,
) -> Result<Vec<Basket>, InputError> {
    let Input { path, reader } = input;
    let mut baskets: Vec<Basket> = Vec::new();
    let mut seen = HashSet::new();
    for (line, text) in (1..).zip(reader.lines()) {
        let text = text.map_err(|source| InputError::File {
            path: path.clone(),
            source,
        })?;
        if text.trim().is_empty() {
            continue;
        }
        let row: Row = serde_json::from_str(&text)
            .map_err(|error| Input::at(&path, line, error.to_string()))?;
        let customer_id = format!("h-{}", row.household_id);
        if CustomerId::new(customer_id.as_str()).is_err() || row.household_id.contains(':') {
            let message = format!("household_id \"{}\" is no identifier", row.household_id);
            return Err(Input::at(&path, line, message));
        }
        if CustomerId::new(row.basket_id.as_str()).is_err() {
            let message = format!("basket_id \"{}\" is no identifier", row.basket_id);
            return Err(Input::at(&path, line, message));
        }
        if !seen.insert(row.basket_id.clone()) {
            skipped.baskets_repeated += 1;
            continue;
        }
        let lines = usable_lines(row.lines, sold, skipped);
        if lines.is_empty() {
            skipped.baskets_empty += 1;
            continue;
        }
        if baskets
            .last()
            .is_some_and(|before| before.placed_at > row.placed_at)
        {
            skipped.baskets_out_of_order += 1;
        }
        baskets.push(Basket {
            basket_id: row.basket_id,
            household: row
                .household_id
                .parse()
                .unwrap_or_else(|_| number_of(&row.household_id)),
            customer_id,
            placed_at: row.placed_at,
            lines,
        });
    }
    if baskets.is_empty() {
        let message = "there is no basket in it that can be placed".to_owned();
        return Err(InputError::Useless { path, message });
    }
    baskets.sort_by_key(|basket| basket.placed_at);
    Ok(baskets)
}

fn usable_lines(
    rows: Vec<RowLine>,
    sold: &HashMap<String, i64>,
    skipped: &mut Skipped,
) -> Vec<(String, u32)> {
    let mut lines: Vec<(String, i64)> = Vec::with_capacity(rows.len());
    let mut places: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    for row in rows {
        if !sold.contains_key(&row.product_id) {
            skipped.lines_of_unknown_product += 1;
        } else if row.quantity <= 0 {
            skipped.lines_without_quantity += 1;
        } else if let Some(place) = places.get(&row.product_id) {
            skipped.lines_merged += 1;
            let quantity = &mut lines[*place].1;
            *quantity = quantity.saturating_add(row.quantity);
        } else {
            places.insert(row.product_id.clone(), lines.len());
            lines.push((row.product_id, row.quantity));
        }
    }
    let lowered = lines.into_iter().map(|(sku, quantity)| {
        if quantity > MAX_QUANTITY {
            skipped.lines_lowered += 1;
        }
        let quantity = u32::try_from(quantity.min(MAX_QUANTITY)).unwrap_or_default();
        (sku, quantity)
    });
    lowered.collect()
}

/// Cuts every basket to `count` lines, or fills it with one each of what the baskets hold otherwise.
pub(super) fn set_line_count(baskets: &mut [Basket], count: usize, skipped: &mut Skipped) {
    let all: BTreeMap<String, ()> = baskets
        .iter()
        .flat_map(|basket| &basket.lines)
        .map(|(sku, _)| (sku.clone(), ()))
        .collect();
    let all: Vec<String> = all.into_keys().collect();
    for basket in baskets {
        skipped.lines_cut += basket.lines.len().saturating_sub(count) as u64;
        basket.lines.truncate(count);
        let held: HashSet<String> = basket.lines.iter().map(|(sku, _)| sku.clone()).collect();
        let first = usize::try_from(number_of(&basket.basket_id) % all.len() as u64);
        let (before, after) = all.split_at(first.unwrap_or_default());
        let fresh = after
            .iter()
            .chain(before)
            .filter(|sku| !held.contains(*sku));
        let missing = count - basket.lines.len();
        let filled: Vec<_> = fresh.take(missing).map(|sku| (sku.clone(), 1)).collect();
        skipped.lines_filled += filled.len() as u64;
        basket.lines.extend(filled);
    }
}

/// A number of a text, the same in every run.
pub(super) fn number_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Result<Vec<Basket>, InputError>, Skipped) {
        let mut skipped = Skipped::default();
        let sold = HashMap::from([("1".to_owned(), 5), ("2".to_owned(), 7)]);
        let text: &'static str = text.to_owned().leak();
        let input = Input::of_text("b.jsonl", text);
        (read(input, &sold, &mut skipped), skipped)
    }

    fn basket(id: u64, at: &str, lines: &str) -> String {
        format!(
            r#"{{"basket_id":{id},"household_id":9,"store_id":3,"placed_at":"2017-01-01T{at}","lines":[{lines}]}}"#
        )
    }

    fn line(product: &str, quantity: i64) -> String {
        format!(r#"{{"product_id":{product},"quantity":{quantity},"paid_cents":5}}"#)
    }

    #[test]
    fn odd_lines_are_each_dealt_with_and_counted() {
        let lines = [
            line("1", 2),
            line("\"1\"", 3),
            line("3", 1),
            line("2", 0),
            line("2", 99_999),
        ];
        let text = [
            basket(11, "12:00:00", &lines.join(",")),
            basket(10, "11:00:00", &line("1", 1)),
            basket(10, "11:00:00", &line("1", 1)),
            basket(12, "13:00:00", &line("3", 1)),
        ];
        let (baskets, skipped) = read_text(&text.join("\n"));
        let baskets = baskets.unwrap();
        let ids: Vec<&str> = baskets
            .iter()
            .map(|basket| basket.basket_id.as_str())
            .collect();
        assert_eq!(ids, ["10", "11"]);
        assert_eq!(
            baskets[1].lines,
            [("1".to_owned(), 5), ("2".to_owned(), 10_000)]
        );
        assert_eq!(baskets[1].customer_id, "h-9");
        let expected = Skipped {
            baskets_repeated: 1,
            baskets_empty: 1,
            baskets_out_of_order: 1,
            lines_of_unknown_product: 2,
            lines_without_quantity: 1,
            lines_merged: 1,
            lines_lowered: 1,
            ..Skipped::default()
        };
        assert_eq!(skipped, expected);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_line() {
        let good = basket(1, "12:00:00", &line("1", 1));
        let cases = [
            (format!("{good}\n{{\n"), "b.jsonl:2: "),
            (
                format!("{good}\n\n{}", good.replace("T12", " 99:")),
                "b.jsonl:3: ",
            ),
            (
                good.replace("\"quantity\":1", "\"quantity\":1.5"),
                "b.jsonl:1: ",
            ),
            (good.replace(":9,", ":\"a b\","), "b.jsonl:1: household_id"),
            (String::new(), "b.jsonl: there is no basket"),
        ];
        for (text, expected) in cases {
            let message = read_text(&text).0.err().unwrap().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }

    #[test]
    fn baskets_are_cut_or_filled_to_a_size() {
        let text = [
            basket(1, "12:00:00", &[line("1", 4), line("2", 1)].join(",")),
            basket(2, "12:00:00", &line("2", 3)),
        ];
        let (baskets, mut skipped) = read_text(&text.join("\n"));
        let mut baskets = baskets.unwrap();
        set_line_count(&mut baskets, 2, &mut skipped);
        assert_eq!(baskets[1].lines, [("2".to_owned(), 3), ("1".to_owned(), 1)]);
        set_line_count(&mut baskets, 1, &mut skipped);
        assert_eq!(baskets[0].lines, [("1".to_owned(), 4)]);
        assert_eq!((skipped.lines_filled, skipped.lines_cut), (1, 2));
    }
}
