"""The order's flow, step by step, each step a check by name.

A check raises NotSeen where the shop does something else than it should. Checks run in this order in one shop, and each
names the contexts that it needs.
"""

import dataclasses
import json
import urllib.request
import uuid
from collections.abc import Callable

from shop import CUSTOMER, NotSeen, Shop, claims, expect, until

ORDERING = ("catalog", "inventory", "orders", "payments", "shipping")
PRICE, FEE = 1080, 500
REGION = "JP-13"


@dataclasses.dataclass(frozen=True)
class Check:
    """One step: what it is called, what it needs, and how it is done."""

    name: str
    needs: tuple
    run: Callable


@dataclasses.dataclass
class Scene:
    """What the steps share."""

    shop: Shop
    provider_url: str
    endpoint: str
    orders: dict = dataclasses.field(default_factory=dict)

    def sell(self, sku: str, quantity: int) -> None:
        """Puts a product up for sale and waits until it can be ordered."""
        product = {
            "product_id": f"product-{sku.lower()}",
            "category": "Tea",
            "title": {"en": f"Tea {sku}", "ja": "お茶"},
            "variants": [
                {
                    "sku": sku,
                    "price": {"amount_minor": PRICE, "currency": "JPY"},
                    "tax_class": "reduced",
                    "weight_grams": 120,
                }
            ],
        }
        path = "/api/operator/products/import"
        imported = self.shop.operator("POST", path, text=json.dumps(product) + "\n", kind="application/x-ndjson")
        expect("the import", imported, {"created": 1, "updated": 0, "unchanged": 0, "rejected": 0, "errors": []})
        if quantity:
            lines = [{"sku": sku, "quantity": quantity}]
            receipt = {"receipt_id": f"receipt-{sku}", "lines": lines}
            received = self.shop.operator("POST", "/api/operator/stock/receive", receipt)
            expect("what was received", received, {"received": 1, "repeated": 0})
        until(f"orders to know the price of {sku}", lambda: self._is_priced(sku))

    def _is_priced(self, sku: str) -> bool:
        """Whether orders quotes a total. A wish with another total is refused with the right one, and orders nothing."""
        wish = {**wished(sku, 1, "pm_card_visa"), "expected_total": {"amount_minor": 1, "currency": "JPY"}}
        wisher = claims(CUSTOMER, "noren/shop")
        status, answer = self.shop.ask("POST", "/api/orders", wisher, wish, key=f"quote-{sku}")
        if status != 422 or not answer.get("type", "").endswith("total-differs"):
            raise NotSeen(f"{status}: {answer.get('detail', answer)}")
        if str(PRICE + FEE) not in answer["detail"].replace(",", ""):
            raise NotSeen(f"the total quoted is another: {answer['detail']}")
        return True

    def place(self, sku: str, quantity: int, card: str = "pm_card_visa") -> str:
        """Places an order: its id."""
        order = self.shop.customer("POST", "/api/orders", wished(sku, quantity, card), key=str(uuid.uuid4()))
        expect("the total", order["total"]["amount_minor"], PRICE * quantity + FEE)
        expect("the status of an order just placed", order["status"], "placed")
        return order["order_id"]

    def order(self, order_id: str) -> dict:
        """An order as its customer sees it."""
        return self.shop.customer("GET", f"/api/orders/{order_id}")

    def until_order(self, order_id: str, **wanted) -> dict:
        """Waits until these fields of an order are so."""

        def look():
            order = self.order(order_id)
            found = {key: order.get(key) for key in wanted}
            if found != wanted:
                raise NotSeen(f"it is {found}")
            return order

        return until(f"the order to be {wanted}", look)

    def available(self, sku: str) -> int:
        """What can be bought of a SKU."""
        return self.shop.customer("GET", f"/api/stock/{sku}")["available"]

    def provider_ledger(self, order_id: str) -> list:
        """What the payment provider itself has on an order."""
        with urllib.request.urlopen(f"{self.provider_url}/stand-in/ledger?order_id={order_id}", timeout=10) as answer:
            read = json.load(answer)
        return read if isinstance(read, list) else next(value for value in read.values() if isinstance(value, list))

    def mails(self) -> list:
        """What MiniStack's SES was asked to send."""
        with urllib.request.urlopen(f"{self.endpoint}/_ministack/ses/messages", timeout=10) as answer:
            accounts = json.load(answer)["messages"]
        return [mail for mails in accounts.values() for mail in mails]


