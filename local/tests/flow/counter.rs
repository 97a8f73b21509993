//! What customers and operators send, over the public HTTP doors and with connections kept open.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use local_mail::Message;
use serde_json::{Value, json};

use super::Shop;

pub const VISA: &str = "pm_card_visa";
pub const DECLINED: &str = "pm_card_chargeDeclinedInsufficientFunds";
pub const ASKS_THE_CUSTOMER: &str = "pm_card_authenticationRequired";

/// What shipping to the test's one region costs, whatever the weight.
pub const FEE: i64 = 300;

pub struct Client(HyperClient<HttpConnector, Full<Bytes>>);

impl Default for Client {
    fn default() -> Self {
        Self(HyperClient::builder(TokioExecutor::new()).build_http())
    }
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub body: Value,
}

impl Client {
    async fn send(&self, request: Request<Full<Bytes>>) -> Reply {
        let response = self.0.request(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes);
        let body = body.unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into()));
        Reply { status, body }
    }
}

/// An order of so many of each SKU, paid with that test card.
pub fn wish(lines: &[(&str, u32)], payment_method: &str) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity }))
        .collect();
    json!({ "lines": lines, "region": "JP-13", "payment_method": payment_method })
}

pub fn yen(amount_minor: i64) -> Value {
    json!({ "amount_minor": amount_minor, "currency": "JPY" })
}

