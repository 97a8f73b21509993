//! Rows of an import, read from CSV or from JSON lines. A row that cannot be read harms no other product's.

use std::collections::{BTreeMap, BTreeSet};

use identifiers::{ProductId, Sku};
use money::{Currency, Money, TaxClass};

use super::{MAX_ROWS, RowError};
use crate::content::{Content, Texts, Variant};
use crate::view::ProductBody;

/// In which form rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `text/csv`, with a header: one variant a row.
    Csv,
    /// `application/x-ndjson`: one product a line.
    JsonLines,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Rows {
    /// The products that can be read, in the order in which they first appear.
    pub products: Vec<RowProduct>,
    /// How many products, or rows that name none, cannot be read.
    pub rejected: usize,
    /// Why, row by row.
    pub errors: Vec<RowError>,
}

/// A product, and where it was read.
#[derive(Debug, Clone)]
pub struct RowProduct {
    /// Its id.
    pub product_id: ProductId,
    /// What it shall be.
    pub content: Content,
    format: Format,
    /// The row of each variant; for a JSON line, all the same.
    rows: Vec<usize>,
}

/// Why nothing of a request can be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Too many rows.
    #[error("at most {MAX_ROWS} rows a request; send the rest in others, with from")]
    TooManyRows,
    /// A column is missing, unknown or there twice.
    #[error("the header must have the columns {}, each once", COLUMNS.join(","))]
    Header,
    /// The text is not CSV.
    #[error("the body is not CSV: {0}")]
    Csv(String),
}

const COLUMNS: [&str; 9] = [
    "product_id",
    "sku",
    "title_en",
    "title_ja",
    "category",
    "price_minor",
    "currency",
    "tax_class",
    "weight_grams",
];

/// Reads rows; the first is number `from`.
///
/// # Errors
/// When nothing can be imported.
pub fn read(text: &str, format: Format, from: usize) -> Result<Rows, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Csv => read_csv(text, from),
        Format::JsonLines => read_json_lines(text, from),
    }
}

impl RowProduct {
    /// An error about a field of the content, where it was read and by the name that it has there.
    pub fn error(&self, variant: Option<usize>, field: &str, message: &str) -> RowError {
        let row = variant.and_then(|variant| self.rows.get(variant));
        let row = row.or(self.rows.first()).copied().unwrap_or_default();
        let field = match self.format {
            Format::JsonLines => field.to_owned(),
            Format::Csv => column(field),
        };
        RowError {
            row,
            field,
            message: message.to_owned(),
        }
    }
}

/// The column that a field of the content comes from.
fn column(field: &str) -> String {
    let field = field.split_once("].").map_or(field, |(_, field)| field);
    match field {
        "price.amount_minor" => "price_minor",
        "price.currency" => "currency",
        "title" | "title.en" => "title_en",
        "title.ja" => "title_ja",
        "variants" => "product_id",
        other => other,
    }
    .to_owned()
}

fn read_json_lines(text: &str, from: usize) -> Result<Rows, Unreadable> {
    let lines: Vec<(usize, &str)> = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .collect();
    if lines.len() > MAX_ROWS {
        return Err(Unreadable::TooManyRows);
    }
    let mut rows = Rows::default();
    let mut seen = BTreeSet::new();
    for (position, line) in lines {
        let row = from.saturating_add(position);
        let body: Result<ProductBody, _> = strict_json::read(line.as_bytes());
        match body.map(ProductBody::into_content) {
            Ok((product_id, content)) if seen.insert(product_id.clone()) => {
                rows.products.push(RowProduct {
                    rows: vec![row; content.variants.len().max(1)],
                    product_id,
                    content,
                    format: Format::JsonLines,
                });
            }
            Ok(_) => rows.refuse(row, "product_id", "stands in an earlier line too"),
            Err(misfit) => {
                let field = match misfit.field.as_str() {
                    "" => "line",
                    field => field,
                };
                rows.refuse(row, field, &misfit.message);
            }
        }
    }
    Ok(rows)
}

impl Rows {
    fn refuse(&mut self, row: usize, field: &str, message: &str) {
        self.rejected += 1;
        self.errors.push(RowError {
            row,
            field: field.to_owned(),
            message: message.to_owned(),
        });
    }
}

/// One row of CSV: the product's own columns, and its variant.
struct CsvRow {
    row: usize,
    category: String,
    title: Texts,
    variant: Variant,
}

