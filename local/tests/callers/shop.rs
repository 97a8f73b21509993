//! A shop with something to sell, an order of a customer's and one of a guest's.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{Method, Request, StatusCode};
use noren::{Stack, StackOptions};
use serde_json::{Value, json};

use crate::callers::{Caller, Scheme};
use crate::toys;

const SKU: &str = "SENCHA";
const PRICE: i64 = 500;
const FEE: i64 = 300;

pub struct Shop {
    stack: Stack,
    tokens: BTreeMap<Caller, String>,
    guests: BTreeMap<Caller, String>,
    orders: BTreeMap<Scheme, String>,
    asked: AtomicU64,
}

pub struct Reply {
    pub status: StatusCode,
    pub body: Value,
}

impl Shop {
    pub async fn open() -> Self {
        let template = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
        let options = StackOptions {
            schedules: false,
            ..StackOptions::in_memory(template)
        };
        let stack = Stack::start(options).await.unwrap();
        let identity = stack.identity();
        let tokens = Caller::ALL
            .iter()
            .filter_map(|caller| Some((*caller, caller.token(identity)?)));
        let tokens = tokens.collect();
        let mut shop = Self {
            stack,
            tokens,
            guests: BTreeMap::new(),
            orders: BTreeMap::new(),
            asked: AtomicU64::new(0),
        };
        shop.stock_up().await;
        for caller in [Caller::Guest, Caller::OtherGuest] {
            let made = shop
                .ask(&Method::POST, "/api/guest/session", Caller::Nobody, None)
                .await;
            let token = made.body["guest_token"].as_str().unwrap().to_owned();
            shop.guests.insert(caller, token);
        }
        let good = shop.guests[&Caller::Guest].clone();
        shop.guests.insert(Caller::ExpiredGuest, expired(&good));
        shop.guests.insert(
            Caller::ForgedGuest,
            format!("{}A", &good[..good.len() - 1]).replace("v1.0", "v1.1"),
        );
        let owners = shop.check_out(Caller::Owner, PRICE + FEE).await;
        let guests = shop.check_out(Caller::Guest, PRICE + FEE).await;
        for (scheme, caller, order_id) in [
            (Scheme::Customer, Caller::Owner, owners),
            (Scheme::Guest, Caller::Guest, guests),
        ] {
            let path = match scheme {
                Scheme::Guest => format!("/api/guest/orders/{order_id}"),
                _ => format!("/api/orders/{order_id}"),
            };
            let order = shop.ask(&Method::GET, &path, caller, None).await;
            assert_eq!(order.body["status"], "confirmed", "{}", order.body);
            shop.orders.insert(scheme, order_id);
        }
        shop
    }

    /// Each request is a wish of its own.
    fn new_key(&self) -> String {
        self.asked.fetch_add(1, Ordering::Relaxed).to_string()
    }

    async fn stock_up(&self) {
        let product = json!({
            "product_id": "sencha", "category": "Tea", "title": { "en": "Sencha", "ja": "煎茶" },
            "variants": [{
                "sku": SKU, "price": { "amount_minor": PRICE, "currency": "JPY" }, "tax_class": "reduced",
                "weight_grams": 100,
            }],
        });
        let brackets = json!([{ "up_to_grams": 1_000_000, "fee": { "amount_minor": FEE, "currency": "JPY" } }]);
        for (method, path, body) in [
            (Method::POST, "/api/operator/products", product),
            (
                Method::POST,
                "/api/operator/products/sencha/publish",
                json!({}),
            ),
            (
                Method::POST,
                "/api/operator/stock/SENCHA/receive",
                json!({ "quantity": 10 }),
            ),
            (
                Method::PUT,
                "/api/operator/shipping/rates/JP-13",
                json!({ "brackets": brackets }),
            ),
        ] {
            let reply = self.ask(&method, path, Caller::Operator, Some(&body)).await;
            assert!(
                reply.status.is_success(),
                "{path}: {} {}",
                reply.status,
                reply.body
            );
        }
        toys::quiet(&self.stack).await;
    }

    /// Puts one thing into the caller's cart and checks it out; the order's id, once all has been done about it.
    pub async fn check_out(&self, caller: Caller, expected_total_minor: i64) -> String {
        let base = match caller {
            Caller::Guest => "/api/guest/cart",
            _ => "/api/cart",
        };
        let line = format!("{base}/lines/{SKU}");
        let cart = self
            .ask(&Method::PUT, &line, caller, Some(&json!({ "quantity": 1 })))
            .await;
        assert_eq!(
            cart.body["lines"][0]["title"]["ja"], "煎茶",
            "{} {}",
            cart.status, cart.body
        );
        let wish = json!({
            "version": cart.body["version"], "region": "JP-13", "payment_method": "pm_card_visa",
            "expected_total": { "amount_minor": expected_total_minor, "currency": "JPY" },
        });
        let path = format!("{base}/checkout");
        let ordered = self.ask(&Method::POST, &path, caller, Some(&wish)).await;
        assert_eq!(ordered.status, StatusCode::ACCEPTED, "{}", ordered.body);
        toys::quiet(&self.stack).await;
        ordered.body["order_id"].as_str().unwrap().to_owned()
    }

    /// The path with something that there is in place of its variables.
    pub fn filled(&self, path: &str, scheme: Scheme) -> String {
        let order_id = match scheme {
            Scheme::Guest => &self.orders[&Scheme::Guest],
            Scheme::Customer | Scheme::Operator | Scheme::Anybody => {
                &self.orders[&Scheme::Customer]
            }
        };
        let path = path.replace("{order_id}", order_id).replace("{sku}", SKU);
        let path = path
            .replace("{product_id}", "sencha")
            .replace("{region}", "JP-13")
            .replace("{customer_id}", "customer-3")
            .replace("{address_id}", "an-address")
            .replace("{edge}", "orders.OrderPlaced.v1@inventory")
            .replace("{queue}", "OrdersDeadLetters");
        assert!(
            !path.contains('{'),
            "{path} has a variable that the shop does not know"
        );
        path
    }

    pub async fn ask(
        &self,
        method: &Method,
        path: &str,
        caller: Caller,
        body: Option<&Value>,
    ) -> Reply {
        let uri = format!("{}{path}", self.stack.addresses().http_api);
        let mut request = Request::builder()
            .method(method)
            .uri(uri)
            .header("Idempotency-Key", self.new_key());
        if let Some(token) = self.tokens.get(&caller) {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(token) = self.guests.get(&caller) {
            request = request.header("Guest-Token", token);
        }
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let response = toys::send(request, body.map(Value::to_string).unwrap_or_default()).await;
        Reply {
            status: response.status(),
            body: serde_json::from_slice(response.body()).unwrap_or_default(),
        }
    }

    pub async fn stop(self) {
        self.stack.stop().await;
    }
}

/// A token that has expired, correctly signed: the local secret is no secret.
fn expired(token: &str) -> String {
    let id = token.split('.').nth(1).unwrap();
    let long_ago = identifiers::Timestamp::from_milliseconds(0);
    let keys = door::GuestKeys::read("noren-local-guest-secret").unwrap();
    let made = keys.issue(long_ago).token;
    assert_ne!(made.split('.').nth(1).unwrap(), id);
    made
}
