//! A function's process whose Runtime API is gone, as when the stack that started it was killed: it ends, and says nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test may end where something is not as expected"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the catalog's binary, which must have been built beside the program `noren`, against a Runtime API.
fn run(api: &str) -> Output {
    let beside = Path::new(env!("CARGO_BIN_EXE_noren"));
    Command::new(beside.with_file_name("catalog"))
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_LAMBDA_FUNCTION_NAME", "catalog"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("TABLE_NAME", "catalog"),
            (
                "TOPIC_ARN",
                "arn:aws:sns:ap-northeast-1:000000000000:catalog",
            ),
            ("TOKEN_ISSUER", "https://issuer.example.com"),
            ("TOKEN_AUDIENCE", "noren"),
            ("LOG_LEVEL", "warn"),
        ])
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn assert_quiet(output: &Output) {
    let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    assert_eq!(said, ["", ""]);
    assert!(output.status.success(), "{}", output.status);
}

#[test]
fn it_ends_quietly_where_nobody_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = listener.local_addr().unwrap().to_string();
    drop(listener);
    assert_quiet(&run(&api));
}

#[test]
fn it_ends_quietly_when_the_connection_breaks_while_it_waits_for_work() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = listener.local_addr().unwrap().to_string();
    let asked = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = connection.read(&mut request).unwrap();
        connection.flush().unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    assert_quiet(&run(&api));
    let asked = asked.join().unwrap();
    assert!(
        asked.starts_with("GET /2018-06-01/runtime/invocation/next "),
        "{asked}"
    );
}
