//! What can be wrong with a good JSON body, field by field.

use serde_json::{Value, json};

/// A body that is wrong in one place.
#[derive(Debug, Clone)]
pub struct Wrong {
    /// What was done to it.
    pub what: String,
    /// Where, as a path: `lines[0].quantity`. Empty for the body as a whole.
    pub path: String,
    pub text: String,
}

/// Whether a field that a problem names is the path, the object or list that it stands in, or something within it.
pub fn names(field: &str, path: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    within(field, path) || (field != "body" && within(path, field))
}

/// Every place in the value, the whole (an empty path) first.
pub fn places(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(value, String::new(), &mut found);
    found
}

fn walk(value: &Value, path: String, found: &mut Vec<String>) {
    found.push(path.clone());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                walk(value, joined(&path, name), found);
            }
        }
        Value::Array(values) => {
            for (position, value) in values.iter().enumerate() {
                walk(value, format!("{path}[{position}]"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn pointer(path: &str) -> String {
    if path.is_empty() {
        return String::new();
    }
    let dotted = path.replace('[', ".").replace(']', "");
    format!("/{}", dotted.replace('.', "/"))
}

pub fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value
        .pointer(&pointer(path))
        .unwrap_or_else(|| panic!("{path} is not in {value}"))
}

/// The value with another one at the path; a field that is not there is added.
pub fn with(value: &Value, path: &str, other: Value) -> Value {
    let mut changed = value.clone();
    if let Some(place) = changed.pointer_mut(&pointer(path)) {
        *place = other;
        return changed;
    }
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let parent = changed.pointer_mut(&pointer(parent)).unwrap();
    parent
        .as_object_mut()
        .unwrap()
        .insert(name.to_owned(), other);
    changed
}

/// The value as text, with a text at the path that need not be JSON.
pub fn with_text(value: &Value, path: &str, text: &str) -> String {
    const MARK: &str = "\u{1}mark\u{1}";
    let marked = with(value, path, Value::from(MARK)).to_string();
    marked.replacen(&Value::from(MARK).to_string(), text, 1)
}

/// Values of each JSON type.
fn samples() -> [Value; 8] {
    [
        json!(null),
        json!(true),
        json!("text"),
        json!(7),
        json!(7.5),
        json!([]),
        json!(["text", 7]),
        json!({ "text": 7 }),
    ]
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a whole number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value of another type at each place. `optional` may be null.
pub fn wrong_types(value: &Value, optional: &[&str]) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for path in places(value) {
        for other in samples() {
            let same = kind(at(value, &path)) == kind(&other);
            let allowed = other.is_null() && optional.contains(&path.as_str());
            if !same && !allowed {
                wrong.push(Wrong {
                    what: format!("{} instead of {}", kind(&other), kind(at(value, &path))),
                    text: with(value, &path, other).to_string(),
                    path: path.clone(),
                });
            }
        }
    }
    wrong
}

/// Each field left out. `optional` may be.
pub fn missing_fields(value: &Value, optional: &[&str]) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for path in places(value) {
        let Value::Object(fields) = at(value, &path) else {
            continue;
        };
        for name in fields.keys() {
            let field = joined(&path, name);
            if optional.contains(&field.as_str()) {
                continue;
            }
            let mut rest = fields.clone();
            rest.remove(name);
            wrong.push(Wrong {
                what: "left out".to_owned(),
                text: with(value, &path, Value::Object(rest)).to_string(),
                path: field,
            });
        }
    }
    wrong
}

/// A field that nobody knows, in each object.
pub fn unknown_fields(value: &Value) -> Vec<Wrong> {
    let names = ["unexpected", "Quantity", "__proto__", "", "\u{0}", "日本"];
    let mut wrong = Vec::new();
    for path in places(value) {
        let Value::Object(fields) = at(value, &path) else {
            continue;
        };
        for name in names {
            let mut more = fields.clone();
            more.insert(name.to_owned(), json!(1));
            wrong.push(Wrong {
                what: format!("a field {name:?} that nobody knows"),
                text: with(value, &path, Value::Object(more)).to_string(),
                path: joined(&path, name),
            });
        }
    }
    wrong
}

/// Each of the body's own fields twice.
pub fn doubled_fields(value: &Value) -> Vec<Wrong> {
    let Value::Object(fields) = value else {
        return Vec::new();
    };
    let doubled = |(name, field): (&String, &Value)| {
        let text = value.to_string();
        Wrong {
            what: "there twice".to_owned(),
            path: name.clone(),
            text: format!("{{{}:{field},{}", Value::from(name.as_str()), &text[1..]),
        }
    };
    fields.iter().map(doubled).collect()
}

/// Numbers that are none of the kind that any field takes, at each number. As texts: most are no JSON value of ours.
pub fn wrong_numbers(value: &Value) -> Vec<Wrong> {
    let texts = [
        "18446744073709551616",
        "-9223372036854775809",
        "340282366920938463463374607431768211456",
        "1e400",
        "-1e400",
        "1e308",
        "1e-400",
        "0.1",
        "1.0",
        "-0.5",
        "01",
        "+1",
        "0x10",
        "1_000",
        "１",
        "NaN",
        "Infinity",
        "\"1\"",
    ];
    let mut wrong = Vec::new();
    for path in places(value) {
        if !at(value, &path).is_number() {
            continue;
        }
        for text in texts {
            wrong.push(Wrong {
                what: format!("the number {text}"),
                text: with_text(value, &path, text),
                // These two end as a number, and what follows is no JSON: only the place in the text can be told.
                path: match text {
                    "0x10" | "1_000" => String::new(),
                    _ => path.clone(),
                },
            });
        }
    }
    wrong
}

/// Texts that no identifier, code or token takes, at each text that is not free.
pub fn wrong_texts(value: &Value, free: &[&str]) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for path in places(value) {
        if !at(value, &path).is_string() || free.contains(&path.as_str()) {
            continue;
        }
        for text in strange_texts() {
            wrong.push(Wrong {
                what: format!("the text {text:.40?}"),
                text: with(value, &path, Value::from(text)).to_string(),
                path: path.clone(),
            });
        }
        for escape in [
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            r#""\x41""#,
            "\"a\nb\"",
            "'a'",
        ] {
            wrong.push(Wrong {
                what: format!("the text {escape:?}"),
                text: with_text(value, &path, escape),
                path: path.clone(),
            });
        }
    }
    wrong
}

/// Texts that have broken other programs: blanks, controls, marks of direction, composed and wide characters, what
/// means something to shells, paths, queries and markup, and what is too long.
pub fn strange_texts() -> Vec<String> {
    let texts = [
        "",
        " ",
        "\t",
        "\u{0}",
        "a\u{0}b",
        "a\nb",
        "a\r\nX-Injected: 1",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{200b}",
        "\u{202e}abc",
        "\u{feff}a",
        "\u{fffd}",
        "\u{ffff}",
        "\u{e000}",
        "\u{10ffff}",
        "é",
        "e\u{301}",
        "ﬃ",
        "İ",
        "ß",
        "茶",
        "ｔｅａ",
        "👩‍👩‍👧‍👦",
        "z̷̢̛̭͔͖a̵͈͝l̸̰̔g̶͙̅o̷͎͠",
        "../../etc/passwd",
        "a/b",
        "a\\b",
        "a#b",
        "a?b",
        "a%20b",
        "%00",
        "-a",
        ".a",
        "' OR '1'='1",
        "\"; DROP TABLE orders; --",
        "<script>alert(1)</script>",
        "${jndi:ldap://127.0.0.1/a}",
        "{{7*7}}",
        "$(touch /tmp/x)",
        "true",
        "null;",
    ];
    let mut texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
    // No identifier, but a few fields take any single word: they are listed as free.
    texts.retain(|text| text != "true");
    texts.push("x".repeat(100_000));
    texts.push("茶".repeat(5_000));
    texts.push("\u{301}".repeat(5_000));
    texts
}
