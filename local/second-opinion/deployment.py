"""Puts template.yaml on MiniStack as a deployment would: expanded by SAM's translator, then sent to CloudFormation.

Owns the expansion, the functions' archives, the stack, and mending by API what MiniStack's CloudFormation drops; what
it found dropped it tells in `Deployment.dropped`. Knows nothing of what the functions do.
"""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import sys
import time
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from processes import KEY_ID, REGION, SECRET

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "local" / "template" / "checks"))
import expand  # noqa: E402 (it stands beside the template's other checks)

STACK = "noren"
BUCKET = "artifacts"
WEBHOOK_SECRET = "whsec_stand_in"
CREATED_WITHIN_SECONDS = 120


class NotDeployed(Exception):
    """The stack could not be made."""


@dataclasses.dataclass
class Deployment:
    """The stack: clients of every service that it uses, and the physical id of every resource by its logical id."""

    endpoint: str
    template: dict
    resources: dict
    dropped: dict

    def client(self, service: str):
        """A client of a service at MiniStack."""
        return client(self.endpoint, service)

    def contexts(self) -> list:
        """The bounded contexts whose functions are deployed, by the functions' names."""
        return sorted(name.removesuffix("Function").lower() for name in self._of_type("AWS::Lambda::Function"))

    def physical(self, context: str, part: str) -> str:
        """The id of a context's part: `physical("orders", "Queue")`."""
        return self.resources[context.capitalize() + part]

    def queues(self) -> dict:
        """The URL of every queue, by logical id."""
        return {name: self.resources[name] for name in self._of_type("AWS::SQS::Queue")}

    def _of_type(self, kind: str) -> list:
        return [name for name, resource in self.template["Resources"].items() if resource["Type"] == kind]


def client(endpoint: str, service: str):
    """A client that waits long and does not try again by itself, so that what is reported is what happened."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    return boto3.client(service, endpoint_url=endpoint, region_name=REGION, config=config, **keys)


def binaries(directory: pathlib.Path, left_out: set) -> dict:
    """Where the binary of each function is, by the function's logical id.

    Raises NotDeployed for those that are not built, with the command that builds them, and for names of no context.
    """
    source = expand.yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    found, missing, unknown = {}, [], set(left_out)
    for name, resource in source["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        binary = resource["Metadata"]["BuildProperties"]["Binary"]
        unknown.discard(binary)
        if binary in left_out:
            continue
        found[name] = directory / binary
        if not found[name].is_file():
            missing.append(binary)
    if unknown:
        raise NotDeployed(f"no such context: {', '.join(sorted(unknown))}")
    if missing:
        packages = " ".join(f"-p {name}" for name in sorted(missing))
        raise NotDeployed(f"not built in {directory}: {', '.join(sorted(missing))}\n  cargo build {packages}")
    return found


def archive(binary: pathlib.Path, into: pathlib.Path) -> bytes:
    """A function's zip: the binary, named `bootstrap`. Debug information is left out where `strip` is there."""
    bootstrap = into / f"{binary.name}.bootstrap"
    strip = shutil.which("strip")
    if strip:
        subprocess.run([strip, "--strip-debug", "-o", bootstrap, binary], check=True)
    else:
        shutil.copy(binary, bootstrap)
    path = into / f"{binary.name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.write(bootstrap, "bootstrap")
    read = path.read_bytes()
    bootstrap.unlink()
    path.unlink()
    return read


