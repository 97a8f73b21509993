//! The real thing, killed: functions in processes of their own and the stack itself, with SIGKILL, under load; and the
//! payment provider down. The short forms of `noren torture kill` and `noren torture outage`.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

mod torture;

#[test]
fn nothing_is_lost_and_nothing_happens_twice_although_functions_and_the_stack_are_killed() {
    let report = torture::torture(&[
        "kill",
        "--kills",
        "30",
        "--seed",
        "7",
        "--customers",
        "16",
        "--contacts",
        "0",
        "--pause",
        "400",
    ]);
    assert_eq!(report["kills"], 30);
    assert_eq!(report["panics"], 0);
    let victims = report["kills_by_victim"].as_object().unwrap();
    assert!(victims["the stack"].as_u64().unwrap() > 0, "{victims:?}");
    assert!(victims.len() > 4, "{victims:?}");
    let busy = report["kills_of_busy_functions"].as_u64().unwrap();
    assert!(busy > 3, "only {busy} kills hit a function at work");
}

#[test]
fn an_outage_of_the_payment_provider_charges_nobody_twice_and_makes_no_dead_letter() {
    let report = torture::torture(&[
        "outage",
        "--seconds",
        "5",
        "--manner",
        "down",
        "--orders-per-second",
        "2",
    ]);
    assert!(report["requests_that_met_it"].as_u64().unwrap() > 0);
    assert!(report["orders_waiting_at_its_end"].as_u64().unwrap() > 0);
    assert!(report["all_over_after_seconds"].is_number(), "{report}");
}
