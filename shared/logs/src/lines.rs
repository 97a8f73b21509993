//! A line: one JSON object, the level and the place first.

use std::fmt::{Debug, Write as _};
use std::io::Write as _;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::layer::Context;

/// Writes each event of `tracing` as a line. Spans are not written: an invocation's keys are on each of its lines.
///
/// ```
/// use std::io;
/// use std::sync::{Arc, Mutex};
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// #[derive(Clone, Default)]
/// struct Written(Arc<Mutex<Vec<u8>>>);
/// impl io::Write for Written {
///     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
///         self.0.lock().unwrap().extend_from_slice(bytes);
///         Ok(bytes.len())
///     }
///     fn flush(&mut self) -> io::Result<()> {
///         Ok(())
///     }
/// }
///
/// let written = Written::default();
/// let writer = written.clone();
/// let lines = logs::JsonLines::new("orders", move || writer.clone());
/// let subscriber = tracing_subscriber::registry().with(lines);
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::warn!(attempt = 3, "a write is tried again");
/// });
/// let line = written.0.lock().unwrap().clone();
/// let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
/// assert_eq!(line["level"], "WARN");
/// assert_eq!(line["message"], "a write is tried again");
/// assert_eq!(line["service"], "orders");
/// assert_eq!(line["attempt"], 3);
/// ```
#[derive(Debug)]
pub struct JsonLines<W> {
    service: String,
    writer: W,
}

impl<W> JsonLines<W> {
    /// Lines of that service, to where the writer leads: `std::io::stdout` in Lambda.
    ///
    /// ```
    /// use tracing_subscriber::layer::SubscriberExt as _;
    ///
    /// let lines = logs::JsonLines::new("orders", std::io::stdout);
    /// let subscriber = tracing_subscriber::registry().with(lines);
    /// # drop(subscriber);
    /// ```
    pub fn new(service: impl Into<String>, writer: W) -> Self {
        let service = service.into();
        Self { service, writer }
    }
}

/// An event's own fields. The last of one name wins, as in JSON.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // A value that cannot be shown is shown as far as it can.
        let _ = write!(text, "{value:?}");
        self.set(field, Value::String(text));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, json!(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, json!(value));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, json!(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, json!(value));
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, json!(value));
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.0.remove("message").unwrap_or_default();
        let metadata = event.metadata();
        let location = match metadata.line() {
            Some(line) => format!("{}:{line}", metadata.target()),
            None => metadata.target().to_owned(),
        };
        let mut timestamp = String::new();
        let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
        let mut keys = crate::keys();
        // What the line says of itself and of its invocation is not for a field of the same name to overwrite.
        keys.insert("service".to_owned(), json!(self.service));
        let head = [
            ("level", json!(metadata.level().as_str())),
            ("location", json!(location)),
            ("message", message),
            ("timestamp", json!(timestamp)),
        ];
        let mut line = String::from("{");
        let heads = head.iter().map(|(name, value)| (*name, value));
        let keyed = keys.iter().map(|(name, value)| (name.as_str(), value));
        let is_free =
            |name: &str| !keys.contains_key(name) && head.iter().all(|(key, _)| *key != name);
        let own = fields.0.iter().map(|(name, value)| (name.as_str(), value));
        let own = own.filter(|(name, _)| is_free(name));
        for (name, value) in heads.chain(keyed).chain(own) {
            if line.len() > 1 {
                line.push(',');
            }
            let _ = write!(line, "{}:{value}", json!(name));
        }
        line.push_str("}\n");
        // There is nowhere to complain about a log that cannot be written.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}
