//! Making the pages out of `frontend/`, where that can be done: with npm, once, and again when a source is newer.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// What the pages are made of, below `frontend/`.
const SOURCES: &[&str] = &[
    "src",
    "messages",
    "public",
    "console",
    "project.inlang",
    "index.html",
    "package-lock.json",
    "vite.config.ts",
];
/// What is made, again, each time, and so is no source.
const MADE: &[&str] = &["paraglide"];

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Pages {
    /// They are in this directory.
    Built(PathBuf),
    /// There are none, or old ones, and why: words for who started the stack.
    Unbuilt(String),
    /// The template is none of a shop with pages.
    None,
}

/// The pages of the template's shop. They are built only for who sits before a terminal and can see what takes so long;
/// anybody else gets those that are there.
pub fn prepare(template: &Path) -> Pages {
    let frontend = template.parent().unwrap_or(Path::new("")).join("frontend");
    if !frontend.join("package.json").is_file() {
        return Pages::None;
    }
    let built = frontend.join("dist");
    let page = modified(&built.join("index.html"));
    let is_fresh = page.is_some_and(|page| newest(&frontend).is_none_or(|source| source <= page));
    if is_fresh {
        return Pages::Built(built);
    }
    if !std::io::stderr().is_terminal() {
        return match page {
            Some(_) => Pages::Built(built),
            None => Pages::Unbuilt(by_hand("they are not built yet", &frontend)),
        };
    }
    eprintln!("noren: building the shop's pages; the first time this takes a minute");
    match build(&frontend) {
        Ok(()) => Pages::Built(built),
        Err(reason) => Pages::Unbuilt(by_hand(&reason, &frontend)),
    }
}

fn by_hand(reason: &str, frontend: &Path) -> String {
    let frontend = frontend.display();
    format!("{reason} (npm ci --ignore-scripts && npm run build, in {frontend})")
}

fn build(frontend: &Path) -> Result<(), String> {
    let installed = modified(&frontend.join("node_modules/.package-lock.json"));
    if installed < modified(&frontend.join("package-lock.json")) {
        npm(
            frontend,
            &["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        )?;
    }
    npm(frontend, &["run", "build"])
}

fn npm(frontend: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(frontend)
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let arguments = arguments.join(" ");
            Err(format!("npm {arguments} failed: {}", reason(&said)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("Node and npm are not installed".to_owned())
        }
        Err(error) => Err(format!("npm could not be started: {error}")),
    }
}

/// Of all that npm says, the line that says what was wrong: it comes before advice and the place of a log.
fn reason(said: &str) -> &str {
    let errors = said
        .lines()
        .filter_map(|line| line.strip_prefix("npm error "));
    let told = errors.filter(|line| !line.trim().is_empty() && !line.starts_with("code "));
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    told.chain(last).next().unwrap_or("it did not say why")
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|of| of.modified()).ok()
}

/// When the newest source was changed.
fn newest(frontend: &Path) -> Option<SystemTime> {
    SOURCES
        .iter()
        .filter_map(|source| newest_below(&frontend.join(source)))
        .max()
}

fn newest_below(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return modified(path);
    }
    let entries = std::fs::read_dir(path).ok()?;
    entries
        .filter_map(Result::ok)
        .filter(|entry| !MADE.iter().any(|made| entry.file_name() == *made))
        .filter_map(|entry| newest_below(&entry.path()))
        .max()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn write(path: &Path, seconds_ago: u64) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(path).unwrap();
        let then = SystemTime::now() - Duration::from_secs(seconds_ago);
        file.set_modified(then).unwrap();
    }

    #[test]
    fn a_template_without_pages_has_none() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(prepare(&root.path().join("template.yaml")), Pages::None);
        assert_eq!(
            prepare(Path::new("no-such-folder/template.yaml")),
            Pages::None
        );
    }

    #[test]
    fn of_what_npm_says_the_reason_is_told() {
        let said = "npm warn old\nnpm error code EUSAGE\nnpm error\nnpm error out of sync\nnpm error A log: x\n";
        assert_eq!(reason(said), "out of sync");
        assert_eq!(reason("sh: 1: tsc: not found\n\n"), "sh: 1: tsc: not found");
        assert_eq!(reason(""), "it did not say why");
    }

    #[test]
    fn a_build_that_no_source_is_newer_than_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let frontend = root.path().join("frontend");
        write(&frontend.join("package.json"), 50);
        write(&frontend.join("src/shop/main.tsx"), 40);
        write(&frontend.join("dist/index.html"), 30);
        write(&frontend.join("src/paraglide/messages.js"), 10);
        let built = Pages::Built(frontend.join("dist"));
        assert_eq!(prepare(&root.path().join("template.yaml")), built);
        assert!(newest(&frontend) < modified(&frontend.join("dist/index.html")));
        write(&frontend.join("messages/ja.json"), 20);
        assert!(newest(&frontend) > modified(&frontend.join("dist/index.html")));
    }
}