def wished(sku: str, quantity: int, card: str) -> dict:
    """The body of an order."""
    return {"lines": [{"sku": sku, "quantity": quantity}], "region": REGION, "payment_method": card}


def price_reaches_orders(scene: Scene) -> None:
    bracket = {"up_to_grams": 20_000, "fee": {"amount_minor": FEE, "currency": "JPY"}}
    scene.shop.operator("PUT", f"/api/operator/shipping/rates/{REGION}", {"brackets": [bracket]})
    scene.sell("FLOW", 0)
    shown = scene.shop.customer("GET", "/api/products/product-flow")
    expect("the price in the catalog", shown["variants"][0]["price"]["amount_minor"], PRICE)


def stock_is_received(scene: Scene) -> None:
    receipt = {"receipt_id": "receipt-flow", "lines": [{"sku": "FLOW", "quantity": 10}]}
    for wanted in ({"received": 1, "repeated": 0}, {"received": 0, "repeated": 1}):
        expect("the receipt", scene.shop.operator("POST", "/api/operator/stock/receive", receipt), wanted)
    expect("what is for sale", scene.available("FLOW"), 10)


def order_is_confirmed(scene: Scene) -> None:
    if "notifications" in scene.shop.deployment.contexts():
        contact = {"email": "customer@example.com", "language": "en"}
        scene.shop.customer("PUT", "/api/notifications/contact", contact)
    order_id = scene.orders["flow"] = scene.place("FLOW", 2)
    scene.until_order(order_id, status="confirmed", payment_status="authorized")
    expect("what is for sale", scene.available("FLOW"), 8)


def dispatch_captures(scene: Scene) -> None:
    order_id = scene.orders["flow"]
    path = f"/api/operator/shipments/{order_id}"
    until("the shipment", lambda: scene.shop.operator("GET", path))
    scene.shop.operator("POST", f"{path}/pack", {})
    scene.shop.operator("POST", f"{path}/dispatch", {"carrier": "Hikyaku", "tracking_number": "HK-1"})
    scene.until_order(order_id, payment_status="captured", fulfilment_status="dispatched")
    payment = scene.shop.operator("GET", f"/api/operator/payments/{order_id}")
    expect("what was captured", payment["captured"]["amount_minor"], 2 * PRICE + FEE)

    def has_left():
        reservation = scene.shop.operator("GET", f"/api/operator/reservations/{order_id}")
        expect("the reservation", reservation["status"], "consumed")
        return True

    until("the stock to have left", has_left)
    expect("what is for sale", scene.available("FLOW"), 8)


def delivery_completes(scene: Scene) -> None:
    order_id = scene.orders["flow"]
    scene.shop.operator("POST", f"/api/operator/shipments/{order_id}/deliver", {})
    scene.until_order(order_id, status="completed", fulfilment_status="delivered")


def decline_cancels(scene: Scene) -> None:
    scene.sell("DECLINED", 3)
    order_id = scene.place("DECLINED", 3, "pm_card_chargeDeclined")
    scene.until_order(order_id, status="cancelled", cancellation_reason="payment_declined")

    def released():
        return scene.available("DECLINED") == 3

    until("the stock to be released", released)


def shortage_cancels(scene: Scene) -> None:
    scene.sell("SCARCE", 1)
    order_id = scene.place("SCARCE", 2)
    scene.until_order(order_id, status="cancelled", cancellation_reason="out_of_stock")
    expect("what is for sale", scene.available("SCARCE"), 1)
    expect("what the provider was asked for", scene.provider_ledger(order_id), [])


def customer_is_told_once(scene: Scene) -> None:
    def told():
        subjects = [mail["Subject"] for mail in scene.mails() if "customer@example.com" in mail["To"]]
        return subjects if len(subjects) >= 4 else None

    # Confirmed and dispatched of the order delivered; cancelled of the declined and of the short one.
    subjects = until("four mails to the customer", told)
    expect("mails to the customer", len(subjects), 4)


