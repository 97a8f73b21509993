#!/usr/bin/env python3
"""Lints what template.yaml expands to, offline: cfn-lint with its serverless rules, checkov, and rules of our own.

    python3 local/template/checks/lint.py

Every finding is mended or waived with a reason in `waivers.toml`; exits with 1 and the findings that are not, and with 1
for a waiver that covers nothing. Needs what `requirements.txt` names. checkov, whose dependencies do not go together
with SAM's, is put into an environment of its own on the first run, which is the only one that needs a network.
"""

import concurrent.futures
import dataclasses
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib
import venv

import expand

HERE = pathlib.Path(__file__).resolve().parent
CHECKOV = "checkov==3.3.30"
# What IAM cannot name: X-Ray has no resources, and CodeDeploy looks alarms up before it knows which.
NAMELESS = {"xray:PutTelemetryRecords": "*", "xray:PutTraceSegments": "*", "cloudwatch:DescribeAlarms": ":alarm:*"}


@dataclasses.dataclass(frozen=True)
class Finding:
    """What one check says of one resource."""

    check: str
    resource: str
    message: str


def listed(value) -> list:
    """A list, or one thing as a list."""
    return value if isinstance(value, list) else [value]


def statements(resource: dict) -> list:
    """All statements of a role's inline policies, those under a condition too."""
    found = []
    for policy in resource["Properties"].get("Policies", []):
        for statement in policy["PolicyDocument"]["Statement"]:
            branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
            found.extend(branch for branch in branches if "Effect" in branch)
    return found


def roles(template: dict) -> list:
    """What in the roles, those that SAM makes too, reaches further than one named resource."""
    findings = []
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        if resource["Properties"].get("ManagedPolicyArns"):
            findings.append(Finding("managed-policy", name, "has managed policies"))
        for statement in statements(resource):
            actions, on = listed(statement["Action"]), [json.dumps(one).strip('"}') for one in listed(statement["Resource"])]
            wild = [one for one in on if "*" in one]
            if any("*" in action for action in actions):
                findings.append(Finding("wildcard", name, f"allows {actions}"))
            elif wild and not all(one.endswith(NAMELESS.get(action, "nothing")) for action in actions for one in wild):
                findings.append(Finding("wildcard", name, f"allows {actions} on {wild}"))
    return findings


def triggers(template: dict) -> list:
    """What invokes a function must invoke its alias: a deployment would not reach what goes past it."""
    findings = []
    for name, resource in template["Resources"].items():
        wanted = {"AWS::Lambda::EventSourceMapping": "FunctionName", "AWS::Lambda::Permission": "FunctionName"}
        target = resource.get("Properties", {}).get(wanted.get(resource["Type"], ""))
        if resource["Type"] == "AWS::Scheduler::Schedule":
            target = resource["Properties"]["Target"]["Arn"]
        if target is not None and not str(target.get("Ref", "")).endswith("Aliaslive"):
            findings.append(Finding("alias", name, f"invokes {json.dumps(target)}"))
    return findings


def cfn_lint(file: pathlib.Path) -> list:
    """The findings of cfn-lint and of its serverless rules."""
    command = ["cfn-lint", "--regions", expand.REGION, "--append-rules", "cfn_lint_serverless.rules", "--format", "json"]
    run = subprocess.run([*command, "--template", file], capture_output=True, text=True, check=False)
    # The status says what kinds of findings there are; 1 and what is above 31 say that it did not run.
    if run.returncode == 1 or run.returncode > 31 or not run.stdout:
        raise SystemExit(f"cfn-lint did not run: {run.stderr}")
    findings = []
    for match in json.loads(run.stdout):
        path = match["Location"]["Path"] or ["", ""]
        findings.append(Finding(match["Rule"]["Id"], str(path[1]), match["Message"]))
    return findings


def checkov_program() -> pathlib.Path:
    """checkov in an environment of its own, made when it is not there."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    home = cache / "noren" / CHECKOV.replace("==", "-")
    program = home / "bin" / "checkov"
    if not program.is_file():
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", CHECKOV], check=True)
    return program


def checkov(file: pathlib.Path) -> list:
    """The findings of checkov. Its own service is not asked for anything."""
    command = [checkov_program(), "--file", file, "--framework", "cloudformation", "--output", "json", "--quiet"]
    environment = {**os.environ, "BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"}
    run = subprocess.run(
        [*command, "--compact", "--skip-download"], capture_output=True, text=True, check=False, env=environment
    )
    if run.returncode not in (0, 1) or not run.stdout:
        raise SystemExit(f"checkov did not run: {run.stderr}")
    report = json.loads(run.stdout)
    if report["summary"]["passed"] == 0 or report["summary"]["parsing_errors"]:
        raise SystemExit(f"checkov did not read the expansion: {report['summary']}")
    failed = report["results"]["failed_checks"]
    return [Finding(one["check_id"], one["resource"].split(".")[-1], one["check_name"]) for one in failed]


def main() -> int:
    template = expand.read()
    with tempfile.TemporaryDirectory() as directory, concurrent.futures.ThreadPoolExecutor() as pool:
        file = pathlib.Path(directory) / "expanded.json"
        file.write_text(json.dumps(template, indent=1), encoding="utf-8")
        linters = [pool.submit(linter, file) for linter in (cfn_lint, checkov)]
        findings = roles(template) + triggers(template)
        for linter in linters:
            findings += linter.result()
    waivers = tomllib.loads((HERE / "waivers.toml").read_text(encoding="utf-8"))["waiver"]
    used, left = set(), []
    for finding in findings:
        covering = [
            number
            for number, waiver in enumerate(waivers)
            if waiver["check"] == finding.check and fnmatch.fnmatchcase(finding.resource, waiver["resources"])
        ]
        used.update(covering)
        if not covering:
            left.append(finding)
    for finding in left:
        print(f"{finding.check} {finding.resource}: {finding.message}")
    unused = [waiver for number, waiver in enumerate(waivers) if number not in used or not waiver["reason"]]
    for waiver in unused:
        print(f"waivers.toml: {waiver['check']} for {waiver['resources']} covers nothing, or has no reason")
    print(f"{len(findings)} findings, {len(findings) - len(left)} waived by {len(waivers)} reasons, {len(left)} left")
    return 1 if left or unused else 0


if __name__ == "__main__":
    sys.exit(main())
