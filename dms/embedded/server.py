"""The one process: web server, sockets, worker and beat together, started and stopped as a whole."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from django.db import connection

from dms.embedded.pages import PagesInThreads, Receive, Send
from dms.embedded.workers import CREWS, EmbeddedWorkers

logger = logging.getLogger(__name__)

# Seconds. Together they keep Ctrl-C under three.
CONNECTIONS_MAY_TAKE = 1
TASKS_MAY_TAKE = 1.0

# Seconds of running Python after which a thread offers the interpreter lock. A tenth of the default, so that
# the event loop gets its turn to ring a bell while requests are being computed.
SWITCH_INTERVAL = 0.0005

# Bytes of the longest message that a socket's client may send; pages send nothing at all.
SOCKET_MESSAGE_LIMIT = 1024


class PortTakenError(Exception):
    """Another program listens at the address already."""


class EmbeddedServer(uvicorn.Server):
    """uvicorn that tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, *, when_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets=sockets)
        self._when_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop; what is cut off from here on is cut off on purpose and is no news."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets=sockets)


def bind(host: str, port: int) -> socket.socket:
    """Take the address before anything else starts.

    Raises:
        PortTakenError: somebody else has it.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTakenError(str(error)) from error
    return listener


def run(listener: socket.socket, *, when_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C, then stop within three seconds, whatever is still going on."""
    from dms.asgi import sockets
    from dms.celery import app as celery_app
    from dms.wsgi import application as pages

    sys.setswitchinterval(SWITCH_INTERVAL)
    server = EmbeddedServer(_config(_both(PagesInThreads(pages), sockets)), when_ready=when_ready)
    _stop_on_signals(server)
    # One connection stays open and idle: SQLite folds its log away whenever the last one closes.
    connection.ensure_connection()
    workers = EmbeddedWorkers(celery_app, crews=CREWS)
    workers.start()
    server.run(sockets=[listener])
    workers.stop(timeout=TASKS_MAY_TAKE)
    _leave()


def _both(pages: Any, sockets: Any) -> Any:
    """One ASGI application of the two."""

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await (sockets if scope["type"] == "websocket" else pages)(scope, receive, send)

    return application


def _config(application: Any) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whose proxy is believed is for TRUSTED_PROXIES to say; uvicorn would believe every caller on this machine.
        proxy_headers=False,
        ws="websockets-sansio",
        ws_max_size=SOCKET_MESSAGE_LIMIT,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=CONNECTIONS_MAY_TAKE,
    )


def _stop_on_signals(server: uvicorn.Server) -> None:
    """uvicorn raises the signal again once it has shut down; without a handler that would end us before the worker."""

    def stop(*_: Any) -> None:
        server.should_exit = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _leave() -> None:
    """Exit now. Threads that are still busy (a slow provider) are cut off; their rows wait for the next start."""
    busy = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    logger.info("Leaving with %d threads: %s", len(busy), ", ".join(busy))
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
