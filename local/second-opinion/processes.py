"""The programs beside the functions: MiniStack and the payment stand-in, each a child process, ended by its own id.

Owns starting, being reachable, and ending. Knows nothing of the template or of the flow.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

REGION = "ap-northeast-1"
# MiniStack takes twelve digits for an account's number and anything else for its default account.
KEY_ID = "second"
SECRET = "opinion"
STARTS_WITHIN_SECONDS = 60
ENDS_WITHIN_SECONDS = 10


class DidNotStart(Exception):
    """A program did not come up; the text says which, and where its log is."""


class Program:
    """A child process that listens on loopback."""

    def __init__(self, name: str, command: list, port: int, log: pathlib.Path, environment: dict, health: str):
        self.name, self.port, self.log = name, port, log
        self.url = f"http://127.0.0.1:{port}"
        with log.open("wb") as file:
            # A group of its own: Ctrl-C reaches this program only through `end`, after the report is written.
            self._process = subprocess.Popen(
                command, stdout=file, stderr=subprocess.STDOUT, env=environment, start_new_session=True
            )
        self._await(health)

    def _await(self, health: str) -> None:
        until = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise DidNotStart(f"{self.name} ended at once with {self._process.returncode}; see {self.log}")
            try:
                with urllib.request.urlopen(self.url + health, timeout=2):
                    return
            except urllib.error.HTTPError:
                return  # It answers, which is all that is asked.
            except OSError:
                time.sleep(0.1)
        self.end()
        raise DidNotStart(f"{self.name} does not answer at {self.url}{health}; see {self.log}")

    @property
    def process_id(self) -> int:
        """By which it is ended."""
        return self._process.pid

    def end(self) -> None:
        """Asks the program to end, and makes it after ten seconds."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(ENDS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ministack(directory: pathlib.Path) -> Program:
    """MiniStack on a free port of loopback, with nothing kept and no other listeners."""
    port = free_port()
    temporary = directory / "ministack"
    temporary.mkdir()
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        # What it gives to the functions, whatever the template says.
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
        "TMPDIR": str(temporary),
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        # It removes containers of its own at its start; no Docker is needed here, and none shall be touched.
        "DOCKER_HOST": f"unix://{temporary}/no-docker",
    }
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "PERSIST_STATE", "SERVICES", "LAMBDA_EXECUTOR", "USE_SSL"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "ministack"]
    return Program("MiniStack", command, port, directory / "ministack.log", environment, "/_ministack/health")


def payment_provider(binary: pathlib.Path, directory: pathlib.Path) -> Program:
    """The payment stand-in on a free port of loopback, its ledger in that directory."""
    port = free_port()
    ledger = directory / "payments"
    ledger.mkdir()
    command = [str(binary), str(port), str(ledger)]
    log = directory / "payments.log"
    return Program("the payment stand-in", command, port, log, dict(os.environ), "/stand-in/ledger")
