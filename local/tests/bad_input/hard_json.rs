//! JSON that parsers stumble over: the vendored set, and what it cannot hold.

use serde::Deserialize;

/// A text, and what a parser must do about it.
#[derive(Debug, Clone, Deserialize)]
pub struct HardJson {
    /// `y_` must be read, `n_` must be refused, `i_` either.
    pub name: String,
    pub text: String,
}

/// The vendored set, and the deep and long texts that are made rather than kept.
pub fn texts() -> Vec<HardJson> {
    let kept = include_str!("hard-json/cases.json");
    let mut texts: Vec<HardJson> = serde_json::from_str(kept).unwrap();
    assert!(texts.len() > 280, "the vendored set is not whole");
    let made = [
        ("n_100000_opening_arrays", "[".repeat(100_000)),
        ("n_open_array_object", "[{\"\":".repeat(50_000)),
        ("i_500_nested_arrays", "[".repeat(500) + &"]".repeat(500)),
        (
            "i_500_nested_objects",
            "{\"a\":".repeat(500) + "1" + &"}".repeat(500),
        ),
        ("i_number_of_100000_digits", "9".repeat(100_000)),
        (
            "i_string_of_500000_characters",
            format!("\"{}\"", "x".repeat(500_000)),
        ),
        ("i_200000_elements", format!("[{}0]", "0,".repeat(200_000))),
        ("i_20000_fields", {
            let fields: Vec<String> = (0..20_000).map(|n| format!("\"f{n}\":{n}")).collect();
            format!("{{{}}}", fields.join(","))
        }),
    ];
    texts.extend(made.map(|(name, text)| HardJson {
        name: name.to_owned(),
        text,
    }));
    texts
}

/// Bytes that are no UTF-8, or not the UTF-8 of JSON.
pub const NOT_UTF_8: &[(&str, &[u8])] = &[
    ("a lone byte", b"\xe9"),
    ("a byte order mark of UTF-8", b"\xef\xbb\xbf{}"),
    ("half a byte order mark", b"\xef\xbb{}"),
    ("UTF-16, little end first", b"\xff\xfe{\0}\0"),
    ("UTF-16, big end first, no mark", b"\0{\0}"),
    ("Latin-1 in a text", b"[\"\xe9\"]"),
    ("an invalid sequence in a text", b"[\"\xff\"]"),
    ("a surrogate in a text", b"[\"\xed\xa0\x80\"]"),
    ("an overlong sequence", b"[\"\xc0\xaf\"]"),
    ("an overlong null", b"[\"\xfc\x83\xbf\xbf\xbf\xbf\"]"),
    ("beyond Unicode", b"[\"\xf4\xbf\xbf\xbf\"]"),
    ("a cut sequence", b"[\"\xe0\xff\"]"),
    ("a lone continuation in a key", b"{\"\xb9\":\"0\",}"),
    ("an invalid byte in a number", b"[123\xe5]"),
    ("an invalid byte in an exponent", b"[1e1\xe5]"),
    ("an invalid byte after an escape", b"[\"\\u\xe5\"]"),
    ("deflated", b"\x78\x9c\xab\xae\x05\x00\x01\x75\x00\xf9"),
    (
        "gzipped",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00",
    ),
];
