"""Production without containers: the commands of docker-compose.yml as processes on private PostgreSQL and Redis."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import yaml
from redis import Redis as RedisClient
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests import services
from tests.journeys.serving import FOREIGN, ROOT
from tests.processes import free_port, start

ALIVE_SECONDS = 60.0
# What docker-compose.yml and .env give each process, for this machine.
SECRETS = {
    "DMS_MODE": "production",
    "SECRET_KEY": "journey-0123456789-not-a-secret-but-long-and-odd-enough-abcdefghij",
    "ALLOWED_HOSTS": "127.0.0.1",
    "PUBLIC_URL": "https://127.0.0.1",
    "HOST": "127.0.0.1",
    "CANARY_MINUTES": "0",  # journeys look at every message that there is
}


class NotAlive(Exception):
    """The installation did not come up; carries its logs."""


@dataclass
class Redis:
    """A private Redis that can be stopped and started again at the same address."""

    port: int = field(default_factory=free_port)
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = services._redis_of_the_wheel() or shutil.which("redis-server")
        assert program is not None
        services.start_redis(self._stack, program, self.port)

    def stop(self) -> None:
        self._stack.close()

    def freeze(self, *, seconds: int) -> None:
        """Keep connections open and answer nobody for a while, which is worse than being gone."""
        with RedisClient.from_url(self.url) as client:
            client.client_pause(seconds * 1000, all=True)


@dataclass
class Production:
    """A running installation. Processes have the names of their services in docker-compose.yml."""

    environment: dict[str, str]
    folder: Path
    redis: Redis
    web: int = field(default_factory=free_port)
    sockets: int = field(default_factory=free_port)
    key: str = ""
    cookie: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self, service: str) -> None:
        """Start a service by the very command that docker-compose.yml gives it."""
        port = {"web": self.web, "sockets": self.sockets}.get(service)
        environment = {**self.environment, **({"PORT": str(port)} if port else {})}
        self.processes[service] = start(
            self.stack,
            command_of(service),
            stop_with=signal.SIGTERM,
            log=self.folder / f"{service}.log",
            keywords={"cwd": ROOT, "env": environment},
        )

    def run(self, *command: str) -> str:
        """Run a command of the installation to its end; what it prints."""
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NotAlive(done.stdout + done.stderr)
        return done.stdout

    def kill(self, service: str) -> None:
        """End a service as a crash would."""
        self.processes[service].kill()
        self.processes[service].wait()

    def ask(self, path: str, body: dict[str, Any] | None = None, *, timeout: float = 10) -> tuple[int, Any]:
        """Call the web server as Caddy would; status and JSON."""
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        if body is not None:
            headers |= {"Authorization": f"Api-Key {self.key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.web}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def page(self, path: str) -> tuple[int, Message, str]:
        """Open a page as a browser behind Caddy would; status, headers and text. Redirects are not followed."""
        connection = HTTPConnection("127.0.0.1", self.web, timeout=10)
        connection.request("GET", path, headers={"X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def post_lead(self, number: int, *, timeout: float = 10) -> int:
        """Post as the dealer's website does; the status."""
        lead = {"first_name": "Paul", "last_name": f"Bernard {number}", "email": f"paul{number}@example.com"}
        status, _ = self.ask("/api/v1/leads/", {**lead, "message": "Clio"}, timeout=timeout)
        return status

    @contextmanager
    def bell(self) -> Iterator[ClientConnection]:
        """The signed-in salesperson's open tab."""
        with connect(
            f"ws://127.0.0.1:{self.sockets}/ws/inbox/",
            origin=Origin(f"https://127.0.0.1:{self.sockets}"),
            additional_headers={"Cookie": self.cookie},
        ) as tab:
            yield tab

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            return connection.execute(query.encode()).fetchall()

    def wait_until_alive(self, *, whole: bool = True) -> Any:
        """Wait for a 200 of /healthz, or for any answer where a part runs, which never is « ok »; its report."""
        enough = {200} if whole else {200, 503}
        deadline = time.monotonic() + ALIVE_SECONDS
        report: Any = None
        while time.monotonic() < deadline:
            try:
                status, report = self.ask("/healthz")
            except OSError:
                status = 0
            if status in enough:
                return report
            time.sleep(0.1)
        raise NotAlive(f"{report}\n{self.logs()}")

    def logs(self) -> str:
        """The end of every log."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-2000:]}" for log in self.folder.glob("*.log")
        )


def command_of(service: str) -> list[Any]:
    """The service's command in docker-compose.yml."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    command: list[Any] = compose["services"][service]["command"]
    return command


def services_of_the_product() -> list[str]:
    """Every service of docker-compose.yml that runs the product's own image for good."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return [
        name
        for name, service in compose["services"].items()
        if service.get("build") and service["restart"] != "no"
    ]


@contextmanager
def production(
    folder: Path, server_url: str, *, only: Sequence[str] = (), **changes: str
) -> Iterator[Production]:
    """The installation on a new database of the PostgreSQL at `server_url`, alive when the block starts.

    `only` names the services of a journey that opens no page, where starting all takes too long; `changes` are
    variables of the environment.
    """
    name = f"journey_{uuid4().hex[:12]}"
    redis = Redis()
    redis.start()
    with psycopg.connect(server_url, autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}".encode())
    environment = {
        **{key: value for key, value in os.environ.items() if key not in FOREIGN},
        **SECRETS,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "DMS_DATA": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": f"{server_url.rsplit('/', 1)[0]}/{name}",
        "REDIS_URL": redis.url,
        **changes,
    }
    running = Production(environment, folder, redis)
    try:
        _open_for_business(running, only)
        yield running
    finally:
        for process in running.processes.values():
            process.terminate()
        running.stack.close()
        redis.stop()
        with psycopg.connect(server_url, autocommit=True) as owner:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _open_for_business(running: Production, only: Sequence[str]) -> None:
    if not only:
        running.run(sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    running.run(*command_of("migrate"))
    founded = json.loads(running.run(sys.executable, "-m", "tests.journeys.founding"))
    running.key, running.cookie = founded["key"], founded["cookie"]
    for service in only or services_of_the_product():
        running.start(service)
    running.wait_until_alive(whole=not only)
