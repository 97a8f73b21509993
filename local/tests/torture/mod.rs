//! The command `torture` as anybody runs it, on the product's own template with one time shortened.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// What a message waits for that was in the hands of a killed process: 90 seconds in the template.
const VISIBILITY_TIMEOUT: &str = "VisibilityTimeout: 90";
const SHORTER: &str = "VisibilityTimeout: 8";

/// Runs it with JSON, on the template with the shorter visibility time-out, and gives its report. It must succeed.
pub fn torture(arguments: &[&str]) -> Value {
    let directory = template();
    let template = directory.path().join("template.yaml");
    let output = Command::new(env!("CARGO_BIN_EXE_noren"))
        .arg("torture")
        .args(arguments)
        .arg("--json")
        .arg("--template")
        .arg(template)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    assert!(output.status.success(), "{report:#}\n{errors}");
    assert_eq!(report["good"], true);
    assert_audited(&report["replay"]);
    report
}

fn template() -> TempDir {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(VISIBILITY_TIMEOUT));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("template.yaml");
    std::fs::write(path, text.replace(VISIBILITY_TIMEOUT, SHORTER)).unwrap();
    directory
}

/// All orders are over, and the rules that a killed process would break were put to the test and held.
fn assert_audited(replay: &Value) {
    let number = |key: &str| replay[key].as_u64().unwrap();
    assert!(number("orders_placed") > 0);
    assert_eq!(
        number("orders_completed") + number("orders_cancelled"),
        number("orders_placed")
    );
    assert_eq!(number("orders_unfinished") + number("orders_refused"), 0);
    assert_eq!(number("messages_in_dead_letter_queues"), 0);
    assert_eq!(replay["quiet"], true);
    let rules = replay["rules"].as_array().unwrap();
    for name in [
        "every basket is exactly one order",
        "every order is terminal",
        "available + reserved + shipped = received",
        "no reservation is leaked",
        "at most one authorisation per order and attempt",
        "no charge without an order",
        "a completed order is paid in full",
        "the shop's ledger agrees with the provider's",
        "versions step by one, messages are handled once",
        "dead-letter queues are empty",
    ] {
        let rule = rules.iter().find(|rule| rule["rule"] == name);
        let rule = rule.unwrap_or_else(|| panic!("there is no rule \"{name}\""));
        assert!(rule["checked"].as_u64().unwrap() > 0, "{rule}");
        assert_eq!(rule["broken"], 0, "{rule}");
    }
}
