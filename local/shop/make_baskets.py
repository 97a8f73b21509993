#!/usr/bin/env python3
"""Writes baskets.jsonl: sample baskets of the sample shop, always the same ones.

Run it here after products.jsonl has changed. A basket's `product_id` is a SKU; `paid_cents` is what its lines cost, in
minor units, shipping left out.
"""

import json
import pathlib
import random

HERE = pathlib.Path(__file__).parent
BASKETS = 200
HOUSEHOLDS = 40
LARGEST = 24

# Some things are in many baskets, some in few.
OFTEN = {
    "ONIGIRI-SALMON": 8, "ONIGIRI-UME": 6, "EGGS-10": 8, "TOFU-MOMEN": 6, "TOFU-KINU": 6, "NATTO-3": 6,
    "WATER-2L": 5, "NEGI-3": 4, "MIKAN-1K": 4, "MISO-SHIN-750": 3, "SENCHA-100": 3, "RICE-KOSHI-5": 3,
}
SELDOM = {"DONABE-24": 0.1, "YOKAN-GIFT": 0.2, "BEER-LAGER-24": 0.3, "FUROSHIKI-100-AI": 0.2}


def main():
    dice = random.Random(20170102)
    prices = {}
    for line in (HERE / "products.jsonl").read_text(encoding="utf-8").splitlines():
        for variant in json.loads(line)["variants"]:
            prices[variant["sku"]] = variant["price"]["amount_minor"]
    skus = sorted(prices)
    weights = [OFTEN.get(sku, SELDOM.get(sku, 1)) for sku in skus]
    minute = 0
    with open(HERE / "baskets.jsonl", "w", encoding="utf-8") as out:
        for number in range(1, BASKETS + 1):
            minute += dice.randint(3, 90)
            lines = {}
            for _ in range(min(LARGEST, 1 + int(dice.expovariate(1 / 6)))):
                sku = dice.choices(skus, weights)[0]
                lines[sku] = lines.get(sku, 0) + (1 if dice.random() < 0.8 else 2)
            day, rest = divmod(minute, 14 * 60)
            hour, minutes = divmod(rest, 60)
            basket = {
                "basket_id": f"sample-{number:03}",
                "household_id": dice.randint(1, HOUSEHOLDS),
                "store_id": 1,
                "placed_at": f"2026-04-{1 + day:02}T{8 + hour:02}:{minutes:02}:00",
                "lines": [
                    {"product_id": sku, "quantity": quantity, "paid_cents": quantity * prices[sku]}
                    for sku, quantity in lines.items()
                ],
            }
            out.write(json.dumps(basket, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
