//! What a context logs and counts while it is tested: read for personal data after each invocation.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use logs::JsonLines;
use metrics::{Declared, Emf, Recorded};
use serde_json::Value;
use tracing::Dispatch;
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::layer::SubscriberExt as _;

/// Fields whose values are about a person, or let somebody act as one.
const PERSONAL: [&str; 16] = [
    "name",
    "email",
    "phone",
    "given_name",
    "family_name",
    "recipient",
    "postal_code",
    "city",
    "street",
    "line1",
    "line2",
    "address",
    "payment_method",
    "token",
    "password",
    "secret",
];
/// Headers that say nothing of who sends them. All others are taken to.
const HARMLESS: [&str; 6] = [
    "accept",
    "content-type",
    "content-length",
    "host",
    "traceparent",
    "x-amzn-trace-id",
];
/// Sent with each request, so that there is always something that must not be logged.
pub(crate) const CANARIES: [(&str, &str); 4] = [
    ("authorization", "Bearer canary.access.token"),
    ("cookie", "session=canary-cookie"),
    ("user-agent", "canary-agent/1.0"),
    ("x-forwarded-for", "203.0.113.77"),
];
/// A shorter text may stand in a line by chance.
const SHORTEST: usize = 6;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The log of a context under test.
pub(crate) struct Log {
    lines: Lines,
    dispatch: Dispatch,
    secrets: Mutex<BTreeSet<String>>,
    counted: Mutex<Vec<Recorded>>,
}

impl Log {
    pub fn new() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = JsonLines::new("tested", move || writer.clone());
        Self {
            lines,
            dispatch: Dispatch::new(tracing_subscriber::registry().with(layer)),
            secrets: Mutex::default(),
            counted: Mutex::default(),
        }
    }

    /// Does the work of an invocation of that payload.
    ///
    /// # Panics
    /// When a line, or the line of metrics, has something in it that this payload or an earlier one said in private.
    pub async fn watch<F: Future>(&self, payload: &[u8], work: F) -> F::Output {
        self.keep_secret(payload);
        let work = metrics::recording(work).with_subscriber(self.dispatch.clone());
        let (output, recorded) = work.await;
        let emf = Emf::new(
            "Noren",
            vec![("service", "tested".to_owned())],
            Declared::All,
        );
        let mut text = self.text();
        text.extend(emf.lines(&recorded, 0, &logs::keys()));
        self.counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(recorded);
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in secrets.iter() {
            let line = text.lines().find(|line| line.contains(secret.as_str()));
            if let Some(line) = line {
                panic!("the log names \"{secret}\": {line}");
            }
        }
        output
    }

    /// All lines so far.
    pub fn text(&self) -> String {
        let lines = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&lines).into_owned()
    }

    /// How often that was counted so far.
    pub fn counted(&self, name: &str) -> u64 {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.iter().map(|recorded| recorded.of(name)).sum()
    }

    fn keep_secret(&self, payload: &[u8]) {
        let Ok(payload) = serde_json::from_slice::<Value>(payload) else {
            return;
        };
        let mut found = Vec::new();
        for (name, value) in payload["headers"].as_object().into_iter().flatten() {
            if !HARMLESS.contains(&name.to_ascii_lowercase().as_str()) {
                found.extend(value.as_str().map(str::to_owned));
            }
        }
        let bodies = payload["Records"].as_array().into_iter().flatten();
        let bodies = bodies
            .map(|record| &record["body"])
            .chain([&payload["body"]]);
        for body in bodies.filter_map(Value::as_str) {
            if let Ok(body) = serde_json::from_str(body) {
                personal(&body, false, &mut found);
            }
        }
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.extend(found.into_iter().filter(|text| text.len() >= SHORTEST));
    }
}

/// Collects texts under a personal name, and what looks like a mail address under any.
fn personal(value: &Value, is_personal: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if is_personal || text.contains('@') => found.push(text.clone()),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::Array(list) => {
            for value in list {
                personal(value, is_personal, found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_personal = is_personal || PERSONAL.contains(&name.as_str());
                personal(value, is_personal, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_logged_of_a_request_is_read() {
        let body = r#"{\"email\":\"taro@example.com\",\"sku\":\"TEA-1\",\"notes\":[\"hanako@example.com\"]}"#;
        let payload =
            format!(r#"{{"headers":{{"authorization":"Bearer canary"}},"body":"{body}"}}"#);
        let log = Log::new();
        let harmless = async { tracing::info!(sku = "TEA-1", "sold out") };
        log.watch(payload.as_bytes(), harmless).await;
        assert!(log.text().contains("TEA-1"));
        for leak in ["taro@example.com", "hanako@example.com", "Bearer canary"] {
            let log = Arc::new(Log::new());
            let (watched, payload) = (Arc::clone(&log), payload.clone());
            let work = async move {
                let leaking = async { tracing::info!(error = %leak, "it failed") };
                watched.watch(payload.as_bytes(), leaking).await;
            };
            let task = tokio::spawn(work).await;
            assert!(task.is_err_and(|error| error.is_panic()), "{leak}");
        }
    }
}
