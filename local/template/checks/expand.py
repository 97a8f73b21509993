#!/usr/bin/env python3
"""Expands template.yaml to the CloudFormation that a deployment sends, and writes it to standard output.

    python3 local/template/checks/expand.py > expanded.json

Needs `aws-sam-cli`, no account and no network. `lint.py` beside it lints the expansion: a wrong reference inside what
SAM generates (permissions, mappings, the API's definition, deployments) shows only there.
"""

import argparse
import json
import logging
import os
import pathlib
import sys

# The translator picks the partition by the region, and reads it from the environment.
REGION = os.environ.setdefault("AWS_DEFAULT_REGION", "ap-northeast-1")
# It warns of a switch of its own that only AWS's copy of it has.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

from samcli.yamlhelper import yaml_parse  # noqa: E402
from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "template.yaml"


def read(template: pathlib.Path = TEMPLATE) -> dict:
    """The expansion of the template in that file."""
    return expanded(yaml_parse(template.read_text(encoding="utf-8")))


def expanded(source: dict) -> dict:
    """The template after SAM's transform. Code places are what `sam package` would write."""
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://artifacts/function.zip"
    # No managed policies are known here: using one by name is an error, and the roles are written out anyway.
    translator = Translator(managed_policy_map={}, sam_parser=Parser())
    return translator.translate(sam_template=source, parameter_values={})


def main() -> int:
    options = argparse.ArgumentParser(description="Expand template.yaml to plain CloudFormation.")
    options.add_argument("--template", type=pathlib.Path, default=TEMPLATE)
    json.dump(read(options.parse_args().template), sys.stdout, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
