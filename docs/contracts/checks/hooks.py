"""What schemathesis needs to know of this API beside its description."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(_context: object, value: object) -> bytes:
    """Lines of JSON are described as a text, and sent as it stands."""
    return value if isinstance(value, bytes) else str(value).encode()
