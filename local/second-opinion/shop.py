"""The shop on MiniStack as its callers see it: requests, events, queues.

A request is an invocation with the payload that an HTTP API sends, the caller's claims included: MiniStack has no routes
of a SAM template. An observer's queue on every topic sees what the contexts say.
"""

import json
import time
import uuid

from deployment import Deployment

# Debug binaries, a new process for each invocation, and a poller that rests for a second when idle: hops are slow.
WAITS_SECONDS = 120
CUSTOMER = "customer-1"


ISSUER = "https://issuer.example.com"
CLIENT = "second-opinion"


def claims(subject: str, scope: str) -> dict:
    """The claims of a verified access token, as an HTTP API hands them on."""
    groups = "[operators]" if scope == "noren/operate" else "[]"
    return {
        "iss": ISSUER, "client_id": CLIENT, "sub": subject, "scope": scope, "token_use": "access",
        "exp": "4102444800", "cognito:groups": groups,
    }


class NotSeen(AssertionError):
    """What a check waited for did not come, or something else came."""


class Shop:
    """Calls on the functions and looks at the messaging between them."""

    def __init__(self, deployment: Deployment):
        self.deployment = deployment
        self.functions = deployment.client("lambda")
        self.sqs = deployment.client("sqs")
        self.sns = deployment.client("sns")
        self.said = []
        self._observer = self._observe()

    def _observe(self) -> str:
        url = self.sqs.create_queue(QueueName="second-opinion-observer")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for context in self.deployment.contexts():
            topic = self.deployment.physical(context, "Topic")
            self.sns.subscribe(
                TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
            )
        return url

    # ── requests

    def operator(self, method: str, path: str, body=None, **more) -> dict:
        """An operator's request, which must succeed."""
        return self._succeeding(method, path, claims("operator-1", "noren/operate"), body, **more)

    def customer(self, method: str, path: str, body=None, **more) -> dict:
        """A customer's request, which must succeed."""
        return self._succeeding(method, path, claims(CUSTOMER, "noren/shop"), body, **more)

    def _succeeding(self, method: str, path: str, claims: dict, body, **more) -> dict:
        status, answer = self.ask(method, path, claims, body, **more)
        if not 200 <= status < 300:
            raise NotSeen(f"{method} {path} answered {status}: {answer.get('detail', answer)}")
        return answer

    def ask(self, method: str, path: str, claims: dict, body=None, text=None, kind="application/json", key=None):
        """Any request: the status and the JSON of the answer."""
        headers = {"accept": "application/json", "content-type": kind}
        if key:
            headers["idempotency-key"] = key
        payload = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "noren",
                "domainName": "noren.execute-api.ap-northeast-1.amazonaws.com",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "second-opinion",
                },
                "requestId": str(uuid.uuid4()),
                "routeKey": f"{method} {path}",
                "stage": "$default",
                "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime()),
                "timeEpoch": int(time.time() * 1000),
                "authorizer": {"jwt": {"claims": claims, "scopes": claims["scope"].split()}},
            },
            "isBase64Encoded": False,
        }
        if text is not None or body is not None:
            payload["body"] = text if text is not None else json.dumps(body)
        answer = self.invoke(_context_of(path), payload)
        shown = answer.get("body") or "{}"
        try:
            return answer["statusCode"], json.loads(shown)
        except (ValueError, KeyError):
            raise NotSeen(f"{method} {path} got an answer that is none of an HTTP API's: {answer}") from None

    def invoke(self, context: str, payload: dict):
        """The answer of a context's function. Raises NotSeen when the invocation failed."""
        name = self.deployment.physical(context, "Function")
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(payload).encode())
        read = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise NotSeen(f"{context} failed: {read}")
        return read

    # ── events and queues

    def hear(self) -> list:
        """All events said so far, those in the observer's queue included."""
        while True:
            got = self.sqs.receive_message(
                QueueUrl=self._observer, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            ).get("Messages", [])
            if not got:
                return self.said
            self.said += [json.loads(message["Body"]) for message in got]
            entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(got)]
            self.sqs.delete_message_batch(QueueUrl=self._observer, Entries=entries)

    def events(self, subject: str, kind: str = "") -> list:
        """The events about a subject, of a type where one is given."""
        return [one for one in self.hear() if one["subject"] == subject and one["type"].startswith(kind)]

    def say_again(self, event: dict) -> None:
        """Publishes an event once more, byte for byte as it was heard, as its own context would."""
        context = event["type"].split(".")[0]
        self.sns.publish(
            TopicArn=self.deployment.physical(context, "Topic"),
            Message=json.dumps(event),
            MessageAttributes={"type": {"DataType": "String", "StringValue": event["type"]}},
        )

    def mapping(self, context: str, enabled: bool) -> None:
        """Turns the mapping of a context's queue on or off."""
        uuid_ = self.deployment.resources[f"{context.capitalize()}FunctionMessages"]
        self.functions.update_event_source_mapping(UUID=uuid_, Enabled=enabled)

    def lying_in(self, url: str) -> int:
        """How many messages a queue holds, those under way included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        held = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(held[name]) for name in names)

    def dead_letters(self) -> dict:
        """How many messages lie in each queue that keeps failures, by logical id; empty ones are left out."""
        ends = ("DeadLetters", "StreamFailures", "Undelivered")
        counted = {name: self.lying_in(url) for name, url in self.deployment.queues().items() if name.endswith(ends)}
        return {name: count for name, count in counted.items() if count}

    def quiet(self) -> None:
        """Waits until no context's queue holds anything, three looks in a row."""
        queues = [url for name, url in self.deployment.queues().items() if name.endswith("Queue")]
        deployed = [self.deployment.resources.get(f"{c.capitalize()}Queue") for c in self.deployment.contexts()]
        looks = [url for url in queues if url in deployed]
        seen = 0

        def still():
            nonlocal seen
            seen = seen + 1 if not any(self.lying_in(url) for url in looks) else 0
            return seen >= 3

        until("every queue to be empty", still)


def until(what: str, probe, seconds: float = WAITS_SECONDS):
    """The first thing that is not false that the probe returns. Raises NotSeen with what it last complained of."""
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            found = probe()
            if found:
                return found
        except NotSeen as error:
            last = f"; last: {error}"
        time.sleep(0.3)
    raise NotSeen(f"waited {seconds:.0f} s for {what}{last}")


def expect(what: str, found, wanted) -> None:
    """Raises NotSeen when the two differ."""
    if found != wanted:
        raise NotSeen(f"{what} is {found!r}, not {wanted!r}")


def _context_of(path: str) -> str:
    """Which context a route belongs to."""
    parts = [part for part in path.split("/") if part not in ("", "api", "operator")]
    of = {
        "products": "catalog",
        "categories": "catalog",
        "stock": "inventory",
        "reservations": "inventory",
        "orders": "orders",
        "payments": "payments",
        "shipping": "shipping",
        "shipments": "shipping",
        "notifications": "notifications",
    }
    return of[parts[0]]
