//! A stand-in with a clock in hand and short ways to call it.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use payment_stand_in::{Clock, ManualClock, Options, StandIn};
use serde_json::Value;
use tower::ServiceExt;

pub struct Provider {
    pub stand_in: StandIn,
    pub clock: ManualClock,
    router: Router,
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The error object, after checking the status.
    #[track_caller]
    pub fn refused(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()["error"].clone()
    }
}

pub fn start() -> Timestamp {
    "2026-11-24T03:00:00Z".parse().unwrap()
}

impl Provider {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    pub fn with(options: Options) -> Self {
        let clock = ManualClock::starting_at(start());
        let options = Options {
            clock: Clock::Manual(clock.clone()),
            base_url: "http://127.0.0.1:8094".to_owned(),
            ..options
        };
        let stand_in = StandIn::open(options).unwrap();
        Self {
            router: stand_in.router(),
            stand_in,
            clock,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path)
            .header("authorization", "Bearer sk_test_1")
            .body(Body::empty())
            .unwrap();
        self.send(request).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(post(path, form, None)).await
    }

    pub async fn post_with_key(&self, path: &str, form: &str, key: &str) -> Answer {
        self.send(post(path, form, Some(key))).await
    }

    /// Creates and confirms a manual-capture payment of 1,200 yen.
    pub async fn authorised(&self) -> String {
        let intent = self
            .post("/v1/payment_intents", &held("pm_card_visa"))
            .await
            .ok();
        assert_eq!(intent["status"], "requires_capture");
        intent["id"].as_str().unwrap().to_owned()
    }

    pub async fn event_types(&self) -> Vec<String> {
        let events = self.get("/v1/events?limit=100").await.ok();
        let mut types: Vec<String> = events["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["type"].as_str().unwrap().to_owned())
            .collect();
        types.reverse();
        types
    }
}

pub fn held(payment_method: &str) -> String {
    format!(
        "amount=1200&currency=jpy&capture_method=manual&confirm=true&payment_method={payment_method}&metadata[order_id]=o-1&metadata[attempt]=1"
    )
}

pub fn post(path: &str, form: &str, key: Option<&str>) -> Request<Body> {
    let mut request = Request::post(path)
        .header("authorization", "Bearer sk_test_1")
        .header("content-type", "application/x-www-form-urlencoded");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request
        .body(Body::from(form.replace('[', "%5B").replace(']', "%5D")))
        .unwrap()
}

pub fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap()
}
