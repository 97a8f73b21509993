//! The words of the pages, in Japanese and English.

use http::{HeaderMap, header};
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Words {
    pub(crate) lang: &'static str,
    sign_in: &'static str,
    username: &'static str,
    password: &'static str,
    wrong: &'static str,
    seeded: &'static str,
    register: &'static str,
    to_register: &'static str,
    to_sign_in: &'static str,
    email: &'static str,
    new_password: &'static str,
    unusable: &'static str,
    taken: &'static str,
    local_only: &'static str,
    pub(crate) bad_request: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) signed_out: &'static str,
    other_language: &'static str,
}

static ENGLISH: Words = Words {
    lang: "en",
    sign_in: "Sign in",
    username: "Name or mail address",
    password: "Password",
    wrong: "No account has this name and password.",
    seeded: "Sample accounts; the password is the name:",
    register: "Make an account",
    to_register: "New here? Make an account",
    to_sign_in: "I have an account",
    email: "Mail address",
    new_password: "Password (8 to 128 characters)",
    unusable: "Please give a mail address, and a password of 8 to 128 characters.",
    taken: "There is an account with this address already.",
    local_only: "This sign-in runs on this machine only. Do not use a password of yours.",
    bad_request: "This link does not work",
    failed: "Something went wrong. Please try again.",
    signed_out: "You are signed out.",
    other_language: "日本語",
};

static JAPANESE: Words = Words {
    lang: "ja",
    sign_in: "ログイン",
    username: "お名前またはメールアドレス",
    password: "パスワード",
    wrong: "お名前またはパスワードが正しくありません。",
    seeded: "サンプルアカウント（パスワードは名前と同じです）：",
    register: "アカウントを作成",
    to_register: "はじめての方はこちら（アカウント作成）",
    to_sign_in: "アカウントをお持ちの方",
    email: "メールアドレス",
    new_password: "パスワード（8～128文字）",
    unusable: "メールアドレスと、8～128文字のパスワードを入力してください。",
    taken: "このメールアドレスのアカウントはすでにあります。",
    local_only: "このログインはこのパソコンの中だけで動いています。普段お使いのパスワードは入力しないでください。",
    bad_request: "このリンクは使えません",
    failed: "エラーが発生しました。もう一度お試しください。",
    signed_out: "ログアウトしました。",
    other_language: "English",
};

/// The language that was asked for, else the browser's.
pub(crate) fn words(asked: Option<&str>, headers: &HeaderMap) -> &'static Words {
    let preferred = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let language = asked
        .filter(|asked| !asked.is_empty())
        .or(preferred)
        .unwrap_or_default();
    match language.trim_start().get(..2) {
        Some(code) if code.eq_ignore_ascii_case("ja") => &JAPANESE,
        Some(_) | None => &ENGLISH,
    }
}
