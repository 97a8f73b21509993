//! Where in which trace something happens: W3C Trace Context, and AWS X-Ray's header.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A trace's id: what all spans of one request's consequences share.
///
/// ```
/// use trace::{TraceContext, TraceId};
///
/// let context = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
/// let id: TraceId = context.trace_id;
/// assert_eq!(id.to_string(), "0af7651916cd43dd8448eb211c80319c");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

/// A span's id.
///
/// ```
/// use trace::{SpanId, TraceContext};
///
/// let context = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
/// let id: SpanId = context.span_id;
/// assert_eq!(id.to_string(), "b7ad6b7169203331");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; 8]);

/// A place in a trace: its id, the span that is the parent of whatever comes next, and whether the trace is kept.
///
/// ```
/// use trace::TraceContext;
///
/// let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// let context = TraceContext::parse(text).expect("it is a traceparent");
/// assert_eq!(context.to_string(), text);
/// assert_eq!(context.trace_id.to_string(), "0af7651916cd43dd8448eb211c80319c");
/// assert!(context.sampled);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that what comes next is a child of.
    pub span_id: SpanId,
    /// Whether spans of the trace are exported.
    pub sampled: bool,
}

impl TraceId {
    /// The id that a text stands for, and always the same one.
    ///
    /// ```
    /// use trace::TraceId;
    ///
    /// assert_eq!(TraceId::of("request-1"), TraceId::of("request-1"));
    /// assert_ne!(TraceId::of("request-1"), TraceId::of("request-2"));
    /// ```
    pub fn of(seed: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(seed.as_bytes()).into();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        // All zeros mean "none" in the specification; once in 2^128 texts it must still be an id.
        id[15] |= u8::from(id == [0; 16]);
        Self(id)
    }

    /// The id in X-Ray's form, such as `1-0af76519-16cd43dd8448eb211c80319c`.
    ///
    /// ```
    /// use trace::TraceContext;
    ///
    /// let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// let context = TraceContext::parse(text).expect("it is a traceparent");
    /// assert_eq!(context.trace_id.to_xray(), "1-0af76519-16cd43dd8448eb211c80319c");
    /// ```
    pub fn to_xray(self) -> String {
        let text = self.to_string();
        format!("1-{}-{}", &text[..8], &text[8..])
    }

    /// The span that begins the trace: the first half of the trace's id. A traceparent that repeats itself takes fewer
    /// bytes where it is stored and packed, and every byte is paid for with each write.
    fn first_span(self) -> SpanId {
        let mut id = [0; 8];
        id.copy_from_slice(&self.0[..8]);
        id[7] |= u8::from(id == [0; 8]);
        SpanId(id)
    }

    fn from_hex(text: &str) -> Option<Self> {
        read_hex(text).map(Self)
    }
}

