//! Mail addresses as SES takes them.

/// The bare address of `Name <address>` or `address`, or what SES says is wrong with it.
pub(crate) fn parse(text: &str) -> Result<String, &'static str> {
    if text.chars().any(char::is_control) {
        return Err("Local address contains control or whitespace");
    }
    let bare = match (text.rfind('<'), text.trim_end().ends_with('>')) {
        (Some(at), true) => text[at + 1..].trim_end().trim_end_matches('>'),
        (Some(_), false) | (None, true) => return Err("Missing '>'"),
        (None, false) => text.trim(),
    };
    let Some((local, domain)) = bare.rsplit_once('@') else {
        return Err("Missing final '@domain'");
    };
    if domain.is_empty() {
        return Err("Missing final '@domain'");
    }
    if local.is_empty() {
        return Err("Missing local part");
    }
    if local.len() > 64 || bare.len() > 320 {
        return Err("Address is too long");
    }
    if local.chars().any(char::is_whitespace) || local.contains('@') {
        return Err("Local address contains control or whitespace");
    }
    // SES does not support SMTPUTF8; international domains must be in Punycode.
    if !local.is_ascii() {
        return Err("Local address contains non-ASCII characters");
    }
    let domain_is_well_formed = domain.len() <= 255
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    if !domain_is_well_formed {
        return Err("Domain contains illegal character");
    }
    Ok(bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let cases = [
            ("taro@example.com", Ok("taro@example.com")),
            ("山田太郎 <taro@example.com>", Ok("taro@example.com")),
            (
                "\"A <b>\" <a.b+c@xn--eckwd4c7c.jp>",
                Ok("a.b+c@xn--eckwd4c7c.jp"),
            ),
            ("taro", Err("Missing final '@domain'")),
            ("taro@", Err("Missing final '@domain'")),
            ("@example.com", Err("Missing local part")),
            (
                "ta ro@example.com",
                Err("Local address contains control or whitespace"),
            ),
            (
                "taro@example.com\r\nBcc: x@example.com",
                Err("Local address contains control or whitespace"),
            ),
            (
                "太郎@example.com",
                Err("Local address contains non-ASCII characters"),
            ),
            ("taro@例え.jp", Err("Domain contains illegal character")),
            (
                "taro@example..com",
                Err("Domain contains illegal character"),
            ),
            ("Taro <taro@example.com", Err("Missing '>'")),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected.map(str::to_owned), "{text:?}");
        }
    }
}
