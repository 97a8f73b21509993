//! The whole shop: its contexts, what customers and operators ask of them, and the carrying of events between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::CloudEvent;
use harness::Request;
use identifiers::{Clock as _, SystemClock};
use payments::FakeProvider;
use serde_json::{Value, json};
use store::MemoryStore;
use tokio::runtime::Runtime;

use crate::site::Site;

/// Enough that no two orders under way share one.
const SKUS: usize = 200;
/// Their addresses are set before the first order: that is no part of one.
const CUSTOMERS: usize = 20;
const REGION: &str = "JP-13";
/// As the template's `InsightsBatchSize`.
const WATCHED_AT_ONCE: usize = 500;

/// The contexts, by name.
pub(crate) struct Shop<'a> {
    runtime: &'a Runtime,
    sites: BTreeMap<&'static str, Site>,
    /// Insights: its queue is given some seconds, and then brings what has gathered.
    watcher: Site,
    lines: usize,
    batch: usize,
    serial: u64,
    completed: usize,
}

impl<'a> Shop<'a> {
    pub(crate) fn open(runtime: &'a Runtime, lines: usize, batch: usize) -> Self {
        let mut sites = BTreeMap::new();
        let table = MemoryStore::new(carts::INDEXES);
        sites.insert("carts", Site::new(table.clone(), carts::Carts::new(table)));
        let table = MemoryStore::new(customers::INDEXES);
        let context = customers::Customers::new(table.clone());
        sites.insert("customers", Site::new(table, context));
        let table = MemoryStore::new(catalog::INDEXES);
        sites.insert(
            "catalog",
            Site::new(table.clone(), catalog::Catalog::new(table)),
        );
        let table = MemoryStore::new(inventory::INDEXES);
        sites.insert(
            "inventory",
            Site::new(table.clone(), inventory::Inventory::new(table)),
        );
        let table = MemoryStore::new(orders::INDEXES);
        let context = orders::Orders::new(table.clone(), orders::Config::default());
        sites.insert("orders", Site::new(table, context));
        let table = MemoryStore::new(payments::INDEXES);
        let provider = Arc::new(FakeProvider::new(SystemClock.now()));
        let context =
            payments::Payments::new(table.clone(), provider, vec!["whsec_bench".to_owned()]);
        sites.insert("payments", Site::new(table, context));
        let table = MemoryStore::new(shipping::INDEXES);
        sites.insert(
            "shipping",
            Site::new(table.clone(), shipping::Shipping::new(table)),
        );
        let table = MemoryStore::new(notifications::INDEXES);
        let config = notifications::Config {
            mail_from: "shop@example.com".into(),
            shop_name: "Noren".into(),
            shop_url: "https://shop.example.com".into(),
        };
        let mailer = notifications::mail::Recorder::default();
        let context = notifications::Notifications::new(table.clone(), mailer, &config);
        sites.insert("notifications", Site::new(table, context));
        Self {
            runtime,
            sites,
            watcher: watcher(),
            lines,
            batch,
            serial: 0,
            completed: 0,
        }
    }

    pub(crate) fn completed(&self) -> usize {
        self.completed
    }