impl SpanId {
    /// The id that a text stands for, and always the same one: a span that is told of twice has one id, and nothing
    /// has to be stored for it.
    ///
    /// ```
    /// use trace::SpanId;
    ///
    /// assert_eq!(SpanId::of("orders.o-1.1.0"), SpanId::of("orders.o-1.1.0"));
    /// assert_ne!(SpanId::of("orders.o-1.1.0"), SpanId::of("orders.o-1.1.1"));
    /// ```
    pub fn of(seed: &str) -> Self {
        let digest: [u8; 32] = Sha256::digest(seed.as_bytes()).into();
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        id[7] |= u8::from(id == [0; 8]);
        Self(id)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl TraceContext {
    /// Reads the header `traceparent` (W3C Trace Context, section 3.2): version `00`, or a later one, of which the
    /// first four fields mean the same. Nothing where it is malformed, as the specification asks.
    ///
    /// ```
    /// use trace::TraceContext;
    ///
    /// assert!(TraceContext::parse("tea").is_none());
    /// assert!(TraceContext::parse("00-00000000000000000000000000000000-b7ad6b7169203331-01").is_none());
    /// ```
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut fields = traceparent.split('-');
        let version: [u8; 1] = read_bytes(fields.next()?)?;
        let trace_id = TraceId::from_hex(fields.next()?)?;
        let span_id = read_hex(fields.next()?).map(SpanId)?;
        let flags: [u8; 1] = read_bytes(fields.next()?)?;
        let has_more = fields.next().is_some();
        match version {
            [0xff] => None,
            [0] if has_more => None,
            _ => Some(Self {
                trace_id,
                span_id,
                sampled: flags[0] & 1 == 1,
            }),
        }
    }

    /// The place of a request, as a span of its own: a child of `traceparent` if that is one; else in the trace that
    /// AWS has begun for it (`X-Amzn-Trace-Id`); else in a new one. The second value is its parent. The seed is what
    /// tells this request apart from all others.
    ///
    /// ```
    /// use trace::TraceContext;
    ///
    /// let sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    /// let (place, parent) = TraceContext::of_request(Some(sent), None, "request-1");
    /// assert_eq!(place.trace_id.to_string(), "0af7651916cd43dd8448eb211c80319c");
    /// assert_eq!(parent.expect("it was sent").to_string(), "b7ad6b7169203331");
    ///
    /// let by_aws = "Root=1-5e6722a7-cc56f3d1db7ae02d4da47e01";
    /// let (place, parent) = TraceContext::of_request(None, Some(by_aws), "request-1");
    /// assert_eq!(place.trace_id.to_xray(), "1-5e6722a7-cc56f3d1db7ae02d4da47e01");
    /// assert!(parent.is_none());
    /// ```
    pub fn of_request(
        traceparent: Option<&str>,
        amzn_trace_id: Option<&str>,
        seed: &str,
    ) -> (Self, Option<SpanId>) {
        if let Some(sent) = traceparent.and_then(Self::parse) {
            return (sent.child(seed), Some(sent.span_id));
        }
        let (trace_id, parent, sampled) = amzn_trace_id
            .and_then(read_amzn)
            .unwrap_or_else(|| (TraceId::of(seed), None, true));
        let span_id = match parent {
            Some(_) => SpanId::of(seed),
            None => trace_id.first_span(),
        };
        let place = Self {
            trace_id,
            span_id,
            sampled,
        };
        (place, parent)
    }

    /// The beginning of a trace that nobody has begun: the same for the same seed.
    ///
    /// ```
    /// use trace::TraceContext;
    ///
    /// let begun = TraceContext::begin("deadline:o-1:1795512600");
    /// assert_eq!(begun, TraceContext::begin("deadline:o-1:1795512600"));
    /// assert!(begun.sampled);
    /// ```
    pub fn begin(seed: &str) -> Self {
        let trace_id = TraceId::of(seed);
        Self {
            trace_id,
            span_id: trace_id.first_span(),
            sampled: true,
        }
    }

    /// The next place in the same trace: the span that the seed stands for.
    ///
    /// ```
    /// use trace::{SpanId, TraceContext};
    ///
    /// let begun = TraceContext::begin("request-1");
    /// let next = begun.child("orders.o-1.1.0");
    /// assert_eq!(next.trace_id, begun.trace_id);
    /// assert_eq!(next.span_id, SpanId::of("orders.o-1.1.0"));
    /// ```
    #[must_use]
    pub fn child(self, seed: &str) -> Self {
        Self {
            span_id: SpanId::of(seed),
            ..self
        }
    }
}

/// The header `traceparent` of what is sent from here.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written in one piece: every event carries one.
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        let written = hex::encode_to_slice(self.trace_id.0, &mut text[3..35])
            .and_then(|()| hex::encode_to_slice(self.span_id.0, &mut text[36..52]));
        written.map_err(|_| fmt::Error)?;
        text[54] = b'0' + u8::from(self.sampled);
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// `Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0|1>`, the fields in any order; only the first is always there.
fn read_amzn(header: &str) -> Option<(TraceId, Option<SpanId>, bool)> {
    let field = |name: &str| {
        let mut fields = header.split(';').filter_map(|field| field.split_once('='));
        fields
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    let (begun, rest) = field("Root")?.strip_prefix("1-")?.split_once('-')?;
    let is_whole = begun.len() == 8 && rest.len() == 24;
    let trace_id = TraceId::from_hex(&format!("{begun}{rest}")).filter(|_| is_whole)?;
    let parent = field("Parent").and_then(read_hex).map(SpanId);
    Some((trace_id, parent, field("Sampled") != Some("0")))
}

/// An id in lower-case hexadecimal that is not all zeros.
fn read_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    read_bytes(text).filter(|bytes| *bytes != [0; N])
}

fn read_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let mut bytes = [0; N];
    if !text.bytes().all(is_lower) || hex::decode_to_slice(text, &mut bytes).is_err() {
        return None;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_no_traceparent_is_ignored() {
        for text in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-茶f7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(text), None, "{text}");
        }
        let later = TraceContext::parse(&format!("01{}-more", &SENT[2..]));
        assert_eq!(
            later.map(|context| context.to_string()).as_deref(),
            Some(SENT)
        );
    }

    #[test]
    fn a_request_takes_the_nearest_context_that_it_has() {
        let amzn = "Sampled=0;Root=1-5e6722a7-cc56f3d1db7ae02d4da47e01;Parent=53995c3f42cd8ad8";
        let (sent, _) = TraceContext::of_request(Some(SENT), Some(amzn), "r");
        assert_eq!(sent.to_string()[3..35], SENT[3..35]);
        assert_eq!(sent.span_id, SpanId::of("r"));
        let (by_aws, parent) = TraceContext::of_request(Some("tea"), Some(amzn), "r");
        assert!(!by_aws.sampled);
        assert_eq!(
            parent.map(|id| id.to_string()).as_deref(),
            Some("53995c3f42cd8ad8")
        );
        for nothing in [
            None,
            Some(""),
            Some("Root=1-5e67-22a7"),
            Some("Root=tea"),
            Some("Parent=a"),
        ] {
            let (new, parent) = TraceContext::of_request(None, nothing, "r");
            assert_eq!((new, parent), (TraceContext::begin("r"), None));
        }
    }
}
