"""What the AsyncAPI document says about events: which topic carries a type, and what its messages must look like.

Nothing else of Noren is needed to consume its events, and nothing else is used here.
"""

import json
import pathlib

import jsonschema

DOCUMENT = pathlib.Path(__file__).parent.parent / "contracts" / "asyncapi.json"
# The stack whose names the document gives as addresses.
DOCUMENTED_STACK = "noren"


class Refused(Exception):
    """A message that no retry will make better; the text is the reason."""


class Contract:
    """The part of the document that is about some event types."""

    def __init__(self, event_types, path=DOCUMENT):
        document = json.loads(pathlib.Path(path).read_text())
        self._validators = {}
        self._topics = {}
        for event_type in event_types:
            channel = _topic_channel(document, event_type)
            message = _follow(document, channel["messages"][event_type])
            # The payload's references lead into the document, so the document goes with it.
            schema = {**message["payload"], "components": document["components"]}
            self._validators[event_type] = jsonschema.Draft7Validator(schema)
            self._topics.setdefault(channel["address"], []).append(event_type)

    def topics(self, stack):
        """The event types wanted of each topic, by the topic's name in that stack."""
        return {
            stack + address.removeprefix(DOCUMENTED_STACK): types for address, types in self._topics.items()
        }

    def read(self, text):
        """The event in a message's body, once it is known to be what the document says."""
        try:
            event = json.loads(text)
        except ValueError as error:
            raise Refused(f"the body is not JSON: {error}") from error
        event_type = event.get("type") if isinstance(event, dict) else None
        if event_type not in self._validators:
            raise Refused(f"type {event_type!r} is none that this consumer hears")
        error = jsonschema.exceptions.best_match(self._validators[event_type].iter_errors(event))
        if error is not None:
            where = "/".join(str(part) for part in error.absolute_path) or "the event"
            raise Refused(f"{where}: {error.message}")
        return event


def _topic_channel(document, event_type):
    """The channel of the topic that carries the type: the one that an operation sends it to."""
    for operation in document["operations"].values():
        channel = _follow(document, operation["channel"])
        if operation["action"] == "send" and event_type in channel["messages"]:
            return channel
    raise SystemExit(f"the document has no event type {event_type}")


def _follow(document, reference):
    found = document
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found
