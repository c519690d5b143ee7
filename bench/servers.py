"""The production processes, on free ports, with the benchmark's settings."""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.processes import free_port, private_folder, start, wait_until

# The processes of docker-compose.yml, in its sizes.
WEB_PROCESSES = 2
WEB_THREADS = 4


class Servers:
    """Starts what a benchmark needs and stops it with the stack."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = private_folder(stack)

    def web(self) -> int:
        """Pages and API on WSGI; the port. The rivals' views are served by the same processes."""
        port = free_port()
        self._start(
            "web", port, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS), "--no-ws",
            "--log-level", "error", "dms.wsgi:application",
        )  # fmt: skip
        return port

    def sockets(self, app: str = "dms.asgi:application") -> int:
        """Sockets on ASGI; the port."""
        port = free_port()
        self._start(
            "sockets",
            port,
            "uvicorn",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--log-level",
            "error",
            app,
        )
        return port

    def broadcaster(self) -> int:
        """The rival's plain broadcast server; the port."""
        port = free_port()
        self._start("broadcaster", port, "bench.rivals.broadcast", "--port", str(port))
        return port

    def worker(self) -> None:
        """One worker for every queue."""
        self._start(
            "worker", None, "celery", "--app", "dms", "worker", "--pool", "threads", "--concurrency", "2",
            "--queues", "route,push,email,sms,default", "--without-gossip", "--without-mingle",
            "--loglevel", "ERROR",
        )  # fmt: skip

    def _start(self, name: str, port: int | None, program: str, *arguments: str) -> None:
        log = Path(self._folder) / f"{name}.log"
        process = start(
            self._stack,
            [sys.executable, "-m", program, *arguments],
            stop_with=signal.SIGTERM,
            log=log,
            keywords={"env": _environment()},
        )
        if port is not None:
            wait_until(process, lambda: _listens(port), log)


def _environment() -> dict[str, str]:
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "bench.settings", "LOG_LEVEL": "ERROR"}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
