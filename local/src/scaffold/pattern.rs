//! The pattern: a whole context, as it stands in `local/scaffold`.

macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../scaffold/", $path)))),+]
    };
}

/// Its files, by their paths from the workspace's root.
pub(super) const FILES: &[(&str, &str)] = files![
    "functions/guestbooks/Cargo.toml",
    "functions/guestbooks/README.md",
    "functions/guestbooks/src/consumer.rs",
    "functions/guestbooks/src/guestbook.rs",
    "functions/guestbooks/src/http.rs",
    "functions/guestbooks/src/http/description.rs",
    "functions/guestbooks/src/lib.rs",
    "functions/guestbooks/src/main.rs",
    "functions/guestbooks/src/store.rs",
    "functions/guestbooks/tests/door.rs",
    "functions/guestbooks/tests/guestbook.rs",
    "functions/guestbooks/tests/routes.rs",
    "events/guestbooks/dynamodb_guestbook_written.json",
    "events/guestbooks/http_show_guestbook.json",
    "events/guestbooks/http_write_guestbook.json",
    "events/guestbooks/sqs_order_completed.json",
];

/// Its section of the template.
pub(super) const SECTION: &str = include_str!("../../scaffold/section.yaml");
