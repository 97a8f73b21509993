//! Each context behind its door, in memory, with something in it; and all that must not change when it is badly asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use carts::Carts;
use catalog::Catalog;
use customers::Customers;
use door::{Context, DeadLetterRecorder, DeadLetters, Door, Function, NoDeadLetters};
use hmac::{Hmac, KeyInit as _, Mac as _};
use identifiers::{Clock, Timestamp};
use insights::Insights;
use insights::failed::FailedQueues;
use inventory::Inventory;
use local_messaging::Messaging;
use notifications::Notifications;
use orders::Orders;
use payments::fake::Booked;
use payments::{FakeProvider, Payments};
use publisher::Recorder;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shipping::Shipping;
use store::{MemoryStore, Record};

use crate::call::{Answer, Call, NOW_MILLISECONDS, guest};

/// The contexts.
pub const CONTEXTS: [&str; 9] = [
    "carts",
    "catalog",
    "customers",
    "insights",
    "inventory",
    "notifications",
    "orders",
    "payments",
    "shipping",
];
/// The customer of the examples, who asks in these tests.
pub const CUSTOMER: &str = "c-7f3a91";
/// Another customer.
pub const OTHER_CUSTOMER: &str = "c-other";
/// The order of the examples.
pub const EXAMPLE: &str = "019ac5d2-7c40-7a31-9f6e-2f0b8d1c4e57";
/// The key under which a customer and a guest have added an address.
pub const ADDRESS_KEY: &str = "key-address";
/// An order of which a parcel has left.
pub const DISPATCHED: &str = "o-dispatched";
/// A guest's order that has arrived.
pub const DELIVERED_TO_GUEST: &str = "o-guest-delivered";
/// An order that nobody has placed.
pub const UNKNOWN_ORDER: &str = "o-unknown";

const WEBHOOK_SECRET: &str = "whsec_test";
/// No single request or batch takes longer, however slow the machine: what does hangs.
const HANGS_AFTER: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy)]
struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(NOW_MILLISECONDS)
    }
}

/// A context in memory.
pub struct World {
    pub context: &'static str,
    pub hears: &'static [&'static str],
    pub store: MemoryStore,
    function: Function,
    published: Recorder,
    dead_letters: DeadLetterRecorder,
    provider: Arc<FakeProvider>,
    mails: notifications::mail::Recorder,
    /// Where the queues of failed messages are, for the context that looks into them.
    sqs: String,
    serial: AtomicU64,
}

/// All that a context can change.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    items: Vec<Record>,
    booked: Vec<Booked>,
    calls: Vec<String>,
}

impl State {
    /// How often the provider had been asked to change something.
    pub fn asked(&self) -> usize {
        self.calls.len()
    }
}

/// What came of a batch.
#[derive(Debug)]
pub struct Delivered {
    /// The positions of the messages that come again.
    pub failed: Vec<usize>,
    /// The bodies of the messages that went to the dead-letter queue, with the reasons.
    pub dead: Vec<(String, String)>,
}