def duplicates_have_one_effect(scene: Scene) -> None:
    shop, order_id = scene.shop, scene.orders["flow"]

    def state():
        return {
            "order": scene.order(order_id),
            "payment": shop.operator("GET", f"/api/operator/payments/{order_id}"),
            "shipment": shop.operator("GET", f"/api/operator/shipments/{order_id}"),
            "stock": shop.operator("GET", "/api/operator/stock/FLOW"),
            "provider": scene.provider_ledger(order_id),
            "mails": len(scene.mails()),
        }

    shop.quiet()
    events = shop.events(order_id)
    kinds = {event["type"] for event in events}
    for wanted in ("orders.OrderPlaced.v1", "payments.PaymentAuthorized.v1", "shipping.ShipmentDispatched.v1"):
        if wanted not in kinds:
            raise NotSeen(f"{wanted} was never said on its topic; heard: {sorted(kinds)}")
    dead, before = shop.dead_letters(), state()
    # The newest first, so that each comes late and out of order, too.
    for event in [*reversed(events), *events]:
        shop.say_again(event)
    shop.quiet()
    for part, now in state().items():
        expect(f"{part} after every event came twice more", now, before[part])
    expect("dead letters", shop.dead_letters(), dead)


def poison_is_put_aside(scene: Scene) -> None:
    shop = scene.shop
    scene.sell("POISON", 1)
    letters = shop.deployment.physical("inventory", "DeadLetters")
    before = shop.lying_in(letters)
    shop.mapping("inventory", enabled=False)
    try:
        order_id = scene.place("POISON", 1)
        until("the order to wait for inventory", lambda: shop.lying_in(shop.deployment.physical("inventory", "Queue")))
        queue = shop.deployment.physical("inventory", "Queue")
        shop.sqs.send_message(QueueUrl=queue, MessageBody='{"specversion":"1.0","not":"an event"')
    finally:
        shop.mapping("inventory", enabled=True)
    scene.until_order(order_id, status="confirmed")
    until("the dead letter", lambda: shop.lying_in(letters) == before + 1)
    letter = shop.sqs.receive_message(QueueUrl=letters, MessageAttributeNames=["All"])["Messages"][0]
    expect("the body of the dead letter", letter["Body"], '{"specversion":"1.0","not":"an event"')
    if "reason" not in letter.get("MessageAttributes", {}):
        raise NotSeen(f"the dead letter has no reason: {letter}")
    shop.sqs.delete_message(QueueUrl=letters, ReceiptHandle=letter["ReceiptHandle"])


def sweep_asks_again(scene: Scene) -> None:
    shop = scene.shop
    scene.sell("LATE", 1)
    name = shop.deployment.physical("orders", "Function")
    variables = shop.functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def reply_within(seconds):
        changed = {**variables, **({"REPLY_WITHIN_SECONDS": str(seconds)} if seconds else {})}
        shop.functions.update_function_configuration(FunctionName=name, Environment={"Variables": changed})

    shop.mapping("inventory", enabled=False)
    reply_within(1)
    try:
        order_id = scene.place("LATE", 1)
        until("the order to be said", lambda: shop.events(order_id, "orders.OrderPlaced"))
        reply_within(None)

        # The deadline is a second away; until then a sweep finds nothing due.
        def asked_again():
            shop.invoke("orders", {"schedule": "deadlines"})
            return len({event["id"] for event in shop.events(order_id, "orders.OrderPlaced")}) >= 2

        until("the sweep to ask inventory again, with a new id", asked_again)
    finally:
        reply_within(None)
        shop.mapping("inventory", enabled=True)
    scene.until_order(order_id, status="confirmed")
    shop.quiet()
    expect("what is for sale after two requests", scene.available("LATE"), 0)


def nothing_is_lost(scene: Scene) -> None:
    scene.shop.quiet()
    expect("dead letters", scene.shop.dead_letters(), {})


CHECKS = (
    Check("a product imported is published, and its price reaches orders", ("catalog", "orders", "shipping"), price_reaches_orders),
    Check("stock is received once", ("inventory",), stock_is_received),
    Check("an order placed is confirmed", ORDERING, order_is_confirmed),
    Check("dispatch captures the payment, and the stock leaves", ORDERING, dispatch_captures),
    Check("delivery completes the order", ORDERING, delivery_completes),
    Check("a declined card cancels, and the stock is released", ORDERING, decline_cancels),
    Check("a shortage cancels, and nothing is charged", ORDERING, shortage_cancels),
    Check("the customer is told once of each", (*ORDERING, "notifications"), customer_is_told_once),
    Check("messages that come again have one effect", ORDERING, duplicates_have_one_effect),
    Check("a poison message goes to the dead letters, the rest is unharmed", ORDERING, poison_is_put_aside),
    Check("the sweep asks again when no reply came", ORDERING, sweep_asks_again),
    Check("nothing is left in a queue or a dead-letter queue", (), nothing_is_lost),
)
