//! Commands that not everybody needs: to build the pages, and to deploy.

use super::finding::{Finding, note, well};
use super::machine::version_of;

/// What not everybody needs, and so is never wrong.
struct Tool {
    name: &'static str,
    /// What to run for its version: the first of these that there is.
    versions: &'static [&'static [&'static str]],
    needed: &'static str,
    from: &'static str,
}

/// What the pages are built with, and what docs/deploying.md uses.
const TOOLS: &[Tool] = &[
    Tool {
        name: "npm",
        versions: &[&["npm", "--version"]],
        needed: "to build the shop's pages, without which `noren up` serves the API alone",
        from: "apt-get install nodejs npm",
    },
    Tool {
        name: "sam",
        versions: &[&["sam", "--version"]],
        needed: "to deploy",
        from: "pip install aws-sam-cli",
    },
    Tool {
        name: "cargo-lambda",
        versions: &[&["cargo-lambda", "--version"]],
        needed: "to deploy",
        from: "pip install cargo-lambda",
    },
    Tool {
        name: "zig",
        // As a package of Python's it is no command of its own; cargo-lambda finds it either way.
        versions: &[
            &["zig", "version"],
            &["python3", "-m", "ziglang", "version"],
        ],
        needed: "to deploy",
        from: "pip install ziglang",
    },
    Tool {
        name: "AWS CLI",
        versions: &[&["aws", "--version"]],
        needed: "around a deployment",
        from: "AWS's installer, or apt-get install awscli",
    },
    Tool {
        name: "curl",
        versions: &[&["curl", "--version"]],
        needed: "around a deployment",
        from: "apt-get install curl",
    },
    Tool {
        name: "jq",
        versions: &[&["jq", "--version"]],
        needed: "around a deployment",
        from: "apt-get install jq",
    },
];

/// What was found of them.
pub(super) fn examine() -> Vec<Finding> {
    TOOLS.iter().map(tool).collect()
}

fn tool(tool: &Tool) -> Finding {
    let Tool {
        name, needed, from, ..
    } = tool;
    let mut said = tool.versions.iter().filter_map(|command| match command {
        [program, arguments @ ..] => version_of(program, arguments),
        [] => None,
    });
    match said.next() {
        Some(said) => well(name, said.lines().next().unwrap_or_default()),
        None => note(name, format!("not here; needed {needed} only: {from}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Verdict;
    use super::*;

    #[test]
    fn a_tool_is_found_by_any_of_its_names_and_its_want_is_only_a_note() {
        let missing = Tool {
            name: "tool",
            versions: &[&["no-such-tool-of-ours", "--version"]],
            needed: "to try",
            from: "nowhere",
        };
        let found = tool(&missing);
        assert_eq!(found.verdict, Verdict::Note);
        assert!(
            found.words.contains("needed to try only: nowhere"),
            "{found:?}"
        );
        let there = Tool {
            versions: &[&["no-such-tool-of-ours"], &["cargo", "--version"]],
            ..missing
        };
        assert!(
            tool(&there).words.starts_with("cargo"),
            "{:?}",
            tool(&there)
        );
    }
}
