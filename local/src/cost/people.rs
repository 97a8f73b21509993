//! What people do in the shop whose orders are counted: customers who order, operators who pack, dispatch and deliver. Owns the
//! requests; not when they are made, nor what they lead to.

use anyhow::ensure;
use futures::future::try_join_all;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::count::Wish;
use crate::shop::{self, Call, Caller, ShopClient};

const REGION: &str = "JP-13";

#[derive(Deserialize)]
struct Placed {
    order_id: String,
}

/// What the sample shop sells.
pub(super) fn skus() -> anyhow::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Product {
        variants: Vec<Variant>,
    }
    #[derive(Deserialize)]
    struct Variant {
        sku: String,
    }
    let mut skus = Vec::new();
    for line in shop::PRODUCTS.lines() {
        let product: Product = serde_json::from_str(line)?;
        skus.extend(product.variants.into_iter().map(|variant| variant.sku));
    }
    Ok(skus)
}

/// Stock for all of it, and an address for whoever orders.
pub(super) async fn prepare(shop: &ShopClient, skus: &[String], wish: &Wish) -> anyhow::Result<()> {
    let lines = skus.iter();
    let lines: Vec<Value> = lines
        .map(|sku| json!({ "sku": sku, "quantity": wish.orders }))
        .collect();
    let receipt = json!({ "receipt_id": "cost", "lines": lines });
    let path = "/api/operator/stock/receive";
    let receipt = Call::json(Method::POST, path, Caller::Operator, &receipt);
    shop.get::<Value>(&receipt).await?;
    let contacts = (0..wish.orders).map(async |number| {
        let customer = customer(number);
        let contact = json!({ "email": format!("{customer}@example.com"), "language": "en" });
        let path = "/api/notifications/contact";
        let contact = Call::json(Method::PUT, path, Caller::Customer(&customer), &contact);
        shop.get::<Value>(&contact).await
    });
    try_join_all(contacts).await?;
    Ok(())
}

fn customer(number: usize) -> String {
    format!("cost-{number}")
}

/// Different orders buy different things, as far as there are enough: what they would share is another measurement.
pub(super) async fn place(
    shop: &ShopClient,
    skus: &[String],
    wish: &Wish,
    number: usize,
) -> anyhow::Result<String> {
    let chosen = (0..wish.lines).map(|line| &skus[(number * wish.lines + line) % skus.len()]);
    let lines: Vec<Value> = chosen
        .map(|sku| json!({ "sku": sku, "quantity": 1 }))
        .collect();
    let order = json!({ "lines": lines, "region": REGION, "payment_method": "pm_card_visa" });
    let customer = customer(number);
    let key = format!("cost-{number}");
    let order = Call {
        idempotency_key: Some(&key),
        ..Call::json(
            Method::POST,
            "/api/orders",
            Caller::Customer(&customer),
            &order,
        )
    };
    let placed: Placed = shop.get(&order).await?;
    Ok(placed.order_id)
}

/// One order by its own route, several by a list.
pub(super) async fn work_off(
    shop: &ShopClient,
    act: &str,
    orders: &[String],
) -> anyhow::Result<()> {
    let label =
        |order: &String| json!({ "carrier": "Hikyaku", "tracking_number": format!("HK-{order}") });
    let (path, body) = match orders {
        [order] => {
            let path = format!("/api/operator/shipments/{order}/{act}");
            let body = match act {
                "dispatch" => label(order),
                _ => json!({}),
            };
            (path, body)
        }
        orders => {
            let acts = orders.iter().map(|order| {
                let mut entry = match act {
                    "dispatch" => label(order),
                    _ => json!({}),
                };
                entry["order_id"] = json!(order);
                entry["act"] = json!(act);
                entry
            });
            let acts: Vec<Value> = acts.collect();
            (
                "/api/operator/shipping/acts".to_owned(),
                json!({ "acts": acts }),
            )
        }
    };
    let call = Call::json(Method::POST, &path, Caller::Operator, &body);
    let answer: Value = shop.get(&call).await?;
    let results = answer["results"].as_array().into_iter().flatten();
    for result in results {
        ensure!(result["problem"].is_null(), "{act} was refused: {result}");
    }
    Ok(())
}
