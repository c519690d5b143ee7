"""Pages and API in threads, on the same port as the sockets.

Django runs its synchronous views slowly under ASGI: a new thread, a new database connection and a context
switch or two for every request. Here the WSGI application runs in a few threads that live as long as the
process and keep their connections, and the event loop only reads requests and writes responses.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import unquote_to_bytes

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Coroutine[Any, Any, None]]
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Emit = Callable[[Message], None]

logger = logging.getLogger(__name__)

# Requests handled at the same time. Writers take turns on SQLite anyway; more threads only fight for the
# interpreter lock with the worker that rings the bell.
THREADS = 4

# Bytes of a request body kept in memory (then on disk), and refused.
BODY_IN_MEMORY = 1_000_000
BODY_LIMIT = 25_000_000

# Bytes of a response sent in one go. Ordinary pages are smaller and cost a single hop between threads.
BLOCK = 256 * 1024

# Seconds that a client may take to accept one block.
SLOW_CLIENT = 30.0


class BodyTooLargeError(Exception):
    """The request body exceeds BODY_LIMIT."""


class PagesInThreads:
    """An ASGI application that answers HTTP with a WSGI application."""

    def __init__(self, application: WsgiApplication, *, threads: int = THREADS) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="pages")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()

        def emit(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(send(message), loop).result(SLOW_CLIENT)

        with SpooledTemporaryFile(max_size=BODY_IN_MEMORY) as body:
            try:
                length = await _read_body(receive, body)
            except BodyTooLargeError:
                await _refuse_body(send)
                return
            environ = environ_of(scope, body, length)
            for message in await loop.run_in_executor(self._threads, self._respond, environ, emit):
                await send(message)

    def _respond(self, environ: dict[str, Any], emit: Emit) -> list[Message]:
        """Run the application in this thread. Returns the (last) messages; emits earlier blocks of long responses."""
        response = _Response()
        pieces = self._application(environ, response.start)
        try:
            for piece in pieces:
                response.held += piece
                if len(response.held) >= BLOCK:
                    for message in response.messages(more=True):
                        emit(message)
            return response.messages(more=False)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()


class _Response:
    """Collects what a WSGI application says until it is worth sending."""

    def __init__(self) -> None:
        self.held = bytearray()
        self._head: Message | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        """WSGI's `start_response`."""
        if exc_info is not None and self._head is None and self.held:
            raise exc_info[1].with_traceback(exc_info[2])
        self._head = {
            "type": "http.response.start",
            "status": int(status.split(" ", 1)[0]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        return self.held.extend

    def messages(self, *, more: bool) -> list[Message]:
        """The head, once, and what is held."""
        block = {"type": "http.response.body", "body": bytes(self.held), "more_body": more}
        self.held.clear()
        if self._head is None:
            return [block]
        head, self._head = self._head, None
        return [head, block]


def environ_of(scope: dict[str, Any], body: IO[bytes], length: int) -> dict[str, Any]:
    """The WSGI view of an ASGI request (PEP 3333: text is bytes in disguise, decoded as Latin-1)."""
    host, port = scope.get("server") or ("127.0.0.1", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        _add_header(environ, raw_name.decode("latin-1"), raw_value.decode("latin-1"))
    # The body has been read to its end: its true length counts, also for a chunked request.
    environ["CONTENT_LENGTH"] = str(length) if length else environ.get("CONTENT_LENGTH", "")
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    if "_" in name:
        return  # would be taken for the header with a dash in its place, which a proxy may have set or removed
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    separator = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value


async def _read_body(receive: Receive, body: IO[bytes]) -> int:
    """Read the request to its end; returns the number of bytes."""
    length = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        piece = message.get("body", b"")
        length += len(piece)
        if length > BODY_LIMIT:
            raise BodyTooLargeError
        body.write(piece)
        more = message.get("more_body", False)
    body.seek(0)
    return length


async def _refuse_body(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": b"The request is too large."})
