//! The command `replay` as anybody runs it: over the sample shop with nothing beside it, over files, and again after it
//! was done.

#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// What `--json` promises to say.
const KEYS: &[&str] = &[
    "orders_placed",
    "orders_confirmed",
    "orders_completed",
    "orders_cancelled",
    "orders_unfinished",
    "messages_in_dead_letter_queues",
    "invariants_checked",
    "invariants_broken",
    "orders_per_second",
    "confirm_ms_p50",
    "confirm_ms_p99",
    "write_units_per_order",
    "read_units_per_order",
    "invocations_per_order",
    "publishes_per_order",
    "products_imported",
];

fn replay(arguments: &[&str]) -> Output {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    Command::new(env!("CARGO_BIN_EXE_noren"))
        .args(["replay", "--template", template])
        .args(arguments)
        .output()
        .unwrap()
}

fn report(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    assert!(output.status.success(), "{report:#}\n{errors}");
    report
}

#[test]
fn the_sample_shop_is_replayed_and_nothing_is_lost_or_sold_twice() {
    let shares = [
        "--scarce",
        "5",
        "--decline",
        "10",
        "--action",
        "10",
        "--cancel",
        "25",
    ];
    let arguments = [
        &["--json", "--limit", "60", "--concurrency", "16"],
        &shares[..],
    ]
    .concat();
    let report = report(&replay(&arguments));
    for key in KEYS {
        assert!(report[key].is_number(), "{key}");
    }
    assert_eq!(report["orders_placed"], 60);
    assert_eq!(report["orders_unfinished"], 0);
    let ended = ["orders_completed", "orders_cancelled"].map(|key| report[key].as_u64().unwrap());
    assert_eq!(ended.iter().sum::<u64>(), 60);
    assert!(ended.iter().all(|count| *count > 0), "{ended:?}");
    // Every rule was put to the test: none passes because there was nothing to check.
    for rule in report["rules"].as_array().unwrap() {
        assert!(rule["checked"].as_u64().unwrap() > 0, "{rule}");
        assert_eq!(rule["broken"], 0, "{rule}");
    }
    for act in [
        "actions_taken",
        "cancellations_asked",
        "shipments_delivered",
    ] {
        assert!(report["acts"][act].as_u64().unwrap() > 0, "{act}");
    }
}

#[test]
fn files_are_replayed_and_a_second_run_places_nothing_twice() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let products = "product_id,department,category,type,brand,manufacturer_id,package_size,price_cents\n\
                    1,GROCERY,BREAD,WHITE,Private,69,20 OZ,159\n2,SPIRITS,LIQUOR,GIN,National,2,750 ML,1499\n\
                    3,GROCERY,TEA,GREEN,National,2,,0\n";
    let products = write("products.csv", products);
    let baskets: String = (1..=9)
        .map(|basket| {
            let line = |product, quantity| {
                format!(r#"{{"product_id":{product},"quantity":{quantity},"paid_cents":1}}"#)
            };
            let lines = [line(1, basket), line(2, 1), line(2, 1), line(3, 1)].join(",");
            format!(
                r#"{{"basket_id":{basket},"household_id":{},"store_id":3,"placed_at":"2017-01-01T11:5{basket}:26","lines":[{lines}]}}"#,
                basket % 4
            ) + "\n"
        })
        .collect();
    let baskets = write("baskets.jsonl", &baskets);
    let state = directory.path().join("state");
    let arguments = [
        "--json",
        "--products",
        &products,
        "--baskets",
        &baskets,
        "--data-dir",
        state.to_str().unwrap(),
    ];
    let first = report(&replay(&arguments));
    assert_eq!(first["orders_placed"], 9);
    assert_eq!(first["products_imported"], 2);
    assert_eq!(first["skipped"]["products_without_price"], 1);
    assert_eq!(first["skipped"]["lines_merged"], 9);
    assert_eq!(first["skipped"]["lines_of_unknown_product"], 9);
    let second = report(&replay(&arguments));
    assert_eq!(second["orders_placed"], 0);
    assert_eq!(second["orders_resumed"], 9);
    assert_eq!(second["orders_completed"], first["orders_completed"]);
}

#[test]
fn what_cannot_be_used_is_refused_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let bad = directory.path().join("bad.csv");
    let header =
        "product_id,department,category,type,brand,manufacturer_id,package_size,price_cents";
    std::fs::write(&bad, format!("{header}\n1,GROCERY,,,,2,,dear\n")).unwrap();
    let bad = bad.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["--products", bad, "--baskets", bad], "bad.csv:2: "),
        (&["--products", "none.csv", "--baskets", bad], "none.csv: "),
        (&["--products", bad], "--baskets"),
        (&["--decline", "101"], "--decline"),
        (&["--speed", "slow"], "--speed"),
        (&["--limit", "0"], "--limit"),
        (
            &["--isolated", "--aws-endpoint", "http://127.0.0.1:1"],
            "--isolated",
        ),
    ];
    for (arguments, expected) in cases {
        let output = replay(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(expected), "{errors}");
    }
    assert!(!Path::new("none.csv").exists());
}