def expanded(functions: dict) -> dict:
    """The template as CloudFormation gets it, each function with its own archive; those left out are taken away."""
    template = expand.expanded(expand.yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8")))
    resources = template["Resources"]
    for name in [name for name, resource in resources.items() if resource["Type"] == "AWS::Lambda::Function"]:
        if name in functions:
            resources[name]["Properties"]["Code"] = {"S3Bucket": BUCKET, "S3Key": f"{name}.zip"}
            continue
        # What SAM made for the function, its mappings, permissions and schedules, is named after it.
        for made in [made for made in resources if made.startswith(name)]:
            del resources[made]
    # The API's definition names every function. Nothing here goes through the API: requests are invocations.
    resources["Api"]["Properties"].pop("Body")
    drop_releases(resources)
    template["Resources"] = with_texts_for_lists(resources, template["Parameters"])
    return template


def with_texts_for_lists(value, parameters: dict):
    """Parameters that are lists as the texts that they were given as: MiniStack joins such a text letter by letter."""
    if isinstance(value, list):
        return [with_texts_for_lists(one, parameters) for one in value]
    if not isinstance(value, dict):
        return value
    match value.get("Fn::Join"):
        case [",", {"Ref": name}] if parameters.get(name, {}).get("Type") == "CommaDelimitedList":
            return {"Ref": name}
    return {key: with_texts_for_lists(one, parameters) for key, one in value.items()}


def drop_releases(resources: dict) -> None:
    """Takes away how a new version takes over, which no emulator does: triggers invoke the function itself."""
    aliases = {}
    for name, resource in list(resources.items()):
        if resource["Type"] == "AWS::Lambda::Alias":
            aliases[name] = resource["Properties"]["FunctionName"]["Ref"]
        if resource["Type"] in ("AWS::Lambda::Alias", "AWS::Lambda::Version") or resource["Type"].startswith("AWS::CodeDeploy"):
            del resources[name]
    del resources["DeploymentRole"]
    for resource in resources.values():
        properties = resource.get("Properties", {})
        target = properties.get("Target", {}) if resource["Type"] == "AWS::Scheduler::Schedule" else properties
        for key in ("FunctionName", "Arn"):
            alias = aliases.get((target.get(key) or {}).get("Ref")) if isinstance(target.get(key), dict) else None
            if alias:
                target[key] = {"Ref": alias} if key == "FunctionName" else {"Fn::GetAtt": [alias, "Arn"]}


def deploy(endpoint: str, functions: dict, provider_url: str, directory: pathlib.Path) -> Deployment:
    """Makes the stack and mends it. Raises NotDeployed with the emulator's own reason."""
    try:
        return _deploy(endpoint, functions, provider_url, directory)
    except (BotoCoreError, ClientError) as error:
        raise NotDeployed(f"the stack could not be made: {error}") from error


def _deploy(endpoint: str, functions: dict, provider_url: str, directory: pathlib.Path) -> Deployment:
    template = expanded(functions)
    store = client(endpoint, "s3")
    store.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for name, binary in functions.items():
        store.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=archive(binary, directory))
    # Above 51,200 bytes CloudFormation takes a template from S3 only.
    store.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template).encode())
    parameters = {
        "Architecture": "x86_64",
        "TokenIssuer": "https://issuer.example.com",
        "Pages": "off",
        "TokenAudience": "second-opinion",
        "PaymentProviderUrl": provider_url,
        # What nothing of the emulator's is asked about.
        "Alarms": "off",
        "Dashboard": "off",
    }
    put_secrets(endpoint, template)
    formation = client(endpoint, "cloudformation")
    formation.create_stack(
        StackName=STACK,
        TemplateURL=f"{endpoint}/{BUCKET}/template.json",
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    _await_created(formation)
    listed = formation.describe_stack_resources(StackName=STACK)["StackResources"]
    resources = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}
    deployment = Deployment(endpoint, template, resources, {})
    deployment.dropped = mend(deployment)
    return deployment


def put_secrets(endpoint: str, template: dict) -> None:
    """Puts the payment provider's secrets under the names that the template gives them by default."""
    values = {
        "PaymentProviderSecretKeyName": "sk_test_second_opinion",
        "GuestTokenSecretName": "a guest secret of the second opinion",
        "PaymentWebhookSecretsName": WEBHOOK_SECRET,
    }
    parameters = client(endpoint, "ssm")
    for parameter, value in values.items():
        name = template["Parameters"][parameter]["Default"]
        parameters.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)


def _await_created(formation) -> None:
    until = time.monotonic() + CREATED_WITHIN_SECONDS
    while time.monotonic() < until:
        stack = formation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            events = formation.describe_stack_events(StackName=STACK)["StackEvents"]
            reasons = [
                f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
                for event in events
                if event["ResourceStatus"].endswith("FAILED")
            ]
            raise NotDeployed(f"the stack is {stack['StackStatus']}: {'; '.join(reasons)}")
        time.sleep(0.2)
    raise NotDeployed(f"the stack was not made in {CREATED_WITHIN_SECONDS} s")


def mend(deployment: Deployment) -> dict:
    """Sets by API what the template says and the stack lacks. Returns the logical ids of what lacked it, by property."""
    dropped = {"queue redrive": [], "subscription redrive": [], "time to live": []}
    queues, topics = deployment.client("sqs"), deployment.client("sns")
    tables = deployment.client("dynamodb")
    arns = {}
    for name, url in deployment.queues().items():
        arns[name] = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for name, resource in deployment.template["Resources"].items():
        wanted, physical = resource.get("Properties", {}), deployment.resources.get(name)
        if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in wanted:
            has = queues.get_queue_attributes(QueueUrl=physical, AttributeNames=["All"])["Attributes"]
            if "RedrivePolicy" not in has:
                dropped["queue redrive"].append(name)
                policy = json.dumps(_redrive(wanted["RedrivePolicy"], arns))
                queues.set_queue_attributes(QueueUrl=physical, Attributes={"RedrivePolicy": policy})
        if resource["Type"] == "AWS::SNS::Subscription" and "RedrivePolicy" in wanted:
            has = topics.get_subscription_attributes(SubscriptionArn=physical)["Attributes"]
            if "RedrivePolicy" not in has:
                dropped["subscription redrive"].append(name)
                policy = json.dumps(_redrive(wanted["RedrivePolicy"], arns))
                topics.set_subscription_attributes(
                    SubscriptionArn=physical, AttributeName="RedrivePolicy", AttributeValue=policy
                )
        if resource["Type"] == "AWS::DynamoDB::Table" and "TimeToLiveSpecification" in wanted:
            has = tables.describe_time_to_live(TableName=physical)["TimeToLiveDescription"]
            if has["TimeToLiveStatus"] not in ("ENABLED", "ENABLING"):
                dropped["time to live"].append(name)
                tables.update_time_to_live(
                    TableName=physical, TimeToLiveSpecification=wanted["TimeToLiveSpecification"]
                )
    return dropped


def _redrive(policy: dict, arns: dict) -> dict:
    """The policy with the reference to the dead-letter queue resolved."""
    target, _ = policy["deadLetterTargetArn"]["Fn::GetAtt"]
    return {**policy, "deadLetterTargetArn": arns[target]}
