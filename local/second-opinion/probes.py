"""What MiniStack does where AWS's documents say what AWS does: behaviours that the flow rests on, tried without Noren.

A probe returns what it found and whether that is as documented. What is not is reported as the emulator's, with the
document that it contradicts; whether the flow still passes is for checks.py to say.
"""

import dataclasses
import io
import json
import pathlib
import time
import zipfile
from collections.abc import Callable

from deployment import STACK, Deployment
from shop import NotSeen, until

LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/"
RESOURCES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
PATIENCE_SECONDS = 15


@dataclasses.dataclass(frozen=True)
class Probe:
    """One behaviour: its name, the document that tells it, and how it is tried."""

    name: str
    document: str
    run: Callable


@dataclasses.dataclass(frozen=True)
class Found:
    """What a probe saw."""

    as_documented: bool
    seen: str


def dropped(what: str) -> Callable:
    """Whether CloudFormation kept a property; told by what had to be mended after the stack was made."""

    def run(deployment: Deployment, _: pathlib.Path) -> Found:
        names = deployment.dropped[what]
        return Found(not names, f"lacking on {len(names)} resources: {', '.join(names)}" if names else "kept")

    return run


def routes(deployment: Deployment, _: pathlib.Path) -> Found:
    """The template's routes stand in the API's definition, as SAM writes it."""
    apis = deployment.client("apigatewayv2")
    body = {
        "openapi": "3.0.1",
        "info": {"title": "probe", "version": "1"},
        "paths": {"/probe": {"get": {"responses": {}}}},
    }
    template = {"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body}}}}
    formation = deployment.client("cloudformation")
    formation.create_stack(StackName="probe-routes", TemplateBody=json.dumps(template))

    def made():
        stack = formation.describe_stacks(StackName="probe-routes")["Stacks"][0]
        return not stack["StackStatus"].endswith("IN_PROGRESS")

    until("the stack of the probe", made, PATIENCE_SECONDS)
    listed = formation.describe_stack_resources(StackName="probe-routes")["StackResources"]
    found = apis.get_routes(ApiId=listed[0]["PhysicalResourceId"])["Items"]
    return Found(len(found) == 1, f"{len(found)} routes of 1")


def queue_redrive(deployment: Deployment, _: pathlib.Path) -> Found:
    """A message received more often than its queue's policy allows moves to the dead-letter queue."""
    sqs = deployment.client("sqs")
    letters = sqs.create_queue(QueueName="probe-letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    queue = sqs.create_queue(QueueName="probe-queue", Attributes={"VisibilityTimeout": "0", "RedrivePolicy": policy})
    sqs.send_message(QueueUrl=queue["QueueUrl"], MessageBody="again")
    received = 0
    for _ in range(4):
        received += len(sqs.receive_message(QueueUrl=queue["QueueUrl"]).get("Messages", []))
    letter = sqs.receive_message(QueueUrl=letters).get("Messages", [])
    return Found(received == 2 and len(letter) == 1, f"received {received} times of 2, {len(letter)} dead letters of 1")


def subscription_redrive(deployment: Deployment, _: pathlib.Path) -> Found:
    """What a topic cannot hand to a queue that is gone lies in the subscription's dead-letter queue."""
    sqs, sns = deployment.client("sqs"), deployment.client("sns")

    def queue(name):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    gone, gone_arn = queue("probe-gone")
    letters, letters_arn = queue("probe-undelivered")
    topic = sns.create_topic(Name="probe-topic")["TopicArn"]
    attributes = {"RawMessageDelivery": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": letters_arn})}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=gone_arn, Attributes=attributes)
    sqs.delete_queue(QueueUrl=gone)
    sns.publish(TopicArn=topic, Message="undelivered")
    found = _within(lambda: sqs.receive_message(QueueUrl=letters).get("Messages"))
    return Found(bool(found), "in the dead-letter queue" if found else "lost: in no queue")


STREAM_FUNCTION = """
import os
def handler(event, context):
    with open(os.environ["SEEN"], "a") as file:
        for record in event["Records"]:
            file.write(record["dynamodb"]["Keys"]["pk"]["S"] + "\\n")
    if os.environ["FAILS"] == "partly":
        failed = event["Records"][0]["dynamodb"]["SequenceNumber"]
        return {"batchItemFailures": [{"itemIdentifier": failed}]}
    raise RuntimeError("always")
"""


def _stream(deployment: Deployment, directory: pathlib.Path, name: str, fails: str, settings: dict) -> tuple:
    """A table of its own whose stream invokes a function that fails. Returns what writes and what tells the sightings."""
    tables, functions = deployment.client("dynamodb"), deployment.client("lambda")
    table = f"probe-{name}"
    stream = tables.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    code, seen = io.BytesIO(), directory / f"{table}.seen"
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("probe.py", STREAM_FUNCTION)
    functions.create_function(
        FunctionName=table,
        Runtime="python3.12",
        Role="arn:aws:iam::000000000000:role/probe",
        Handler="probe.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"SEEN": str(seen), "FAILS": fails}},
    )
    functions.create_event_source_mapping(
        EventSourceArn=stream, FunctionName=table, StartingPosition="TRIM_HORIZON", BatchSize=10, **settings
    )

    def write(key):
        tables.put_item(TableName=table, Item={"pk": {"S": key}})

    return write, lambda: seen.read_text().split() if seen.exists() else []


def partial_stream_failures(deployment: Deployment, directory: pathlib.Path) -> Found:
    """A stream record that a partial answer names comes again."""
    settings = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 5}
    write, seen = _stream(deployment, directory, "partly", "partly", settings)
    write("a")
    _within(lambda: seen().count("a") >= 2)
    times = seen().count("a")
    return Found(times >= 2, f"invoked {times} times for a record that was reported as failed")


def stream_retries_end(deployment: Deployment, directory: pathlib.Path) -> Found:
    """A batch that fails as often as the mapping allows is given up, and the shard moves on."""
    write, seen = _stream(deployment, directory, "wholly", "wholly", {"MaximumRetryAttempts": 1})
    write("a")
    _within(lambda: seen().count("a") >= 4)
    times = seen().count("a")
    return Found(times == 2, f"invoked {times} times of 2 (once, and one retry)" + (" and still counting" if times > 2 else ""))


def schedules_run(deployment: Deployment, _: pathlib.Path) -> Found:
    """A schedule of SAM's makes a schedule whose target is the function."""
    listed = deployment.client("scheduler").list_schedules(NamePrefix=STACK)["Schedules"]
    wanted = [one for one in deployment.template["Resources"].values() if one["Type"] == "AWS::Scheduler::Schedule"]
    return Found(len(listed) == len(wanted), f"{len(listed)} schedules of {len(wanted)}")


def _within(probe: Callable):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.2)
    return None


def tried(probe: Probe, deployment: Deployment, directory: pathlib.Path) -> Found:
    """What a probe found; an error of the emulator's API is a finding too."""
    try:
        return probe.run(deployment, directory)
    except NotSeen as error:
        return Found(False, str(error))
    except Exception as error:  # noqa: BLE001 (whatever the emulator answers, the other probes are still tried)
        return Found(False, f"{type(error).__name__}: {error}")


PROBES = (
    Probe("CloudFormation keeps a queue's redrive policy", f"{RESOURCES}aws-resource-sqs-queue.html", dropped("queue redrive")),
    Probe(
        "CloudFormation keeps a subscription's redrive policy",
        f"{RESOURCES}aws-resource-sns-subscription.html",
        dropped("subscription redrive"),
    ),
    Probe("CloudFormation keeps a table's time to live", f"{RESOURCES}aws-resource-dynamodb-table.html", dropped("time to live")),
    Probe("CloudFormation imports an HTTP API's definition", f"{RESOURCES}aws-resource-apigatewayv2-api.html", routes),
    Probe("CloudFormation makes the schedules", f"{RESOURCES}aws-resource-scheduler-schedule.html", schedules_run),
    Probe(
        "a message received too often is redriven",
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        queue_redrive,
    ),
    Probe(
        "a message that cannot be delivered is redriven",
        "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html",
        subscription_redrive,
    ),
    Probe("a stream record reported as failed comes again", f"{LAMBDA}services-ddb-batchfailurereporting.html", partial_stream_failures),
    Probe("a failing stream batch is given up in the end", f"{LAMBDA}services-ddb-params.html", stream_retries_end),
)
