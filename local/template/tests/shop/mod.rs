//! The project's own template, and broken copies of it.
#![allow(dead_code, reason = "each test file uses its own part of this module")]

use std::path::{Path, PathBuf};

use sam_template::{Parameters, Template, TemplateError};

/// The issuer given to the stack.
pub const ISSUER: &str = "http://127.0.0.1:8081";

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("the crate lies two folders deep")
        .to_owned()
}

/// Everything switched on that can be: user pool and pages are not run locally.
pub fn parameters() -> Parameters {
    let overrides = [
        ("TokenIssuer", ISSUER),
        ("Pages", "off"),
        ("Alarms", "all"),
        ("Metrics", "all"),
        ("DeploymentType", "Canary10Percent5Minutes"),
        ("Tracing", "Active"),
        ("PaymentsConcurrency", "20"),
        ("PaymentsQueueConcurrency", "10"),
    ];
    Parameters::overriding(overrides)
}

/// The template's text.
pub fn text() -> String {
    std::fs::read_to_string(root().join("template.yaml")).expect("template.yaml stands at the root")
}

/// The template as it is.
pub fn template() -> Template {
    Template::load(root().join("template.yaml"), &parameters())
        .unwrap_or_else(|error| panic!("{error}"))
}

/// The template with one passage changed, at the first place where it stands after `anchor`.
pub fn changed(anchor: &str, from: &str, to: &str) -> Result<Template, TemplateError> {
    let text = text();
    let start = text
        .find(anchor)
        .unwrap_or_else(|| panic!("the template has no {anchor:?}"));
    let (before, after) = text.split_at(start);
    assert!(
        after.contains(from),
        "the template has no {from:?} after {anchor:?}"
    );
    Template::parse(
        &format!("{before}{}", after.replacen(from, to, 1)),
        &parameters(),
    )
}
