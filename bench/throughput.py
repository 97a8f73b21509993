#!/usr/bin/env python3
"""Orders per second, and how long an order waits for its confirmation, at 1, 10 and 100 customers at a time: JSON on
standard output.

    cargo build --release && bench/throughput.py [--customers 1 10 100] [--orders 2000] [--lines 10] [--hops]

Each level is a whole stack of its own, state on disk, clients and operators on the same machine, packing, shipping,
delivery and mails going on meanwhile (`noren replay --help` defines the figures), audited at the end. A figure of time is
worth what the machine is: run it on a quiet one.

--hops lets messages and records be on their way as long as has been published of SNS, SQS, DynamoDB Streams and Lambda
(local/src/hops.rs says where and when): what a customer would wait for on AWS, as far as those hops are concerned.
"""

import argparse
import json
import tempfile

import replays


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    replays.add_arguments(parser)
    parser.add_argument("--customers", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--orders", type=int, default=2000, help="of a level at most; 100 for each customer at a time")
    parser.add_argument("--hops", action="store_true", help="with published delays between the services")
    arguments = parser.parse_args()
    result = {"machine": replays.machine(), "lines": arguments.lines, "published_hops": arguments.hops, "levels": []}
    if arguments.baskets:
        result["lines"] = arguments.baskets
    with tempfile.TemporaryDirectory() as folder:
        options = replays.inputs(arguments, folder, arguments.orders)
        if arguments.hops:
            options.append("--published-hops")
        for customers in arguments.customers:
            orders = min(arguments.orders, 100 * customers)
            report = replays.replay(arguments.noren, *options, "--concurrency", customers, "--limit", orders)
            result["levels"].append({"customers": customers, **report})
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
