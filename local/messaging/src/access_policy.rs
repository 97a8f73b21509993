//! The part of a queue's access policy that decides whether a topic may deliver to it.
//! Callers themselves are not authorised by anyone here.

use serde_json::Value;

/// A queue's resource policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AccessPolicy {
    statements: Vec<Value>,
}

/// The text is no policy document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAPolicy;

impl AccessPolicy {
    pub fn read(text: &str) -> Result<Self, NotAPolicy> {
        let document: Value = serde_json::from_str(text).map_err(|_| NotAPolicy)?;
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            Some(statement @ Value::Object(_)) => vec![statement.clone()],
            _ => return Err(NotAPolicy),
        };
        Ok(Self { statements })
    }

    /// Whether SNS may send to the queue on behalf of the topic: some statement allows it and none denies it.
    pub fn lets_topic_send(&self, topic_arn: &str) -> bool {
        let says = |effect: &str| {
            self.statements.iter().any(|statement| {
                statement.get("Effect").and_then(Value::as_str) == Some(effect)
                    && speaks_of_sns(statement)
                    && speaks_of_sending(statement)
                    && conditions_hold(statement, topic_arn)
            })
        };
        says("Allow") && !says("Deny")
    }
}

fn speaks_of_sns(statement: &Value) -> bool {
    match statement.get("Principal") {
        Some(Value::String(who)) => who == "*",
        Some(Value::Object(who)) => {
            who.get("Service")
                .is_some_and(|service| texts(service).any(|name| name == "sns.amazonaws.com"))
                || who
                    .get("AWS")
                    .is_some_and(|account| texts(account).any(|name| name == "*"))
        }
        _ => false,
    }
}

fn speaks_of_sending(statement: &Value) -> bool {
    statement.get("Action").is_some_and(|action| {
        texts(action).any(|name| like(&name.to_ascii_lowercase(), "sqs:sendmessage"))
    })
}

/// Every condition must hold. The only key that SNS fills in besides the account is the topic's ARN;
/// a condition on anything else cannot hold for its deliveries.
fn conditions_hold(statement: &Value, topic_arn: &str) -> bool {
    let Some(conditions) = statement.get("Condition").and_then(Value::as_object) else {
        return true;
    };
    conditions.iter().all(|(operator, keys)| {
        keys.as_object().is_some_and(|keys| {
            keys.iter().all(|(key, wanted)| {
                let actual = match key.to_ascii_lowercase().as_str() {
                    "aws:sourcearn" => topic_arn,
                    "aws:sourceaccount" => topic_arn.split(':').nth(4).unwrap_or_default(),
                    _ => return false,
                };
                match operator.as_str() {
                    "StringEquals" => texts(wanted).any(|text| text == actual),
                    "ArnEquals" | "ArnLike" | "StringLike" => {
                        texts(wanted).any(|pattern| like(pattern, actual))
                    }
                    _ => false,
                }
            })
        })
    })
}

/// One string or a list of them, as policy documents allow everywhere.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value
        .as_str()
        .into_iter()
        .chain(many.iter().filter_map(Value::as_str))
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let Some((head, mut rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    while let Some((part, tail)) = rest.split_once('*') {
        // The first place where a part fits leaves the most text for what follows.
        let Some(at) = text.find(part) else {
            return false;
        };
        text = &text[at + part.len()..];
        rest = tail;
    }
    text.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:000000000000:orders";

    fn check(statement: &str, expected: bool) {
        let policy = AccessPolicy::read(&format!(r#"{{"Statement":{statement}}}"#)).unwrap();
        assert_eq!(policy.lets_topic_send(TOPIC), expected, "{statement}");
    }

    #[test]
    fn a_statement_must_allow_the_topic() {
        let allow = |condition: &str| {
            format!(
                r#"{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"*"{condition}}}"#
            )
        };
        check(&allow(""), true);
        check(
            &allow(&format!(
                r#","Condition":{{"ArnEquals":{{"aws:SourceArn":"{TOPIC}"}}}}"#
            )),
            true,
        );
        check(
            &allow(r#","Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:sns:*:*:o*s"]}}"#),
            true,
        );
        check(
            &allow(
                r#","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:000000000000:other"}}"#,
            ),
            false,
        );
        check(
            &allow(r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#),
            false,
        );
        check(
            r#"{"Effect":"Allow","Principal":"*","Action":["sqs:ReceiveMessage","SQS:*"]}"#,
            true,
        );
        check(
            r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sqs:ReceiveMessage"}"#,
            false,
        );
        check(
            r#"{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:*"}"#,
            false,
        );
        check(
            &format!(
                r#"[{},{{"Effect":"Deny","Principal":"*","Action":"*"}}]"#,
                allow("")
            ),
            false,
        );
        assert_eq!(AccessPolicy::read("[]"), Err(NotAPolicy));
    }

    #[test]
    fn stars_stand_for_any_run() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b", "ab", true),
            ("ab*ba", "aba", false),
            ("*", "", true),
            ("a*d", "abc", false),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
