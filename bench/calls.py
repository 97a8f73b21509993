#!/usr/bin/env python3
"""First call and warm calls of a function, with TLS to its table, over a minimal Lambda Runtime API: JSON on standard output.

    bench/calls.py DIRECTORY [--starts 50] [--warm 20]

DIRECTORY is as for binaries.py. The function is orders, and each call shows an order that is not there: one read of one item.
The time is from the invocation's last byte sent until its answer has been read; besides, for how much of it the function's
process was running, since the rest is this program's, which plays the Runtime API and the table. The first call of a process
opens the connection and shakes hands; the warm ones find it open. The table is a TLS server on this machine that answers each
request with "no such item", whose certificate an authority of its own has signed, which stands behind the five that a function
trusts on AWS in the file that this one trusts. Needs the package trustme.
"""

import argparse
import json
import pathlib
import socket
import ssl
import sys
import tempfile
import threading
import time

import trustme

from binaries import binaries
from start import ANSWER_WITHIN_SECONDS, environment, percentile, running_ms, started, template_variables

ROOT = pathlib.Path(__file__).resolve().parent.parent
EVENT = ROOT / "events/orders/http_show_order.json"
AMAZON_ROOTS = ROOT / "shared/door/trust/amazon-roots.pem"
NO_ITEM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amz-crc32: 2745614147\r\n"
    b"Content-Length: 2\r\n\r\n{}"
)


class Connection:
    """One HTTP/1.1 connection, from the server's side."""

    def __init__(self, stream):
        self.stream = stream
        self.buffer = b""

    def request(self):
        """The next request's first line and body; None when the peer has closed."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                return None
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self.buffer = rest
        while len(self.buffer) < length:
            if not self._more():
                return None
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return head.split(b"\r\n")[0].decode(), body

    def _more(self):
        more = self.stream.recv(65536)
        self.buffer += more
        return bool(more)


class Table:
    """A TLS server in DynamoDB's place, which counts its handshakes and requests."""

    def __init__(self, directory):
        authority = trustme.CA()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self.context)
        self.trusted = pathlib.Path(directory) / "trusted.pem"
        self.trusted.write_bytes(AMAZON_ROOTS.read_bytes() + authority.cert_pem.bytes())
        self.authorities = self.trusted.read_bytes().count(b"BEGIN CERTIFICATE")
        self.handshakes = self.requests = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            plain, _ = self.listener.accept()
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                stream = self.context.wrap_socket(plain, server_side=True)
                self.handshakes += 1
                connection = Connection(stream)
                while connection.request():
                    self.requests += 1
                    stream.sendall(NO_ITEM)
                stream.close()
            except OSError:
                plain.close()


def invoked(connection, payload, number, pid):
    """Milliseconds of one invocation of a function that waits for work, those of them that it ran, and its answer. It waits
    for work again after."""
    head = (
        f"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: {number}\r\n"
        f"Lambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 10_000}\r\n"
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:ap-northeast-1:000000000000:function:orders\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    ran_before = running_ms(pid)
    begun = time.perf_counter()
    connection.stream.sendall(head.encode() + payload)
    line, answer = connection.request()
    milliseconds = (time.perf_counter() - begun) * 1000
    running = running_ms(pid) - ran_before
    if not line.startswith("POST") or not line.split()[1].endswith("/response"):
        sys.exit(f"the function failed: {line}: {answer.decode()[:300]}")
    connection.stream.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
    return milliseconds, running, json.loads(answer)


def call_one(binary, listener, variables, payload, warm):
    """Milliseconds of a process's first call and of its warm ones, each with those that it ran, and the answers' statuses."""
    with started(binary, variables) as (pid, _):
        stream, _ = listener.accept()
        stream.settimeout(ANSWER_WITHIN_SECONDS)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(stream)
        seen = []
        for number in range(1 + warm):
            connection.request()
            seen.append(invoked(connection, payload, number, pid))
    # Not before the process has ended: it would connect again, and the next one be taken for it.
    stream.close()
    times = [(milliseconds, running) for milliseconds, running, _ in seen]
    return times[0], times[1:], {answer["statusCode"] for _, _, answer in seen}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--starts", type=int, default=50, help="processes started, each with one first call")
    parser.add_argument("--warm", type=int, default=20, help="calls of each process after its first")
    arguments = parser.parse_args()
    binary = binaries(arguments.directory, ["orders"])["orders"].resolve()
    payload = EVENT.read_bytes()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(ANSWER_WITHIN_SECONDS)
    first, warm, statuses = [], [], set()
    with tempfile.TemporaryDirectory() as directory:
        table = Table(directory)
        variables = environment("orders", f"127.0.0.1:{listener.getsockname()[1]}")
        for name in template_variables("orders"):
            variables.setdefault(name, "1")
        variables |= {"AWS_ENDPOINT_URL": table.url, "SSL_CERT_FILE": str(table.trusted)}
        call_one(binary, listener, variables, payload, arguments.warm)  # brings the binary into memory
        for _ in range(arguments.starts):
            one, others, answered = call_one(binary, listener, variables, payload, arguments.warm)
            first.append(one)
            warm += others
            statuses |= answered
    calls = (1 + arguments.starts) * (1 + arguments.warm)
    if statuses != {404} or table.requests != calls:
        sys.exit(f"{calls} calls led to {table.requests} reads and the answers {statuses}, instead of one each and 404")
    first, first_running = zip(*first)
    warm, warm_running = zip(*warm)
    print(
        json.dumps(
            {
                "directory": str(arguments.directory),
                "starts": arguments.starts,
                "warm_calls": len(warm),
                "trusted_authorities": table.authorities,
                "handshakes_of_a_process": table.handshakes / (1 + arguments.starts),
                "first_call_ms_p50": round(percentile(first, 50), 3),
                "first_call_ms_p99": round(percentile(first, 99), 3),
                "first_call_running_ms_p50": round(percentile(first_running, 50), 3),
                "warm_call_ms_p50": round(percentile(warm, 50), 3),
                "warm_call_ms_p99": round(percentile(warm, 99), 3),
                "warm_call_running_ms_p50": round(percentile(warm_running, 50), 3),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
