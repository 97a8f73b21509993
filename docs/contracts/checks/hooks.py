"""What schemathesis needs to know of this API beside its description, and what it must find out beside its own checks."""

import json
import pathlib
import re
import tomllib

import schemathesis

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNTED = tomllib.loads((HERE / "rules.toml").read_text())
RULES = [(re.compile(rule["field"]), re.compile(rule["message"])) for rule in ACCOUNTED["rules"]]
# By operation, why.
NEVER_DONE: dict[str, str] = ACCOUNTED["never-done"]
OPERATIONS: set[str] = set()
METHODS = {"get", "put", "post", "delete", "patch"}


@schemathesis.serializer("application/x-ndjson")
def lines(_context: object, value: object) -> bytes:
    """Lines of JSON are described as a text, and sent as it stands."""
    return value if isinstance(value, bytes) else str(value).encode()


def broken(body: dict) -> list[str]:
    """Of what a problem says of fields, what no rule of `rules.toml` accounts for."""
    return [
        f"{error['field']}: {error['message']}"
        for error in body.get("errors", [])
        if not any(field.fullmatch(error["field"]) and message.search(error["message"]) for field, message in RULES)
    ]


def is_good(case: object) -> bool:
    """Whether the request is all that the description of its operation says."""
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.check
def a_bad_request_breaks_a_listed_rule(_context: object, response: object, case: object) -> None:
    """What is all that the description says may be called bad only for a reason that is written down."""
    if response.status_code != 400 or not is_good(case):
        return
    body = json.loads(response.content)
    unlisted = broken(body) if body.get("errors") else [body.get("detail", "no word of why")]
    assert not unlisted, f"{case.operation.label} refuses what its description allows: " + "; ".join(unlisted[:5])


@schemathesis.hook
def after_load_schema(_context: object, schema: object) -> None:
    """Knows all operations, those that are never tried too. Asking the schema for them would settle its address too early."""
    for path, item in schema.raw_schema["paths"].items():
        OPERATIONS.update(f"{method.upper()} {path}" for method in item if method in METHODS)


@schemathesis.check
class EachOperationSucceeds:
    """An operation of which every good request was refused has not been tried."""

    def __init__(self) -> None:
        self.done: set[str] = set()

    def after_response(self, _context: object, response: object, case: object) -> None:
        if 200 <= response.status_code < 300 and is_good(case):
            self.done.add(case.operation.label)

    def after_run(self, _context: object) -> None:
        assert self.done <= OPERATIONS, "not known: " + ", ".join(sorted(self.done - OPERATIONS))
        undone = sorted(OPERATIONS - self.done - NEVER_DONE.keys())
        # What is done after all, or is gone, must not be called impossible.
        outdated = sorted(NEVER_DONE.keys() - (OPERATIONS - self.done))
        assert not undone, "no good request had success: " + ", ".join(undone)
        assert not outdated, "outdated in rules.toml: " + ", ".join(outdated)
