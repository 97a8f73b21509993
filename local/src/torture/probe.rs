//! What the callers of each context notice: HTTP requests at a fixed rate, each timed, in phases.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::replay::percentile;
use crate::shop::{Call, Caller, ShopClient};

/// Who asks: no customer of the load, whose mails would otherwise go to another address.
const PROBE: &str = "probe";

/// A time of its own in the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nothing is kept.
    WarmUp,
    /// The first half of the time before the trouble.
    FirstHalf,
    /// The second half.
    SecondHalf,
    /// The trouble.
    Trouble,
    /// Afterwards: nothing is kept.
    After,
}

impl Phase {
    const ALL: [Self; 5] = [
        Self::WarmUp,
        Self::FirstHalf,
        Self::SecondHalf,
        Self::Trouble,
        Self::After,
    ];
}

/// Requests under way and done.
pub(super) struct Probes {
    phase: Arc<AtomicU8>,
    noted: Arc<Mutex<Noted>>,
    tasks: JoinSet<()>,
}

#[derive(Default)]
struct Noted {
    milliseconds: BTreeMap<(&'static str, Phase), Vec<f64>>,
    /// Requests that got no answer or a 5xx, by context, in the phases that are kept.
    failed: BTreeMap<&'static str, u64>,
}

/// A request to one context.
struct Request {
    context: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Probes {
    /// Begins to ask every context but one.
    pub(super) fn begin(
        http_api: &str,
        (sku, region): (&str, &str),
        but: &str,
        per_second: f64,
    ) -> Self {
        let client = Arc::new(ShopClient::new(http_api));
        let mut probes = Self {
            phase: Arc::default(),
            noted: Arc::default(),
            tasks: JoinSet::new(),
        };
        for request in requests(sku, region) {
            if request.context == but {
                continue;
            }
            let (client, noted) = (Arc::clone(&client), Arc::clone(&probes.noted));
            let phase = Arc::clone(&probes.phase);
            probes.tasks.spawn(async move {
                let period = Duration::from_secs_f64(1.0 / per_second);
                let mut ticks = tokio::time::interval(period);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
                // Requests do not wait for each other: a slow one would otherwise hide that others would be slow as well.
                let mut asked = JoinSet::new();
                let request = Arc::new(request);
                loop {
                    ticks.tick().await;
                    while asked.try_join_next().is_some() {}
                    let (client, noted) = (Arc::clone(&client), Arc::clone(&noted));
                    let (phase, request) = (Arc::clone(&phase), Arc::clone(&request));
                    asked.spawn(async move { ask(&client, &request, &phase, &noted).await });
                }
            });
        }
        probes
    }

    /// What comes now is of that phase.
    pub(super) fn phase(&self, phase: Phase) {
        let place = Phase::ALL.iter().position(|known| *known == phase);
        let place = place.and_then(|place| u8::try_from(place).ok());
        self.phase
            .store(place.unwrap_or_default(), Ordering::Relaxed);
    }

    /// The p95 of a context in some phases together, in milliseconds, and the number of requests that it is of.
    pub(super) fn p95(&self, context: &'static str, phases: &[Phase]) -> (f64, usize) {
        let noted = self.noted.lock();
        let all = phases.iter();
        let all = all.filter_map(|phase| noted.milliseconds.get(&(context, *phase)));
        let mut all: Vec<f64> = all.flatten().copied().collect();
        all.sort_by(f64::total_cmp);
        (percentile(&all, 95), all.len())
    }

    /// The contexts that were asked.
    pub(super) fn contexts(&self) -> Vec<&'static str> {
        let noted = self.noted.lock();
        let mut contexts: Vec<_> = noted.milliseconds.keys().map(|(name, _)| *name).collect();
        contexts.dedup();
        contexts
    }

    /// How many requests to a context failed.
    pub(super) fn failed(&self, context: &str) -> u64 {
        self.noted
            .lock()
            .failed
            .get(context)
            .copied()
            .unwrap_or_default()
    }
}

async fn ask(client: &ShopClient, request: &Request, phase: &AtomicU8, noted: &Mutex<Noted>) {
    let now = || Phase::ALL[usize::from(phase.load(Ordering::Relaxed))];
    let sent_in = now();
    let caller = Caller::Customer(PROBE);
    let call = match &request.body {
        Some(body) => Call::json(request.method.clone(), &request.path, caller, body),
        None => Call::new(request.method.clone(), &request.path, caller),
    };
    let begun = Instant::now();
    let answered = client.ask_once(&call).await;
    let took = begun.elapsed().as_secs_f64() * 1000.0;
    // What spans two phases belongs to neither.
    if sent_in != now() || matches!(sent_in, Phase::WarmUp | Phase::After) {
        return;
    }
    let mut noted = noted.lock();
    let key = (request.context, sent_in);
    noted.milliseconds.entry(key).or_default().push(took);
    if answered.is_none_or(|status| status.is_server_error()) {
        *noted.failed.entry(request.context).or_default() += 1;
    }
}

/// One request to each context, none of which asks another context anything.
fn requests(sku: &str, region: &str) -> Vec<Request> {
    let get = |context, path: String| Request {
        context,
        method: Method::GET,
        path,
        body: None,
    };
    let with = |context, method, path: &str, body| Request {
        context,
        method,
        path: path.to_owned(),
        body: Some(body),
    };
    vec![
        get("catalog", "/api/products?limit=10".to_owned()),
        get("inventory", format!("/api/stock/{sku}")),
        get("orders", "/api/orders?limit=5".to_owned()),
        // There is no such order, which takes a read to find out.
        get("payments", "/api/payments/no-such-order".to_owned()),
        with(
            "shipping",
            Method::POST,
            "/api/shipping/quote",
            json!({ "region": region, "weight_grams": 900 }),
        ),
        with(
            "notifications",
            Method::PUT,
            "/api/notifications/contact",
            json!({ "email": "probe@example.com", "language": "en" }),
        ),
    ]
}
