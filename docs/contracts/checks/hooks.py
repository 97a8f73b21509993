"""What schemathesis needs to know of this API beside its description, and what it must find out beside its own checks."""

import json
import pathlib
import re
import tomllib

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNTED = tomllib.loads((HERE / "rules.toml").read_text())
RULES = [(re.compile(rule["field"]), re.compile(rule["message"])) for rule in ACCOUNTED["rules"]]
# By operation, why.
NEVER_DONE: dict[str, str] = ACCOUNTED["never-done"]


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


@schemathesis.check
def a_bad_request_breaks_a_rule_that_no_schema_can_say(_context: object, response: object, case: object) -> None:
    """What is all that the description says may be called bad only for a reason that a description cannot give."""
    if response.status_code != 400 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    body = json.loads(response.content)
    unaccounted = broken(body) if body.get("errors") else [body.get("detail", "no word of why")]
    if unaccounted:
        raise RejectedPositiveData(
            operation=case.operation.label,
            message="What the description allows is refused: " + "; ".join(unaccounted[:5]),
            status_code=400,
            allowed_statuses=["2xx"],
        )


@schemathesis.check
class EachOperationSucceeds:
    """An operation of which everything was refused has not been tried."""

    def __init__(self) -> None:
        self.tried: set[str] = set()
        self.done: set[str] = set()

    def after_response(self, _context: object, response: object, case: object) -> None:
        self.tried.add(case.operation.label)
        if 200 <= response.status_code < 300:
            self.done.add(case.operation.label)

    def after_run(self, _context: object) -> None:
        unexpected = sorted(self.tried - self.done - NEVER_DONE.keys())
        # What can be done after all must not be called impossible.
        outdated = sorted(self.done & NEVER_DONE.keys())
        assert not unexpected, "never answered with success: " + ", ".join(unexpected)
        assert not outdated, "rules.toml calls impossible what was done: " + ", ".join(outdated)
