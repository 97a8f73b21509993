#!/usr/bin/env bash
# Makes a context in a copy of the workspace and runs its tests there, and those that hold the structure of the whole.
# Takes minutes: the copy's packages are others to cargo than this workspace's, so that all of ours are built again.
#
#     local/scaffold/check.sh [NAME]        NOREN=path/to/noren  CARGO_TARGET_DIR=where/to/build
set -euo pipefail
name=${1:-wishlists}
root=$(cd "$(dirname "$0")/../.." && pwd)
noren=${NOREN:-$root/target/debug/noren}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git -C "$root" ls-files -z --cached --others --exclude-standard |
  (cd "$root" && xargs -0 sh -c 'for file; do [ -f "$file" ] && printf "%s\0" "$file"; done' sh) |
  (cd "$root" && tar --null -T - -cf -) | tar -C "$copy" -xf -
cd "$copy"
"$noren" contexts new "$name"
cargo test --offline -p "$name"
cargo clippy --offline -p "$name" --all-targets -- -D warnings
cargo fmt -p "$name" --check
cargo test --offline -p noren --test structure
cargo test --offline -p sam-template --test deployed
# How many metrics the alarms watch is to be written down by whoever adds them; the rules themselves hold as they are.
cargo test --offline -p sam-template --test rules -- the_template_keeps_every_rule
