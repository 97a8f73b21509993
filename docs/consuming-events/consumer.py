#!/usr/bin/env python3
"""Keeps a day-book of confirmed orders and dispatched parcels: a consumer of Noren's events in another language.

    pip install -r requirements.txt
    python3 consumer.py --endpoint http://127.0.0.1:4566 --region ap-northeast-1

Says what becomes of each message as one JSON object a line; ends with the book's totals on Ctrl-C or SIGTERM.
"""

import argparse
import json
import signal
import sys

import boto3

from contract import DOCUMENT, DOCUMENTED_STACK, Contract, Refused
from daybook import Daybook
from subscription import Queue


class Stop(BaseException):
    """Somebody wants this to end. No `except Exception` on the way, as boto3 has them, shall take it for a fault."""


def chosen():
    options = argparse.ArgumentParser(description="Keep a day-book of confirmed orders and dispatched parcels.")
    options.add_argument("--document", default=DOCUMENT, help="the AsyncAPI document")
    options.add_argument("--endpoint", help="the AWS endpoint of a local stack; AWS itself without")
    options.add_argument("--region", help="the stack's region; the AWS CLI's without")
    options.add_argument("--stack", default=DOCUMENTED_STACK, help="the stack's name")
    options.add_argument("--queue", default="daybook", help="the name of the queue to make or go on with")
    options.add_argument("--book", default="daybook.sqlite", help="the file of the book")
    return options.parse_args()


def say(what, **more):
    print(json.dumps({"what": what, **more}), flush=True)


def handle(message, contract, book, queue):
    """Deals with one message. Whatever else goes wrong, it is not acknowledged, and comes again."""
    try:
        event = contract.read(message["Body"])
    except Refused as refused:
        queue.bury(message, str(refused))
        say("refused", reason=str(refused))
        return
    is_new = book.enter(event)
    queue.acknowledge(message)
    say("entered" if is_new else "known", type=event["type"], id=event["id"])


def main():
    options = chosen()
    book = Daybook(options.book)
    contract = Contract(book.event_types(), options.document)
    session = boto3.Session(region_name=options.region)
    queue = Queue(session, options.endpoint, options.queue, contract.topics(options.stack))

    def stop(_signal, _frame):
        raise Stop

    try:
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        say("listening", queue=options.queue, types=book.event_types())
        while True:
            for message in queue.receive():
                handle(message, contract, book, queue)
    except Stop:
        say("ended", **book.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
