//! What is said about a product: its titles, category and variants, and the rules that they keep.

use std::collections::{BTreeMap, BTreeSet};

use identifiers::Sku;
use money::{Money, TaxClass};
use serde::{Deserialize, Serialize};

/// The most variants of a product: all of its SKUs are claimed in one transaction with it.
pub const MAX_VARIANTS: usize = 50;
/// The highest price, in minor units: a thousand million yen, or ten million dollars.
pub const MAX_PRICE_MINOR: i64 = 1_000_000_000;
/// The heaviest variant, in grams: ten tonnes.
pub const MAX_WEIGHT_GRAMS: u32 = 10_000_000;
const MAX_LANGUAGES: usize = 20;
pub(crate) const MAX_TITLE_CHARACTERS: usize = 200;
pub(crate) const MAX_CATEGORY_CHARACTERS: usize = 100;
const MAX_DESCRIPTION_CHARACTERS: usize = 4000;

/// A text in several languages, by BCP 47 tag.
pub type Texts = BTreeMap<String, String>;

/// What is said about a product. Stored names are short: each kilobyte of an item counts on each of its writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The category it is listed under.
    #[serde(rename = "c")]
    pub category: String,
    /// Its title, in `en` or `ja` at least.
    #[serde(rename = "n")]
    pub title: Texts,
    /// Its description, in any languages or none.
    #[serde(rename = "d", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub description: Texts,
    /// What can be bought of it.
    #[serde(rename = "v")]
    pub variants: Vec<Variant>,
}

/// What is priced, counted and shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its stock keeping unit, which belongs to one product for ever.
    #[serde(rename = "k")]
    pub sku: Sku,
    /// The price of one.
    #[serde(rename = "p")]
    pub price: Money,
    /// The tax rate it falls under.
    #[serde(rename = "x")]
    pub tax_class: TaxClass,
    /// The weight of one, in grams, packed.
    #[serde(rename = "w")]
    pub weight_grams: u32,
    /// What tells it from the product's other variants.
    #[serde(rename = "n", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub name: Texts,
}

/// A rule that content breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentProblem {
    /// Where, as a path: `variants[0].price.amount_minor`.
    pub field: String,
    /// What is wrong there.
    pub message: String,
    /// The variant's position, where it is one variant's fault.
    pub variant: Option<usize>,
}

impl Content {
    /// The title that the product is sorted by: the English one, else the Japanese one, else the first.
    pub fn main_title(&self) -> &str {
        let titles = &self.title;
        let title = titles.get("en").or_else(|| titles.get("ja"));
        title
            .or_else(|| titles.values().next())
            .map_or("", String::as_str)
    }

    /// Every rule that is broken, in the order of fields.
    pub fn problems(&self) -> Vec<ContentProblem> {
        let mut problems = Vec::new();
        let mut report = |field: String, message: String, variant: Option<usize>| {
            problems.push(ContentProblem {
                field,
                message,
                variant,
            });
        };
        if let Err(message) = check_text(&self.category, MAX_CATEGORY_CHARACTERS) {
            report("category".to_owned(), message, None);
        } else if self.category != self.category.trim() {
            let message = "must not begin or end with a blank".to_owned();
            report("category".to_owned(), message, None);
        }
        if !self.title.contains_key("en") && !self.title.contains_key("ja") {
            let message = "must be given in en or ja".to_owned();
            report("title".to_owned(), message, None);
        }
        for (field, message) in check_texts("title", &self.title, MAX_TITLE_CHARACTERS) {
            report(field, message, None);
        }
        let limit = MAX_DESCRIPTION_CHARACTERS;
        for (field, message) in check_texts("description", &self.description, limit) {
            report(field, message, None);
        }
        if self.variants.is_empty() || self.variants.len() > MAX_VARIANTS {
            let message = format!("must be 1 to {MAX_VARIANTS}");
            report("variants".to_owned(), message, None);
        }
        let mut skus = BTreeSet::new();
        for (position, variant) in self.variants.iter().enumerate() {
            let mut at = |field: &str, message: String| {
                report(
                    format!("variants[{position}].{field}"),
                    message,
                    Some(position),
                );
            };
            if !skus.insert(&variant.sku) {
                at(
                    "sku",
                    format!("{} stands in an earlier variant too", variant.sku),
                );
            }
            if let Err(message) = check_price(variant.price) {
                at("price.amount_minor", message);
            }
            if variant.price.currency != self.variants[0].price.currency {
                let message = "is another currency than the first variant's".to_owned();
                at("price.currency", message);
            }
            if variant.weight_grams > MAX_WEIGHT_GRAMS {
                at(
                    "weight_grams",
                    format!("must be at most {MAX_WEIGHT_GRAMS}"),
                );
            }
            for (field, message) in check_texts("name", &variant.name, MAX_TITLE_CHARACTERS) {
                at(&field, message);
            }
        }
        problems
    }
}

