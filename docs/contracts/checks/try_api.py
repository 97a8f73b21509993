"""Has schemathesis try every operation of the running local stack.

Starts `noren up` on free ports with a data directory of its own, places and moves orders of the sample shop so that
there is something of each kind to ask for, runs schemathesis as `schemathesis.toml` says, and ends the stack.

Exit status: schemathesis' own; 2 where the stack did not come up.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
START_SECONDS = 120
HOME = {
    "recipient": "山田 花子", "postal_code": "150-0001", "region": "JP-13", "city": "渋谷区", "street": "神宮前1-2-3",
    "country": "JP", "phone": "03-1234-5678",
}


def start(noren: pathlib.Path, data: pathlib.Path) -> tuple[subprocess.Popen, str]:
    ports = [f"--{name}=0" for name in ("port", "aws-port", "payments-port", "mail-port", "identity-port")]
    log = (data / "noren.log").open("w")
    stack = subprocess.Popen(
        [noren, "up", f"--data-dir={data / 'state'}", *ports],
        cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, text=True,
    )
    for _ in range(START_SECONDS * 10):
        said = (data / "noren.log").read_text()
        if found := re.search(r"HTTP API\s+(http://\S+)", said):
            return stack, found.group(1)
        if stack.poll() is not None:
            break
        time.sleep(0.1)
    stop(stack)
    sys.stderr.write((data / "noren.log").read_text())
    sys.stderr.write("the stack did not come up\n")
    sys.exit(2)


def stop(stack: subprocess.Popen) -> None:
    if stack.poll() is None:
        stack.send_signal(signal.SIGTERM)
        try:
            stack.wait(30)
        except subprocess.TimeoutExpired:
            stack.kill()
            stack.wait()


class Api:
    def __init__(self, address: str) -> None:
        self.address = address

    def ask(self, method: str, path: str, who: str, body: object = None, key: str | None = None) -> dict:
        """`who` is whom the local token is for, or a guest's own token."""
        local = who.startswith(("customer:", "operator:"))
        headers = {"Authorization": f"Bearer {who}"} if local else {"Guest-Token": who}
        headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def wait(self, path: str, who: str, wanted: dict) -> None:
        """Asks until the answer has those members: what is asked for comes by events."""
        seen: object = None
        for _ in range(300):
            try:
                seen = self.ask("GET", path, who)
                if all(seen.get(name) == value for name, value in wanted.items()):
                    return
            except urllib.error.HTTPError as error:
                seen = error.code
            time.sleep(0.1)
        raise TimeoutError(f"{path} never became {wanted}: {seen}")


def bring_to(api: Api, stage: str, order: str, who: str) -> None:
    """Moves the order at that path on to a stage, in the name of whoever placed it and of an operator."""
    operator = "operator:ops"
    shipment = f"/api/operator/shipments/{order.rpartition('/')[2]}"
    api.wait(order, who, {"status": "confirmed"})
    api.wait(shipment, operator, {"status": "to_pack"})
    if stage == "cancelled":
        api.ask("POST", f"{order}/cancel", who)
        api.wait(order, who, {"status": "cancelled"})
    if stage in ("packed", "dispatched", "delivered"):
        api.ask("POST", f"{shipment}/pack", operator, {})
    if stage in ("dispatched", "delivered"):
        parcel = {"carrier": "Kuroneko", "tracking_number": f"check-{stage}"}
        api.ask("POST", f"{shipment}/dispatch", operator, parcel)
        api.wait(order, who, {"payment_status": "captured"})
    if stage == "delivered":
        api.ask("POST", f"{shipment}/deliver", operator, {})
        api.wait(order, who, {"status": "completed"})


def fill(api: Api) -> dict[str, list[str]]:
    """Orders at each stage, and what else there is to ask for."""
    customer, operator = "customer:c-7", "operator:ops"
    api.ask("PUT", "/api/notifications/contact", customer, {"email": "customer@example.com", "language": "ja"})
    products = api.ask("GET", "/api/products?limit=5", operator)["products"]
    skus = [product["variants"][0]["sku"] for product in products]
    orders = []
    for stage in ("confirmed", "packed", "dispatched", "delivered", "cancelled"):
        wish = {
            "lines": [{"sku": skus[0], "quantity": 1}], "region": "JP-13", "payment_method": "pm_card_visa",
        }
        order = api.ask("POST", "/api/orders", customer, wish, f"check-{stage}")["order_id"]
        orders.append(order)
        bring_to(api, stage, f"/api/orders/{order}", customer)
    address = api.ask("POST", "/api/customers/me/addresses", customer, HOME, "check-home")["address_id"]
    products = [product["product_id"] for product in products]
    return {"orders": orders, "skus": skus, "products": products, "addresses": [address]}


def fill_for_guest(api: Api, guest: str, sku: str) -> dict[str, list[str]]:
    """The same for a guest: orders out of carts, what is known of whoever placed them, and a cart that is open."""
    operator = "operator:ops"
    api.ask("PUT", "/api/guest/notifications/contact", guest, {"email": "guest@example.com", "language": "ja"})
    api.ask("PUT", "/api/guest/customers/me", guest, {"name": "山田 花子", "language": "ja"})
    address = api.ask("POST", "/api/guest/customers/me/addresses", guest, HOME, "check-home")["address_id"]
    product = api.ask("GET", f"/api/skus/{sku}", operator)
    weight = next(one["weight_grams"] for one in product["variants"] if one["sku"] == sku)
    quote = {"region": "JP-13", "weight_grams": weight}
    fee = api.ask("POST", "/api/shipping/quote", operator, quote)["fee"]
    orders = []
    for stage in ("delivered", "cancelled", "confirmed"):
        cart = api.ask("PUT", f"/api/guest/cart/lines/{sku}", guest, {"quantity": 1})
        total = {**fee, "amount_minor": cart["subtotal"]["amount_minor"] + fee["amount_minor"]}
        wish = {
            "version": cart["version"], "region": "JP-13", "payment_method": "pm_card_visa", "expected_total": total,
        }
        order = api.ask("POST", "/api/guest/cart/checkout", guest, wish, f"check-{stage}")["order_id"]
        orders.append(order)
        bring_to(api, stage, f"/api/guest/orders/{order}", guest)
    api.ask("PUT", f"/api/guest/cart/lines/{sku}", guest, {"quantity": 2})
    return {"guest-orders": orders, "guest-addresses": [address]}


def guest_session(api: Api) -> str:
    return api.ask("POST", "/api/guest/session", "operator:ops")["guest_token"]


def main() -> int:
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    noren = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else target / "debug" / "noren"
    data = pathlib.Path(tempfile.mkdtemp(prefix="noren-api-"))
    stack, address = start(noren, data)
    try:
        api = Api(address)
        found = fill(api)
        # One to shop, and one to be erased.
        guest, erased = guest_session(api), guest_session(api)
        found |= fill_for_guest(api, guest, found["skus"][0])
        for name, values in found.items():
            (data / f"{name}.txt").write_text("".join(f'"{value}"\n' for value in values))
        schemathesis = shutil.which("schemathesis", path=f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}")
        for file in ("schemathesis.toml", "hooks.py", "rules.toml"):
            shutil.copy(HERE / file, data)
        tried = subprocess.run(
            [schemathesis, "run", f"{address}/api/openapi.json"], cwd=data, check=False,
            env={**os.environ, "GUEST_TOKEN": guest, "GUEST_TO_ERASE_TOKEN": erased},
        )
        return tried.returncode
    finally:
        stop(stack)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
