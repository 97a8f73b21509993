//! Which large trigger a payload is, told by the first field that tells, without reading the payload whole: that is done
//! once, as what it is. Whether it really is that is not told here.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

/// What in a payload tells the trigger.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// A request of the HTTP API.
    RequestContext,
    /// A batch, with the source that its first record names.
    RecordsFrom(Option<String>),
}

impl Sign {
    /// The first sign in a payload; none where there is none, or no JSON before it.
    pub fn in_payload(payload: &[u8]) -> Option<Self> {
        let mut found = None;
        let mut json = serde_json::Deserializer::from_slice(payload);
        // Reading ends with an error as soon as a sign is found: there is no other way to leave the rest unread.
        let _ = json.deserialize_map(Fields(&mut found));
        found
    }
}

struct Fields<'a>(&'a mut Option<Sign>);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a payload")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = fields.next_key()? {
            match &*name {
                "requestContext" => {
                    *self.0 = Some(Sign::RequestContext);
                    return Err(A::Error::custom("told"));
                }
                "Records" => fields.next_value_seed(FirstRecord(self.0))?,
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(rename = "eventSource", borrow)]
    event_source: Option<Cow<'a, str>>,
}

struct FirstRecord<'a>(&'a mut Option<Sign>);

impl<'de> DeserializeSeed<'de> for FirstRecord<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, records: D) -> Result<(), D::Error> {
        records.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for FirstRecord<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut records: A) -> Result<(), A::Error> {
        let first = records.next_element::<Record<'_>>()?;
        let source = first.and_then(|record| record.event_source);
        *self.0 = Some(Sign::RecordsFrom(source.map(Cow::into_owned)));
        Err(A::Error::custom("told"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_found_without_what_follows_it() {
        let from = |source: Option<&str>| Some(Sign::RecordsFrom(source.map(str::to_owned)));
        let cases = [
            (
                r#"{"version":"2.0","requestContext":"#,
                Some(Sign::RequestContext),
            ),
            (
                r#"{"Records":[{"body":"a","eventSource":"aws:sqs"},"#,
                from(Some("aws:sqs")),
            ),
            (
                r#"{ "Records" : [ {"dynamodb":{"eventSource":{"S":"x"}},"eventSource":"aws:dynamodb"}"#,
                from(Some("aws:dynamodb")),
            ),
            (
                r#"{"Records":[{"eventSource":"aws:\u0073qs"}]}"#,
                from(Some("aws:sqs")),
            ),
            (r#"{"Records":[{}]}"#, from(None)),
            (r#"{"Records":[]}"#, from(None)),
            (r#"{"Records":7}"#, None),
            (r#"{"schedule":"deadlines"}"#, None),
            ("[]", None),
            ("", None),
        ];
        for (payload, sign) in cases {
            assert_eq!(Sign::in_payload(payload.as_bytes()), sign, "{payload}");
        }
    }
}