impl World {
    /// The context, empty.
    pub fn empty(context: &'static str) -> Self {
        let provider = Arc::new(FakeProvider::new(StandingClock.now()));
        let mails = notifications::mail::Recorder::default();
        let parts = (Recorder::default(), DeadLetterRecorder::default());
        let (published, dead_letters) = parts.clone();
        let sqs = match context {
            "insights" => serve_sqs(),
            _ => String::new(),
        };
        let (store, hears, function) = match context {
            "carts" => {
                let store = MemoryStore::new(carts::INDEXES);
                let context = Carts::new(store.clone());
                behind_door(store, context, published.clone(), dead_letters.clone())
            }
            "catalog" => {
                let store = MemoryStore::new(catalog::INDEXES);
                let context = Catalog::new(store.clone());
                // As deployed: it hears nothing and has no queue.
                behind_door(store, context, published.clone(), NoDeadLetters)
            }
            "customers" => {
                let store = MemoryStore::new(customers::INDEXES);
                let context = Customers::new(store.clone());
                behind_door(store, context, published.clone(), NoDeadLetters)
            }
            "insights" => {
                let store = MemoryStore::new(insights::INDEXES);
                let config = insights::Config {
                    time_zone: jiff::tz::TimeZone::posix("JST-9").unwrap(),
                };
                let failed = FailedQueues::among(&sqs_at(&sqs), &failed_queues(&sqs));
                let context = Insights::new(store.clone(), failed, config);
                behind_door(store, context, published.clone(), dead_letters.clone())
            }
            "inventory" => {
                let store = MemoryStore::new(inventory::INDEXES);
                let context = Inventory::new(store.clone());
                behind_door(store, context, published.clone(), dead_letters.clone())
            }
            "notifications" => {
                let config = notifications::Config {
                    mail_from: "shop@example.com".into(),
                    shop_name: "Noren".into(),
                    shop_url: "https://shop.example.com".into(),
                };
                let store = MemoryStore::new(notifications::INDEXES);
                let context = Notifications::new(store.clone(), mails.clone(), &config);
                behind_door(store, context, published.clone(), dead_letters.clone())
            }
            "orders" => {
                let store = MemoryStore::new(orders::INDEXES);
                let context = Orders::new(store.clone(), orders::Config::default());
                behind_door(store, context, published.clone(), dead_letters.clone())
            }
            "payments" => {
                let store = MemoryStore::new(payments::INDEXES);
                let secrets = vec![WEBHOOK_SECRET.to_owned()];
                let context = Payments::new(store.clone(), Arc::clone(&provider), secrets);
                behind_door(store, context, published.clone(), dead_letters.clone())
            }
            "shipping" => {
                let store = MemoryStore::new(shipping::INDEXES);
                let context = Shipping::new(store.clone());
                behind_door(store, context, published.clone(), dead_letters.clone())
            }
            other => panic!("there is no context {other}"),
        };
        Self {
            context,
            hears,
            store,
            function,
            published,
            dead_letters,
            provider,
            mails,
            sqs,
            serial: AtomicU64::new(0),
        }
    }

