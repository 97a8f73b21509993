//! What orders tells of itself: one trace from a request through commit, stream and topic to the events that answer it,
//! exported to a real collector over HTTP.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use contracts::CloudEvent;
use contracts::inventory::StockReserved;
use door::{DeadLetterRecorder, Door, Environment, Function};
use harness::{ManualClock, Request, event, queue_batch, stream_batch};
use identifiers::{Clock as _, Timestamp};
use orders::{Config, INDEXES, Orders};
use publisher::{Deaf, Recorder};
use serde_json::{Value, json};
use store::MemoryStore;

const SENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A collector: what it was sent, and whether with the header that it asks for.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Value>>>);

impl Collector {
    async fn serve(&self) -> String {
        async fn take(
            State(collector): State<Collector>,
            headers: HeaderMap,
            axum::Json(body): axum::Json<Value>,
        ) -> StatusCode {
            if headers.get("x-api-key").is_none_or(|key| key != "a key") {
                return StatusCode::UNAUTHORIZED;
            }
            collector.0.lock().unwrap().push(body);
            StatusCode::OK
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// The spans of the last request.
    fn last(&self) -> Vec<Value> {
        let bodies = self.0.lock().unwrap();
        let resource = &bodies.last().unwrap()["resourceSpans"][0];
        let service = &resource["resource"]["attributes"][0];
        assert_eq!(service["value"]["stringValue"], "orders");
        resource["scopeSpans"][0]["spans"]
            .as_array()
            .unwrap()
            .clone()
    }
}

struct Shop {
    store: MemoryStore,
    published: Recorder,
    clock: ManualClock,
    function: Function,
}

impl Shop {
    async fn open(endpoint: Option<&str>) -> Self {
        let store = MemoryStore::new(INDEXES);
        let clock = ManualClock::at(Timestamp::from_milliseconds(1_795_512_600_000));
        let published = Recorder::default();
        let context = Arc::new(Orders::new(store.clone(), Config::default()));
        let dead_letters = DeadLetterRecorder::default();
        let door = Door::new(context, published.clone(), dead_letters, clock.clone())
            .with_callers(harness::callers());
        let endpoint = endpoint.unwrap_or_default().to_owned();
        let environment = Environment::from_iter([
            ("SERVICE_NAME".to_owned(), "orders".to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), endpoint),
            (
                "OTEL_EXPORTER_OTLP_HEADERS".to_owned(),
                "X-Api-Key=a%20key".to_owned(),
            ),
        ]);
        let function = Function::new(door).traced(&environment);
        let shop = Self {
            store,
            published,
            clock,
            function,
        };
        for name in [
            "catalog.ProductPublished.v1",
            "shipping.ShippingRateChanged.v1",
        ] {
            shop.hear(&golden(name)).await;
        }
        shop
    }

    async fn invoke(&self, payload: String) -> Value {
        let answer = self.function.invoke(payload.into()).await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    async fn hear(&self, event: &CloudEvent) -> Vec<CloudEvent> {
        self.clock.advance_seconds(1);
        let answer = self.invoke(queue_batch(&[event.to_json()])).await;
        assert_eq!(answer["batchItemFailures"], json!([]));
        self.published.take()
    }

    /// Places an order, lets the stream publish it, and returns what that says.
    async fn place(&self, headers: &[(&str, &str)]) -> CloudEvent {
        let wish = json!({
            "lines": [{ "sku": fact(&golden("catalog.ProductPublished.v1"), "/variants/0/sku"), "quantity": 1 }],
            "region": fact(&golden("shipping.ShippingRateChanged.v1"), "/region"),
            "payment_method": "pm_card_visa",
        });
        let mut request = Request::new("POST", "/api/orders")
            .by_customer("c-1")
            .header("Idempotency-Key", "k-1")
            .json(&wish);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.store.take_changes();
        let answer = self.invoke(request.payload(self.clock.now(), 1)).await;
        assert_eq!(answer["statusCode"], 201, "{answer}");
        self.invoke(stream_batch(&self.store.take_changes())).await;
        let [placed] = self.published.take().try_into().unwrap();
        placed
    }
}

fn golden(name: &str) -> CloudEvent {
    let path = format!(
        "{}/../../shared/contracts/examples/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    CloudEvent::read(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn fact(event: &CloudEvent, pointer: &str) -> Value {
    let data: Value = serde_json::from_str(event.data.get()).unwrap();
    data.pointer(pointer).unwrap().clone()
}

fn reserved(order_id: &str) -> StockReserved {
    StockReserved {
        order_id: order_id.parse().unwrap(),
    }
}

/// What inventory says about the order, in answer to what it heard.
fn answer_to(placed: &CloudEvent) -> CloudEvent {
    let mut answer = event(&placed.subject, 1, 0, &reserved(&placed.subject));
    answer.causationid = placed.id.clone();
    let place = trace::TraceContext::parse(placed.traceparent.as_deref().unwrap()).unwrap();
    answer.traceparent = Some(place.child(answer.id.as_str()).to_string());
    answer
}

fn span_id(event: &CloudEvent) -> &str {
    &event.traceparent.as_deref().unwrap()[36..52]
}

#[tokio::test]
async fn one_trace_goes_from_the_request_to_what_follows_from_its_answer() {
    let shop = Shop::open(None).await;
    let placed = shop.place(&[("traceparent", SENT)]).await;
    assert_eq!(&placed.traceparent.as_deref().unwrap()[3..35], TRACE);
    assert_ne!(span_id(&placed), PARENT);
    let answer = answer_to(&placed);
    let requested = shop.hear(&answer).await;
    let [requested] = requested.as_slice() else {
        panic!("it says one thing: {requested:?}");
    };
    assert_eq!(&requested.traceparent.as_deref().unwrap()[3..35], TRACE);
    // Delivered again, and told by what is stored, it is the same event in the same trace.
    assert_eq!(shop.hear(&answer).await[0].to_json(), requested.to_json());
}

#[tokio::test]
async fn a_trace_begins_with_what_aws_says_or_with_the_request() {
    let shop = Shop::open(None).await;
    let by_aws = [(
        "x-amzn-trace-id",
        "Root=1-5e6722a7-cc56f3d1db7ae02d4da47e01",
    )];
    let placed = shop.place(&by_aws).await;
    let trace_id = &placed.traceparent.as_deref().unwrap()[3..35];
    assert_eq!(trace_id, "5e6722a7cc56f3d1db7ae02d4da47e01");
    let one = Shop::open(None).await.place(&[]).await;
    let same = Shop::open(None).await.place(&[]).await;
    assert!(one.traceparent.is_some());
    assert_eq!(one.traceparent, same.traceparent, "nothing in it is random");
}

#[tokio::test]
async fn each_hop_is_a_child_span_of_the_one_before() {
    let collector = Collector::default();
    let shop = Shop::open(Some(&collector.serve().await)).await;
    let placed = shop.place(&[("traceparent", SENT)]).await;
    let [publishing] = collector.last().try_into().unwrap();
    let bodies = collector.0.lock().unwrap().clone();
    let request = &bodies[bodies.len() - 2]["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(
        (&request["traceId"], &request["parentSpanId"]),
        (&json!(TRACE), &json!(PARENT))
    );
    assert_eq!(request["kind"], 2, "{request}");
    assert_eq!(publishing["name"], "publish orders.OrderPlaced.v1");
    assert_eq!(
        (&publishing["traceId"], &publishing["kind"]),
        (&json!(TRACE), &json!(4))
    );
    assert_eq!(publishing["parentSpanId"], request["spanId"]);
    assert_eq!(publishing["spanId"], span_id(&placed));

    let answer = answer_to(&placed);
    let said = shop.hear(&answer).await;
    let [handling, publishing] = collector.last().try_into().unwrap();
    assert_eq!(handling["name"], "handle inventory.StockReserved.v1");
    assert_eq!(
        (&handling["traceId"], &handling["kind"]),
        (&json!(TRACE), &json!(5))
    );
    assert_eq!(handling["parentSpanId"], span_id(&answer));
    assert_eq!(publishing["parentSpanId"], handling["spanId"]);
    assert_eq!(publishing["spanId"], span_id(&said[0]));
}

#[tokio::test]
async fn a_request_whose_trace_is_not_kept_is_not_exported() {
    let collector = Collector::default();
    let shop = Shop::open(Some(&collector.serve().await)).await;
    let before = collector.0.lock().unwrap().len();
    let placed = shop
        .place(&[("traceparent", &SENT.replace("-01", "-00"))])
        .await;
    assert!(placed.traceparent.unwrap().ends_with("-00"));
    assert_eq!(collector.0.lock().unwrap().len(), before);
}

#[tokio::test]
async fn a_collector_that_is_not_there_stops_nothing() {
    let shop = Shop::open(Some("http://127.0.0.1:9")).await;
    shop.place(&[("traceparent", SENT)]).await;
}

#[tokio::test]
async fn what_happens_is_counted_where_it_happens() {
    let shop = Shop::open(None).await;
    let (placed, recorded) = metrics::recording(shop.place(&[])).await;
    for (name, count) in [
        ("Commits", 1),
        ("OrderPlaced", 1),
        ("Published", 1),
        ("Duplicates", 0),
    ] {
        assert_eq!(recorded.of(name), count, "{name}");
    }
    let answer = answer_to(&placed);
    let (_, recorded) = metrics::recording(shop.hear(&answer)).await;
    assert_eq!(
        (recorded.of("Commits"), recorded.of("PaymentRequested")),
        (1, 1)
    );
    let lag = shop.clock.now().milliseconds() - answer.time.milliseconds();
    assert_eq!(recorded.times("LagFromInventory"), [lag]);
    let (_, recorded) = metrics::recording(shop.hear(&answer)).await;
    assert_eq!((recorded.of("Commits"), recorded.of("Duplicates")), (0, 1));
    let unknown = Request::new("GET", "/api/orders/nobody").by_customer("c-1");
    let payload = unknown.payload(shop.clock.now(), 2);
    let (_, recorded) = metrics::recording(shop.invoke(payload)).await;
    assert_eq!(recorded.of_reason("Rejected", "not-found"), 1);
}

#[tokio::test]
async fn what_does_not_go_well_is_counted_too() {
    let shop = Shop::open(None).await;
    let placed = shop.place(&[]).await;
    let unknown = event("nobody", 1, 0, &reserved("nobody"));
    let batch = queue_batch(&["no event".to_owned(), unknown.to_json()]);
    let (answer, recorded) = metrics::recording(shop.invoke(batch)).await;
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 1);
    assert_eq!(
        (recorded.of("ComeAgain"), recorded.of("DeadLetters")),
        (1, 1)
    );

    let context = Arc::new(Orders::new(shop.store.clone(), Config::default()));
    let door = Door::new(
        context,
        Deaf,
        DeadLetterRecorder::default(),
        shop.clock.clone(),
    );
    let batch = queue_batch(&[answer_to(&placed).to_json()]);
    let handled = door.handle(batch.as_bytes());
    let (_, recorded) = metrics::recording(handled).await;
    assert_eq!(
        (recorded.of("Published"), recorded.of("NotPublished")),
        (0, 1)
    );
}

#[tokio::test]
async fn the_way_from_checkout_to_confirmation_is_timed() {
    let shop = Shop::open(None).await;
    let placed = shop.place(&[]).await;
    let begun = shop.clock.now().milliseconds();
    let [requested] = shop.hear(&answer_to(&placed)).await.try_into().unwrap();
    let authorized = contracts::payments::PaymentAuthorized {
        order_id: placed.subject.parse().unwrap(),
        attempt: 1,
        amount: serde_json::from_value(fact(&requested, "/amount")).unwrap(),
        authorized_until: shop.clock.now().plus_seconds(7 * 86_400),
    };
    let mut authorized = event(&placed.subject, 2, 0, &authorized);
    authorized.causationid = requested.id.clone();
    let (_, recorded) = metrics::recording(shop.hear(&authorized)).await;
    let waited = shop.clock.now().milliseconds() - begun;
    assert_eq!(recorded.times("CheckoutToConfirmed"), [waited]);
}
