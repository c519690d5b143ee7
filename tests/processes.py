"""Processes that a test run starts: on free ports, in private folders, gone with the run even when it is killed."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
START_SECONDS = 20.0


class ServiceError(Exception):
    """A private instance could not be started."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def private_folder(stack: ExitStack, owner: int | None = None) -> Path:
    """A short path: those of Unix sockets are limited to 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="dms-", dir="/tmp"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    if owner is not None:
        os.chown(folder, owner, -1)
    return folder


def start(
    stack: ExitStack, command: list[Any], *, stop_with: signal.Signals, log: Path, keywords: dict[str, Any]
) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C stops the tests first, then what they use
            preexec_fn=lambda: die_with_parent(stop_with),
            **keywords,
        )
    stack.callback(stop, process, stop_with)
    return process


def die_with_parent(stop_with: signal.Signals) -> None:
    """Linux only: the kernel stops the server when the test run is killed."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop_with)


def stop(
    process: subprocess.Popen[Any], stop_with: signal.Signals = signal.SIGTERM, seconds: float = 5
) -> None:
    """Ask a process to end, and end it when it does not."""
    if process.poll() is not None:
        return
    process.send_signal(stop_with)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServiceError(log.read_text(errors="replace")[-800:] or "no answer")
        time.sleep(0.05)
