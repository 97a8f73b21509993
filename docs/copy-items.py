#!/usr/bin/env python3
"""Copies the items of one table into another of the same keys.

    python3 docs/copy-items.py FROM TO [--older] [--endpoint-url URL]

Puts items that the second table lacks. With --older it also puts those that it has, as they are in the first. Stop the
context that owns the tables first: nothing here waits for anybody.
"""

import argparse

import boto3
from botocore.exceptions import ClientError


def copy(tables, source: str, target: str, older: bool) -> dict:
    """How many items were put, and how many were left as they are."""
    done = {"put": 0, "left": 0}
    keys = [key["AttributeName"] for key in tables.describe_table(TableName=target)["Table"]["KeySchema"]]
    condition = {} if older else {"ConditionExpression": f"attribute_not_exists({keys[0]})"}
    for page in tables.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
        for item in page["Items"]:
            try:
                tables.put_item(TableName=target, Item=item, **condition)
                done["put"] += 1
            except ClientError as error:
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise
                done["left"] += 1
    return done


def main() -> None:
    options = argparse.ArgumentParser(description="Copy the items of one table into another.")
    options.add_argument("source", metavar="FROM")
    options.add_argument("target", metavar="TO")
    options.add_argument("--older", action="store_true", help="also put back items that the second table has")
    options.add_argument("--endpoint-url", help="another endpoint than AWS's own")
    chosen = options.parse_args()
    done = copy(boto3.client("dynamodb", endpoint_url=chosen.endpoint_url), chosen.source, chosen.target, chosen.older)
    print(f"{done['put']} items put, {done['left']} left as they are")


if __name__ == "__main__":
    main()