/// Whether a price can be one.
///
/// # Errors
/// With what is wrong with it.
pub fn check_price(price: Money) -> Result<(), String> {
    if (1..=MAX_PRICE_MINOR).contains(&price.amount_minor) {
        Ok(())
    } else {
        Err(format!("must be 1 to {MAX_PRICE_MINOR}"))
    }
}

pub(crate) fn check_text(text: &str, most: usize) -> Result<(), String> {
    if text.trim().is_empty() || text.chars().count() > most {
        return Err(format!("must be 1 to {most} characters"));
    }
    // A line feed may stand in a description; nothing else that does not print.
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("must not have control characters".to_owned());
    }
    Ok(())
}

pub(crate) fn check_texts(field: &str, texts: &Texts, most: usize) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    if texts.len() > MAX_LANGUAGES {
        let message = format!("must be at most {MAX_LANGUAGES} languages");
        problems.push((field.to_owned(), message));
    }
    for (language, text) in texts {
        if !is_language_tag(language) {
            let message = format!("\"{language}\" is not a BCP 47 language tag, such as ja");
            problems.push((field.to_owned(), message));
        } else if let Err(message) = check_text(text, most) {
            problems.push((format!("{field}.{language}"), message));
        }
    }
    problems
}

/// The shape of a language tag (RFC 5646, section 2.1): a primary subtag of letters, then subtags of letters and
/// digits, 35 characters in all at most (section 4.4.1). Whether the subtags are registered is not looked up.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    tag.len() <= 35
        && (2..=8).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    fn content() -> Content {
        let variant = |sku: &str, price| Variant {
            sku: Sku::new(sku).unwrap(),
            price: Money::new(price, Currency::JPY),
            tax_class: TaxClass::Reduced,
            weight_grams: 120,
            name: Texts::new(),
        };
        Content {
            category: "Tea".into(),
            title: [("ja".into(), "煎茶".into()), ("en".into(), "Sencha".into())].into(),
            description: Texts::new(),
            variants: vec![variant("S-100", 1080), variant("S-500", 4860)],
        }
    }

    #[test]
    fn every_broken_rule_is_named_with_its_field() {
        type Change = fn(&mut Content);
        let cases: [(Change, &str); 14] = [
            (|c| c.category = " ".into(), "category"),
            (|c| c.category = "Tea ".into(), "category"),
            (|c| c.category = "x".repeat(101), "category"),
            (|c| c.title = [("de".into(), "Tee".into())].into(), "title"),
            (
                |c| c.title = [("en".into(), "\t".into())].into(),
                "title.en",
            ),
            (|c| _ = c.title.insert("e_n".into(), "Tea".into()), "title"),
            (
                |c| _ = c.description.insert("en".into(), "x".repeat(4001)),
                "description.en",
            ),
            (|c| c.variants.clear(), "variants"),
            (
                |c| c.variants[1].sku = Sku::new("S-100").unwrap(),
                "variants[1].sku",
            ),
            (
                |c| c.variants[0].price.amount_minor = 0,
                "variants[0].price.amount_minor",
            ),
            (
                |c| c.variants[1].price.amount_minor = i64::MAX,
                "variants[1].price.amount_minor",
            ),
            (
                |c| c.variants[1].price.currency = Currency::USD,
                "variants[1].price.currency",
            ),
            (
                |c| c.variants[0].weight_grams = u32::MAX,
                "variants[0].weight_grams",
            ),
            (
                |c| _ = c.variants[0].name.insert("en".into(), "a\u{7}".into()),
                "variants[0].name.en",
            ),
        ];
        assert_eq!(content().problems(), []);
        for (change, field) in cases {
            let mut content = content();
            change(&mut content);
            let fields: Vec<_> = content.problems().into_iter().map(|p| p.field).collect();
            assert_eq!(fields, [field]);
        }
    }

    #[test]
    fn language_tags_are_told_from_nonsense() {
        for tag in ["en", "ja", "zh-Hant-TW", "es-419", "de-CH-1996"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for tag in [
            "",
            "e",
            "en-",
            "en_US",
            "日本",
            "en-united-states-of-north-america-too",
        ] {
            assert!(!is_language_tag(tag), "{tag}");
        }
    }
}
