//! The command `contexts new`: a new context that builds, runs and passes its tests before a word of it is changed.
//!
//! What is written is not a text with holes but a real context, `local/scaffold/functions/guestbooks`, which is built,
//! linted and tested with the workspace; its names are replaced. What has to know of a context elsewhere (the workspace,
//! the engine, the structure's tests) is found by the line that knows `catalog`, and gets the same line with the new name;
//! insights and the dashboards, which know queues one by one, get lines for each of the new ones.

mod joint;
mod name;
mod pattern;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use name::Names;

use crate::ending::Misuse;

#[derive(Subcommand)]
pub(crate) enum Command {
    New(New),
}

/// Makes a context: folder, aggregate, routes, consumer, tests, samples, README, its section of the template, and its
/// place in the workspace and in the local engine.
///
/// What comes out is a working context with one aggregate for each order, a route to write and one to read, and one
/// event that it hears. Its tests pass as they are; change it from there. Nothing is overwritten.
#[derive(Args)]
#[command(after_help = "Examples:
  noren contexts new wishlists                # its aggregate is called wishlist
  noren contexts new loyalty --aggregate account
  cargo test -p wishlists && cargo run

Exit code: 0 if it was made, 2 if the name cannot be used, 3 if something else is in the way; then nothing was written.")]
pub(crate) struct New {
    /// Its name: of its folder, its package, its binary, and the beginning of its events. Letters and digits, lower-case.
    name: String,
    /// What one of it is called [default: the name without its s].
    #[arg(long, value_name = "NOUN")]
    aggregate: Option<String>,
    /// The workspace's root [default: here or above].
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Say what was made as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    let Command::New(new) = command;
    let names = Names::new(&new.name, new.aggregate.as_deref())
        .map_err(|error| Misuse(error.to_string()))?;
    let root = match new.root {
        Some(root) => root,
        None => find_root()?,
    };
    let changes = plan(&root, &names)?;
    for change in &changes {
        change.write(&root)?;
    }
    let name = &names.context;
    // Lines are as long as the names in them. Where there is no rustfmt, nothing but their breaks is amiss.
    let formatted = std::process::Command::new("cargo")
        .args(["fmt", "-p", name])
        .current_dir(&root)
        .status();
    if !formatted.is_ok_and(|status| status.success()) {
        eprintln!("noren contexts: `cargo fmt -p {name}` did not go well; run it again");
    }
    if new.json {
        let files: Vec<&Path> = changes.iter().map(|change| change.path.as_path()).collect();
        println!("{}", serde_json::json!({ "context": name, "files": files }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("Made the context {name}:");
    for change in &changes {
        println!("  {}", change.path.display());
    }
    println!(
        "
Next:
  cargo test -p {name}: its tests pass as they are
  cargo run: it runs with the others, at PUT /api/{name}/ORDER-ID
  cargo test -p sam-template: asks for the number of alarms' metrics, which are billed, to be written down
  docs/adding-a-context.md: what to change now, and what else to tell of it
  docs/adding-an-event.md: when it has something to say"
    );
    Ok(ExitCode::SUCCESS)
}

/// A file as it shall be.
struct Change {
    path: PathBuf,
    text: String,
}

impl Change {
    fn write(&self, root: &Path) -> anyhow::Result<()> {
        let path = root.join(&self.path);
        let folder = path.parent().unwrap_or(root);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, &self.text))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// Everything that is to be written. All that can go wrong goes wrong here, before anything is.
fn plan(root: &Path, names: &Names) -> anyhow::Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (path, text) in pattern::FILES {
        let path = PathBuf::from(names.replace(path));
        if root.join(&path).exists() {
            bail!(Misuse(format!("{} is there already", path.display())));
        }
        let text = names.replace(text);
        changes.push(Change { path, text });
    }
    for joint in joint::JOINTS {
        let path = PathBuf::from(joint.path);
        // Several joints may be in one file: each goes on from what the one before has made of it.
        let earlier = changes.iter().position(|change| change.path == path);
        let text = match earlier {
            Some(position) => changes.remove(position).text,
            None => std::fs::read_to_string(root.join(&path))
                .with_context(|| format!("{} cannot be read", joint.path))?,
        };
        let text = joint.join(&text, names)?;
        changes.push(Change { path, text });
    }
    let template = changes
        .iter_mut()
        .find(|change| change.path == Path::new("template.yaml"))
        .context("nothing knows the contexts in template.yaml")?;
    template.text = joint::with_section(&template.text, &names.replace(pattern::SECTION))?;
    Ok(changes)
}

fn find_root() -> anyhow::Result<PathBuf> {
    let template = crate::up::find_template()?;
    let root = template.parent().unwrap_or(Path::new(".")).to_owned();
    if !root.join("Cargo.toml").is_file() {
        bail!(
            "{} has no Cargo.toml: name the workspace with --root",
            root.display()
        );
    }
    Ok(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn every_file_of_the_pattern_is_part_of_the_program() {
        fn files(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => files(&path, found),
                    false => found.push(path),
                }
            }
        }
        let scaffold = root().join("local/scaffold");
        let mut found = Vec::new();
        files(&scaffold.join("functions"), &mut found);
        files(&scaffold.join("events"), &mut found);
        let mut found: Vec<&str> = found
            .iter()
            .map(|path| path.strip_prefix(&scaffold).unwrap().to_str().unwrap())
            .collect();
        found.sort_unstable();
        let mut known: Vec<&str> = pattern::FILES.iter().map(|(path, _)| *path).collect();
        known.sort_unstable();
        assert_eq!(found, known);
    }

    /// What is planned for this very workspace, without writing it.
    #[test]
    fn the_workspace_has_a_place_for_a_new_context() {
        let names = Names::new("wishlists", None).unwrap();
        let changes = plan(&root(), &names).unwrap();
        let text = |path: &str| -> &str {
            let change = changes.iter().find(|change| change.path == Path::new(path));
            &change
                .unwrap_or_else(|| panic!("{path} is not among the changes"))
                .text
        };
        let of_the_context =
            |path: &Path| path.starts_with("functions") || path.starts_with("events");
        let (new, changed): (Vec<&Change>, Vec<&Change>) = changes
            .iter()
            .partition(|change| of_the_context(&change.path));
        assert_eq!(new.len(), pattern::FILES.len());
        assert_eq!(changed.len(), 9, "files that know of each context");
        for change in new {
            let text = change.text.to_lowercase();
            assert!(!text.contains("guestbook"), "{}", change.path.display());
        }
        assert!(text("functions/wishlists/src/wishlist.rs").contains("pub struct Wishlist "));
        let contexts = text("local/src/contexts.rs");
        assert!(contexts.contains(r#"("catalog", start(catalog::start)),"#));
        assert!(contexts.contains(r#"("wishlists", start(wishlists::start)),"#));
        assert_eq!(
            text("local/tests/structure.rs")
                .matches("wishlists")
                .count(),
            3
        );
        assert!(text("Cargo.toml").contains(r#"wishlists = { path = "functions/wishlists" }"#));

        let overrides = [("TokenIssuer", "http://127.0.0.1"), ("Pages", "off")];
        let parameters = sam_template::Parameters::overriding(overrides);
        let template = sam_template::Template::parse(text("template.yaml"), &parameters).unwrap();
        let function = template.function("WishlistsFunction").unwrap();
        assert_eq!(function.binary, "wishlists");
        let heard = template.hears("WishlistsFunction").unwrap();
        assert!(heard["OrdersTopic"].contains("orders.OrderCompleted.v1"));
        assert!(template.table("WishlistsTable").is_some());
        let role = template
            .roles
            .iter()
            .find(|role| role.logical_id == "DeploymentRole");
        let deployed = role.unwrap().permissions.iter();
        let deployed = deployed.flat_map(|permission| &permission.resources);
        assert_eq!(deployed.filter(|arn| arn.contains("Wishlists")).count(), 2);
    }

    #[test]
    fn nothing_is_written_over_what_is_there() {
        let names = Names::new("orders", None).unwrap();
        let refused = plan(&root(), &names).err().unwrap().to_string();
        assert!(refused.contains("is there already"), "{refused}");
    }
}
