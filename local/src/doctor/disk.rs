//! How much room a file system has.

use std::path::Path;
use std::process::Command;

/// Free bytes where the path is, as `df` says; none where it cannot say.
pub(super) fn free_bytes(path: &Path) -> Option<u64> {
    let output = Command::new("df")
        .args(["-Pk", "--"])
        .arg(path)
        .output()
        .ok()?;
    of_df(&String::from_utf8_lossy(&output.stdout))
}

/// POSIX's output format: a header, then name, size, used and available in units of 1,024 bytes.
fn of_df(output: &str) -> Option<u64> {
    let line = output.lines().nth(1)?;
    // A name may have blanks, so counted from the first number on.
    let numbers: Vec<u64> = line
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    match numbers.as_slice() {
        [_, _, available, ..] => available.checked_mul(1024),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_available_blocks_are_read() {
        let output =
            "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 100 60 40 60% /\n";
        assert_eq!(of_df(output), Some(40 * 1024));
        assert_eq!(of_df(""), None);
        assert!(free_bytes(Path::new("/")).is_some());
    }
}
