"""The gate in front of every WebSocket."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[dict[str, Any], Receive, Send], Awaitable[Any]]

# Close code of our own: there is no such socket.
NOTHING_HERE = 4404

_DEFAULT_PORTS = {"http": 80, "https": 443}


class SameOrigin:
    """Lets only our own pages open sockets.

    Browsers send cookies with a WebSocket whatever page opens it, and they apply no CORS: without this gate a
    foreign page could listen in a visitor's name. A handshake from elsewhere is answered with 403.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if is_own_page(_header(scope, b"origin"), host=_header(scope, b"host")):
            await self._application(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 1008})


def is_own_page(origin: str, *, host: str) -> bool:
    """Whether a page of `origin` belongs to the installation that was addressed as `host`."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    allowed = {_place(f"https://{host}")}
    if not settings.SESSION_COOKIE_SECURE:
        allowed.add(_place(f"http://{host}"))
    place = _place(origin)
    return place is not None and place in allowed


async def nothing_here(_: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer any other address so that the page can tell it from a network fault."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": NOTHING_HERE})


def _place(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no origin (`null`, junk, another scheme)."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]


def _header(scope: dict[str, Any], wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), "")
