#!/usr/bin/env python3
"""Runs the order's flow on MiniStack, an emulator of AWS that is not ours, so that we do not only agree with ourselves.

    pip install -r local/second-opinion/requirements.txt
    cargo build --workspace && cargo build -p payment-stand-in --example serve
    python3 local/second-opinion/run.py [--keep] [--json] [--conformance] [--binaries DIR] [--without NAME]

Exits with 0 only if every check of the flow passed, and of the conformance suite where it is asked for. See README.md for what is compared, and how MiniStack differs.
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

import checks
import conformance
import probes
from deployment import ROOT, NotDeployed, binaries, deploy
from processes import DidNotStart, ministack, payment_provider
from shop import NotSeen, Shop


def chosen() -> argparse.Namespace:
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    options = argparse.ArgumentParser(description="Run the order's flow on MiniStack.")
    options.add_argument("--keep", action="store_true", help="leave everything running at the end, and say where it is")
    options.add_argument("--json", action="store_true", help="write one JSON object to standard output")
    options.add_argument("--conformance", action="store_true", help="run the store's conformance suite there, too (builds it)")
    options.add_argument("--binaries", type=pathlib.Path, default=target / "debug", help="where the functions' binaries are")
    options.add_argument(
        "--without", action="append", default=[], metavar="NAME",
        help="leave a context's function out; checks that need it count as not passed",
    )
    return options.parse_args()


def main() -> int:
    options = chosen()
    programs = []
    say = (lambda text: print(text, file=sys.stderr, flush=True)) if options.json else (lambda text: print(text, flush=True))
    try:
        functions = binaries(options.binaries, set(options.without))
        stand_in = options.binaries / "examples" / "serve"
        if not stand_in.is_file():
            raise NotDeployed(f"not built: {stand_in}\n  cargo build -p payment-stand-in --example serve")
        directory = pathlib.Path(tempfile.mkdtemp(prefix="noren-second-opinion-"))
        aws = ministack(directory)
        programs.append(aws)
        provider = payment_provider(stand_in, directory)
        programs.append(provider)
        deployment = deploy(aws.url, functions, provider.url, directory)
        say(f"{len(deployment.resources)} resources at {aws.url}, the payment provider at {provider.url}")
        report = {"flow": flow(deployment, provider.url, say), "emulator": emulator(deployment, directory, say)}
        if options.conformance:
            report["conformance"] = conformance.run(aws.url, say)
    except (NotDeployed, DidNotStart) as error:
        print(f"second opinion: {error}", file=sys.stderr)
        return 2
    finally:
        if options.keep and programs:
            for program in programs:
                say(f"{program.name} still runs at {program.url}; kill {program.process_id}; its log is {program.log}")
        else:
            for program in programs:
                program.end()
    passed = sum(one["result"] == "passed" for one in report["flow"])
    say(f"{passed} of {len(report['flow'])} checks of the flow passed; logs in {directory}")
    if options.json:
        json.dump(report, sys.stdout, indent=1, ensure_ascii=False)
        print()
    # A suite that was asked for and said nothing has not held.
    suite = report.get("conformance")
    held = suite is None or (bool(suite) and all(one["held"] for one in suite))
    return 0 if passed == len(report["flow"]) and held else 1


def flow(deployment, provider_url: str, say) -> list:
    """Runs the flow's checks in order: name, result and reason of each."""
    scene = checks.Scene(Shop(deployment), provider_url, deployment.endpoint)
    deployed, results = set(deployment.contexts()), []
    for check in checks.CHECKS:
        begun, missing = time.monotonic(), sorted(set(check.needs) - deployed)
        result, reason = "passed", ""
        if missing:
            result, reason = "left out", f"without {', '.join(missing)}"
        else:
            try:
                check.run(scene)
            except NotSeen as error:
                result, reason = "failed", str(error)
            except Exception as error:  # noqa: BLE001 (whatever goes wrong in one check, the others are still told)
                result, reason = "failed", f"{type(error).__name__}: {error}"
        seconds = round(time.monotonic() - begun, 1)
        results.append({"check": check.name, "result": result, "reason": reason, "seconds": seconds})
        say(f"{result:>9}  {check.name} ({seconds} s){': ' + reason if reason else ''}")
    return results


def emulator(deployment, directory: pathlib.Path, say) -> list:
    """Tries what AWS documents and the flow rests on, without Noren: `emulator` where MiniStack does otherwise."""
    results = []
    for probe in probes.PROBES:
        found = probes.tried(probe, deployment, directory)
        result = "agrees" if found.as_documented else "emulator"
        results.append({"check": probe.name, "result": result, "reason": found.seen, "document": probe.document})
        say(f"{result:>9}  {probe.name}: {found.seen}" + ("" if found.as_documented else f"\n{'':11}{probe.document}"))
    return results


if __name__ == "__main__":
    sys.exit(main())