    /// Invocations of all functions, by context.
    pub(crate) fn invocations(&self) -> BTreeMap<&'static str, usize> {
        let sites = self.sites.iter();
        sites
            .map(|(name, site)| (*name, site.invocations))
            .chain([("insights", self.watcher.invocations)])
            .collect()
    }

    /// Products, stock, a shipping rate and addresses: what is there before the first order.
    pub(crate) fn sell(&mut self) {
        for number in 0..SKUS {
            let id = format!("product-{number}");
            let product = json!({
                "product_id": id, "category": "Tea", "title": { "en": id },
                "variants": [{
                    "sku": sku(number), "tax_class": "reduced", "weight_grams": 100,
                    "price": { "amount_minor": 1080, "currency": "JPY" },
                }],
            });
            let create = Request::new("POST", "/api/operator/products").by_operator("bench");
            self.ask("catalog", &create.json(&product));
            let path = format!("/api/operator/products/{id}/publish");
            self.ask("catalog", &Request::new("POST", &path).by_operator("bench"));
        }
        let lines: Vec<Value> = (0..SKUS)
            .map(|number| json!({ "sku": sku(number), "quantity": 1_000_000 }))
            .collect();
        let receipt = json!({ "receipt_id": "bench", "lines": lines });
        let receive = Request::new("POST", "/api/operator/stock/receive").by_operator("bench");
        self.ask("inventory", &receive.json(&receipt));
        let bracket =
            json!({ "up_to_grams": 100_000, "fee": { "amount_minor": 300, "currency": "JPY" } });
        let path = format!("/api/operator/shipping/rates/{REGION}");
        let rate = Request::new("PUT", &path).by_operator("bench");
        self.ask("shipping", &rate.json(&json!({ "brackets": [bracket] })));
        for number in 0..CUSTOMERS {
            let customer = customer(number);
            let contact = json!({ "email": format!("{customer}@example.com"), "language": "en" });
            let set = Request::new("PUT", "/api/notifications/contact").by_customer(&customer);
            self.ask("notifications", &set.json(&contact));
        }
        self.settle();
        self.watcher.work_off(self.runtime, WATCHED_AT_ONCE);
    }

    /// Places orders, so many at a time as the batch, and takes them to their end.
    pub(crate) fn take_orders(&mut self, count: usize) {
        let numbers: Vec<usize> = (0..count).collect();
        for numbers in numbers.chunks(self.batch) {
            let orders: Vec<String> = numbers.iter().map(|number| self.place(*number)).collect();
            self.settle();
            for act in ["pack", "dispatch", "deliver"] {
                self.work_off(act, &orders);
                self.settle();
            }
            self.watcher.work_off(self.runtime, WATCHED_AT_ONCE);
        }
    }

    fn place(&mut self, number: usize) -> String {
        let customer = customer(number);
        let lines: Vec<Value> = (0..self.lines)
            .map(|line| json!({ "sku": sku((number * self.lines + line) % SKUS), "quantity": 1 }))
            .collect();
        let wish =
            json!({ "lines": lines, "region": REGION, "payment_method": payments::fake::APPROVES });
        let place = Request::new("POST", "/api/orders").by_customer(&customer);
        let place = place.header("idempotency-key", &format!("bench-{number}"));
        let order = self.ask("orders", &place.json(&wish));
        order["order_id"].as_str().unwrap_or_default().to_owned()
    }

    fn work_off(&mut self, act: &str, orders: &[String]) {
        let acts = orders.iter().map(|order| {
            let mut entry = json!({ "order_id": order, "act": act });
            if act == "dispatch" {
                entry["carrier"] = json!("Hikyaku");
                entry["tracking_number"] = json!(format!("HK-{order}"));
            }
            entry
        });
        let acts = json!({ "acts": acts.collect::<Vec<Value>>() });
        let request = Request::new("POST", "/api/operator/shipping/acts").by_operator("bench");
        self.ask("shipping", &request.json(&acts));
    }

    fn ask(&mut self, context: &str, request: &Request) -> Value {
        self.serial += 1;
        let payload = request.payload(SystemClock.now(), self.serial);
        let site = self.sites.get_mut(context);
        let site = site.expect("every context is there");
        site.request(self.runtime, payload)
    }

    /// Carries events until nobody has anything to do.
    fn settle(&mut self) {
        while self.sites.values().any(|site| !site.is_idle()) {
            let mut said: Vec<CloudEvent> = Vec::new();
            for site in self.sites.values_mut() {
                said.extend(site.work_off(self.runtime, self.batch));
            }
            for event in said {
                self.completed += usize::from(event.event_type == "orders.OrderCompleted.v1");
                let watcher = std::iter::once(&mut self.watcher);
                for site in self.sites.values_mut().chain(watcher) {
                    if site.hears(&event.event_type) {
                        site.queue.push(event.clone());
                    }
                }
            }
        }
    }
}

/// Insights, with no failed queues to look into.
fn watcher() -> Site {
    let variables = [
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "bench"),
        ("AWS_SECRET_ACCESS_KEY", "bench"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let sdk = door::sdk_config(&variables.into_iter().collect());
    let sdk = sdk.expect("region and credentials are given");
    let failed = insights::failed::FailedQueues::among(&sdk, &BTreeMap::new());
    let time_zone = jiff::tz::TimeZone::posix("JST-9").expect("a zone by the rule of POSIX");
    let table = MemoryStore::new(insights::INDEXES);
    let context = insights::Insights::new(table.clone(), failed, insights::Config { time_zone });
    Site::new(table, context)
}

fn sku(number: usize) -> String {
    format!("SKU-{number:06}")
}

fn customer(number: usize) -> String {
    format!("customer-{}", number % CUSTOMERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_come_to_their_end_alone_and_in_batches() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let mut shop = Shop::open(&runtime, 5, 1);
        shop.sell();
        let before: usize = shop.invocations().values().sum();
        shop.take_orders(2);
        assert_eq!(shop.completed(), 2);
        let alone: usize = shop.invocations().values().sum();

        let mut shop = Shop::open(&runtime, 5, 10);
        shop.sell();
        let before_batches: usize = shop.invocations().values().sum();
        shop.take_orders(20);
        assert_eq!(shop.completed(), 20);
        let together: usize = shop.invocations().values().sum();
        assert!((together - before_batches) / 20 < (alone - before) / 2);
    }
}
