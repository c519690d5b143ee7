"""`manage.py serve`: the whole product in one process."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dms.embedded import server
from dms.settings import env

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000


class Command(BaseCommand):
    help = (
        "Serve pages, API and live bell, and run the background tasks, in this one process. "
        "The address comes from HOST and PORT. For production see docker-compose.yml."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default=env.text("HOST", DEFAULT_HOST))
        parser.add_argument("--port", type=int, default=env.number("PORT", DEFAULT_PORT))

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError(
                "serve is the embedded way to run; with DATABASE_URL or REDIS_URL set, start the processes "
                "in deploy/processes/ instead."
            )
        try:
            listener = server.bind(host, port)
        except server.PortTakenError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error}). Is another program, or another run of this one, "
                f"using the port? Choose a different one: PORT={port + 1} make run"
            ) from error
        shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
        server.run(listener, when_ready=lambda: self._greet(f"http://{shown}:{port}"))

    def _greet(self, url: str) -> None:
        self.stdout.write(self.style.SUCCESS(f"Ready: {url}") + "   (Ctrl-C stops)")
        self.stdout.flush()
