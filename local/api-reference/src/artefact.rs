//! What is committed: one document of the whole shop, and one beside each context.

use std::path::{Path, PathBuf};

use crate::{CONTEXTS, document, document_of};

/// How they are made anew.
pub const COMMAND: &str = "cargo run -p api-reference";
/// The document of the whole shop: what callers know, and what a change is judged against.
pub const PUBLISHED: &str = "docs/contracts/openapi.json";

/// The folder that this was built in.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every committed file, by its path in the workspace, with the text that it should have.
pub fn all() -> Vec<(String, String)> {
    let one = CONTEXTS.iter().map(|context| {
        let document = document_of(|name| name == context.name);
        let path = format!("functions/{}/openapi.json", context.name);
        (path, openapi::in_text(&document))
    });
    let whole = (PUBLISHED.to_owned(), openapi::in_text(&document()));
    std::iter::once(whole).chain(one).collect()
}
