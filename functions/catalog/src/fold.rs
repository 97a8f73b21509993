//! Texts in the form in which they are compared: width, case and blanks make no difference.

use unicode_normalization::UnicodeNormalization as _;

/// The longest sort key, in characters: well under the 1024 bytes that a range key may have.
const MAX_KEY_CHARACTERS: usize = 100;

/// The text in compatibility form (Unicode NFKC), lower case, with single blanks: `ＴＥＡ　１` and `tea 1` are the same,
/// and so are half-width and full-width kana.
pub fn fold(text: &str) -> String {
    let lower: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let words: Vec<&str> = lower.split_whitespace().collect();
    words.join(" ")
}

/// The text as a sort key.
pub fn title_key(title: &str) -> String {
    fold(title).chars().take(MAX_KEY_CHARACTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_case_and_blanks_make_no_difference() {
        for (text, folded) in [
            ("Ｓencha　１００ｇ", "sencha 100g"),
            ("  GREEN \n Tea ", "green tea"),
            ("ｾﾝﾁｬ", "センチャ"),
            ("ガラス", "ガラス"),
            ("①㌔", "1キロ"),
        ] {
            assert_eq!(fold(text), folded);
        }
        assert_eq!(title_key(&"茶".repeat(500)).len(), 300);
    }
}
