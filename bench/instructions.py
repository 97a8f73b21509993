#!/usr/bin/env python3
"""Processor instructions of an order, all functions together, by callgrind: JSON on standard output.

    bench/instructions.py [--lines 5] [--batch 1] [--orders 40] [--program PATH]

Builds bench/instructions as the functions are built, but with its symbols, takes orders from placing to delivery through
the real doors over the in-memory store, and counts what happens inside an invocation. Two runs of different length are
subtracted, so that starting and the first products are in neither. Needs valgrind (apt-get install valgrind). Not in it:
the SDK's calls, TLS, the Lambda runtime. Instructions do not depend on how busy the machine is.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEASURED = "instructions::site::invoke*"


def build():
    # Where cargo is run decides the profile: functions/.cargo/config.toml is that of what is deployed.
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "instructions"
    command = ["cargo", "build", "--release", "-p", "instructions", "--config", "profile.release.strip=false"]
    subprocess.run(command, cwd=ROOT / "functions", env={**os.environ, "CARGO_TARGET_DIR": str(target)}, check=True)
    return target / "release/instructions"


def count(program, orders, lines, batch):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "callgrind.out"
        command = [
            "valgrind",
            "--tool=callgrind",
            "--collect-atstart=no",
            f"--toggle-collect={MEASURED}",
            f"--callgrind-out-file={out}",
            str(program),
            *map(str, (orders, lines, batch)),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stderr}")
        summary = re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)
        counted = int(summary.group(1)) if summary else 0
        if counted == 0:
            sys.exit(f"nothing was counted: {program} has no symbol {MEASURED}")
        return counted, json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=5)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--orders", type=int, default=40)
    parser.add_argument("--program", help="a build with symbols, instead of building one")
    arguments = parser.parse_args()
    if shutil.which("valgrind") is None:
        sys.exit("there is no valgrind: apt-get install valgrind")
    program = arguments.program or build()
    # Whole batches on both sides, or the difference would hold a part of one.
    few = arguments.batch * max(1, arguments.orders // 4 // arguments.batch)
    many = few + arguments.batch * max(1, arguments.orders // arguments.batch)
    before, _ = count(program, few, arguments.lines, arguments.batch)
    after, ran = count(program, many, arguments.lines, arguments.batch)
    result = {
        "lines": arguments.lines,
        "batch": arguments.batch,
        "orders": many - few,
        "instructions_per_order": round((after - before) / (many - few)),
        "invocations_of_the_longer_run": ran["invocations"],
        "program": str(program),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
