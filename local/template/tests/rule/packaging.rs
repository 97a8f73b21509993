//! Binaries and their logs.

use std::collections::BTreeSet;

use sam_template::Template;

use crate::shop;

/// Each function logs into a group of its own that forgets.
pub fn log_retention(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    let mut taken = BTreeSet::new();
    for function in &template.functions {
        let id = &function.logical_id;
        let group = template
            .log_groups
            .iter()
            .find(|group| Some(&group.name) == function.log_group.as_ref());
        match group {
            None => how.push(format!("{id} logs where nothing is said of retention")),
            Some(group) if group.retention_days.is_none() => {
                how.push(format!("{} never forgets", group.logical_id))
            }
            Some(group) if !taken.insert(&group.name) => {
                how.push(format!("{} serves two functions", group.logical_id))
            }
            Some(_) => {}
        }
    }
    how
}

/// cargo-lambda builds into one target directory: two binaries of one name would overwrite each other.
pub fn binaries(template: &Template) -> Vec<String> {
    let mut how = Vec::new();
    let mut taken = BTreeSet::new();
    for function in &template.functions {
        let binary = &function.binary;
        if !taken.insert(binary) {
            how.push(format!("two functions are built from {binary}"));
        }
        let manifest = shop::root().join(&function.code_uri).join("Cargo.toml");
        match std::fs::read_to_string(&manifest) {
            Ok(text)
                if text
                    .lines()
                    .any(|line| line.trim() == format!("name = \"{binary}\"")) => {}
            Ok(_) => how.push(format!("{} has no package {binary}", function.code_uri)),
            Err(error) => how.push(format!("{}: {error}", function.code_uri)),
        }
    }
    how
}
