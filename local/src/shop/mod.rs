//! The sample shop: a grocer's, in Japanese and English, of this project's own writing. Owns its data, which is part of
//! the program, and how it gets into an empty stack. It goes in as everybody's data does, through the HTTP API.

mod client;

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::Method;
use noren::{Addresses, Stillness};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use client::{Call, Caller, ClientError, ShopClient};

/// Products, one a line, as the catalog imports them.
pub(crate) const PRODUCTS: &str = include_str!("../../shop/products.jsonl");
/// What the categories are called in Japanese, one a line.
const CATEGORIES: &str = include_str!("../../shop/categories.jsonl");
/// Baskets, one a line, as the replay reads them.
pub(crate) const BASKETS: &str = include_str!("../../shop/baskets.jsonl");
const STOCK: &str = include_str!("../../shop/stock.csv");
const REGIONS: &str = include_str!("../../shop/regions.csv");
const RATES: &str = include_str!("../../shop/rates.csv");
/// The customer that the example order is of.
const DEMO_CUSTOMER: &str = "c-1";

#[derive(Deserialize)]
struct StockRow {
    sku: String,
    quantity: u64,
}

#[derive(Deserialize)]
struct RegionRow {
    region: String,
    area: String,
}

#[derive(Deserialize)]
struct RateRow {
    area: String,
    up_to_grams: u64,
    fee_minor: i64,
}

#[derive(Deserialize)]
struct Products {
    products: Vec<Value>,
}

#[derive(Deserialize)]
struct Imported {
    rejected: usize,
    errors: Vec<Value>,
}

/// What it costs to ship to each of the 47 prefectures, as the body of a request.
pub(crate) fn rates() -> anyhow::Result<BTreeMap<String, Value>> {
    let mut brackets: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for row in rows::<RateRow>(RATES)? {
        let fee = json!({ "amount_minor": row.fee_minor, "currency": "JPY" });
        let bracket = json!({ "up_to_grams": row.up_to_grams, "fee": fee });
        brackets.entry(row.area).or_default().push(bracket);
    }
    let regions = rows::<RegionRow>(REGIONS)?.into_iter().map(|row| {
        let brackets = brackets
            .get(&row.area)
            .with_context(|| format!("{} has no rates", row.area))?;
        Ok((row.region, json!({ "brackets": brackets })))
    });
    regions.collect()
}

fn rows<T: for<'a> Deserialize<'a>>(text: &str) -> anyhow::Result<Vec<T>> {
    let rows: Result<Vec<T>, _> = csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect();
    Ok(rows?)
}

/// Loads the sample shop into a stack whose catalog is empty, and says whether it did.
///
/// The catalog comes last: where loading is cut short, it is still empty at the next start, and loading again changes
/// nothing that is there already.
///
/// # Errors
/// When the stack refuses any of it or does not answer.
pub(crate) async fn load_if_empty(at: &Addresses) -> anyhow::Result<bool> {
    let client = ShopClient::new(&at.http_api);
    let any = Call::new(Method::GET, "/api/products?limit=1", Caller::Nobody);
    let Products { products } = client.get(&any).await?;
    if !products.is_empty() {
        return Ok(false);
    }
    let rates = rates()?;
    let rates = rates.iter().map(|(region, body)| {
        let client = &client;
        async move { set_rate(client, region, body).await }
    });
    futures::future::try_join_all(rates).await?;
    receive_stock(&client).await?;
    let contact = json!({ "email": "hanako@example.com", "language": "ja" });
    let path = "/api/notifications/contact";
    let contact = Call::json(Method::PUT, path, Caller::Customer(DEMO_CUSTOMER), &contact);
    client.get::<Value>(&contact).await?;
    name_categories(&client).await?;
    import(&client).await?;
    // Orders learns prices by event; the example order would be refused until it has.
    let endpoint = ShopClient::new(&at.aws);
    let quiet = "/_noren/quiet?wait_seconds=20";
    let quiet = Call::new(Method::GET, quiet, Caller::Nobody);
    endpoint.get::<Stillness>(&quiet).await?;
    Ok(true)
}

