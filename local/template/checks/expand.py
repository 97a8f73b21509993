#!/usr/bin/env python3
"""Expands template.yaml to the CloudFormation that a deployment sends, and lints that.

    python3 local/template/checks/expand.py [--print]

`sam validate --lint` reads the source; a wrong reference inside what SAM generates (permissions, mappings, the API's
definition) shows only in the expansion. Needs `aws-sam-cli` and `cfn-lint`, no account and no network. Exits with 1 and
the findings when there are any; `--print` writes the expansion to standard output instead.

Besides cfn-lint it checks what the rules in tests/rules.rs cannot see, because SAM makes it: that no managed policy
crept in, and that the roles SAM adds (the schedules') name what they may invoke.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# The translator picks the partition by the region, and reads it from the environment.
REGION = os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-1")

from samcli.yamlhelper import yaml_parse  # noqa: E402
from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]


def expanded(source: dict) -> dict:
    """The template after SAM's transform. Code places are what `sam package` would write."""
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/function.zip"
    # No managed policies are known here: using one by name is an error, and the roles are written out anyway.
    translator = Translator(managed_policy_map={}, sam_parser=Parser())
    return translator.translate(sam_template=source, parameter_values={})


def statements(resource: dict) -> list:
    """All statements of a role's inline policies."""
    policies = resource["Properties"].get("Policies", [])
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def wide_roles(template: dict) -> list:
    """What in the roles reaches further than one named resource."""
    findings = []
    for name, resource in template["Resources"].items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        if resource["Properties"].get("ManagedPolicyArns"):
            findings.append(f"{name}: has managed policies")
        for statement in statements(resource):
            listed = [json.dumps(statement[key]) for key in ("Action", "Resource")]
            if any("*" in text for text in listed):
                findings.append(f"{name}: allows {listed[0]} on {listed[1]}")
    return findings


def lint(template: dict) -> int:
    """cfn-lint's exit status; its findings go to standard output."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file, indent=1)
        file.flush()
        return subprocess.run(["cfn-lint", "--regions", REGION, "--template", file.name], check=False).returncode


def main() -> int:
    options = argparse.ArgumentParser(description="Expand template.yaml and lint the expansion.")
    options.add_argument("--template", type=pathlib.Path, default=ROOT / "template.yaml")
    options.add_argument("--print", action="store_true", help="write the expansion instead of linting it")
    chosen = options.parse_args()
    template = expanded(yaml_parse(chosen.template.read_text(encoding="utf-8")))
    if chosen.print:
        json.dump(template, sys.stdout, indent=1)
        return 0
    findings = wide_roles(template)
    for finding in findings:
        print(finding)
    return 1 if lint(template) or findings else 0


if __name__ == "__main__":
    sys.exit(main())
