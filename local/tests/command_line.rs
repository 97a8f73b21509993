//! The program's command line: every command explains itself, which stack is meant, and what an exit code says.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use noren::{Stack, StackOptions};

/// Where nothing listens.
const NOWHERE: &str = "http://127.0.0.1:1";
/// Every command with which an operator asks a stack.
const OF_A_STACK: &[&[&str]] = &[
    &["orders", "show", "0HZ3K7Q2V5W8"],
    &["failed", "list"],
    &["failed", "show", "5f1c"],
    &["failed", "redrive", "--all"],
    &["failed", "drop", "--all", "--reason", "a test"],
    &["publish-again", "--since", "2026-11-24T08:00:00Z"],
    &["events", "tail"],
];

/// What a command said.
#[derive(Debug)]
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs the command with these variables, and none of the own environment's that name a stack. What it would ask of AWS
/// ends where nothing listens.
fn noren(variables: &[(&str, &str)], arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_noren"))
        .args(arguments)
        .env_remove("NOREN_STACK")
        .env_remove("NOREN_ENDPOINT")
        .env("AWS_REGION", "ap-northeast-1")
        .env("AWS_ACCESS_KEY_ID", "nobody")
        .env("AWS_SECRET_ACCESS_KEY", "nothing")
        .env("AWS_ENDPOINT_URL", NOWHERE)
        .envs(variables.iter().copied())
        .output();
    of(output.unwrap())
}

fn of(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")
}

#[test]
fn every_command_explains_itself_and_completes() {
    let commands: &[&[&str]] = &[
        &["replay"],
        &["orders", "show"],
        &["failed", "list"],
        &["failed", "show"],
        &["failed", "redrive"],
        &["failed", "drop"],
        &["publish-again"],
        &["events", "catalogue"],
        &["events", "tail"],
        &["contexts", "new"],
        &["cost"],
        &["doctor"],
        &["torture"],
    ];
    for arguments in commands {
        let help = noren(&[], &[*arguments, &["--help"]].concat());
        assert_eq!(help.code, 0, "{arguments:?}");
        assert!(help.stdout.contains("Example"), "{arguments:?}: {help:?}");
        let senseless = noren(&[], &[*arguments, &["--no-such-option"]].concat());
        assert_eq!(senseless.code, 2, "{arguments:?}");
    }
    let help = noren(&[], &["--help"]).stdout;
    for arguments in commands {
        assert!(help.contains(arguments[0]), "{arguments:?}: {help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = noren(&[], &["completions", shell]);
        assert_eq!(script.code, 0, "{}", script.stderr);
        assert!(script.stdout.contains("redrive"), "{shell}");
    }
}

/// With `NOREN_STACK` in a profile, a command about the stack here must not act on the one on AWS.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flag_wins_over_the_variables_and_two_flags_are_refused() {
    let stack = Stack::start(StackOptions::in_memory(template()));
    let stack = stack.await.unwrap();
    let here = stack.addresses().aws.clone();
    let ask = tokio::task::spawn_blocking(move || {
        for command in [&["failed", "list"][..], &["doctor"]] {
            let flagged = [command, &["--endpoint", &here]].concat();
            let flag = noren(&[("NOREN_STACK", "noren")], &flagged);
            assert_eq!(flag.code, 0, "{command:?} {flag:?}");
            let variable = noren(&[("NOREN_ENDPOINT", &here)], command);
            assert_eq!(variable.code, 0, "{command:?} {variable:?}");
            let two = noren(&[], &[&flagged[..], &["--stack", "noren"]].concat());
            assert_eq!(two.code, 2, "{two:?}");
            assert!(two.stderr.contains("cannot be used with"), "{two:?}");
            let both = [("NOREN_STACK", "noren"), ("NOREN_ENDPOINT", &here)];
            let unclear = noren(&both, command);
            assert_eq!(unclear.code, 2, "{unclear:?}");
            assert!(unclear.stderr.contains("name two stacks"), "{unclear:?}");
        }
        // The variable alone still means the stack on AWS, whose calls end nowhere.
        let aws = noren(&[("NOREN_STACK", "noren")], &["failed", "list"]);
        assert_eq!(aws.code, 3, "{aws:?}");
        assert!(aws.stderr.contains("the stack noren on AWS"), "{aws:?}");
    });
    ask.await.unwrap();
    stack.stop().await;
}