impl Shop {
    /// Sends a request with a token ("customer:mori", "operator:o-1"), an idempotency key and a JSON body, each where
    /// there is one.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Reply {
        let uri = format!("{}{path}", self.stack.addresses().http_api);
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        self.client
            .send(request.body(Full::new(body.into())).unwrap())
            .await
    }

    /// Does something as an operator that must succeed.
    pub async fn operate(&self, method: Method, path: &str, body: Value) -> Value {
        let reply = self
            .ask(method, path, Some("operator:o-1"), None, Some(&body))
            .await;
        assert!(reply.status.is_success(), "{path}: {reply:?}");
        reply.body
    }

    /// Looks something up as an operator; none where it is not known.
    pub async fn look_up(&self, path: &str) -> Option<Value> {
        let reply = self
            .ask(Method::GET, path, Some("operator:o-1"), None, None)
            .await;
        if reply.status == StatusCode::NOT_FOUND {
            return None;
        }
        assert!(reply.status.is_success(), "{path}: {reply:?}");
        Some(reply.body)
    }

    /// Publishes products of one variant each (SKU, price in yen), stocks so many of each, sets the fee for shipping,
    /// and waits until orders knows the prices.
    pub async fn sell(&self, prices: &[(&str, i64)], quantity: u32) {
        let mut rows = String::from(
            "product_id,sku,title_en,title_ja,category,price_minor,currency,tax_class,weight_grams\n",
        );
        for (sku, price_minor) in prices {
            rows +=
                &format!("{sku},{sku},Tea {sku},お茶 {sku},drinks,{price_minor},JPY,reduced,200\n");
            self.skus.lock().unwrap().insert((*sku).to_owned());
        }
        let uri = format!(
            "{}/api/operator/products/import",
            self.stack.addresses().http_api
        );
        let request = Request::post(uri)
            .header("authorization", "Bearer operator:o-1")
            .header("content-type", "text/csv");
        let imported = self
            .client
            .send(request.body(Full::new(rows.into())).unwrap())
            .await;
        assert_eq!(imported.body["created"], prices.len(), "{imported:?}");
        if quantity > 0 {
            let lines: Vec<Value> = prices
                .iter()
                .map(|(sku, _)| json!({ "sku": sku, "quantity": quantity }))
                .collect();
            let receipt = json!({ "receipt_id": "first-delivery", "lines": lines });
            self.operate(Method::POST, "/api/operator/stock/receive", receipt)
                .await;
        }
        let brackets = json!({ "brackets": [{ "up_to_grams": 1_000_000, "fee": yen(FEE) }] });
        self.operate(Method::PUT, "/api/operator/shipping/rates/JP-13", brackets)
            .await;
        self.quiet().await;
    }

    /// Gives a customer a mail address, `<customer>@example.com`, and a language.
    pub async fn introduce(&self, customer: &str, language: &str) {
        let contact = json!({ "email": format!("{customer}@example.com"), "language": language });
        let token = format!("customer:{customer}");
        let path = "/api/notifications/contact";
        let reply = self
            .ask(Method::PUT, path, Some(&token), None, Some(&contact))
            .await;
        assert!(reply.status.is_success(), "{reply:?}");
    }

    /// Places an order as it stands, under a key.
    pub async fn try_place(&self, customer: &str, key: &str, wish: &Value) -> Reply {
        let token = format!("customer:{customer}");
        let reply = self
            .ask(
                Method::POST,
                "/api/orders",
                Some(&token),
                Some(key),
                Some(wish),
            )
            .await;
        if let Some(order_id) = reply.body["order_id"].as_str() {
            self.orders.lock().unwrap().insert(order_id.to_owned());
        }
        reply
    }

    /// Places an order that must be taken; gives its id.
    pub async fn place(&self, customer: &str, key: &str, wish: &Value) -> String {
        let reply = self.try_place(customer, key, wish).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{reply:?}");
        assert_eq!(reply.body["status"], "placed", "{reply:?}");
        reply.body["order_id"].as_str().unwrap().to_owned()
    }

    /// The order as an operator sees it.
    pub async fn order(&self, order_id: &str) -> Value {
        let order = self
            .look_up(&format!("/api/operator/orders/{order_id}"))
            .await;
        order.unwrap_or_else(|| panic!("order {order_id} is not known"))
    }

    /// Asserts where an order stands: order, payment, fulfilment.
    pub async fn assert_stands(&self, order_id: &str, axes: [&str; 3]) {
        let order = self.order(order_id).await;
        let found = ["status", "payment_status", "fulfilment_status"].map(|axis| &order[axis]);
        assert_eq!(found, axes, "{order}");
    }

    pub async fn cancel(&self, customer: &str, order_id: &str) -> Reply {
        let token = format!("customer:{customer}");
        let path = format!("/api/orders/{order_id}/cancel");
        self.ask(Method::POST, &path, Some(&token), None, None)
            .await
    }

    /// Packs, dispatches or delivers.
    pub async fn ship(&self, order_id: &str, verb: &str, body: Value) -> Value {
        let path = format!("/api/operator/shipments/{order_id}/{verb}");
        self.operate(Method::POST, &path, body).await
    }

    /// Packs, dispatches and delivers all of an order, each once the one before has settled.
    pub async fn fulfil(&self, order_id: &str) {
        self.ship(order_id, "pack", json!({})).await;
        self.quiet().await;
        self.ship(order_id, "dispatch", label(order_id)).await;
        self.quiet().await;
        self.ship(order_id, "deliver", json!({})).await;
        self.quiet().await;
    }

    pub async fn payment(&self, order_id: &str) -> Value {
        let payment = self
            .look_up(&format!("/api/operator/payments/{order_id}"))
            .await;
        payment.unwrap_or_else(|| panic!("there is no payment of {order_id}"))
    }

    pub async fn refund(&self, order_id: &str, key: &str, amount_minor: Option<i64>) -> Reply {
        let body = match amount_minor {
            Some(amount_minor) => json!({ "amount": yen(amount_minor) }),
            None => json!({}),
        };
        let path = format!("/api/operator/payments/{order_id}/refund");
        self.ask(
            Method::POST,
            &path,
            Some("operator:o-1"),
            Some(key),
            Some(&body),
        )
        .await
    }

    /// The customer answers the bank's question: `succeed` or `fail`.
    pub async fn answer_the_bank(&self, customer: &str, order_id: &str, answer: &str) {
        let token = format!("customer:{customer}");
        let path = format!("/api/payments/{order_id}");
        let payment = self.ask(Method::GET, &path, Some(&token), None, None).await;
        let url = payment.body["action_url"].as_str();
        let url = url.unwrap_or_else(|| panic!("nothing to confirm: {payment:?}"));
        let request = Request::post(format!("{url}/{answer}"));
        let reply = self
            .client
            .send(request.body(Full::default()).unwrap())
            .await;
        assert!(reply.status.is_success(), "{reply:?}");
    }

    /// How many of a SKU can be sold.
    pub async fn available(&self, sku: &str) -> i64 {
        let stock = self
            .ask(Method::GET, &format!("/api/stock/{sku}"), None, None, None)
            .await;
        stock.body["available"]
            .as_i64()
            .unwrap_or_else(|| panic!("{stock:?}"))
    }

    /// The mails that a customer got, oldest first.
    pub fn mails(&self, customer: &str) -> Vec<Message> {
        let filter = local_mail::Filter {
            to: Some(format!("{customer}@example.com")),
            limit: 1000,
            ..local_mail::Filter::default()
        };
        let mut mails = self.stack.mail().messages(&filter).unwrap();
        mails.reverse();
        mails
    }
}

/// What a parcel of the order is labelled with.
pub fn label(order_id: &str) -> Value {
    json!({ "carrier": "Hikyaku", "tracking_number": format!("HK-{order_id}") })
}
