//! Who in this repository calls an operation, read from the sources when it is asked.
//!
//! The pages call by functions that are generated of the document and named by `operationId`; everything else calls by path.
//! Owns how a call is told in a source; not whom a change breaks, which is the gate's.

mod pages;
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use pages::Module;
use paths::Routes;

/// Where the pages' sources stand, and those that are generated of the document.
const PAGES: &str = "frontend/src";
const GENERATED: &str = "frontend/src/api/generated";

/// The programs of the repository, each with the folder that its sources stand in.
const PROGRAMS: &[(&str, &str)] = &[
    ("the storefront", "frontend/src/shop"),
    ("the console", "frontend/src/console"),
    ("the pages", PAGES),
    ("the browser tests", "frontend/browser"),
    ("noren", "local/src"),
    ("the second opinion", "local/second-opinion"),
    ("the API's checks", "docs/contracts/checks"),
    ("the simulation", "simulation/src"),
    ("the benchmarks", "bench"),
];
const LANGUAGES: &[&str] = &["ts", "tsx", "rs", "py"];
/// Folders of what is built or fetched.
const NOT_SOURCES: &[&str] = &["node_modules", "target", "generated"];

/// One that calls an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Which program it is: `the storefront`.
    pub program: String,
    /// The files that it calls from, by their path in the workspace.
    pub files: Vec<String>,
}

impl fmt::Display for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.program, self.files.join(", "))
    }
}

/// Who calls what.
#[derive(Debug, Default)]
pub struct Callers {
    /// By operation, as `POST /api/orders`, and program.
    calls: BTreeMap<String, BTreeMap<&'static str, BTreeSet<String>>>,
}

impl Callers {
    /// Reads who calls the operations of a document, in the sources of the workspace at `root`. Where there are no sources
    /// there are no callers.
    ///
    /// # Errors
    /// When a source cannot be read.
    pub fn read(root: &Path, document: &Value) -> std::io::Result<Self> {
        let routes = Routes::of(document);
        let mut callers = Self::default();
        let mut modules = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (_, folder) in PROGRAMS {
            for file in sources(&root.join(folder))? {
                let path = shown(root, &file);
                if !seen.insert(path.clone()) {
                    continue;
                }
                let text = std::fs::read_to_string(&file)?;
                for operation in routes.called_in(&text) {
                    callers.note(operation, &path);
                }
                if path.starts_with(PAGES) {
                    modules.insert(path, Module::read(&text));
                }
            }
        }
        for (operation, id) in routes.ids() {
            for file in pages::users(&modules, GENERATED, id, is_program_of_its_own) {
                callers.note(operation, &file);
            }
        }
        Ok(callers)
    }

    fn note(&mut self, operation: &str, file: &str) {
        let programs = self.calls.entry(operation.to_owned()).or_default();
        let files = programs.entry(program(file)).or_default();
        files.insert(file.to_owned());
    }

    /// Who calls an operation, given as `POST /api/orders`.
    pub fn of(&self, operation: &str) -> Vec<Caller> {
        let programs = self.calls.get(operation).into_iter().flatten();
        programs
            .map(|(program, files)| Caller {
                program: (*program).to_owned(),
                files: files.iter().cloned().collect(),
            })
            .collect()
    }
}

fn program(file: &str) -> &'static str {
    let within = |folder: &str| {
        file.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let found = PROGRAMS.iter().find(|(_, folder)| within(folder));
    found.map_or("the repository", |(program, _)| program)
}

/// Whether a module of the pages belongs to one of the two programs that they are, and not to both.
fn is_program_of_its_own(file: &str) -> bool {
    program(file) != "the pages"
}

/// Every source under a folder, in order.
fn sources(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            if name.is_some_and(|name| !NOT_SOURCES.contains(&name)) {
                found.extend(sources(&path)?);
            }
        } else if extension.is_some_and(|extension| LANGUAGES.contains(&extension)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A path in the workspace, with slashes.
fn shown(root: &Path, file: &Path) -> String {
    let file = file.strip_prefix(root).unwrap_or(file);
    let parts = file
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}
