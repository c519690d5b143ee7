"""A mail server (RFC 5321) that keeps what it takes and refuses as told."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from tests.fakes.server import Forgiving


class _Server(Forgiving, socketserver.ThreadingTCPServer):
    daemon_threads = True


class FakeSmtp:
    """`mails` are the messages taken; `answers` replaces the reply to a verb, e.g. {"RCPT": "550 No such user"}."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.answers: dict[str, str] = {}
        self._server = _Server(("127.0.0.1", 0), self._handler())

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)

    def take(self, content: bytes) -> None:
        self.raw.append(content)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        server = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 10

            def say(self, line: str) -> None:
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self) -> None:
                self.say("220 fake ready")
                for line in self.rfile:
                    verb = line[:4].decode("ascii", "replace").upper().strip()
                    told = server.answers.get(verb)
                    if told == "hang up":
                        return
                    if verb == "DATA" and told is None:
                        self.say("354 go on")
                        server.take(self.content())
                    if verb == "QUIT":
                        self.say("221 bye")
                        return
                    self.say(told or "250 fine")

            def content(self) -> bytes:
                lines: list[bytes] = []
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                return b"".join(lines)

        return Handler
