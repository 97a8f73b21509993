#!/usr/bin/env python3
"""Runs the samples of `events/` through the real `sam local invoke`, against a local stack that is up.

    sam build && cargo run          # in another terminal: the stack that the functions talk to
    python3 local/sam-local/invoke.py [CONTEXT...] [--endpoint URL] [--payments URL] [-- OPTION OF SAM...]

Needs Docker and `aws-sam-cli`, no account. SAM gives a function the logical names of the template's resources, and only
variables that the template declares; so this writes a copy of the built template beside it that names the local stack's
tables, topics and queues and where it listens. Prints what each function answered; exits with 1 when one failed.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

from samcli.yamlhelper import yaml_dump, yaml_parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / ".aws-sam" / "build"
REGION, ACCOUNT, STACK = "ap-northeast-1", "000000000000", "noren"


def local_value(resource: str, kind: str, endpoint: str) -> str:
    """What `Ref` comes to in the local stack, by the stack's rule for names."""
    name = f"{STACK}-{resource}"
    return {
        "AWS::DynamoDB::Table": name,
        "AWS::SNS::Topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}",
        "AWS::SQS::Queue": f"{endpoint}/{ACCOUNT}/{name}",
    }[kind]


def resolved(value, resources: dict, endpoint: str):
    """A variable's value with the local stack's names for what it refers to. What depends on anything else, such as a
    parameter, stays as it is, for SAM to resolve."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(function, argument)] = value.items()
    if function == "Ref" and argument == "AWS::StackName":
        return STACK
    if function == "Ref" and argument in resources:
        return local_value(argument, resources[argument]["Type"], endpoint)
    if function == "Fn::GetAtt":
        resource, attribute = argument.split(".") if isinstance(argument, str) else argument
        return f"{STACK}-{resource}" if attribute == "QueueName" else value
    if function == "Fn::Join":
        separator, parts = argument
        parts = [resolved(part, resources, endpoint) for part in parts]
        if all(isinstance(part, str) for part in parts):
            return separator.join(parts)
    if function == "Fn::Split":
        separator, text = argument
        text = resolved(text, resources, endpoint)
        return text.split(separator) if isinstance(text, str) else value
    if function == "Fn::Select":
        index, parts = argument
        parts = resolved(parts, resources, endpoint)
        return parts[int(index)] if isinstance(parts, list) else value
    return value


def localised(template: dict, endpoint: str, payments: str) -> dict:
    """The template with the local stack's names and addresses in the functions' variables."""
    resources = template["Resources"]
    for resource in resources.values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        variables = resource["Properties"]["Environment"]["Variables"]
        for name, value in variables.items():
            variables[name] = resolved(value, resources, endpoint)
        variables["AWS_ENDPOINT_URL"] = endpoint
        if "PAYMENT_PROVIDER_URL" in variables:
            variables["PAYMENT_PROVIDER_URL"] = payments
    return template


def contexts(template: dict) -> dict:
    """The function of each context, by the context's name."""
    functions = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::Serverless::Function"]
    return {template["Resources"][name]["Metadata"]["BuildProperties"]["Binary"]: name for name in functions}


def invoke(template: pathlib.Path, function: str, event: pathlib.Path, options: list) -> tuple:
    """Whether the function answered, and what: its answer or the end of what SAM and the function wrote."""
    command = ["sam", "local", "invoke", function, "--template", template, "--event", event, "--region", REGION]
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true"}
    run = subprocess.run([*command, *options], capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
    lines = run.stdout.strip().splitlines()
    answer = lines[-1] if lines else ""
    failed = run.returncode != 0 or not answer or '"errorType"' in answer
    return not failed, answer if not failed else "\n".join(run.stderr.strip().splitlines()[-12:] + [answer])


def told(answer: str) -> str:
    """An answer on one line; of an HTTP answer its status and body."""
    read = json.loads(answer)
    if isinstance(read, dict) and "statusCode" in read:
        answer = f"{read['statusCode']} {read.get('body') or ''}"
    return answer if len(answer) <= 160 else f"{answer[:157]}..."


def main() -> int:
    options = argparse.ArgumentParser(description="Run the samples through `sam local invoke`.")
    options.add_argument("context", nargs="*", help="whose samples to run [default: all]")
    options.add_argument("--endpoint", default="http://host.docker.internal:4566", help="the stack's AWS endpoint")
    options.add_argument("--payments", default="http://host.docker.internal:8094", help="the stack's payment stand-in")
    words = sys.argv[1:]
    divide = words.index("--") if "--" in words else len(words)
    chosen, for_sam = options.parse_args(words[:divide]), words[divide + 1 :]
    source = BUILT / "template.yaml"
    if not source.is_file():
        raise SystemExit(f"{source} is not there: run `sam build` first")
    template = localised(yaml_parse(source.read_text(encoding="utf-8")), chosen.endpoint, chosen.payments)
    written = BUILT / "local.yaml"
    written.write_text(yaml_dump(template), encoding="utf-8")
    functions, failed = contexts(template), 0
    for context in chosen.context or sorted(functions):
        for event in sorted((ROOT / "events" / context).glob("*.json")):
            answered, answer = invoke(written, functions[context], event, for_sam)
            failed += not answered
            print(f"{event.relative_to(ROOT)}: {told(answer) if answered else answer}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
