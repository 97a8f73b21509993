"""What the benches of orders share: made-up shops and baskets, and replays of them. Standard library only.

Baskets are made by a fixed rule, so that two runs ask for the same: so many lines each, of a shop with so many products,
customers in turn. Nothing is declined, asked about, cancelled or scarce: what is measured is the way of an order that goes
well.
"""

import csv
import json
import os
import pathlib
import platform
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SMOOTH = ["--decline", "0", "--action", "0", "--cancel", "0", "--scarce", "0"]
# Of a replay's report.
KEPT = [
    "orders_placed",
    "orders_confirmed",
    "orders_per_second",
    "confirm_ms_p50",
    "confirm_ms_p99",
    "write_units_per_order",
    "invocations_per_order",
    "orders_unfinished",
    "messages_in_dead_letter_queues",
    "invariants_checked",
    "invariants_broken",
]


def add_arguments(parser, lines=10):
    """What every bench of orders takes."""
    parser.add_argument("--noren", default=str(ROOT / "target/release/noren"), help="the program, optimised")
    parser.add_argument("--lines", type=int, default=lines, help="lines of an order")
    parser.add_argument("--products", help="a shop of your own, as `noren replay` reads it")
    parser.add_argument("--baskets", help="its baskets; --lines then says nothing")


def inputs(arguments, folder, orders):
    """The options with which a replay reads its shop; makes one in the folder unless one is given."""
    if arguments.products:
        return ["--products", arguments.products, "--baskets", arguments.baskets]
    products, baskets = pathlib.Path(folder) / "products.csv", pathlib.Path(folder) / "baskets.jsonl"
    write_products(products, 2000)
    write_baskets(baskets, orders, arguments.lines, 2000)
    return ["--products", str(products), "--baskets", str(baskets)]


def write_products(path, count):
    columns = ["product_id", "department", "category", "type", "brand", "manufacturer_id", "package_size", "price_cents"]
    with open(path, "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(columns)
        for number in range(count):
            category = f"CATEGORY {number % 40}"
            rows.writerow([number + 1, "GROCERY", category, f"THING {number}", "National", number % 97, "12 OZ", 99 + number % 900])


def write_baskets(path, orders, lines, products):
    dice = random.Random(1)
    with open(path, "w") as file:
        for number in range(orders):
            chosen = dice.sample(range(1, products + 1), lines)
            basket = {
                "basket_id": f"bench-{number:07}",
                "household_id": str(number % 1000 + 1),
                "store_id": "1",
                "placed_at": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}",
                "lines": [{"product_id": str(product), "quantity": 1, "paid_cents": 0} for product in chosen],
            }
            file.write(json.dumps(basket) + "\n")


def replay(noren, *options):
    """The report of a replay. One that did not end as it must ends the bench."""
    command = [noren, "replay", "--json", "--template", str(ROOT / "template.yaml"), *SMOOTH, *map(str, options)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[:2000]}")
    report = json.loads(done.stdout)
    return {name: report[name] for name in KEPT}


def machine():
    """On what it was measured. The load is what else ran when the bench began."""
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {
        "processors": len(os.sched_getaffinity(0)),
        "model": model,
        "system": platform.system(),
        "load_before": round(os.getloadavg()[0], 2),
    }
