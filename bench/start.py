#!/usr/bin/env python3
"""Start to first poll and resident memory of a function, over a minimal Lambda Runtime API: JSON on standard output.

    bench/start.py DIRECTORY [--function orders payments] [--starts 50]

DIRECTORY is as for binaries.py. Each start is a process of its own: the time is from just before it is spawned until its
first request for work has been read, and for how much of it the process itself was running; memory is what the kernel says of
it at that moment and at most until then. Without --function all functions are started. A figure of time is worth what the
machine is: run it on a quiet one.
"""

import argparse
import contextlib
import json
import os
import pathlib
import signal
import socket
import sys
import time

from binaries import binaries

ANSWER_WITHIN_SECONDS = 30


def environment(context, address):
    """What Lambda gives a function, and what the template does. No call is made before the first poll, so none of the
    addresses is ever asked."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": context,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": context,
        "AWS_LAMBDA_LOG_STREAM_NAME": context,
        "AWS_REGION": "ap-northeast-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "SERVICE_NAME": context,
        "TABLE_NAME": context,
        "TOPIC_ARN": f"arn:aws:sns:ap-northeast-1:000000000000:{context}",
        "DEAD_LETTER_QUEUE_URL": f"http://127.0.0.1:9/{context}",
        "MAIL_FROM": "shop@example.com",
        "SHOP_NAME": "Noren",
        "SHOP_URL": "https://shop.example.com",
        "SHOP_TIME_ZONE": "JST-9",
        "STACK_NAME": "bench",
        "PAYMENT_PROVIDER_URL": "http://127.0.0.1:9",
        "PAYMENT_PROVIDER_SECRET_KEY": "sk_test_bench",
        "PAYMENT_WEBHOOK_SECRETS": "whsec_bench",
        "GUEST_TOKEN_SECRET": "a guest secret for benches",
        "TOKEN_ISSUER": "https://issuer.example.com",
        "TOKEN_AUDIENCE": "noren-storefront",
    }


def template_variables(context):
    """Names of the variables that the template gives the function, so that a new one is not forgotten here."""
    template = pathlib.Path(__file__).resolve().parent.parent / "template.yaml"
    names, inside, ours = [], False, False
    for line in template.read_text().splitlines():
        if line.startswith("  ") and not line.startswith("   ") and line.endswith(":"):
            ours, inside = line.strip() == f"{context.capitalize()}Function:", False
        elif ours and line.strip() == "Variables:":
            inside = True
        elif inside and line.startswith("          ") and ":" in line:
            names.append(line.split(":")[0].strip())
        elif inside:
            inside = False
    return names


@contextlib.contextmanager
def started(binary, variables):
    """The process of a function, by its id and when it was begun; ended at the end."""
    quiet = os.open(os.devnull, os.O_RDWR)
    redirect = [(os.POSIX_SPAWN_DUP2, quiet, descriptor) for descriptor in (0, 1, 2)]
    begun = time.perf_counter()
    pid = os.posix_spawn(binary, [str(binary)], variables, file_actions=redirect)
    try:
        yield pid, begun
    except TimeoutError:
        sys.exit(f"{binary} neither asked for work nor answered within {ANSWER_WITHIN_SECONDS} s")
    finally:
        os.close(quiet)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def running_ms(pid):
    """For how many milliseconds a processor has run the process so far, the kernel's work for it included."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def start_once(binary, listener, variables):
    """Milliseconds to the first poll and those of them that it ran, and kilobytes resident then and at most."""
    with started(binary, variables) as (pid, begun):
        connection, _ = listener.accept()
        request = connection.recv(4096)
        milliseconds = (time.perf_counter() - begun) * 1000
        running = running_ms(pid)
        if b"/runtime/invocation/next" not in request:
            sys.exit(f"{binary} asked for something else: {request[:80]!r}")
        memory = {}
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                memory[name] = int(value.split()[0])
        connection.close()
    return milliseconds, running, memory["VmRSS"], memory["VmHWM"]


def percentile(values, percent):
    values = sorted(values)
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def measure(context, binary, starts):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(ANSWER_WITHIN_SECONDS)
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    variables = environment(context, address)
    for name in template_variables(context):
        variables.setdefault(name, "1")
    start_once(binary, listener, variables)  # brings the binary into memory, and is not counted
    seen = [start_once(binary, listener, variables) for _ in range(starts)]
    listener.close()
    times, running, resident, most = zip(*seen)
    return {
        "starts": starts,
        "first_poll_ms_p50": round(percentile(times, 50), 3),
        "first_poll_ms_p99": round(percentile(times, 99), 3),
        "running_ms_p50": round(percentile(running, 50), 3),
        "resident_kb_p50": percentile(resident, 50),
        "resident_kb_p99": percentile(resident, 99),
        "most_resident_kb_p99": percentile(most, 99),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--function", nargs="+", help="only these")
    parser.add_argument("--starts", type=int, default=50)
    arguments = parser.parse_args()
    found = binaries(arguments.directory, arguments.function)
    measured = {
        context: measure(context, binary.resolve(), arguments.starts) for context, binary in found.items()
    }
    print(json.dumps({"directory": str(arguments.directory), "functions": measured}, indent=2))


if __name__ == "__main__":
    main()
