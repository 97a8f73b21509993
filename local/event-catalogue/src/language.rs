//! The two languages of the pages: chosen by the address, else by the browser.

use serde::Serialize;

/// A language of the pages' own words. What events mean is written in the code, in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

/// Every word on the pages.
#[derive(Serialize)]
pub(crate) struct Words {
    pub lang: &'static str,
    pub other_lang: &'static str,
    pub other_language: &'static str,
    pub title: &'static str,
    pub search_label: &'static str,
    pub context_label: &'static str,
    pub any_context: &'static str,
    pub search: &'static str,
    pub all: &'static str,
    pub count: &'static str,
    pub none_found: &'static str,
    pub event: &'static str,
    pub meaning: &'static str,
    pub said_by: &'static str,
    pub heard_by: &'static str,
    pub nobody: &'static str,
    pub not_here: &'static str,
    pub topic: &'static str,
    pub queue: &'static str,
    pub subscription: &'static str,
    pub fields: &'static str,
    pub field: &'static str,
    pub kind: &'static str,
    pub required: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub example: &'static str,
    pub schema: &'static str,
    pub envelope: &'static str,
    pub back: &'static str,
    pub not_found: &'static str,
    pub document: &'static str,
}

impl Language {
    /// The language of that tag, where it is one of the two.
    fn tagged(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default() {
            "ja" => Some(Self::Japanese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The one that the address asks for, else the first of the two among what the browser prefers, else English.
    pub(crate) fn of(asked: Option<&str>, accepted: &str) -> Self {
        if let Some(language) = asked.and_then(Self::tagged) {
            return language;
        }
        let mut best = (Self::English, 0.0_f32);
        for entry in accepted.split(',') {
            let mut parts = entry.trim().split(';');
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .and_then(|text| text.parse::<f32>().ok())
                .unwrap_or(1.0);
            if let Some(language) = Self::tagged(&tag).filter(|_| weight > best.1) {
                best = (language, weight);
            }
        }
        best.0
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Japanese => &JAPANESE,
        }
    }
}

const ENGLISH: Words = Words {
    lang: "en",
    other_lang: "ja",
    other_language: "日本語",
    title: "Event catalogue",
    search_label: "Event, field or meaning",
    context_label: "Context",
    any_context: "any",
    search: "Search",
    all: "Show all",
    count: "Event types:",
    none_found: "No event type is like that.",
    event: "Event",
    meaning: "Meaning",
    said_by: "Said by",
    heard_by: "Heard by",
    nobody: "nobody in this stack",
    not_here: "not part of this stack",
    topic: "topic",
    queue: "queue",
    subscription: "subscription",
    fields: "Fields of the data",
    field: "Field",
    kind: "Type",
    required: "Required",
    yes: "yes",
    no: "no",
    example: "Example",
    schema: "JSON Schema of the data",
    envelope: "Envelope",
    back: "All events",
    not_found: "There is no such event type.",
    document: "AsyncAPI document",
};

const JAPANESE: Words = Words {
    lang: "ja",
    other_lang: "en",
    other_language: "English",
    title: "イベントカタログ",
    search_label: "イベント名・項目・説明",
    context_label: "コンテキスト",
    any_context: "すべて",
    search: "検索",
    all: "すべて表示",
    count: "イベント型の数:",
    none_found: "該当するイベント型はありません。",
    event: "イベント",
    meaning: "意味",
    said_by: "発行元",
    heard_by: "購読側",
    nobody: "このスタックでは購読されていません",
    not_here: "このスタックには含まれていません",
    topic: "トピック",
    queue: "キュー",
    subscription: "サブスクリプション",
    fields: "データの項目",
    field: "項目",
    kind: "型",
    required: "必須",
    yes: "必須",
    no: "任意",
    example: "例",
    schema: "データの JSON Schema",
    envelope: "エンベロープ",
    back: "イベント一覧",
    not_found: "このイベント型は見つかりません。",
    document: "AsyncAPI ドキュメント",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_chooses_and_then_the_browser() {
        let cases = [
            (None, "", Language::English),
            (None, "ja-JP,ja;q=0.9,en;q=0.8", Language::Japanese),
            (None, "fr,ja;q=0.5,en;q=0.4", Language::Japanese),
            (None, "de", Language::English),
            (Some("ja"), "en", Language::Japanese),
            (Some("en"), "ja", Language::English),
            (Some("xx"), "ja", Language::Japanese),
        ];
        for (asked, accepted, language) in cases {
            assert_eq!(
                Language::of(asked, accepted),
                language,
                "{asked:?} {accepted}"
            );
        }
    }
}
