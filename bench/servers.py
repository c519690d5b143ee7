"""The production processes, by the very scripts that docker-compose.yml runs, on free ports of this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.processes import free_port, private_folder, start, wait_until

PROCESSES = Path(__file__).resolve().parents[1] / "deploy" / "processes"


class Servers:
    """Starts what a benchmark needs and stops it with the stack."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = private_folder(stack)

    def web(self) -> int:
        """Pages and API on WSGI; the port. The rivals' views are served by the same processes."""
        return self._listening("web", ["sh", PROCESSES / "web.sh"])

    def sockets(self) -> int:
        """The product's sockets on ASGI; the port."""
        return self._listening("sockets", ["sh", PROCESSES / "sockets.sh"])

    def rival_sockets(self) -> int:
        """A plain ASGI socket behind the same server with the same options; the port."""
        port = free_port()
        options = ["--ws", "websockets-sansio", "--ws-per-message-deflate", "false", "--lifespan", "off"]
        command: list[str | Path] = [
            "uvicorn",
            "bench.rivals.socket:app",
            "--port",
            str(port),
            "--no-access-log",
            *options,
        ]
        return self._listening("rival", command, port)

    def broadcaster(self) -> int:
        """The rival's plain broadcast server; the port."""
        port = free_port()
        return self._listening(
            "broadcaster", ["python", "-m", "bench.rivals.broadcast", "--port", str(port)], port
        )

    def worker(self) -> None:
        """The worker that routes."""
        self._start("worker", ["sh", PROCESSES / "worker.sh", "route", "1"], {})

    def _listening(self, name: str, command: list[str | Path], port: int = 0) -> int:
        port = port or free_port()
        process, log = self._start(name, command, {"HOST": "127.0.0.1", "PORT": str(port)})
        wait_until(process, lambda: _listens(port), log)
        return port

    def _start(
        self, name: str, command: list[str | Path], variables: dict[str, str]
    ) -> tuple[subprocess.Popen[bytes], Path]:
        log = Path(self._folder) / f"{name}.log"
        keywords = {"env": {**_environment(), **variables}}
        return start(self._stack, command, stop_with=signal.SIGTERM, log=log, keywords=keywords), log


def _environment() -> dict[str, str]:
    programs = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "LOG_LEVEL": "ERROR",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
