//! What is sold in a replay, at which prices, and where it is shipped to: read from a products file, or the sample shop's.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{Input, InputError};
use super::skipped::Skipped;
use crate::shop;

/// Where the baskets of a products file go: its shops are in one country and do not say where.
const REGION: &str = "US-OH";
/// Weight of what does not say its own, in grams.
const USUAL_GRAMS: f64 = 400.0;
const GRAMS_PER_OUNCE: f64 = 28.35;

/// What is sold.
pub(super) struct Assortment {
    /// Products, as lines of an import.
    pub(super) rows: Vec<String>,
    /// The price of each SKU, in minor units.
    pub(super) prices: HashMap<String, i64>,
    /// What it costs to ship to each region, as the body of a request.
    pub(super) rates: Vec<(String, Value)>,
}

#[derive(Deserialize)]
struct Row {
    product_id: String,
    department: String,
    category: String,
    #[serde(rename = "type")]
    kind: String,
    brand: String,
    #[serde(rename = "manufacturer_id")]
    _manufacturer_id: String,
    package_size: String,
    price_cents: i64,
}

#[derive(Deserialize)]
struct SampleProduct {
    variants: Vec<SampleVariant>,
}

#[derive(Deserialize)]
struct SampleVariant {
    sku: String,
    price: SamplePrice,
}

#[derive(Deserialize)]
struct SamplePrice {
    amount_minor: i64,
}

impl Assortment {
    /// The sample shop's.
    pub(super) fn of_sample_shop() -> anyhow::Result<Self> {
        let mut prices = HashMap::new();
        for line in shop::PRODUCTS.lines() {
            let product: SampleProduct = serde_json::from_str(line)?;
            let variants = product.variants.into_iter();
            prices.extend(variants.map(|variant| (variant.sku, variant.price.amount_minor)));
        }
        Ok(Self {
            rows: shop::PRODUCTS.lines().map(str::to_owned).collect(),
            prices,
            rates: shop::rates()?.into_iter().collect(),
        })
    }

    /// A products file's. Its `product_id` is both the product's and its only SKU. A product without a price cannot be
    /// sold and is left out, a repeated one too; both are counted.
    pub(super) fn read(input: Input, skipped: &mut Skipped) -> Result<Self, InputError> {
        let Input { path, reader } = input;
        let mut reader = csv::Reader::from_reader(reader);
        let mut rows = Vec::new();
        let mut prices = HashMap::new();
        let headers = reader.headers().cloned();
        let headers = headers.map_err(|error| Input::at(&path, 1, reason(&error)))?;
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                Input::at(&path, line, reason(&error))
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let row: Row = record
                .deserialize(Some(&headers))
                .map_err(|error| Input::at(&path, line, reason(&error)))?;
            if identifiers::Sku::new(row.product_id.as_str()).is_err() {
                let message = format!("product_id \"{}\" cannot be a SKU", row.product_id);
                return Err(Input::at(&path, line, message));
            }
            if row.price_cents <= 0 {
                skipped.products_without_price += 1;
                continue;
            }
            let import_line = row.import_line();
            match prices.entry(row.product_id) {
                Entry::Occupied(_) => skipped.products_repeated += 1,
                Entry::Vacant(place) => {
                    rows.push(import_line.to_string());
                    place.insert(row.price_cents);
                }
            }
        }
        if rows.is_empty() {
            let message = "there is no product in it that can be sold".to_owned();
            return Err(InputError::Useless { path, message });
        }
        let fee = |cents: i64| json!({ "amount_minor": cents, "currency": "USD" });
        let brackets = json!({ "brackets": [
            { "up_to_grams": 5_000, "fee": fee(499) },
            { "up_to_grams": 20_000, "fee": fee(999) },
            { "up_to_grams": 100_000_000, "fee": fee(1999) },
        ] });
        Ok(Self {
            rows,
            prices,
            rates: vec![(REGION.to_owned(), brackets)],
        })
    }

    /// Where a household lives: always the same region for the same household.
    pub(super) fn region_of(&self, household: u64) -> &str {
        let count = self.rates.len() as u64;
        let position = household % count;
        &self.rates[usize::try_from(position).unwrap_or_default()].0
    }
}

impl Row {
    fn import_line(&self) -> Value {
        let title = self.title();
        json!({
            "product_id": self.product_id,
            "category": first_filled([&self.category, &self.department, "OTHER"]),
            "title": { "en": title },
            "variants": [{
                "sku": self.product_id,
                "price": { "amount_minor": self.price_cents, "currency": "USD" },
                "tax_class": self.tax_class(),
                "weight_grams": grams(&self.package_size),
            }],
        })
    }

