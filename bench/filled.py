#!/usr/bin/env python3
"""Orders per second and confirm latency with 10^2, 10^4 and 10^6 orders in the tables before: JSON on standard output.

    cargo build --release && bench/filled.py [--before 100 10000 1000000] [--customers 1 10 100]

The first hundred orders are placed and delivered through the shop. The others are copies of them, written straight into
the tables' file while the stack stands still: each item of an order (the order with its index entry, its reservation,
payment, shipment and notices) under an order id and a customer of its own, as many bytes as its original. Then new orders
are placed on top, and measured. A million orders take about nine gigabytes in --directory.

The audit is left out of the measured replays: it would read every copy, and nothing was ever received or paid for those.
"""

import argparse
import contextlib
import hashlib
import json
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import time

import replays

SEED_ORDERS = 100
# What an order takes in the tables' file, as measured, and what else there has to be.
BYTES_OF_AN_ORDER = 9_200
SPARE_BYTES = 4 << 30
ID_LETTERS = 32


def tables(connection):
    """The tables with items of orders, and their indexes."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return [name for (name,) in names if name.startswith("noren-")]


def columns(connection, table):
    return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def order_ids(connection):
    keys = connection.execute("SELECT pk FROM \"noren-OrdersTable\" WHERE pk LIKE 'S:order#%' ORDER BY pk LIMIT ?", (SEED_ORDERS,))
    found = [key.split("#", 1)[1] for (key,) in keys]
    if len(found) != SEED_ORDERS or any(len(order_id) != ID_LETTERS for order_id in found):
        sys.exit(f"{len(found)} orders of the first replay were found in the tables' file")
    return found


def copies(originals, first, count):
    """(new id, original, number) of each copy, by new id: in the order of keys the file grows without being rearranged."""
    made = []
    for number in range(first, first + count):
        new = hashlib.md5(f"copy {number}".encode()).hexdigest()
        made.append((new, originals[number % len(originals)], number))
    made.sort()
    return made


def fill(file, originals, first, count):
    """Writes the copies; returns how many rows."""
    rows_written = 0
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        wanted, known = copies(originals, first, count), set(originals)
        for table in tables(connection):
            names = columns(connection, table)
            key = "pk" if "pk" in names else "table_pk"
            items = {}
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                order_id = row[names.index(key)].rsplit("#", 1)[-1]
                if order_id in known:
                    items.setdefault(order_id, []).append(row)
            if not items:
                continue
            customer = names.index("gsi_pk") if table.endswith("by_customer") else None
            places = ", ".join("?" * len(names))

            def rows():
                for new, original, number in wanted:
                    for row in items.get(original, []):
                        copy = [text.replace(original, new) if isinstance(text, str) else text for text in row]
                        if customer is not None:
                            copy[customer] = f"{copy[customer]}-{number // len(originals)}"
                        yield copy

            before = connection.total_changes
            connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows())
            connection.commit()
            rows_written += connection.total_changes - before
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return rows_written


def demand(folder, needed):
    """Ends where so many bytes are not free."""
    if shutil.disk_usage(folder).free < needed:
        sys.exit(f"{needed / 2**30:.0f} GB must be free in --directory, and are not")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    replays.add_arguments(parser)
    parser.add_argument("--before", type=int, nargs="+", default=[100, 10_000, 1_000_000], help="orders in the tables, rising")
    parser.add_argument("--orders", type=int, default=1000, help="of a level at most; 100 for each customer at a time")
    parser.add_argument("--customers", type=int, nargs="+", default=[1, 10, 100], help="at a time")
    parser.add_argument("--directory", help="where the stack's state is kept [default: a temporary directory]")
    arguments = parser.parse_args()
    if sorted(arguments.before) != arguments.before or arguments.before[0] < SEED_ORDERS:
        parser.error(f"--before takes rising numbers from {SEED_ORDERS} on")
    levels = [(customers, min(arguments.orders, 100 * customers)) for customers in arguments.customers]
    placed_of_a_step = sum(orders for _, orders in levels)
    result = {"machine": replays.machine(), "lines": arguments.lines, "steps": []}
    with tempfile.TemporaryDirectory(dir=arguments.directory) as folder:
        demand(folder, arguments.before[-1] * BYTES_OF_AN_ORDER + SPARE_BYTES)
        data = pathlib.Path(folder) / "data"
        count = SEED_ORDERS + placed_of_a_step * len(arguments.before)
        options = [*replays.inputs(arguments, folder, count), "--data-dir", data]
        replays.replay(arguments.noren, *options, "--concurrency", 10, "--limit", SEED_ORDERS)
        file = data / "dynamodb.sqlite"
        with contextlib.closing(sqlite3.connect(file)) as connection:
            originals = order_ids(connection)
        there = placed = SEED_ORDERS
        for before in arguments.before:
            begun = time.monotonic()
            rows = fill(file, originals, there, before - there) if before > there else 0
            there = max(there, before)
            filled = {"rows_copied": rows, "seconds_of_copying": round(time.monotonic() - begun, 1), "levels": []}
            result["steps"].append(filled)
            for customers, orders in levels:
                demand(folder, SPARE_BYTES)
                measured = ["--concurrency", customers, "--unaudited", "--skip", placed, "--limit", orders]
                report = replays.replay(arguments.noren, *options, *measured)
                size = file.stat().st_size
                filled["levels"].append({"customers": customers, "orders_before": there, "table_file_bytes": size, **report})
                there += orders
                placed += orders
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