    /// The context with enough in it for every route to lead to something.
    pub async fn of(context: &'static str) -> Self {
        let world = Self::empty(context);
        match context {
            "carts" => {
                world.hear(&[example("catalog.ProductPublished.v1")]).await;
                for call in [Call::customer as fn(Call, &str) -> Call, |call, _| {
                    call.guest()
                }] {
                    let path = match call(Call::new("GET", "/"), CUSTOMER).claims {
                        Some(_) => "/api/cart/lines/SENCHA-100G",
                        None => "/api/guest/cart/lines/SENCHA-100G",
                    };
                    let put = call(Call::new("PUT", path), CUSTOMER);
                    world.good(&put.json(json!({ "quantity": 1 }))).await;
                }
            }
            "catalog" => {
                for (id, category) in [
                    ("sencha", "Tea"),
                    ("hojicha", "Tea"),
                    ("genmaicha", "Tea"),
                    ("kyusu", "Cups"),
                    ("yunomi", "Cups"),
                    ("draft", "Tea"),
                ] {
                    let variant = |size: &str| {
                        json!({
                            "sku": format!("{}-{size}", id.to_uppercase()), "tax_class": "reduced",
                            "weight_grams": 100, "price": { "amount_minor": 1080, "currency": "JPY" },
                        })
                    };
                    let variants = [variant("100G"), variant("500G")];
                    let product = json!({
                        "product_id": id, "category": category, "title": { "en": id },
                        "variants": variants,
                    });
                    let create = Call::new("POST", "/api/operator/products").operator();
                    world.good(&create.json(product)).await;
                    if id != "draft" {
                        let path = format!("/api/operator/products/{id}/publish");
                        world.good(&Call::new("POST", &path).operator()).await;
                    }
                }
            }
            "customers" => {
                let address = json!({
                    "recipient": "A customer", "postal_code": "150-0001", "region": "JP-13", "city": "Shibuya",
                    "street": "4-5-6", "country": "JP",
                });
                let customer = Call::new("POST", "/api/customers/me/addresses").customer(CUSTOMER);
                let guest = Call::new("POST", "/api/guest/customers/me/addresses").guest();
                for call in [customer, guest] {
                    let call = call.header("idempotency-key", ADDRESS_KEY);
                    world.good(&call.json(address.clone())).await;
                }
            }
            "insights" => {
                let client = aws_sdk_sqs::Client::new(&sqs_at(&world.sqs));
                for url in failed_queues(&world.sqs).values() {
                    let name = url.rsplit('/').next().unwrap_or_default();
                    client.create_queue().queue_name(name).send().await.unwrap();
                }
                for order in [EXAMPLE, "o-2", "o-3", "o-4"] {
                    world
                        .hear(&[about(&example("orders.OrderPlaced.v1"), order)])
                        .await;
                }
                let mut low = example("inventory.LowStock.v1");
                for sku in ["SENCHA-100G", "KYUSU-360", "HOJICHA-100G"] {
                    low["id"] = json!(format!("inventory.{sku}.12.0"));
                    low["data"]["sku"] = json!(sku);
                    world.hear(&[low.clone()]).await;
                }
            }
            "inventory" => {
                for sku in ["SENCHA-100G", "KYUSU-360", "SENCHA-100G", "KYUSU-360"] {
                    let path = format!("/api/operator/stock/{sku}/receive");
                    let receive = Call::new("POST", &path).operator();
                    world.good(&receive.json(json!({ "quantity": 50 }))).await;
                }
                world.hear(&[example("orders.OrderPlaced.v1")]).await;
            }
            "notifications" => {
                let contact = json!({ "email": "taro@example.com", "language": "ja" });
                let put = Call::new("PUT", "/api/notifications/contact").customer(CUSTOMER);
                world.good(&put.json(contact)).await;
                world.hear(&[example("orders.OrderConfirmed.v1")]).await;
            }
            "orders" => {
                world.hear(&priced()).await;
                let mut checked_out = example("carts.CartCheckedOut.v1");
                checked_out["data"]["order_id"] = json!("o-guest");
                checked_out["data"]["customer_id"] = json!(guest().1);
                let mut delivered = checked_out.clone();
                world.hear(&[checked_out]).await;
                delivered["id"] = json!("carts.delivered.1.0");
                delivered["data"]["order_id"] = json!(DELIVERED_TO_GUEST);
                delivered["data"]["lines"] = json!([{
                    "sku": "KYUSU-360", "quantity": 1,
                    "unit_price": { "amount_minor": 3000, "currency": "JPY" },
                }]);
                delivered["data"]["expected_total"]["amount_minor"] = json!(3690);
                world.hear(&[delivered]).await;
                for (customer, key) in [
                    (CUSTOMER, "key-1"),
                    (CUSTOMER, "key-2"),
                    (CUSTOMER, "key-3"),
                    (OTHER_CUSTOMER, "key-1"),
                    (OTHER_CUSTOMER, "key-2"),
                ] {
                    let wish = json!({
                        "lines": [{ "sku": "KYUSU-360", "quantity": 1 }], "region": "JP-13",
                        "payment_method": "pm_card_visa",
                    });
                    let place = Call::new("POST", "/api/orders").customer(customer);
                    world
                        .good(&place.header("idempotency-key", key).json(wish))
                        .await;
                }
                for order in [DELIVERED_TO_GUEST, &placed(CUSTOMER, "key-3")] {
                    for event_type in [
                        "inventory.StockReserved.v1",
                        "payments.PaymentAuthorized.v1",
                        "shipping.ShipmentDispatched.v1",
                        "shipping.ShipmentDelivered.v1",
                    ] {
                        world.hear(&[about(&example(event_type), order)]).await;
                    }
                }
            }
            "payments" => {
                let mut requested = example("orders.PaymentRequested.v1");
                requested["data"]["payment_method"] = json!(payments::fake::APPROVES);
                let dispatched = example("shipping.ShipmentDispatched.v1");
                let mut guests = about(&requested, "o-guest");
                guests["data"]["customer_id"] = json!(guest().1);
                world.hear(&[requested, guests]).await;
                world.hear(&[dispatched]).await;
            }
            "shipping" => {
                let rate = json!({ "brackets": [{ "up_to_grams": 5000, "fee": { "amount_minor": 330, "currency": "JPY" } }] });
                let put = Call::new("PUT", "/api/operator/shipping/rates/JP-13").operator();
                world.good(&put.json(rate)).await;
                for order in [EXAMPLE, DISPATCHED, "o-3", "o-4"] {
                    let confirmed = about(&example("orders.OrderConfirmed.v1"), order);
                    world.hear(&[confirmed]).await;
                }
                let path = format!("/api/operator/shipments/{DISPATCHED}/dispatch");
                let dispatch = Call::new("POST", &path).operator();
                let parcel = json!({ "carrier": "Yamato", "tracking_number": "1" });
                world.good(&dispatch.json(parcel)).await;
            }
            other => panic!("there is no context {other}"),
        }
        world.published.take();
        world
    }

