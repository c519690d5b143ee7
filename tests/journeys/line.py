"""The line between a browser and the server, which a journey can cut.

The browser's own « offline » is no substitute: it is switched per target, and a service worker that the browser has
just started again may still reach the server (seen on a busy machine).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Lock, Thread
from urllib.parse import urlsplit

CHUNK = 65_536  # bytes


class Line:
    """Carries bytes from a port of its own to the server's; `url` is where the browser goes."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        self._far = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._near = ("127.0.0.1", 0)
        self._lock = Lock()
        self._carrying: set[socket.socket] = set()
        self.mend()
        self.url = f"http://127.0.0.1:{self._near[1]}"

    def mend(self) -> None:
        """Carry again, on the same port."""
        self._listener = socket.create_server(self._near)
        self._near = self._listener.getsockname()
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Refuse new connections and break those that stand."""
        with self._lock:
            _hang_up(self._listener)
            carrying, self._carrying = self._carrying, set()
        for end in carrying:
            _hang_up(end)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError), closing(listener):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._far)
                with self._lock:
                    if listener.fileno() < 0:  # cut while this one was being taken
                        _hang_up(near)
                        _hang_up(far)
                        return
                    self._carrying |= {near, far}
                Thread(target=_carry, args=(near, far), daemon=True).start()
                Thread(target=_carry, args=(far, near), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(CHUNK):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)


def _hang_up(end: socket.socket) -> None:
    # Only a shutdown wakes a thread that waits on the socket.
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def line_to(server_url: str) -> Iterator[Line]:
    """A line that stands when the block starts and is cut when it ends."""
    line = Line(server_url)
    try:
        yield line
    finally:
        line.cut()
