"""The store's conformance suite against MiniStack's DynamoDB.

Owns calling it and reading what it says; the suite stands in shared/store/tests/conformance.
"""

import os
import re
import subprocess

from deployment import ROOT

# Each check's line, and before the line of a broken one what it panicked with.
LINE = re.compile(
    r"(?:panicked at (?P<reason>[^\n]*\n[^\n]*)\n(?:(?!over the wire: ).*\n)*)?"
    r"over the wire: (?P<name>\w+): (?P<result>held|broken)"
)


def run(endpoint: str, say) -> list:
    """Each check of the suite by name, and whether it held there."""
    command = ["cargo", "test", "--quiet", "-p", "store", "--test", "conformance", "over_the_wire", "--", "--nocapture"]
    environment = {
        **os.environ,
        "CONFORMANCE_ENDPOINT": endpoint,
        "RUST_BACKTRACE": "0",
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    results = []
    for line in LINE.finditer(done.stderr):
        held = line["result"] == "held"
        reason = "" if held else " ".join((line["reason"] or "").split())
        results.append({"check": line["name"].replace("_", " "), "held": held, "reason": reason})
    for one in results:
        say(f"{'held' if one['held'] else 'broken':>9}  store: {one['check']}{': ' + one['reason'] if one['reason'] else ''}")
    if not results:
        say(f"the conformance suite did not run:\n{done.stderr[-2000:]}")
    return results
