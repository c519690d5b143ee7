"""Production on private servers that may die: what ends is started again, as `restart: unless-stopped` does."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis as RedisClient

from tests import services
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio
from tests.journeys.producing import Production, production
from tests.processes import ServiceError, private_folder

SERVICES = ("web", "worker-route", "worker-default", "worker-email", "worker-sms", "beat")
WORKERS = tuple(name for name in SERVICES if name.startswith("worker"))

RESTART_AFTER = 0.3  # seconds, about what a container engine takes
PATIENCE = 90.0  # seconds until something that does not come back counts as a breach of its own

# PostgreSQL that keeps what it confirmed when its processes die (`fsync` is for a machine that dies), and that counts
# its rows now and then as everywhere: without that it routes six hundred sites ten times as slowly.
DURABLE = {"synchronous_commit": "on", "autovacuum": "on", "autovacuum_naptime": "5s"}
# Providers answer in a moment, so that kills hit calls in the middle.
ANSWER_SECONDS = 0.05


class DidNotComeBack(Exception):
    """Something that was killed is still down after PATIENCE."""


@dataclass
class Installation:
    """The running product, its database and the providers that note what reached them."""

    shop: Production
    cluster: services.Cluster
    twilio: FakeTwilio
    smtp: FakeSmtp
    postgres: subprocess.Popen[bytes]
    sites: int
    resting: threading.Event = field(default_factory=threading.Event)
    _stopped: set[str] = field(default_factory=set)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def kill(self, name: str) -> None:
        """`kill -9` everything that would end with the container."""
        if name == "postgres":
            _kill_tree(int((self.cluster.root / "data" / "postmaster.pid").read_text().split()[0]))
        elif name == "redis":
            with RedisClient.from_url(self.shop.redis.url) as client:
                os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.shop.processes[name].pid, signal.SIGKILL)

    def stop(self, *names: str) -> None:
        """Kill for good: nobody starts it again before `start`."""
        with self._guard:
            self._stopped.update(names)
        for name in names:
            self.kill(name)
            self.shop.processes[name].wait()

    def start(self, *names: str) -> None:
        with self._guard:
            self._stopped.difference_update(names)

    def double(self, service: str) -> None:
        """A second process of the same service, as after a mistake in the deployment."""
        with self._guard:
            first = self.shop.processes.pop(service)
            self.shop.start(service)
            self.shop.processes[f"{service} again"] = self.shop.processes.pop(service)
            self.shop.processes[service] = first

    def undouble(self, service: str) -> None:
        name = f"{service} again"
        self.stop(name)
        del self.shop.processes[name]

    def is_up(self, name: str) -> bool:
        if name == "postgres":
            return self.cluster.answers()
        if name == "redis":
            return services._answers_ping(self.shop.redis.port)
        if name == "web":
            return _listens(self.shop.web)
        return self.shop.processes[name].poll() is None

    def wait_for(self, condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
        """Seconds that it took. Raises DidNotComeBack."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > patience:
                raise DidNotComeBack(f"{what} after {patience:.0f} s")
            time.sleep(0.1)
        return time.monotonic() - began

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.shop.rows(query)

    def change(self, statement: str) -> None:
        """Change rows behind the product's back."""
        with psycopg.connect(self.shop.environment["DATABASE_URL"]) as connection:
            connection.execute(statement.encode())

    def supervise(self, ending: threading.Event) -> None:
        """Start again what died. The kernel ends with this thread what it started, so it has to outlive the rest."""
        with ExitStack() as stack:
            while not ending.wait(RESTART_AFTER):
                if not self.resting.is_set():
                    self._revive_servers(stack)
                    for name in self._dead():
                        self._revive(name)

    def _dead(self) -> list[str]:
        with self._guard:
            ended = [name for name, process in self.shop.processes.items() if process.poll() is not None]
            return [name for name in ended if name not in self._stopped]

    def _revive(self, name: str) -> None:
        service = name.removesuffix(" again")
        if service == name:
            self.shop.start(service)
        else:
            self.double(service)

    def _revive_servers(self, stack: ExitStack) -> None:
        with contextlib.suppress(ServiceError, OSError):
            if not self.is_up("redis"):
                self.shop.redis.start()
            if self.postgres.poll() is not None:
                self.postgres = self.cluster.serve(stack)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _kill_tree(pid: int) -> None:
    """The process and its children, which have sessions of their own."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    for one in (pid, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


@contextmanager
def installation(sites: int) -> Iterator[Installation]:
    """The product with `sites` small dealers, alive and supervised while the block lasts."""
    with ExitStack() as stack:
        programs = services.postgres_programs(stack)
        if programs is None:
            raise ServiceError("no PostgreSQL here: `python -m tests.services` says what was looked for")
        cluster = services.new_cluster(stack, programs, **DURABLE)
        postgres = cluster.serve(stack)
        url = services.plain_role(cluster.port)
        twilio = stack.enter_context(FakeTwilio().running())
        twilio.answers_after = ANSWER_SECONDS
        smtp = stack.enter_context(FakeSmtp().running())
        keeper = stack.enter_context(_keeper())
        folder = private_folder(stack)
        shop = stack.enter_context(production(folder, url, only=SERVICES, **_settings(twilio, smtp)))
        shop.run(sys.executable, "-m", "tests.chaos.founding", str(sites))
        running = Installation(shop, cluster, twilio, smtp, postgres, sites)
        stack.callback(running.resting.set)
        keeper(running)
        yield running


@contextmanager
def _keeper() -> Iterator[Callable[[Installation], None]]:
    """Supervises what it is given, until everything that is begun after it has ended."""
    ending, threads = threading.Event(), list[threading.Thread]()

    def keep(running: Installation) -> None:
        threads.append(threading.Thread(target=running.supervise, args=(ending,), daemon=True))
        threads[0].start()

    try:
        yield keep
    finally:
        ending.set()
        for thread in threads:
            thread.join()


def _settings(twilio: FakeTwilio, smtp: FakeSmtp) -> dict[str, str]:
    plenty = "1000000"
    return {
        "TWILIO_API_URL": twilio.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": SENDER,
        "SMS_CAP_NUMBER": plenty,
        "SMS_CAP_SITE": plenty,
        "SMS_CAP_GROUP": plenty,
        "EMAIL_PROVIDER": "smtp",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(smtp.port),
        "EMAIL_USE_TLS": "0",
        "DEFAULT_FROM_EMAIL": "DMS <dms@chaos.test>",
        "CELERY_LOG_LEVEL": "ERROR",
    }