#[test]
fn where_nothing_answers_the_way_to_a_stack_is_told() {
    for command in OF_A_STACK {
        let said = noren(&[], &[*command, &["--endpoint", NOWHERE]].concat());
        assert_eq!(said.code, 3, "{command:?} {said:?}");
        let told = [
            NOWHERE,
            "nothing answers",
            "noren up",
            "--endpoint",
            "--stack",
        ];
        for word in told {
            assert!(said.stderr.contains(word), "{command:?} {said:?}");
        }
        assert!(said.stderr.lines().count() == 1, "{command:?} {said:?}");
    }
    // A doctor's patient that does not answer is a finding.
    for (variables, arguments) in [
        (&[][..], &["doctor", "--json", "--endpoint", NOWHERE][..]),
        (&[("NOREN_ENDPOINT", NOWHERE)], &["doctor", "--json"]),
    ] {
        let said = noren(variables, arguments);
        assert_eq!(said.code, 1, "{said:?}");
        let findings: Vec<serde_json::Value> = serde_json::from_str(&said.stdout).unwrap();
        let [finding] = findings.as_slice() else {
            panic!("{findings:?}");
        };
        assert_eq!(finding["verdict"], "wrong");
        let words = finding["words"].as_str().unwrap();
        assert!(words.contains("nothing answers"), "{finding}");
    }
}

#[test]
fn arguments_that_are_wrong_end_with_2_and_a_line_that_says_which() {
    for (arguments, part) in [
        (&["failed", "list", "--endpoint", "nonsense"][..], "http://"),
        (&["doctor", "--endpoint", "nonsense"], "http://"),
        (&["doctor", "--region", "ap-northeast-1"], "--stack"),
        (&["failed", "redrive"], "--all"),
        (&["failed", "drop", "--reason", "none"], "--all"),
        (&["failed", "redrive", "5f1c", "--all"], "--all"),
        (
            &["events", "tail", "--type", "nope.Nope.v1"],
            "events catalogue",
        ),
        (&["cost", "--region", "eu-west-1"], "ap-northeast-1"),
        (&["cost", "--parameter", "Colour=red"], "Colour"),
        (&["events", "catalogue", "--context", "nope"], "inventory"),
        (
            &["publish-again", "--since", "2999-01-01T00:00:00Z"],
            "yet to come",
        ),
        (&["contexts", "new", "Wish Lists"], "letters"),
        (&["orders", "show", "a b"], "no order's id"),
        (&["up", "--parameter", "Colour=red"], "Colour"),
    ] {
        let said = noren(
            &[("NOREN_TEMPLATE", template().to_str().unwrap())],
            arguments,
        );
        assert_eq!(said.code, 2, "{arguments:?} {said:?}");
        assert!(said.stderr.contains(part), "{arguments:?} {said:?}");
        assert!(!said.stderr.contains("Request {"), "{arguments:?} {said:?}");
    }
}

/// What the SDK says of a machine that is none of EC2's is not said beside what it comes to.
#[test]
fn without_a_region_that_alone_is_said() {
    let output = Command::new(env!("CARGO_BIN_EXE_noren"))
        .args(["failed", "list", "--stack", "noren"])
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION")
        .env_remove("AWS_PROFILE")
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", NOWHERE)
        .output();
    let said = of(output.unwrap());
    assert_eq!(said.code, 2, "{said:?}");
    assert_eq!(
        said.stderr,
        "noren failed: no region is set: give --region, AWS_REGION, or one in the profile\n"
    );
}
