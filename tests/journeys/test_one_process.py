"""The embedded server as a whole process: it stops when told to, whatever is still open."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.journeys.serving import ROOT, Server, copy_of, environment, serving

STOP_SECONDS = 3.0
SERVICE_RESTARTS = 1012  # RFC 6455 registry: come back later


def signed_in(data: Path, email: str) -> str:
    """The session cookie of a person of the demo."""
    command = [sys.executable, "-m", "tests.journeys.founding", email]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=True
    )
    cookie: str = json.loads(done.stdout)["cookie"]
    return cookie


@contextmanager
def busy(server: Server, cookie: str) -> Iterator[list[ClientConnection]]:
    """Ten open tabs of a salesperson, and two callers who stopped in the middle of their requests."""
    address = server.url.removeprefix("http://")
    host, port = address.split(":")
    with ExitStack() as stack:
        tabs = [
            stack.enter_context(
                connect(
                    f"ws://{address}/ws/inbox/",
                    origin=Origin(server.url),
                    additional_headers={"Cookie": cookie},
                )
            )
            for _ in range(10)
        ]
        for tab in tabs:
            tab.recv(timeout=10)
        for _ in range(2):
            caller = stack.enter_context(socket.create_connection((host, int(port))))
            caller.sendall(b"POST /api/v1/leads/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        yield tabs


def test_sigterm_ends_it_within_three_seconds_whatever_is_open(prepared: Path, tmp_path: Path) -> None:
    data = copy_of(prepared, tmp_path)
    cookie = signed_in(data, "vendeur.lyon@demo.test")

    with serving(data) as server, busy(server, cookie) as tabs:
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(10)
        seconds = time.monotonic() - started
        with pytest.raises(ConnectionClosed) as closed:
            while True:  # something may have been told just before
                tabs[0].recv(timeout=10)

    assert code == 0
    assert seconds < STOP_SECONDS
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == SERVICE_RESTARTS
    assert "Traceback" not in server.log.read_text()
