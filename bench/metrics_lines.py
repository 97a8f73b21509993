#!/usr/bin/env python3
"""Bytes of the line of numbers that a function writes with Metrics on: JSON on standard output.

    cargo build --workspace && bench/metrics_lines.py [--noren target/debug/noren] [--orders 100] [--metrics essential]

Runs the functions' own binaries (`noren up --isolated`), replays the sample shop's baskets, and reads the lines of numbers
(embedded metric format) off their logs, as CloudWatch would. `bytes_per_invocation` is what `noren cost` assumes
(`metrics_bytes_per_invocation` in local/src/cost/prices.yaml): all bytes over all invocations, those without a line
included. Counts, not times: a busy machine and a debug build count the same.
"""

import argparse
import collections
import json
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import replays

START_WITHIN_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(endpoint):
    try:
        with urllib.request.urlopen(f"{endpoint}/_noren", timeout=2):
            return True
    except OSError:
        return False


def lines_of(log):
    """Each line of numbers, by the service that wrote it. A line of the log has a level, and one of numbers has none."""
    found = collections.defaultdict(list)
    for line in log.read_text(errors="replace").splitlines():
        match = re.search(r"\{.*\}", line)
        try:
            said = json.loads(match.group(0)) if match else {}
        except ValueError:
            continue
        if "service" in said and "level" not in said:
            found[said["service"]].append(len(match.group(0).encode()))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noren", default=str(replays.ROOT / "target/debug/noren"), help="beside it are the functions' binaries")
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--metrics", choices=["essential", "all"], default="essential")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        aws = free_port()
        endpoint = f"http://127.0.0.1:{aws}"
        log = pathlib.Path(folder) / "log"
        command = [arguments.noren, "up", "--isolated", "--data-dir", f"{folder}/data", "--aws-port", str(aws)]
        command += ["--template", str(replays.ROOT / "template.yaml"), "--parameter", f"Metrics={arguments.metrics}"]
        for port in ["--port", "--payments-port", "--mail-port", "--identity-port"]:
            command += [port, "0"]
        with open(log, "wb") as errors:
            stack = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors)
            try:
                begun = time.monotonic()
                while not answers(endpoint):
                    if stack.poll() is not None or time.monotonic() - begun > START_WITHIN_SECONDS:
                        sys.exit(f"the stack did not start: {log.read_text()[-2000:]}")
                    time.sleep(0.2)
                # What the shop's own loading writes is no order's.
                with urllib.request.urlopen(f"{endpoint}/_noren/quiet?wait_seconds=120"):
                    before = {service: len(lines) for service, lines in lines_of(log).items()}
                options = ["--aws-endpoint", endpoint, "--limit", str(arguments.orders)]
                done = subprocess.run([arguments.noren, "replay", "--json", *options], stdout=subprocess.PIPE)
                report = json.loads(done.stdout)
            finally:
                stack.send_signal(signal.SIGINT)
                stack.wait()
        seen = {service: lines[before.get(service, 0) :] for service, lines in lines_of(log).items()}
    everything = [size for sizes in seen.values() for size in sizes]
    if not everything:
        sys.exit("no function wrote a line of numbers")
    invocations = sum(count["total"] for by_trigger in report["counts"]["invocations"].values() for count in by_trigger.values())
    result = {
        "metrics": arguments.metrics,
        "orders": report["orders_placed"],
        "invocations": invocations,
        "lines": len(everything),
        "bytes_per_line": round(statistics.mean(everything)),
        "bytes_per_line_least": min(everything),
        "bytes_per_line_most": max(everything),
        "bytes_per_invocation": round(sum(everything) / invocations),
        "by_service": {
            service: {"lines": len(sizes), "bytes_per_line": round(statistics.mean(sizes))}
            for service, sizes in sorted(seen.items())
            if sizes
        },
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
