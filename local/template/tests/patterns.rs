//! Filter patterns: every operator that Lambda documents, on events that match and that do not.

use sam_template::{FilterCriteria, Pattern};
use serde_json::Value;

/// Pattern, event, whether it matches.
const MATCHES: &[(&str, &str, bool)] = &[
    // Equals, on each kind of scalar.
    (r#"{"a":["x"]}"#, r#"{"a":"x"}"#, true),
    (r#"{"a":["x"]}"#, r#"{"a":"X"}"#, false),
    (r#"{"a":["x"]}"#, r#"{"b":"x"}"#, false),
    (r#"{"a":[1]}"#, r#"{"a":1}"#, true),
    (r#"{"a":[300]}"#, r#"{"a":3.0e2}"#, true),
    (r#"{"a":[1]}"#, r#"{"a":"1"}"#, false),
    (r#"{"a":[true]}"#, r#"{"a":true}"#, true),
    (r#"{"a":[true]}"#, r#"{"a":"true"}"#, false),
    // Null and empty.
    (r#"{"a":[null]}"#, r#"{"a":null}"#, true),
    (r#"{"a":[null]}"#, r#"{}"#, false),
    (r#"{"a":[""]}"#, r#"{"a":""}"#, true),
    (r#"{"a":[""]}"#, r#"{"a":null}"#, false),
    // Ignoring case.
    (
        r#"{"a":[{"equals-ignore-case":"tokyo"}]}"#,
        r#"{"a":"TOKYO"}"#,
        true,
    ),
    (
        r#"{"a":[{"equals-ignore-case":"tokyo"}]}"#,
        r#"{"a":"Tokyo1"}"#,
        false,
    ),
    // And; or within a field; or across fields.
    (r#"{"a":["x"],"b":["y"]}"#, r#"{"a":"x","b":"y"}"#, true),
    (r#"{"a":["x"],"b":["y"]}"#, r#"{"a":"x","b":"z"}"#, false),
    (r#"{"a":["x","y"]}"#, r#"{"a":"y"}"#, true),
    (r#"{"a":["x",{"prefix":"z"}]}"#, r#"{"a":"zebra"}"#, true),
    (
        r#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#,
        r#"{"a":"n","b":"y"}"#,
        true,
    ),
    (
        r#"{"$or":[{"a":["x"]},{"b":["y"]}]}"#,
        r#"{"a":"y","b":"x"}"#,
        false,
    ),
    (
        r#"{"c":["z"],"$or":[{"a":["x"]},{"b":["y"]}]}"#,
        r#"{"a":"x","b":"n"}"#,
        false,
    ),
    (
        r#"{"d":{"$or":[{"a":["x"]},{"b":["y"]}]}}"#,
        r#"{"d":{"b":"y"}}"#,
        true,
    ),
    // Not.
    (r#"{"a":[{"anything-but":"x"}]}"#, r#"{"a":"y"}"#, true),
    (
        r#"{"a":[{"anything-but":["x","y"]}]}"#,
        r#"{"a":"y"}"#,
        false,
    ),
    (r#"{"a":[{"anything-but":[100]}]}"#, r#"{"a":1e2}"#, false),
    (r#"{"a":[{"anything-but":["x"]}]}"#, r#"{}"#, false),
    // Numbers.
    (r#"{"a":[{"numeric":["=",100]}]}"#, r#"{"a":100.0}"#, true),
    (r#"{"a":[{"numeric":["=",100]}]}"#, r#"{"a":"100"}"#, false),
    (
        r#"{"a":[{"numeric":[">",10,"<=",20]}]}"#,
        r#"{"a":20}"#,
        true,
    ),
    (
        r#"{"a":[{"numeric":[">",10,"<=",20]}]}"#,
        r#"{"a":10}"#,
        false,
    ),
    (
        r#"{"a":[{"numeric":[">=",10,"<",20]}]}"#,
        r#"{"a":10}"#,
        true,
    ),
    (r#"{"a":[{"numeric":["<",0]}]}"#, r#"{"a":-0.5}"#, true),
    // Exists, which looks at leaves only.
    (r#"{"a":[{"exists":true}]}"#, r#"{"a":null}"#, true),
    (r#"{"a":[{"exists":true}]}"#, r#"{"b":1}"#, false),
    (r#"{"a":[{"exists":true}]}"#, r#"{"a":{"b":1}}"#, false),
    (r#"{"a":[{"exists":false}]}"#, r#"{"b":1}"#, true),
    (r#"{"a":[{"exists":false}]}"#, r#"{"a":0}"#, false),
    (r#"{"a":{"b":[{"exists":false}]}}"#, r#"{}"#, true),
    (r#"{"a":[{"exists":true}]}"#, r#"{"a":[]}"#, false),
    // Begins and ends.
    (r#"{"a":[{"prefix":"us-"}]}"#, r#"{"a":"us-east-1"}"#, true),
    (r#"{"a":[{"prefix":"us-"}]}"#, r#"{"a":"eu-us-1"}"#, false),
    (r#"{"a":[{"suffix":".png"}]}"#, r#"{"a":"x.png"}"#, true),
    (
        r#"{"a":[{"suffix":".png"}]}"#,
        r#"{"a":"x.png.exe"}"#,
        false,
    ),
    (r#"{"a":[{"prefix":"1"}]}"#, r#"{"a":12}"#, false),
    // Nested fields, and arrays in the event.
    (
        r#"{"a":{"b":{"c":["x"]}}}"#,
        r#"{"a":{"b":{"c":"x","d":1}}}"#,
        true,
    ),
    (r#"{"a":{"b":["x"]}}"#, r#"{"a":"b"}"#, false),
    (r#"{"a":["x"]}"#, r#"{"a":["w","x"]}"#, true),
    (r#"{"a":["x"]}"#, r#"{"a":["w"]}"#, false),
    (
        r#"{"a":{"b":["x"],"c":["y"]}}"#,
        r#"{"a":[{"b":"x","c":"n"},{"b":"x","c":"y"}]}"#,
        true,
    ),
    (
        r#"{"a":{"b":["x"],"c":["y"]}}"#,
        r#"{"a":[{"b":"x","c":"n"},{"b":"n","c":"y"}]}"#,
        false,
    ),
    // A queue's message with a JSON body, and a stream's record.
    (
        r#"{"body":{"type":["sold"]}}"#,
        r#"{"messageId":"1","body":{"type":"sold"}}"#,
        true,
    ),
    (
        r#"{"body":{"type":["sold"]}}"#,
        r#"{"messageId":"1","body":"sold"}"#,
        false,
    ),
    (
        r#"{"dynamodb":{"NewImage":{"origin":{"S":["http"]}}},"eventName":["INSERT"]}"#,
        r#"{"eventName":"INSERT","dynamodb":{"NewImage":{"origin":{"S":"http"}}}}"#,
        true,
    ),
    (
        r#"{"dynamodb":{"NewImage":{"origin":{"S":["http"]}}},"eventName":["INSERT"]}"#,
        r#"{"eventName":"REMOVE","dynamodb":{"Keys":{"pk":{"S":"1"}}}}"#,
        false,
    ),
];

#[test]
fn patterns_match_as_documented() {
    for (pattern, event, expected) in MATCHES {
        let parsed: Pattern = pattern
            .parse()
            .unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let event: Value = serde_json::from_str(event).expect("JSON");
        assert_eq!(parsed.matches(&event), *expected, "{pattern} on {event}");
    }
}

#[test]
fn what_lambda_would_refuse_is_refused() {
    let cases = [
        ("", "pattern: EOF"),
        ("[]", "must be an object"),
        ("{}", "an empty object matches nothing"),
        (r#"{"a":{}}"#, "pattern.a: an empty object"),
        (r#"{"a":[]}"#, "pattern.a: an empty list"),
        (
            r#"{"a":"x"}"#,
            "pattern.a: a value to match stands in a list",
        ),
        (r#"{"a":[["x"]]}"#, "a list within a list"),
        (
            r#"{"a":{"b":[{"wildcard":"x*"}]}}"#,
            "pattern.a.b: Lambda documents no operator wildcard",
        ),
        (
            r#"{"a":[{"prefix":"x","suffix":"y"}]}"#,
            "a comparison is one operator",
        ),
        (r#"{"a":[{"prefix":1}]}"#, "prefix takes a string"),
        (
            r#"{"a":[{"prefix":{"equals-ignore-case":"x"}}]}"#,
            "prefix takes a string",
        ),
        (r#"{"a":[{"exists":"yes"}]}"#, "exists takes true or false"),
        (
            r#"{"a":[{"anything-but":[]}]}"#,
            "anything-but takes strings or numbers",
        ),
        (
            r#"{"a":[{"anything-but":{"prefix":"x"}}]}"#,
            "anything-but takes strings or numbers",
        ),
        (
            r#"{"a":[{"numeric":["=",1,"<"]}]}"#,
            "numeric takes one or two comparisons",
        ),
        (
            r#"{"a":[{"numeric":["!=",1]}]}"#,
            "numeric takes a comparison and a number",
        ),
        (
            r#"{"$or":[{"a":["x"]}]}"#,
            "pattern.$or: takes two or more objects",
        ),
        (r#"{"$or":["x","y"]}"#, "takes objects"),
    ];
    for (pattern, reason) in cases {
        let error = pattern.parse::<Pattern>().expect_err(pattern).to_string();
        assert!(error.contains(reason), "{pattern}: {error}");
    }
    let long = format!(r#"{{"a":["{}"]}}"#, "x".repeat(4_096));
    assert!(long.parse::<Pattern>().is_err());
}

#[test]
fn any_filter_is_enough_and_none_lets_all_pass() {
    let parse = |text: &str| text.parse::<Pattern>().expect("a pattern");
    let event = serde_json::json!({ "a": "y" });
    assert!(FilterCriteria::default().matches(&event));
    assert!(
        FilterCriteria::new(vec![parse(r#"{"a":["x"]}"#), parse(r#"{"a":["y"]}"#)]).matches(&event)
    );
    assert!(!FilterCriteria::new(vec![parse(r#"{"a":["x"]}"#)]).matches(&event));
}
