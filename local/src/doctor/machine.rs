//! Whether a machine can build, run and deploy Noren.

use std::path::Path;
use std::process::Command;

use http::Method;
use noren::{Addresses, Ports};

use super::disk;
use super::finding::{Finding, note, well, wrong};
use super::tools;
use crate::shop::{Call, Caller, ShopClient};

/// The workspace's `rust-version`.
const RUST: &str = env!("CARGO_PKG_RUST_VERSION");
/// A debug build of the workspace with its tests takes about six, a release build two more.
const BUILD_GIB: u64 = 10;
const GIB: u64 = 1 << 30;

/// What was found, and the AWS endpoint of the stack that runs on the default ports.
pub(super) async fn examine() -> (Vec<Finding>, Option<String>) {
    let mut findings = vec![compiler(), linker()];
    findings.extend(room());
    let running = running().await;
    match &running {
        Some(addresses) => findings.push(well(
            "ports",
            format!(
                "a stack listens at {} already; it is looked at below",
                addresses.aws
            ),
        )),
        None => findings.push(ports(Ports::default())),
    }
    findings.push(data_directory(running.is_some()));
    findings.extend(tools::examine());
    (findings, running.map(|addresses| addresses.aws))
}

pub(super) fn version_of(command: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.trim().to_owned())
}

fn compiler() -> Finding {
    let Some(said) = version_of("rustc", &["--version"]) else {
        return wrong(
            "Rust",
            format!("there is no rustc; install Rust {RUST} or later (rustup.rs)"),
        );
    };
    match said.split_whitespace().nth(1).map(is_new_enough) {
        Some(true) => well("Rust", said),
        Some(false) | None => wrong(
            "Rust",
            format!("{said} is older than {RUST}: `rustup update`"),
        ),
    }
}

fn is_new_enough(version: &str) -> bool {
    let parts = |text: &str| -> Vec<u64> {
        let numbers = text.split(['.', '-']).map_while(|part| part.parse().ok());
        numbers.collect()
    };
    parts(version) >= parts(RUST)
}

fn linker() -> Finding {
    match version_of("cc", &["--version"]) {
        Some(said) => well("C compiler", said.lines().next().unwrap_or_default()),
        None => wrong(
            "C compiler",
            "there is no cc; the tables' SQLite needs one (Debian: apt-get install gcc libc6-dev)",
        ),
    }
}

fn room() -> Vec<Finding> {
    let Some(free) = disk::free_bytes(Path::new(".")) else {
        return vec![note("disk", "how much room there is cannot be found out")];
    };
    let words = format!(
        "{} GiB are free here; a build takes up to {BUILD_GIB}",
        free / GIB
    );
    vec![match free / GIB < BUILD_GIB {
        true => wrong("disk", words),
        false => well("disk", words),
    }]
}

async fn running() -> Option<Addresses> {
    let usual = format!("http://127.0.0.1:{}", Ports::default().aws);
    let whereabouts = Call::new(Method::GET, "/_noren", Caller::Nobody);
    let client = ShopClient::new(&usual);
    // Asked once: where nothing listens, nothing will.
    client.ask_once(&whereabouts).await?;
    client.get(&whereabouts).await.ok()
}

fn ports(ports: Ports) -> Finding {
    let named = [
        ("HTTP API", ports.http_api),
        ("AWS endpoint", ports.aws),
        ("payments", ports.payments),
        ("mail", ports.mail),
        ("sign-in", ports.identity),
    ];
    let taken = named.iter().filter(|(_, port)| {
        std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, *port)).is_err()
    });
    let taken: Vec<String> = taken
        .map(|(name, port)| format!("{port} ({name})"))
        .collect();
    match taken.is_empty() {
        true => {
            let free = named.map(|(_, port)| port.to_string()).join(", ");
            well("ports", format!("{free} are free"))
        }
        false => wrong(
            "ports",
            format!(
                "in use: {}; `noren --port 0 --aws-port 0 ...` takes others",
                taken.join(", ")
            ),
        ),
    }
}

fn data_directory(in_use: bool) -> Finding {
    let about = "data directory";
    let Ok(template) = crate::up::find_template() else {
        return note(
            about,
            "there is no template.yaml here or above: nothing can be started from here",
        );
    };
    let directory = template.parent().unwrap_or(Path::new(".")).join(".noren");
    let shown = directory.display();
    if !directory.exists() {
        return well(about, format!("{shown} will be made at the first start"));
    }
    if in_use {
        return well(
            about,
            format!("{shown} is there; the running stack may be using it"),
        );
    }
    match tempfile::Builder::new()
        .prefix(".doctor-")
        .tempfile_in(&directory)
    {
        Ok(_) => well(about, format!("{shown} can be written")),
        Err(error) => wrong(about, format!("{shown} cannot be written: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(is_new_enough(RUST));
        assert!(is_new_enough("1.100.0-nightly"));
        assert!(!is_new_enough("1.9.0"));
        assert!(!is_new_enough("unknown"));
    }

    #[test]
    fn a_port_in_use_is_named() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let found = ports(Ports {
            mail: port,
            ..Ports::FREE
        });
        assert!(found.words.contains(&format!("{port} (mail)")), "{found:?}");
        assert!(!found.words.contains("HTTP API"), "{found:?}");
        let found = ports(Ports {
            identity: port,
            ..Ports::FREE
        });
        assert!(
            found.words.contains(&format!("{port} (sign-in)")),
            "{found:?}"
        );
    }
}
