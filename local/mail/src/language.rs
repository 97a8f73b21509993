//! The two languages of the pages, chosen by the browser.

use http::{HeaderMap, header};
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

/// Every word on the pages.
#[derive(Serialize)]
pub(crate) struct Words {
    pub lang: &'static str,
    pub inbox: &'static str,
    pub count: &'static str,
    pub search_label: &'static str,
    pub search: &'static str,
    pub all: &'static str,
    pub none: &'static str,
    pub none_found: &'static str,
    pub subject: &'static str,
    pub no_subject: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub cc: &'static str,
    pub bcc: &'static str,
    pub reply_to: &'static str,
    pub sent: &'static str,
    pub tags: &'static str,
    pub attachments: &'static str,
    pub text_part: &'static str,
    pub html_part: &'static str,
    pub no_part: &'static str,
    pub older: &'static str,
    pub back: &'static str,
    pub not_found: &'static str,
    pub failed: &'static str,
}

impl Language {
    /// The first of the two among what the browser prefers; English when it prefers neither.
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut best = (Self::English, 0.0_f32);
        for entry in accepted.split(',') {
            let mut parts = entry.trim().split(';');
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| {
                    part.trim()
                        .strip_prefix("q=")
                        .and_then(|text| text.parse::<f32>().ok())
                })
                .unwrap_or(1.0);
            let language = match tag.split('-').next().unwrap_or_default() {
                "ja" => Self::Japanese,
                "en" | "*" => Self::English,
                _ => continue,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Japanese => &JAPANESE,
        }
    }
}

const ENGLISH: Words = Words {
    lang: "en",
    inbox: "Inbox",
    count: "Mails in all:",
    search_label: "Recipient",
    search: "Search",
    all: "Show all",
    none: "No mail yet.",
    none_found: "No mail to this recipient.",
    subject: "Subject",
    no_subject: "(no subject)",
    from: "From",
    to: "To",
    cc: "Cc",
    bcc: "Bcc",
    reply_to: "Reply to",
    sent: "Sent",
    tags: "Tags",
    attachments: "Attachments",
    text_part: "Text",
    html_part: "HTML",
    no_part: "This mail has no such part.",
    older: "Older",
    back: "Back to the inbox",
    not_found: "There is no such mail.",
    failed: "The inbox cannot be read.",
};

const JAPANESE: Words = Words {
    lang: "ja",
    inbox: "受信箱",
    count: "全件数:",
    search_label: "宛先",
    search: "検索",
    all: "すべて表示",
    none: "メールはまだありません。",
    none_found: "この宛先へのメールはありません。",
    subject: "件名",
    no_subject: "(件名なし)",
    from: "差出人",
    to: "宛先",
    cc: "Cc",
    bcc: "Bcc",
    reply_to: "返信先",
    sent: "送信日時",
    tags: "タグ",
    attachments: "添付ファイル",
    text_part: "テキスト",
    html_part: "HTML",
    no_part: "このメールにはこの形式の本文がありません。",
    older: "以前のメール",
    back: "受信箱へ戻る",
    not_found: "このメールは見つかりません。",
    failed: "受信箱を読み込めません。",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_chooses() {
        let cases = [
            ("", Language::English),
            ("ja", Language::Japanese),
            ("ja-JP,ja;q=0.9,en;q=0.8", Language::Japanese),
            ("en-GB,en;q=0.9,ja;q=0.8", Language::English),
            ("fr,ja;q=0.5,en;q=0.4", Language::Japanese),
            ("ja;q=0,en;q=0.1", Language::English),
            ("de", Language::English),
        ];
        for (accepted, language) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
            assert_eq!(Language::of(&headers), language, "{accepted}");
        }
    }
}
