"""The real server in a process of its own, on a data folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes import die_with_parent, free_port, stop

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
# What would let the machine or the suite around a server change how it runs.
FOREIGN = (
    "DATABASE_URL",
    "REDIS_URL",
    "DMS_MODE",
    "DMS_DATA",
    "DJANGO_SETTINGS_MODULE",
    "PUBLIC_URL",
    "PORT",
)


class ServerFailed(Exception):
    """The server ended or did not become ready; carries the end of its log."""


@dataclass
class Server:
    """A running server: where it answers, where its data is, and its process."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it as a power cut would, without a chance to tidy up."""
        self.process.kill()
        self.process.wait()

    def stop(self, seconds: float = 10) -> None:
        """End it as Ctrl-C would."""
        stop(self.process, signal.SIGINT, seconds)


def environment(data: Path, **changes: str) -> dict[str, str]:
    """This process's variables without those that steer the product, and with `changes`."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**kept, "DMS_DATA": str(data), **changes}


def prepare(data: Path) -> None:
    """Database, push keys and demo data, as `make setup` makes them."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.prepare"],
        cwd=ROOT,
        env=environment(data),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerFailed(done.stdout + done.stderr)


@contextmanager
def serving(
    data: Path, *, changes: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[Server]:
    """`manage.py serve` on `data`, ready when the block starts and gone when it ends."""
    port = port or free_port()
    log = data / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment(data, PORT=str(port), **(changes or {})),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
    server = Server(f"http://127.0.0.1:{port}", data, process, log)
    try:
        wait_until_ready(server)
        yield server
    finally:
        server.stop()


def wait_until_ready(server: Server, seconds: float = READY_SECONDS) -> None:
    """Wait for a 200 from /healthz.

    Raises:
        ServerFailed: the process ended, or `seconds` went by.
    """
    deadline = time.monotonic() + seconds
    while not _is_ready(server.url):
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise ServerFailed(server.log.read_text(errors="replace")[-4000:])
        time.sleep(0.1)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def copy_of(prepared: Path, target: Path) -> Path:
    """A data folder that starts as `prepared` is now."""
    shutil.copytree(prepared, target, dirs_exist_ok=True)
    return target
