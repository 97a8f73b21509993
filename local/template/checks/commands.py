#!/usr/bin/env python3
"""Checks the `aws` and `sam` commands of documents, without sending anything.

    python3 local/template/checks/commands.py FILE.md...

Each `aws` command goes through the CLI's own parser and the service's own model, up to where the request would be sent: an
operation, an option or a value that is not known fails. Of `sam` commands the command and its options are compared.
Exits with 1 and what does not hold. Needs `awscli` and `aws-sam-cli`.
"""

import contextlib
import importlib
import io
import logging
import os
import pathlib
import re
import shlex
import sys

import awscli.clidriver
import click
from samcli.cli.command import _SAM_CLI_COMMAND_PACKAGES as SAM_COMMANDS

os.environ.update(
    AWS_ACCESS_KEY_ID="nobody", AWS_SECRET_ACCESS_KEY="nothing", AWS_DEFAULT_REGION="ap-northeast-1",
    AWS_EC2_METADATA_DISABLED="true", SAM_CLI_TELEMETRY="0",
)
logging.disable(logging.CRITICAL)
# What the documents' variables stand for, where a value has to look like one.
VALUES = {"AWS_REGION": "ap-northeast-1", "POOL": "ap-northeast-1_Example"}
# Stands for every answer; waiters look at its state.
ANSWER = {"Table": {"TableStatus": "ACTIVE"}, "ResponseMetadata": {"HTTPStatusCode": 200}}


def commands(document: str) -> list:
    """The commands that begin with `aws` or `sam`, each as its words."""
    blocks = re.findall(r"```bash\n(.*?)```", document, re.DOTALL)
    blocks += [code.replace("\n", " ") for code in re.findall(r"`(aws [^`]+|sam [^`]+)`", document)]
    found = []
    for block in blocks:
        # A comment would swallow the end of its line.
        block = re.sub(r"(^|\s)#[^\n]*", r"\1", block.replace("\\\n", " "))
        reader = shlex.shlex(block, posix=True, punctuation_chars="();<>|&\n")
        reader.whitespace, reader.whitespace_split = " \t", True
        command = None
        for word in reader:
            if set(word) <= set("();<>|&\n$"):
                command = None
            elif command is not None:
                command.append(re.sub(r"\$\{?(\w+)\}?", lambda match: VALUES.get(match[1], "example"), word))
            elif word in ("aws", "sam"):
                command = [word]
                found.append(command)
    return found


def aws(words: list) -> str:
    """What is wrong with an `aws` command; nothing when all is well."""
    driver = awscli.clidriver.create_clidriver()
    sent = []

    def stop(model, **_):
        sent.append(model.name)
        return type("Response", (), {"status_code": 200})(), dict(ANSWER)

    driver.session.register("before-call", stop)
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        try:
            status = driver.main(words)
        except SystemExit as error:
            status = error.code
    reasons = said.getvalue().strip().splitlines() or [f"status {status}"]
    return "" if status == 0 and sent else reasons[-1]


def sam(words: list) -> str:
    """What is wrong with a `sam` command; nothing when all is well."""
    # SAM's own group makes commands of their modules when they run; a subgroup is a click group like any other.
    modules = [name for name in SAM_COMMANDS if name.split(".")[2] == words[0]]
    if not modules:
        return f"there is no command {words[0]}"
    command, path = importlib.import_module(modules[0]).cli, list(words[1:])
    while isinstance(command, click.Group) and path:
        name = path.pop(0)
        command = command.get_command(click.Context(command), name)
        if command is None:
            return f"there is no command {name}"
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    unknown = [word for word in path if word.startswith("-") and word.split("=")[0] not in known]
    return f"does not know {', '.join(unknown)}" if unknown else ""


def main() -> int:
    checked, wrong = 0, 0
    for name in sys.argv[1:]:
        for words in commands(pathlib.Path(name).read_text(encoding="utf-8")):
            checked += 1
            reason = {"aws": aws, "sam": sam}[words[0]](words[1:])
            if reason:
                wrong += 1
                print(f"{name}: {shlex.join(words)}\n  {reason}")
    print(f"{checked} commands checked, {wrong} wrong")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
