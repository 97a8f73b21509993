//! A command line that sends an operation's examples to the local stack.

use serde_json::Value;

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A value as it stands in an address, a header or a body.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A command that sends the operation's examples to the local stack, with a token that it takes.
pub(crate) fn curl(
    method: &str,
    path: &str,
    who: &str,
    operation: &Value,
    address: &str,
) -> String {
    let mut path = path.to_owned();
    let mut headers = Vec::new();
    match who {
        "customer" => headers.push("Authorization: Bearer customer:c-1".to_owned()),
        "operator" => headers.push("Authorization: Bearer operator:me".to_owned()),
        _ => {}
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, example) = (text(&parameter["name"]), plain(&parameter["example"]));
        match text(&parameter["in"]) {
            "path" => path = path.replace(&format!("{{{name}}}"), &example),
            "header" if parameter["required"] == true => headers.push(format!("{name}: {example}")),
            _ => {}
        }
    }
    let mut lines = vec![format!("curl -X {method} {address}{path}")];
    let body = operation["requestBody"]["content"]
        .as_object()
        .and_then(|content| content.iter().next());
    if let Some((media_type, content)) = body {
        headers.push(format!("Content-Type: {media_type}"));
        let example = content["examples"]
            .as_object()
            .and_then(|examples| examples.values().next_back());
        let value = example
            .map(|example| plain(&example["value"]))
            .unwrap_or_default();
        lines.extend(
            headers
                .iter()
                .map(|header| format!("-H {}", quoted(header))),
        );
        lines.push(format!("--data-binary {}", quoted(&value)));
    } else {
        lines.extend(
            headers
                .iter()
                .map(|header| format!("-H {}", quoted(header))),
        );
    }
    lines.join(" \\\n  ")
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
