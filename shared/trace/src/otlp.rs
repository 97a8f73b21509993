//! Spans as OTLP: the JSON form of OpenTelemetry's `ExportTraceServiceRequest`.

use serde_json::{Value, json};

use crate::{Kind, Span};

/// The body of a request to a collector's `/v1/traces`, of media type `application/json` (OTLP/HTTP, JSON Protobuf
/// encoding: ids in hexadecimal, 64-bit numbers as texts, enumerations as numbers).
///
/// ```
/// use trace::{Kind, Span, TraceContext};
///
/// let place = TraceContext::begin("request-1");
/// let span = Span::new(place, None, Kind::Server, "GET /", 1_795_512_600_000, 1_795_512_600_005);
/// let body = trace::to_otlp("orders", &[span]);
/// let span = &body["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
/// assert_eq!(span["traceId"], place.trace_id.to_string());
/// assert_eq!(span["startTimeUnixNano"], "1795512600000000000");
/// ```
pub fn to_otlp(service: &str, spans: &[Span]) -> Value {
    let spans: Vec<Value> = spans.iter().map(one).collect();
    json!({
        "resourceSpans": [{
            "resource": { "attributes": [attribute("service.name", service)] },
            "scopeSpans": [{ "scope": { "name": "noren" }, "spans": spans }],
        }]
    })
}

fn one(span: &Span) -> Value {
    let kind = match span.kind {
        Kind::Internal => 1,
        Kind::Server => 2,
        Kind::Client => 3,
        Kind::Producer => 4,
        Kind::Consumer => 5,
    };
    let attributes = span.attributes.iter();
    let attributes: Vec<Value> = attributes
        .map(|(name, value)| attribute(name, value))
        .collect();
    let mut written = json!({
        "traceId": span.place.trace_id.to_string(),
        "spanId": span.place.span_id.to_string(),
        "flags": 1,
        "name": span.name,
        "kind": kind,
        "startTimeUnixNano": nanoseconds(span.began_ms),
        "endTimeUnixNano": nanoseconds(span.ended_ms),
        "attributes": attributes,
        // STATUS_CODE_ERROR, or unset.
        "status": { "code": if span.failed { 2 } else { 0 } },
    });
    if let Some(parent) = span.parent {
        written["parentSpanId"] = json!(parent.to_string());
    }
    written
}

fn attribute(name: &str, value: &str) -> Value {
    json!({ "key": name, "value": { "stringValue": value } })
}

fn nanoseconds(milliseconds: i64) -> String {
    (i128::from(milliseconds.max(0)) * 1_000_000).to_string()
}