fn read_csv(text: &str, from: usize) -> Result<Rows, Unreadable> {
    let not_csv = |error: csv::Error| Unreadable::Csv(error.to_string());
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(not_csv)?.clone();
    let names: BTreeSet<&str> = header.iter().map(str::trim).collect();
    if header.len() != COLUMNS.len() || COLUMNS.iter().any(|column| !names.contains(column)) {
        return Err(Unreadable::Header);
    }
    let mut order = Vec::new();
    let mut by_product: BTreeMap<ProductId, Vec<CsvRow>> = BTreeMap::new();
    // A product of which one row cannot be read is refused whole: half of its variants are not what was meant.
    let mut broken: BTreeSet<ProductId> = BTreeSet::new();
    let mut rows = Rows::default();
    for (position, record) in reader.records().enumerate() {
        if position >= MAX_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        let row = from.saturating_add(position);
        let record = record.map_err(not_csv)?;
        if record.len() != COLUMNS.len() {
            let message = format!("has {} fields, not {}", record.len(), COLUMNS.len());
            rows.refuse(row, "row", &message);
            continue;
        }
        let fields: BTreeMap<&str, &str> = header
            .iter()
            .map(str::trim)
            .zip(record.iter().map(str::trim))
            .collect();
        let field = |column: &'static str| fields.get(column).copied().unwrap_or_default();
        let product_id = match ProductId::new(field("product_id")) {
            Ok(product_id) => product_id,
            Err(error) => {
                rows.refuse(row, "product_id", &error.to_string());
                continue;
            }
        };
        if !by_product.contains_key(&product_id) {
            order.push(product_id.clone());
        }
        let of_product = by_product.entry(product_id.clone()).or_default();
        match read_csv_row(row, field) {
            Ok(read) => match differing_column(of_product.first(), &read) {
                None => of_product.push(read),
                Some(column) => {
                    rows.errors.push(RowError {
                        row,
                        field: column.to_owned(),
                        message: "differs from the product's first row".to_owned(),
                    });
                    broken.insert(product_id);
                }
            },
            Err(error) => {
                rows.errors.push(error);
                broken.insert(product_id);
            }
        }
    }
    rows.rejected += broken.len();
    for product_id in order {
        let of_product = by_product.remove(&product_id).unwrap_or_default();
        if !broken.contains(&product_id) {
            rows.products.extend(product_of(product_id, of_product));
        }
    }
    Ok(rows)
}

fn read_csv_row<'a>(
    row: usize,
    field: impl Fn(&'static str) -> &'a str,
) -> Result<CsvRow, RowError> {
    let error = |column: &str, message: String| RowError {
        row,
        field: column.to_owned(),
        message,
    };
    let whole =
        |column: &str, text: &str| format!("{column} \"{text}\" is not a whole number in range");
    let sku = Sku::new(field("sku")).map_err(|e| error("sku", e.to_string()))?;
    let price = field("price_minor");
    let amount_minor = price
        .parse()
        .map_err(|_| error("price_minor", whole("price_minor", price)))?;
    let currency: Currency = field("currency")
        .parse()
        .map_err(|e: money::MoneyError| error("currency", e.to_string()))?;
    let tax_class = match field("tax_class") {
        "standard" => TaxClass::Standard,
        "reduced" => TaxClass::Reduced,
        "exempt" => TaxClass::Exempt,
        _ => {
            let message = "must be standard, reduced or exempt".to_owned();
            return Err(error("tax_class", message));
        }
    };
    let weight = field("weight_grams");
    let weight_grams = weight
        .parse()
        .map_err(|_| error("weight_grams", whole("weight_grams", weight)))?;
    let mut title = Texts::new();
    for (language, text) in [("en", field("title_en")), ("ja", field("title_ja"))] {
        if !text.is_empty() {
            title.insert(language.to_owned(), text.to_owned());
        }
    }
    Ok(CsvRow {
        row,
        category: field("category").to_owned(),
        title,
        variant: Variant {
            sku,
            price: Money::new(amount_minor, currency),
            tax_class,
            weight_grams,
            name: Texts::new(),
        },
    })
}

/// The column of the product's own in which a row differs from the product's first one.
fn differing_column(first: Option<&CsvRow>, row: &CsvRow) -> Option<&'static str> {
    let first = first?;
    if first.category != row.category {
        Some("category")
    } else if first.title.get("en") != row.title.get("en") {
        Some("title_en")
    } else if first.title != row.title {
        Some("title_ja")
    } else {
        None
    }
}

fn product_of(product_id: ProductId, rows: Vec<CsvRow>) -> Option<RowProduct> {
    let numbers = rows.iter().map(|row| row.row).collect();
    let CsvRow {
        category, title, ..
    } = rows.first()?;
    let content = Content {
        category: category.clone(),
        title: title.clone(),
        description: Texts::new(),
        variants: rows.iter().map(|row| row.variant.clone()).collect(),
    };
    Some(RowProduct {
        product_id,
        content,
        format: Format::Csv,
        rows: numbers,
    })
}