    /// Invokes the function. Fails the test if that hangs.
    pub async fn invoke(&self, payload: &str) -> Result<Vec<u8>, door::InvocationError> {
        let began = Instant::now();
        let answer = self.function.invoke(payload.to_owned().into()).await;
        let took = began.elapsed();
        assert!(took < HANGS_AFTER, "{took:?} for {payload:.1000}");
        answer.map(|bytes| bytes.to_vec())
    }

    pub async fn send(&self, call: &Call) -> Answer {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let answer = self.invoke(&call.payload(serial)).await;
        let answer = answer.unwrap_or_else(|error| panic!("{call:.2000?} failed: {error}"));
        Answer::read(&answer)
    }

    /// Sends what must succeed.
    pub async fn good(&self, call: &Call) -> Answer {
        let answer = self.send(call).await;
        assert!(answer.is_success(), "{call:?}: {answer:?}");
        answer
    }

    /// Delivers one batch.
    pub async fn deliver(&self, bodies: &[String]) -> Delivered {
        let record = |(position, body): (usize, &String)| {
            json!({
                "messageId": format!("message-{position}"), "receiptHandle": "handle", "body": body,
                "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1795512600000" },
                "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:ap-northeast-1:000000000000:queue", "awsRegion": "ap-northeast-1",
            })
        };
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let answer = self
            .invoke(&json!({ "Records": records }).to_string())
            .await;
        let answer: Value = serde_json::from_slice(&answer.unwrap()).unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap();
        let position = |failure: &Value| {
            let id = failure["itemIdentifier"].as_str()?;
            id.strip_prefix("message-")?.parse().ok()
        };
        let mut failed: Vec<usize> = failures.iter().filter_map(position).collect();
        assert_eq!(failed.len(), failures.len(), "{answer}");
        failed.sort_unstable();
        let dead = self.dead_letters.take().into_iter();
        Delivered {
            failed,
            dead: dead
                .map(|(message, reason)| (message.body.unwrap_or_default(), reason))
                .collect(),
        }
    }

    /// Delivers events that must all be taken.
    pub async fn hear(&self, events: &[Value]) {
        let bodies: Vec<String> = events.iter().map(Value::to_string).collect();
        let delivered = self.deliver(&bodies).await;
        let taken = delivered.failed.is_empty() && delivered.dead.is_empty();
        assert!(taken, "{}: {delivered:?}", self.context);
    }

    /// Everything that stands now, at the provider too. Nothing may have been said or mailed since the last time.
    pub fn state(&self) -> State {
        State {
            items: self.store.all(),
            booked: self.provider.booked(),
            calls: self.provider.calls(),
        }
    }

    /// How often the provider was asked to change something.
    pub fn asked(&self) -> usize {
        self.provider.calls().len()
    }

    /// Forgets what was published, committed and mailed so far.
    pub fn settle(&self) {
        self.published.take();
        self.store.take_changes();
        self.mails.take();
    }

    /// Whether nothing was published, committed or mailed since the last [`World::settle`].
    pub fn is_still(&self) -> bool {
        let said = self.published.take().len();
        let committed = self.store.take_changes().len();
        let mailed = self.mails.take().len();
        said + committed + mailed == 0
    }
}

