"""A small HTTP server that notes what it receives; a fake provider says what it answers."""

from __future__ import annotations

import socketserver
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """One answer. `delay` in seconds before it; `hang_up` closes the connection instead of answering."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    hang_up: bool = False


class Forgiving(socketserver.BaseServer):
    """A client that was killed while it called is no news."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Server(Forgiving, ThreadingHTTPServer):
    daemon_threads = True


class FakeServer:
    """Answers with `reply_to`, which a provider overrides; told replies come first, in turn."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self._told: list[Reply] = []
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def tell(self, *replies: Reply) -> None:
        """Answer the next requests with these, whatever they ask."""
        self._told.extend(replies)

    def reply_to(self, request: Received) -> Reply:
        """The provider's own answer."""
        return Reply(200, request.body)

    @contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._stopping.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)

    def _answer(self, request: Received) -> Reply:
        self.received.append(request)
        return self._told.pop(0) if self._told else self.reply_to(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def _handle(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                reply = server._answer(Received(self.command, self.path, headers, self.rfile.read(length)))
                server._stopping.wait(reply.delay)
                self.close_connection = True
                if reply.hang_up:
                    return
                self.send_response(reply.status)
                # Said aloud, or a client would keep the connection for its next call and find it closed.
                told = {"Content-Length": str(len(reply.body)), "Connection": "close", **reply.headers}
                for name, value in told.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(reply.body)
                except OSError:
                    return  # the client had read enough

            do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the standard library's names

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        return Handler