    fn title(&self) -> String {
        let name = first_filled([&self.kind, &self.category, &self.department]);
        let words = [name, self.package_size.trim(), self.brand.trim()];
        let title: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        match title.is_empty() {
            true => format!("Product {}", self.product_id),
            false => title.join(", "),
        }
    }

    /// The rule by which food is told from the rest, after Japan's: food and drink are taxed at the reduced rate, except
    /// alcohol and what is eaten in a restaurant; everything else at the standard rate.
    fn tax_class(&self) -> &'static str {
        const FOOD: &[&str] = &[
            "GROCERY",
            "FROZEN GROCERY",
            "PRODUCE",
            "NUTRITION",
            "DELI",
            "MEAT",
            "MEAT-PCKGD",
            "SEAFOOD",
            "SEAFOOD-PCKGD",
            "PASTRY",
            "SALAD BAR",
            "CHEF SHOPPE",
        ];
        const ALCOHOL: &[&str] = &["LIQUOR", "BEER", "WINE", "SPIRITS"];
        let alcohol = ALCOHOL.iter().any(|word| self.category.contains(word));
        match FOOD.contains(&self.department.as_str()) && !alcohol {
            true => "reduced",
            false => "standard",
        }
    }
}

fn first_filled(texts: [&str; 3]) -> &str {
    let mut texts = texts.into_iter().map(str::trim);
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

/// Grams of a package size such as `16 OZ` or `2.5 LB`; a usual weight where it says none.
fn grams(package_size: &str) -> u32 {
    let mut words = package_size.split_whitespace();
    let number: Option<f64> = words.next().and_then(|word| word.parse().ok());
    let per_unit = match words.next() {
        Some("OZ") => Some(GRAMS_PER_OUNCE),
        Some("LB") => Some(16.0 * GRAMS_PER_OUNCE),
        Some("ML") => Some(1.0),
        Some("LTR" | "LT" | "L") => Some(1000.0),
        Some(_) | None => None,
    };
    let grams = match (number, per_unit) {
        (Some(number), Some(per_unit)) if number > 0.0 => number * per_unit,
        _ => USUAL_GRAMS,
    };
    // Above zero and far below the largest u32, whatever the text says.
    grams.clamp(1.0, 100_000.0) as u32
}

/// A CSV error without its position, which stands before it.
fn reason(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "product_id,department,category,type,brand,manufacturer_id,package_size,price_cents\n";

    fn read(text: &str) -> (Result<Assortment, InputError>, Skipped) {
        let mut skipped = Skipped::default();
        let text: &'static str = format!("{HEADER}{text}").leak();
        let input = Input::of_text("p.csv", text);
        (Assortment::read(input, &mut skipped), skipped)
    }

    #[test]
    fn a_products_file_becomes_an_import() {
        let text = "1,GROCERY,BEERS/ALES,LAGER,National,2,16 OZ,899\n\
                    2,GROCERY,BREAD,,Private,3,,159\n3,TOYS,,,,4,2 LB,500\n1,GROCERY,,,,2,,100\n4,GROCERY,,,,2,,0\n";
        let (assortment, skipped) = read(text);
        let assortment = assortment.unwrap();
        assert_eq!(skipped.products_repeated, 1);
        assert_eq!(skipped.products_without_price, 1);
        assert_eq!(assortment.prices["1"], 899);
        let rows: Vec<Value> = assortment
            .rows
            .iter()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect();
        let variant = |row: usize, field: &str| rows[row]["variants"][0][field].clone();
        assert_eq!(rows[0]["title"]["en"], "LAGER, 16 OZ, National");
        assert_eq!(variant(0, "tax_class"), "standard");
        assert_eq!(variant(0, "weight_grams"), 453);
        assert_eq!(variant(1, "tax_class"), "reduced");
        assert_eq!(variant(1, "weight_grams"), 400);
        assert_eq!(rows[2]["category"], "TOYS");
        assert_eq!(variant(2, "tax_class"), "standard");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_line() {
        let cases = [
            ("1,GROCERY,,,,2,,1\n2,GROCERY,,,,2,,cheap\n", "p.csv:3: "),
            ("1,GROCERY,,2,,1\n", "p.csv:2: "),
            ("a b,GROCERY,,,,2,,1\n", "p.csv:2: product_id \"a b\""),
            ("", "p.csv: there is no product"),
        ];
        for (text, expected) in cases {
            let message = read(text).0.err().unwrap().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
