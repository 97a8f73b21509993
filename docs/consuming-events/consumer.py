#!/usr/bin/env python3
"""Keeps a day-book of confirmed orders and dispatched parcels: a consumer of Noren's events in another language.

    pip install -r requirements.txt
    python3 consumer.py --endpoint http://127.0.0.1:4566 --region ap-northeast-1

Says what becomes of each message as one JSON object a line; ends with the book's totals on Ctrl-C or SIGTERM.
"""

import argparse
import json
import queue
import signal
import sys
import threading

import boto3

from contract import DOCUMENT, DOCUMENTED_STACK, Contract, Refused
from daybook import Daybook
from subscription import Queue


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


class Inbox:
    """Batches of messages, received on a thread of their own so that a signal need not wait for the end of a long poll.

    The next batch is asked for when the one before has been dealt with.
    """

    def __init__(self, source):
        self._source = source
        # Its `put` may be called by a signal handler while the same thread waits in `get`.
        self._batches = queue.SimpleQueue()
        self._wanted = threading.Semaphore(0)
        threading.Thread(target=self._receive, daemon=True).start()

    def _receive(self):
        try:
            while True:
                self._wanted.acquire()
                self._batches.put(self._source.receive())
        except Exception as error:  # Whatever it is, it ends the program where the batches are waited for.
            self._batches.put(error)

    def stop(self, *_signal_and_frame):
        """Ends the batches after the one that is being dealt with. What is received meanwhile comes again."""
        self._batches.put(None)

    def _next(self):
        # Python runs signal handlers on this thread alone, and only once it wakes: the system may hand a signal to another.
        while True:
            try:
                return self._batches.get(timeout=0.5)
            except queue.Empty:
                pass

    def __iter__(self):
        while True:
            self._wanted.release()
            batch = self._next()
            if isinstance(batch, Exception):
                raise batch
            if batch is None:
                return
            yield batch


def handle(message, contract, book, source):
    """Deals with one message. Whatever else goes wrong, it is not acknowledged, and comes again."""
    try:
        event = contract.read(message["Body"])
    except Refused as refused:
        source.bury(message, str(refused))
        say("refused", reason=str(refused))
        return
    is_new = book.enter(event)
    source.acknowledge(message)
    say("entered" if is_new else "known", type=event["type"], id=event["id"])


def main():
    options = chosen()
    book = Daybook(options.book)
    contract = Contract(book.event_types(), options.document)
    session = boto3.Session(region_name=options.region)
    source = Queue(session, options.endpoint, options.queue, contract.topics(options.stack))
    inbox = Inbox(source)
    signal.signal(signal.SIGTERM, inbox.stop)
    signal.signal(signal.SIGINT, inbox.stop)
    say("listening", queue=options.queue, types=book.event_types())
    for batch in inbox:
        for message in batch:
            handle(message, contract, book, source)
    say("ended", **book.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
