#!/usr/bin/env python3
"""Counts of an order of 1, 5, 9 and 26 lines, from placing to delivery with its mails: JSON on standard output.

    cargo build && bench/counts.py [--noren target/debug/noren] [--batch 1] [--orders 10] [--write]

--write makes it the bar that local/tests/counts.rs holds (bench/counts.json). Counts, not times: a busy machine and a
debug build count the same. What insights does is told apart: it writes an order once for all of its events that come
together, which is a question of the moment.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LINES = [1, 5, 9, 26]
KEPT = [
    "write_units",
    "read_units",
    "table_requests",
    "invocations",
    "publishes",
    "events",
    "deliveries",
    "http_requests",
    "mails",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noren", default=str(HERE.parent / "target/debug/noren"))
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--orders", type=int, default=10)
    parser.add_argument("--write", action="store_true", help="make it the bar of the test")
    arguments = parser.parse_args()
    by_lines = {}
    for lines in LINES:
        command = [
            arguments.noren,
            "cost",
            "--json",
            "--template",
            str(HERE.parent / "template.yaml"),
            "--orders",
            str(arguments.orders),
            "--batch",
            str(arguments.batch),
            "--lines",
            str(lines),
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        cost = json.loads(done.stdout)
        insights = cost["per_order_by_context"]["insights"]
        counts = {name: round(cost["per_order"][name] - insights.get(name, 0), 4) for name in KEPT}
        counts["insights"] = {name: round(count, 4) for name, count in insights.items()}
        by_lines[str(lines)] = counts
    counts = {"batch": arguments.batch, "orders": arguments.orders, "by_lines": by_lines}
    text = json.dumps(counts, indent=2) + "\n"
    sys.stdout.write(text)
    if arguments.write:
        (HERE / "counts.json").write_text(text)


if __name__ == "__main__":
    main()
