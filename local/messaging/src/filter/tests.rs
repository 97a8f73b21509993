use super::*;
use crate::message::MessageAttribute;

fn policy(text: &str, scope: Scope) -> FilterPolicy {
    FilterPolicy::read(text, scope).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Attributes in short: `name=value` is a String, `name#value` a Number, `name@value` a String.Array.
fn attributes(short: &[&str]) -> MessageAttributes {
    let one = |text: &&str| {
        let at = text.find(['=', '#', '@']).expect("a kind sign");
        let kind = match &text[at..=at] {
            "=" => "String",
            "#" => "Number",
            _ => "String.Array",
        };
        let value = MessageAttribute {
            data_type: kind.to_owned(),
            ..MessageAttribute::string(&text[at + 1..])
        };
        (text[..at].to_owned(), value)
    };
    short.iter().map(one).collect()
}

#[test]
fn attribute_policies() {
    let cases: &[(&str, &[&str], bool)] = &[
        (r"{}", &[], true),
        (r#"{"t":["a"]}"#, &["t=a"], true),
        (r#"{"t":["a"]}"#, &["t=b"], false),
        (r#"{"t":["a"]}"#, &["t=A"], false),
        (r#"{"t":["a"]}"#, &[], false),
        (r#"{"t":["a","b"]}"#, &["t=b", "other=x"], true),
        (r#"{"t":["a"],"u":["b"]}"#, &["t=a"], false),
        (r#"{"t":["a"],"u":["b"]}"#, &["t=a", "u=b"], true),
        (r#"{"t":["a"]}"#, &[r#"t@["x","a"]"#], true),
        (r#"{"t":["a"]}"#, &[r#"t@["x"]"#], false),
        (r#"{"t":[true]}"#, &["t@[true]"], true),
        (r#"{"t":[null]}"#, &["t@[null]"], true),
        (r#"{"n":[100]}"#, &["n#100.0"], true),
        (r#"{"n":[100]}"#, &["n#1e2"], true),
        (r#"{"n":[100]}"#, &["n=100"], false),
        (r#"{"n":["100"]}"#, &["n#100"], false),
        (r#"{"n":[5]}"#, &["n@[4,5]"], true),
        (r#"{"t":[{"prefix":"order"}]}"#, &["t=orders.placed"], true),
        (r#"{"t":[{"prefix":"order"}]}"#, &["t=reorder"], false),
        (r#"{"t":[{"suffix":".v1"}]}"#, &["t=a.v1"], true),
        (r#"{"t":[{"suffix":".v1"}]}"#, &["t=a.v2"], false),
        (
            r#"{"t":[{"equals-ignore-case":"Tennis"}]}"#,
            &["t=TENNIS"],
            true,
        ),
        (
            r#"{"t":[{"equals-ignore-case":"Tennis"}]}"#,
            &["t=tenni"],
            false,
        ),
        (r#"{"t":[{"wildcard":"a.*.v1"}]}"#, &["t=a.b.c.v1"], true),
        (r#"{"t":[{"wildcard":"a.*.v1"}]}"#, &["t=a.v1"], false),
        (r#"{"t":[{"exists":true}]}"#, &["t=a"], true),
        (r#"{"t":[{"exists":true}]}"#, &[], false),
        (r#"{"t":[{"exists":false}]}"#, &[], true),
        (r#"{"t":[{"exists":false}]}"#, &["t=a"], false),
        (r#"{"t":["a",{"exists":false}]}"#, &[], true),
        (r#"{"t":[{"anything-but":"a"}]}"#, &["t=b"], true),
        (r#"{"t":[{"anything-but":"a"}]}"#, &["t=a"], false),
        (r#"{"t":[{"anything-but":"a"}]}"#, &[], false),
        (r#"{"t":[{"anything-but":["a","b"]}]}"#, &["t=b"], false),
        (
            r#"{"t":[{"anything-but":["a","b"]}]}"#,
            &[r#"t@["a","c"]"#],
            true,
        ),
        (
            r#"{"t":[{"anything-but":["a","b"]}]}"#,
            &[r#"t@["a","b"]"#],
            false,
        ),
        (r#"{"n":[{"anything-but":[100,500]}]}"#, &["n#101"], true),
        (r#"{"n":[{"anything-but":[100,500]}]}"#, &["n#500"], false),
        (
            r#"{"t":[{"anything-but":{"prefix":"order"}}]}"#,
            &["t=orders"],
            false,
        ),
        (
            r#"{"t":[{"anything-but":{"prefix":"order"}}]}"#,
            &["t=stock"],
            true,
        ),
        (
            r#"{"t":[{"anything-but":{"prefix":["order","pay"]}}]}"#,
            &["t=payment"],
            false,
        ),
        (
            r#"{"t":[{"anything-but":{"suffix":".v1"}}]}"#,
            &["t=a.v1"],
            false,
        ),
        (
            r#"{"t":[{"anything-but":{"suffix":".v1"}}]}"#,
            &["t=a.v2"],
            true,
        ),
        (
            r#"{"t":[{"anything-but":{"wildcard":"a*c"}}]}"#,
            &["t=abc"],
            false,
        ),
        (
            r#"{"t":[{"anything-but":{"wildcard":"a*c"}}]}"#,
            &["t=abd"],
            true,
        ),
        (
            r#"{"t":[{"anything-but":{"equals-ignore-case":["x","y"]}}]}"#,
            &["t=Y"],
            false,
        ),
        (
            r#"{"t":[{"anything-but":{"equals-ignore-case":["x","y"]}}]}"#,
            &["t=z"],
            true,
        ),
        (r#"{"n":[{"numeric":["=",301.5]}]}"#, &["n#3.015e2"], true),
        (r#"{"n":[{"numeric":["<",0]}]}"#, &["n#-1"], true),
        (r#"{"n":[{"numeric":["<",0]}]}"#, &["n#0"], false),
        (r#"{"n":[{"numeric":["<=",0]}]}"#, &["n#0"], true),
        (r#"{"n":[{"numeric":[">",0]}]}"#, &["n#0"], false),
        (r#"{"n":[{"numeric":[">",0,"<=",150]}]}"#, &["n#150"], true),
        (
            r#"{"n":[{"numeric":[">",0,"<=",150]}]}"#,
            &["n#150.1"],
            false,
        ),
        (r#"{"n":[{"numeric":[">",0]}]}"#, &["n=5"], false),
        (
            r#"{"ip":[{"cidr":"10.0.0.0/24"}]}"#,
            &["ip=10.0.0.255"],
            true,
        ),
        (
            r#"{"ip":[{"cidr":"10.0.0.0/24"}]}"#,
            &["ip=10.0.1.0"],
            false,
        ),
        (r#"{"ip":[{"cidr":"10.0.0.0/24"}]}"#, &["ip=words"], false),
        (
            r#"{"ip":[{"cidr":"2001:db8::/32"}]}"#,
            &["ip=2001:db8:1::1"],
            true,
        ),
        (r#"{"ip":[{"cidr":"0.0.0.0/0"}]}"#, &["ip=8.8.8.8"], true),
        (r#"{"ip":[{"cidr":"0.0.0.0/0"}]}"#, &["ip=::1"], false),
        (r#"{"$or":[{"t":["a"]},{"u":["b"]}]}"#, &["u=b"], true),
        (r#"{"$or":[{"t":["a"]},{"u":["b"]}]}"#, &["u=c"], false),
        (
            r#"{"s":["x"],"$or":[{"t":["a"]},{"u":["b"]}]}"#,
            &["u=b"],
            false,
        ),
        (
            r#"{"s":["x"],"$or":[{"t":["a"]},{"u":["b"]}]}"#,
            &["u=b", "s=x"],
            true,
        ),
    ];
    for (text, short, expected) in cases {
        assert_eq!(
            policy(text, Scope::MessageAttributes).matches(&Candidate::new("", &attributes(short))),
            *expected,
            "{text} {short:?}"
        );
    }
}

#[test]
fn body_policies() {
    let cases: &[(&str, &str, bool)] = &[
        (r"{}", r#"{"a":1}"#, true),
        (r"{}", "no json", false),
        (r#"{"a":["x"]}"#, "[1]", false),
        (r#"{"a":["x"]}"#, r#"{"a":"x"}"#, true),
        (r#"{"a":[1]}"#, r#"{"a":"1"}"#, false),
        (r#"{"a":[true,null]}"#, r#"{"a":null}"#, true),
        (r#"{"a":[null]}"#, "{}", false),
        (r#"{"a":{"b":["x"]}}"#, r#"{"a":{"b":"x"}}"#, true),
        (r#"{"a":{"b":["x"]}}"#, r#"{"a":{"b":"y"}}"#, false),
        (r#"{"a":{"b":["x"]}}"#, r#"{"a":"x"}"#, false),
        (
            r#"{"a":{"b":["x"]}}"#,
            r#"{"a":[{"b":"y"},{"b":"x"}]}"#,
            true,
        ),
        (
            r#"{"a":{"b":["x"],"c":[1]}}"#,
            r#"{"a":[{"b":"x","c":2},{"b":"y","c":1}]}"#,
            false,
        ),
        (r#"{"a":{"b":[{"exists":false}]}}"#, "{}", true),
        (
            r#"{"a":{"b":[{"exists":false}]}}"#,
            r#"{"a":{"b":0}}"#,
            false,
        ),
        (
            r#"{"a":{"b":[{"exists":true}]}}"#,
            r#"{"a":{"b":{"c":1}}}"#,
            true,
        ),
        (r#"{"a":["x"]}"#, r#"{"a":[["x"]]}"#, true),
        (r#"{"a":[{"numeric":[">=",2]}]}"#, r#"{"a":[1,2]}"#, true),
        (
            r#"{"a":{"$or":[{"b":["x"]},{"c":{"d":[1]}}]}}"#,
            r#"{"a":{"c":{"d":1}}}"#,
            true,
        ),
        (
            r#"{"a":{"$or":[{"b":["x"]},{"c":{"d":[1]}}]}}"#,
            r#"{"a":{"c":{"d":2}}}"#,
            false,
        ),
    ];
    for (text, body, expected) in cases {
        assert_eq!(
            policy(text, Scope::MessageBody)
                .matches(&Candidate::new(body, &MessageAttributes::new())),
            *expected,
            "{text} {body}"
        );
    }
}

#[test]
fn binary_attributes_only_exist() {
    let binary = MessageAttribute {
        data_type: "Binary".to_owned(),
        string_value: None,
        binary_value: Some("YQ==".to_owned()),
    };
    let attributes = MessageAttributes::from([("t".to_owned(), binary)]);
    for (text, expected) in [
        (r#"{"t":[{"exists":true}]}"#, true),
        (r#"{"t":["a"]}"#, false),
        (r#"{"t":[{"anything-but":"x"}]}"#, false),
    ] {
        assert_eq!(
            policy(text, Scope::MessageAttributes).matches(&Candidate::new("", &attributes)),
            expected,
            "{text}"
        );
    }
}

#[test]
fn refused_policies() {
    let cases = [
        ("", "failed to parse JSON"),
        ("[]", "must be a JSON object"),
        (r#"{"a":"x"}"#, "must be an object or an array"),
        (r#"{"a":[]}"#, "Empty arrays are not allowed"),
        (r#"{"a":[["x"]]}"#, "Match value must be"),
        (r#"{"a":{"b":["x"]}}"#, "does not support nested"),
        (
            r#"{"a":[{"begins":"x"}]}"#,
            "Unrecognized match type begins",
        ),
        (
            r#"{"a":[{"prefix":"x","suffix":"y"}]}"#,
            "Only one key allowed",
        ),
        (
            r#"{"a":[{"prefix":1}]}"#,
            "prefix match pattern must be a string",
        ),
        (r#"{"a":[{"prefix":""}]}"#, "Null prefix not allowed"),
        (
            r#"{"a":[{"exists":"yes"}]}"#,
            "must be either true or false",
        ),
        (r#"{"a":[{"numeric":">"}]}"#, "must be an array"),
        (r#"{"a":[{"numeric":[]}]}"#, "one or two pairs"),
        (
            r#"{"a":[{"numeric":[">"]}]}"#,
            "pairs of operator and number",
        ),
        (
            r#"{"a":[{"numeric":["~",1]}]}"#,
            "Unrecognized numeric range operator",
        ),
        (r#"{"a":[{"numeric":[">","1"]}]}"#, "must be numeric"),
        (r#"{"a":[{"numeric":["<",1,">",0]}]}"#, "wrong order"),
        (
            r#"{"a":[{"numeric":[">",2,"<",1]}]}"#,
            "Bottom must be less than top",
        ),
        (r#"{"a":[{"cidr":"10.0.0.0"}]}"#, "Malformed CIDR"),
        (r#"{"a":[{"cidr":"10.0.0.0/33"}]}"#, "Malformed CIDR"),
        (r#"{"a":[{"wildcard":"a**"}]}"#, "Consecutive wildcard"),
        (r#"{"a":[{"wildcard":"*a*b*c*"}]}"#, "At most three"),
        (r#"{"a":[{"anything-but":[]}]}"#, "Empty arrays"),
        (
            r#"{"a":[{"anything-but":[true]}]}"#,
            "Inside anything-but list",
        ),
        (
            r#"{"a":[{"anything-but":{"numeric":["=",1]}}]}"#,
            "must be a string or a list of strings",
        ),
        (
            r#"{"a":[{"anything-but":{"exists":"x"}}]}"#,
            "Unrecognized match type exists",
        ),
        (r#"{"$or":[{"a":["x"]}]}"#, "at least 2 Objects"),
        (r#"{"$or":[{"a":["x"]},{}]}"#, "at least one Key-Value pair"),
        (
            r#"{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}"#,
            "more than 5 keys",
        ),
        (
            r#"{"a":[1,2,3,4,5,6,7,8,9,10],"b":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}"#,
            "too complex",
        ),
    ];
    for (text, reason) in cases {
        let error = FilterPolicy::read(text, Scope::MessageAttributes).expect_err(text);
        assert_eq!(error.code, "InvalidParameter");
        assert!(error.message.contains(reason), "{text}: {error}");
    }
}
