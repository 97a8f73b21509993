//! More buyers than units, over the real HTTP door; and a context that stands still while the others go on. The short forms
//! of `noren torture rush` and `noren torture stall`.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod torture;

#[test]
fn a_hundred_units_are_sold_to_exactly_a_hundred_of_a_thousand_buyers() {
    let report = torture::torture(&[
        "rush",
        "--buyers",
        "1000",
        "--units",
        "100",
        "--at-once",
        "64",
    ]);
    assert_eq!(report["sold"], 100);
    assert_eq!(report["went_without"], 900);
}

/// How much slower the others become is measured by the command and not asserted: on a busy machine it is mostly noise.
#[test]
fn what_waits_for_a_stopped_context_is_done_when_it_is_back_and_the_others_go_on_answering() {
    let report = torture::torture(&[
        "stall",
        "--context",
        "payments",
        "--seconds",
        "6",
        "--orders-per-second",
        "2",
        "--probes-per-second",
        "5",
    ]);
    let others = report["others"].as_array().unwrap();
    assert_eq!(others.len(), 5, "{others:?}");
    for other in others {
        assert!(other["requests"].as_u64().unwrap() > 10, "{other}");
        assert_eq!(other["failed"], 0, "{other}");
    }
    assert!(report["backlog"].as_u64().unwrap() > 0, "{report}");
    assert!(report["drained_after_seconds"].is_number(), "{report}");
}
