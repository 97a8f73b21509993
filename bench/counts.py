#!/usr/bin/env python3
"""Counts of an order of 1, 5, 9 and 26 lines, from placing to delivery with its mails: JSON on standard output.

    cargo build && bench/counts.py [--noren target/debug/noren] [--batch 1] [--orders 10] [--write]

--write measures the bars that local/tests/counts.rs holds (one order a batch, ten a batch, and an idle month) and writes
them to bench/counts.json. Counts, not times: a busy machine and a debug build count the same. What insights does is told
apart: it writes an order once for all of its events that come together, which is a question of the moment.
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
# Batch, and orders enough for its counts to settle.
BARS = [(1, 10), (10, 40)]
REGION = "us-east-1"


def measured(noren: str, batch: int, orders: int, lines: int) -> dict:
    command = [
        noren, "cost", "--json", "--template", str(HERE.parent / "template.yaml"), "--region", REGION,
        "--orders", str(orders), "--batch", str(batch), "--lines", str(lines),
    ]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def per_order(cost: dict) -> dict:
    insights = cost["per_order_by_context"]["insights"]
    counts = {name: round(cost["per_order"][name] - insights.get(name, 0), 4) for name in KEPT}
    counts["insights"] = {name: round(count, 4) for name, count in insights.items()}
    return counts


def by_lines(noren: str, batch: int, orders: int) -> tuple[dict, dict]:
    """The counts of each size, and what an idle month costs, which is the same for all."""
    costs = {str(lines): measured(noren, batch, orders, lines) for lines in LINES}
    counts = {lines: per_order(cost) for lines, cost in costs.items()}
    idle = {name: round(costs["1"][name], 4) for name in ("usd_idle_per_month", "usd_idle_per_month_after_free")}
    return {"batch": batch, "orders": orders, "by_lines": counts}, idle


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--noren", default=str(HERE.parent / "target/debug/noren"))
    parser.add_argument("--batch", type=int, help="messages a batch; 1")
    parser.add_argument("--orders", type=int, help="how many are counted; 10")
    parser.add_argument("--write", action="store_true", help="measure the test's bars, and write them")
    arguments = parser.parse_args()
    if arguments.write and (arguments.batch or arguments.orders):
        parser.error("--write measures bars of its own: give it neither --batch nor --orders")
    if not arguments.write:
        counts, _ = by_lines(arguments.noren, arguments.batch or 1, arguments.orders or 10)
        sys.stdout.write(json.dumps(counts, indent=2) + "\n")
        return
    bars = [by_lines(arguments.noren, batch, orders) for batch, orders in BARS]
    text = json.dumps({"region": REGION, "idle": bars[0][1], "orders": [counts for counts, _ in bars]}, indent=2) + "\n"
    sys.stdout.write(text)
    (HERE / "counts.json").write_text(text)


if __name__ == "__main__":
    main()
