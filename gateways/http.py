"""Outgoing HTTP to addresses that somebody else supplied: push endpoints, feed and photo URLs.

https on port 443 only, no redirects, no proxy from the environment, the name resolved once, every address
checked and the checked one connected to, TLS verified for the name, one deadline for the whole call and a
capped body. `settings.SAFE_HTTP_ALLOWS_LOOPBACK` lets tests reach fakes on this machine, on any port and over
plain http; production refuses to start with it.

It stands on http.client because every layer above brings redirects, proxies or reused connections, and
because its one socket can be given a deadline.
"""

from __future__ import annotations

import functools
import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from gateways.addresses import is_loopback, is_public

TIMEOUT = 5.0  # seconds, for everything: name look-up, connection, TLS, request and answer
MAX_BODY = 64 * 1024  # bytes
MAX_URL = 2000  # characters

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_CHUNK = 16 * 1024


class RefusedAddress(Exception):
    """The address is one that we do not call: another scheme or port, a private network, a malformed name."""


class Unreachable(Exception):
    """No complete answer came: no such name, no connection, bad certificate, too slow, not HTTP.

    `may_have_arrived`: the request was on its way, so the other side may have acted on it.
    """

    def __init__(self, reason: str, *, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.may_have_arrived = may_have_arrived


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` have small-letter names; `body` stops at the cap, and then `is_cut` says so."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False


@dataclass(frozen=True)
class Destination:
    """An address that passed the checks which need no look-up."""

    host: str
    port: int
    target: str
    is_secure: bool
    may_be_loopback: bool


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    max_body: int = MAX_BODY,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Make one request and read its answer, whatever its status; a redirect is an answer like any other.

    `timeout` in seconds covers the whole call, `max_body` in bytes caps what is read. `tls` replaces the
    system's trusted authorities. Raises `RefusedAddress` and `Unreachable`.
    """
    with exchange(method, url, body=body, headers=headers, timeout=timeout, tls=tls) as response:
        return _read(response, max_body)


@contextmanager
def exchange(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
    tls: ssl.SSLContext | None = None,
) -> Iterator[http.client.HTTPResponse]:
    """The same with the answer still to be read, within the same `timeout`. Raises as `request`, also while reading."""
    destination = check(url)
    connection = _Connection(destination, _Deadline(timeout), tls)
    try:
        connection.connect()
        connection.has_begun = True
        connection.request(method, destination.target, body or None, dict(headers or {}))
        yield connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(_named(error), may_have_arrived=connection.has_begun) from error
    finally:
        connection.hang_up()


def dial(host: str, port: int, *, timeout: float = TIMEOUT) -> socket.socket:
    """A connection to a server of another protocol, its name and addresses checked as for a request.

    Raises `RefusedAddress` and `Unreachable`.
    """
    lenient = bool(settings.SAFE_HTTP_ALLOWS_LOOPBACK)
    if not _HOST_NAME.fullmatch(host.lower()) or not 0 < port < 65536:
        raise RefusedAddress("malformed host")
    destination = Destination(host.lower(), port, "", is_secure=False, may_be_loopback=lenient)
    deadline = _Deadline(timeout)
    try:
        addresses = _checked_addresses(destination, deadline)
        return _first_that_answers(addresses, port, deadline)
    except OSError as error:
        raise Unreachable(_named(error)) from error


def check(url: str) -> Destination:
    """The checks that need no network. Raises `RefusedAddress`, naming what is wrong."""
    # urlsplit drops tabs and newlines in silence, so they are looked for first.
    if len(url) > MAX_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise RefusedAddress("malformed")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise RefusedAddress("malformed") from error
    if "@" in parts.netloc:
        raise RefusedAddress("credentials in the address")
    if not _HOST_NAME.fullmatch(host):
        raise RefusedAddress("malformed host")
    return _placed(parts, host, port)


def _placed(parts: SplitResult, host: str, port: int | None) -> Destination:
    is_secure = parts.scheme == "https"
    lenient = bool(settings.SAFE_HTTP_ALLOWS_LOOPBACK)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if is_secure and port in (None, 443):
        return Destination(host, 443, target, is_secure=True, may_be_loopback=lenient)
    if lenient and parts.scheme in ("http", "https") and host in ("127.0.0.1", "localhost"):
        default = 443 if is_secure else 80
        return Destination(host, port or default, target, is_secure=is_secure, may_be_loopback=True)
    raise RefusedAddress("only https on port 443")


class _Deadline:
    """One budget of seconds for a whole call, however many steps it takes."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left. Raises `TimeoutError` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _DeadlineReader(io.RawIOBase):
    """Reads a socket so that each wait gets only what is left of the deadline: slow drips do not add up."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        super().__init__()
        self._sock, self._deadline = sock, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.remaining)
        return self._sock.recv_into(buffer)


class _DeadlineSocket:
    """The three things that http.client wants of a socket, under the deadline."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self._deadline.remaining)
        self._sock.sendall(data)

    def makefile(self, *_mode: Any) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._sock, self._deadline), _CHUNK)

    def close(self) -> None:
        """Nothing yet: http.client says this at `Connection: close`, with the body still to be read."""


class _Connection(http.client.HTTPConnection):
    """Connects to an address that was checked, and asks TLS for the name that was asked for."""

    def __init__(self, destination: Destination, deadline: _Deadline, tls: ssl.SSLContext | None) -> None:
        super().__init__(destination.host, destination.port)
        # http.client writes the port into the Host header unless it is the scheme's own.
        self.default_port = 443 if destination.is_secure else 80
        self._destination, self._deadline = destination, deadline
        self._tls = (tls or _system_tls()) if destination.is_secure else None
        self.has_begun = False
        self._line: socket.socket | None = None

    def connect(self) -> None:
        """Resolve, check, connect, and shake hands: all within the deadline."""
        addresses = _checked_addresses(self._destination, self._deadline)
        plain = _first_that_answers(addresses, self._destination.port, self._deadline)
        try:
            plain.settimeout(self._deadline.remaining)
            host = self._destination.host
            self._line = self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain
        except BaseException:
            plain.close()
            raise
        self.sock = _DeadlineSocket(self._line, self._deadline)

    def hang_up(self) -> None:
        """Let the other side go, whether or not it answered."""
        self.close()
        if self._line:
            self._line.close()


def _first_that_answers(addresses: list[str], port: int, deadline: _Deadline) -> socket.socket:
    for position, address in enumerate(addresses, start=1):
        # An address that swallows packets must leave time for the next one.
        wait = deadline.remaining / (len(addresses) - position + 1)
        try:
            return socket.create_connection((address, port), timeout=wait)
        except OSError:
            if position == len(addresses):
                raise
    raise OSError("no address")


def _checked_addresses(destination: Destination, deadline: _Deadline) -> list[str]:
    """The numeric addresses of the name, looked up once. One that is not public condemns the name."""
    found = _look_up(destination, deadline.remaining)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_rest, sockaddr in found))
    for address in addresses:
        if not (is_public(address) or (destination.may_be_loopback and is_loopback(address))):
            raise RefusedAddress("not a public address")
    return addresses


def _look_up(destination: Destination, seconds: float) -> list[Any]:
    """`getaddrinfo` knows no timeout, so it runs in a thread of its own that nobody waits for too long."""
    results: SimpleQueue[list[Any] | OSError | UnicodeError] = SimpleQueue()

    def resolve() -> None:
        try:
            results.put(socket.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            results.put(error)

    Thread(target=resolve, name="name-look-up", daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        raise TimeoutError("name look-up timed out") from None
    if isinstance(result, UnicodeError):
        raise RefusedAddress("malformed host") from result
    if isinstance(result, OSError):
        raise result
    return result


def _read(response: http.client.HTTPResponse, max_body: int) -> Answer:
    body = response.read(max_body + 1)
    return Answer(
        status=response.status,
        headers={name.lower(): value for name, value in response.getheaders()},
        body=body[:max_body],
        is_cut=len(body) > max_body,
    )


@functools.cache
def _system_tls() -> ssl.SSLContext:
    # Loading the authorities takes 20 ms: once per process.
    return ssl.create_default_context()


def _named(error: Exception) -> str:
    """A short code: what a person can do something about, without the other side's words."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "certificate" if isinstance(error, ssl.SSLCertVerificationError) else "tls"
    if isinstance(error, socket.gaierror):
        return "unknown_host"
    return "bad_answer" if isinstance(error, http.client.HTTPException) else "connection"
