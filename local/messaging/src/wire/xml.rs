//! The query protocol's answers: the JSON of an operation's result as the XML that AWS gives for it.

use serde_json::Value;

use super::Service;

/// How SQS writes a list or map, which it flattens.
enum Flattened {
    List(String),
    Map {
        element: &'static str,
        key: &'static str,
    },
}

pub(super) fn answer(
    service: Service,
    operation: &str,
    result: &Value,
    request_id: &str,
) -> String {
    let mut xml = String::with_capacity(1024);
    let namespace = namespace(service);
    xml.push_str(&format!(
        "<?xml version=\"1.0\"?><{operation}Response xmlns=\"{namespace}\">"
    ));
    // Clients look for the result's element wherever the service model has one, even one with nothing in it.
    let modelled_but_empty = matches!(operation, "TagResource" | "UntagResource");
    if modelled_but_empty || result.as_object().is_some_and(|fields| !fields.is_empty()) {
        xml.push_str(&format!("<{operation}Result>"));
        write_fields(&mut xml, service, operation, result);
        xml.push_str(&format!("</{operation}Result>"));
    }
    xml.push_str("<ResponseMetadata>");
    element(&mut xml, "RequestId", request_id);
    xml.push_str(&format!("</ResponseMetadata></{operation}Response>"));
    xml
}

pub(super) fn error(
    service: Service,
    code: &str,
    sender: bool,
    message: &str,
    request_id: &str,
) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"{}\"><Error>",
        namespace(service)
    );
    element(&mut xml, "Type", if sender { "Sender" } else { "Receiver" });
    element(&mut xml, "Code", code);
    element(&mut xml, "Message", message);
    xml.push_str("</Error>");
    element(&mut xml, "RequestId", request_id);
    xml.push_str("</ErrorResponse>");
    xml
}

fn namespace(service: Service) -> &'static str {
    match service {
        Service::Sqs => "http://queue.amazonaws.com/doc/2012-11-05/",
        Service::Sns => "http://sns.amazonaws.com/doc/2010-03-31/",
    }
}

fn write_fields(xml: &mut String, service: Service, operation: &str, object: &Value) {
    for (name, value) in object.as_object().into_iter().flatten() {
        match service {
            Service::Sqs => write_sqs(xml, operation, name, value),
            Service::Sns => write_sns(xml, operation, name, value),
        }
    }
}

fn write_sqs(xml: &mut String, operation: &str, name: &str, value: &Value) {
    match (flattened(operation, name), value) {
        (Some(Flattened::List(element)), Value::Array(items)) => {
            for item in items {
                write_value(xml, Service::Sqs, operation, &element, item);
            }
        }
        (
            Some(Flattened::Map {
                element: name,
                key: key_name,
            }),
            Value::Object(entries),
        ) => {
            for (key, value) in entries {
                xml.push_str(&format!("<{name}>"));
                element(xml, key_name, key);
                write_value(xml, Service::Sqs, operation, "Value", value);
                xml.push_str(&format!("</{name}>"));
            }
        }
        _ => write_value(xml, Service::Sqs, operation, name, value),
    }
}

fn write_sns(xml: &mut String, operation: &str, name: &str, value: &Value) {
    match value {
        Value::Array(items) => {
            xml.push_str(&format!("<{name}>"));
            for item in items {
                write_value(xml, Service::Sns, operation, "member", item);
            }
            xml.push_str(&format!("</{name}>"));
        }
        Value::Object(entries) if name == "Attributes" => {
            xml.push_str("<Attributes>");
            for (key, value) in entries {
                xml.push_str("<entry>");
                element(xml, "key", key);
                write_value(xml, Service::Sns, operation, "value", value);
                xml.push_str("</entry>");
            }
            xml.push_str("</Attributes>");
        }
        _ => write_value(xml, Service::Sns, operation, name, value),
    }
}

fn flattened(operation: &str, name: &str) -> Option<Flattened> {
    let list = |name: &str| Some(Flattened::List(name.to_owned()));
    let map = |element, key| Some(Flattened::Map { element, key });
    match name {
        "Attributes" => map("Attribute", "Name"),
        "MessageAttributes" => map("MessageAttribute", "Name"),
        "Tags" => map("Tag", "Key"),
        "Messages" => list("Message"),
        "QueueUrls" | "queueUrls" => list("QueueUrl"),
        "Successful" => list(&format!("{operation}ResultEntry")),
        "Failed" => list("BatchResultErrorEntry"),
        "Results" => list("ListMessageMoveTasksResultEntry"),
        _ => None,
    }
}

fn write_value(xml: &mut String, service: Service, operation: &str, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::String(text) => element(xml, name, text),
        Value::Bool(_) | Value::Number(_) => element(xml, name, &value.to_string()),
        Value::Object(_) => {
            xml.push_str(&format!("<{name}>"));
            write_fields(xml, service, operation, value);
            xml.push_str(&format!("</{name}>"));
        }
        Value::Array(items) => {
            for item in items {
                write_value(xml, service, operation, name, item);
            }
        }
    }
}

fn element(xml: &mut String, name: &str, text: &str) {
    xml.push('<');
    xml.push_str(name);
    xml.push('>');
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // A parser would turn a bare carriage return into a line feed.
            '\r' => xml.push_str("&#xD;"),
            other => xml.push(other),
        }
    }
    xml.push_str("</");
    xml.push_str(name);
    xml.push('>');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_service_writes_lists_its_own_way() {
        let result = json!({"Successful": [{"Id": "a<b"}], "Failed": []});
        let sqs = answer(Service::Sqs, "SendMessageBatch", &result, "r");
        assert!(sqs.contains(
            "<SendMessageBatchResult><SendMessageBatchResultEntry><Id>a&lt;b</Id></SendMessageBatchResultEntry></SendMessageBatchResult>"
        ));
        let sns = answer(Service::Sns, "PublishBatch", &result, "r");
        assert!(sns.contains("<PublishBatchResult><Failed></Failed><Successful><member><Id>a&lt;b</Id></member></Successful></PublishBatchResult>"));
    }

    #[test]
    fn operations_without_result_answer_metadata_only() {
        assert_eq!(
            answer(Service::Sqs, "DeleteMessage", &json!({}), "r"),
            "<?xml version=\"1.0\"?><DeleteMessageResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DeleteMessageResponse>"
        );
    }
}
