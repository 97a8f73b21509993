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


def start(noren: pathlib.Path, data: pathlib.Path) -> tuple[subprocess.Popen, str]:
    ports = [f"--{name}=0" for name in ("port", "aws-port", "payments-port", "mail-port")]
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
        headers = {"Authorization": f"Bearer {who}", "Content-Type": "application/json"}
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
        own, shipment = f"/api/orders/{order}", f"/api/operator/shipments/{order}"
        api.wait(own, customer, {"status": "confirmed"})
        api.wait(shipment, operator, {"status": "to_pack"})
        if stage == "cancelled":
            api.ask("POST", f"{own}/cancel", customer)
            api.wait(own, customer, {"status": "cancelled"})
        if stage in ("packed", "dispatched", "delivered"):
            api.ask("POST", f"{shipment}/pack", operator, {})
        if stage in ("dispatched", "delivered"):
            parcel = {"carrier": "Kuroneko", "tracking_number": f"check-{stage}"}
            api.ask("POST", f"{shipment}/dispatch", operator, parcel)
            api.wait(own, customer, {"payment_status": "captured"})
        if stage == "delivered":
            api.ask("POST", f"{shipment}/deliver", operator, {})
            api.wait(own, customer, {"status": "completed"})
    return {"orders": orders, "skus": skus, "products": [product["product_id"] for product in products]}


def main() -> int:
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    noren = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else target / "debug" / "noren"
    data = pathlib.Path(tempfile.mkdtemp(prefix="noren-api-"))
    stack, address = start(noren, data)
    try:
        for name, values in fill(Api(address)).items():
            (data / f"{name}.txt").write_text("".join(f'"{value}"\n' for value in values))
        schemathesis = shutil.which("schemathesis", path=f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}")
        for file in ("schemathesis.toml", "hooks.py"):
            shutil.copy(HERE / file, data)
        tried = subprocess.run(
            [schemathesis, "run", f"{address}/api/openapi.json"], cwd=data, check=False,
        )
        return tried.returncode
    finally:
        stop(stack)
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
