#!/usr/bin/env python3
"""Orders per second over the in-memory store, from placing to delivery: JSON on standard output.

    cargo build --release -p instructions && bench/in_memory.py [--orders 10000] [--lines 10] [--batch 10] [--repeat 3]

Every function's own work, through the real doors, on one thread: requests, events and streams are carried by the program
itself, whose work is in the figure too, about half of it. The allocator is the local stack's. No SDK, no network, no disk.
The median of the runs counts. A figure of time is worth what the machine is: run it on a quiet one.
"""

import argparse
import json
import statistics
import subprocess

import replays


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(replays.ROOT / "target/release/in-memory"))
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--lines", type=int, default=10)
    parser.add_argument("--batch", type=int, default=10, help="messages in an invocation")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    machine = replays.machine()
    command = [arguments.program, *map(str, (arguments.orders, arguments.lines, arguments.batch))]
    runs = []
    for _ in range(arguments.repeat):
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        runs.append(round(arguments.orders / json.loads(done.stdout)["seconds"], 1))
    result = {
        "machine": machine,
        "orders": arguments.orders,
        "lines": arguments.lines,
        "batch": arguments.batch,
        "orders_per_second": statistics.median(runs),
        "orders_per_second_of_each_run": runs,
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