/// Serves SQS in memory, and tells where.
fn serve_sqs() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let messaging = Messaging::open(local_messaging::Options {
        endpoint_url: endpoint.clone(),
        ..local_messaging::Options::default()
    });
    let router = messaging.unwrap().router();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

fn sqs_at(endpoint: &str) -> aws_config::SdkConfig {
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_REGION", "ap-northeast-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    door::sdk_config(&variables.into_iter().collect()).unwrap()
}

/// The queues that insights knows in these tests.
fn failed_queues(endpoint: &str) -> BTreeMap<String, String> {
    let url = |id: &str| format!("{endpoint}/000000000000/noren-{id}");
    ["OrdersQueue", "OrdersDeadLetters"]
        .map(|id| (id.to_owned(), url(id)))
        .into()
}

type Parts = (MemoryStore, &'static [&'static str], Function);

fn behind_door<C: Context, D: DeadLetters>(
    store: MemoryStore,
    context: C,
    published: Recorder,
    dead_letters: D,
) -> Parts {
    let door = Door::new(Arc::new(context), published, dead_letters, StandingClock)
        .with_callers(crate::call::callers());
    (store, C::HEARS, Function::new(door))
}

/// The committed example of an event type.
pub fn example(event_type: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/contracts/examples");
    let path = folder.join(format!("{event_type}.json"));
    let text = std::fs::read_to_string(&path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The same event of another order.
pub fn about(event: &Value, order_id: &str) -> Value {
    serde_json::from_str(&event.to_string().replace(EXAMPLE, order_id)).unwrap()
}

/// What orders hears before it can sell: tea, a pot, a mug in another currency, and what shipping costs.
fn priced() -> Vec<Value> {
    let published = |product: &str, sku: &str, currency: &str| {
        let mut event = example("catalog.ProductPublished.v1");
        event["id"] = json!(format!("catalog.{product}.1.0"));
        event["subject"] = json!(product);
        event["data"]["product_id"] = json!(product);
        event["data"]["variants"] = json!([{
            "sku": sku, "price": { "amount_minor": 3000, "currency": currency },
            "tax_class": "standard", "weight_grams": 400,
        }]);
        event
    };
    let mut rate = example("shipping.ShippingRateChanged.v1");
    rate["id"] = json!("shipping.JP-13.1.0");
    rate["subject"] = json!("JP-13");
    rate["data"] = json!({
        "region": "JP-13",
        "brackets": [{ "up_to_grams": 20_000, "fee": { "amount_minor": 690, "currency": "JPY" } }],
    });
    let mut tea = published("sencha", "SENCHA-100G", "JPY");
    tea["data"]["variants"][0]["price"]["amount_minor"] = json!(1500);
    vec![
        tea,
        published("kyusu", "KYUSU-360", "JPY"),
        published("mug", "MUG-USD", "USD"),
        rate,
    ]
}

/// The id of the order that the customer placed under the key.
pub fn placed(customer: &str, key: &str) -> String {
    let digest = Sha256::new()
        .chain_update(customer)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    hex::encode(&digest[..16])
}

/// The id of the address that the customer added under the key.
pub fn added(customer: &str, key: &str) -> String {
    let key = hex::encode(&Sha256::digest(key)[..16]);
    let digest = Sha256::new()
        .chain_update(customer)
        .chain_update([0])
        .chain_update(format!("key:{key}"))
        .finalize();
    hex::encode(&digest[..16])
}

/// The call with that body, signed as the payment provider signs.
pub fn sign(call: Call, body: &[u8]) -> Call {
    let seconds = NOW_MILLISECONDS / 1000;
    let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_SECRET.as_bytes()).unwrap();
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    let signature = hex::encode(mac.finalize().into_bytes());
    call.header("stripe-signature", &format!("t={seconds},v1={signature}"))
        .bytes(body)
}

/// A world of each context.
pub async fn all() -> BTreeMap<&'static str, World> {
    let mut worlds = BTreeMap::new();
    for context in CONTEXTS {
        worlds.insert(context, World::of(context).await);
    }
    worlds
}