/// Sets what it costs to ship to a region.
pub(crate) async fn set_rate(
    client: &ShopClient,
    region: &str,
    body: &Value,
) -> Result<(), ClientError> {
    let path = format!("/api/operator/shipping/rates/{region}");
    let rate = Call::json(Method::PUT, &path, Caller::Operator, body);
    client.get::<Value>(&rate).await.map(drop)
}

async fn receive_stock(client: &ShopClient) -> anyhow::Result<()> {
    let lines = rows::<StockRow>(STOCK)?.into_iter();
    let lines: Vec<Value> = lines
        .map(|row| json!({ "sku": row.sku, "quantity": row.quantity }))
        .collect();
    let receipt = json!({ "receipt_id": "sample-shop", "lines": lines });
    let path = "/api/operator/stock/receive";
    let receipt = Call::json(Method::POST, path, Caller::Operator, &receipt);
    client.get::<Value>(&receipt).await?;
    Ok(())
}

async fn name_categories(client: &ShopClient) -> anyhow::Result<()> {
    for line in CATEGORIES.lines() {
        let named = Call {
            content_type: "application/json",
            body: Bytes::from_static(line.as_bytes()),
            ..Call::new(Method::PUT, "/api/operator/categories", Caller::Operator)
        };
        client.get::<Value>(&named).await?;
    }
    Ok(())
}

async fn import(client: &ShopClient) -> anyhow::Result<()> {
    let path = "/api/operator/products/import";
    let products = Call {
        content_type: "application/x-ndjson",
        body: Bytes::from_static(PRODUCTS.as_bytes()),
        ..Call::new(Method::POST, path, Caller::Operator)
    };
    let imported: Imported = client.get(&products).await?;
    if imported.rejected > 0 {
        let errors = Value::from(imported.errors);
        bail!("the catalog refused products of the sample shop: {errors}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn skus() -> BTreeSet<String> {
        let products = PRODUCTS.lines().map(|line| {
            let product: Value = serde_json::from_str(line).unwrap();
            for language in ["en", "ja"] {
                assert!(product["title"][language].is_string(), "{line}");
                assert!(product["description"][language].is_string(), "{line}");
            }
            product["variants"].as_array().unwrap().clone()
        });
        let variants = products.flatten();
        variants
            .map(|variant| variant["sku"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn what_is_sold_has_stock_and_what_has_stock_is_sold() {
        let stocked: Vec<StockRow> = rows(STOCK).unwrap();
        assert!(stocked.iter().all(|row| row.quantity > 0));
        let stocked: BTreeSet<String> = stocked.into_iter().map(|row| row.sku).collect();
        assert_eq!(stocked, skus());
        assert!(stocked.len() >= 80);
    }

    #[test]
    fn every_category_is_called_something_in_japanese() {
        let line = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
        let sold: BTreeSet<String> = PRODUCTS
            .lines()
            .map(|product| line(product)["category"].as_str().unwrap().to_owned())
            .collect();
        let called: BTreeSet<String> = CATEGORIES
            .lines()
            .map(line)
            .filter(|category| category["title"]["ja"].is_string())
            .map(|category| category["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(called, sold);
    }

    #[test]
    fn every_prefecture_is_shipped_to() {
        let rates = rates().unwrap();
        let regions: Vec<String> = (1..=47).map(|number| format!("JP-{number:02}")).collect();
        assert!(rates.keys().eq(&regions));
        for (region, body) in rates {
            let brackets = body["brackets"].as_array().unwrap();
            let weights: Vec<u64> = brackets
                .iter()
                .map(|bracket| bracket["up_to_grams"].as_u64().unwrap())
                .collect();
            assert!(weights.is_sorted() && weights.len() > 1, "{region}");
        }
    }

    #[test]
    fn baskets_hold_what_is_sold() {
        let skus = skus();
        for line in BASKETS.lines() {
            let basket: Value = serde_json::from_str(line).unwrap();
            for line in basket["lines"].as_array().unwrap() {
                assert!(
                    skus.contains(line["product_id"].as_str().unwrap()),
                    "{line}"
                );
            }
        }
        assert_eq!(BASKETS.lines().count(), 200);
    }
}
