"""Processes that die or forget while leads come in: `kill`, `flush`, `twins` and `poison`. One installation for all."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

from redis import Redis as RedisClient

from tests.chaos.installation import WORKERS, DidNotComeBack, Installation
from tests.chaos.load import Load
from tests.chaos.reckoning import CALM_WITHIN, reckon, settle
from tests.chaos.table import Finding

RATE = 20.0  # leads a second
# A dead process answers again at once; a worker that is back reads its queues only after Django's start.
WARM_UP = {"web": 0.5, "postgres": 1.0, "redis": 1.0}
WARM_UP_OF_PYTHON = 4.0  # seconds
POISONED = 1_000


def kill_each(running: Installation, rounds: int) -> Iterator[Finding]:
    """`kill -9` of each part in turn, `rounds` times."""
    for part in ("web", "worker", "beat", "redis", "postgres"):
        yield _kill(running, part, rounds)


def _kill(running: Installation, part: str, rounds: int) -> Finding:
    def deed() -> None:
        for number in range(rounds):
            name = WORKERS[number % len(WORKERS)] if part == "worker" else part
            time.sleep(random.uniform(0.2, 1.0))
            running.kill(name)
            time.sleep(0.5)
            running.wait_for(lambda name=name: running.is_up(name), f"{name} is down")  # type: ignore[misc]
            time.sleep(WARM_UP.get(name, WARM_UP_OF_PYTHON))

    return _under_load(running, f"kill -9 {part}", f"{rounds} × at {RATE:.0f} leads/s", deed)


def flush(running: Installation, seconds: float) -> Finding:
    """FLUSHALL of Redis, twice a second."""

    def deed() -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with RedisClient.from_url(running.shop.redis.url) as client:
                client.flushall()
            time.sleep(0.5)

    return _under_load(running, "FLUSHALL", f"{2 * seconds:.0f} × at {RATE:.0f} leads/s", deed)


def twins(running: Installation, seconds: float) -> Finding:
    """Two beats, two sweepers, two routers and two senders; the routers die meanwhile, so that the sweepers race."""
    doubled = ("beat", "worker-default", "worker-route", "worker-sms", "worker-email")

    def deed() -> None:
        for service in doubled:
            running.double(service)
        time.sleep(seconds / 2)
        running.kill("worker-route")
        running.kill("worker-route again")
        time.sleep(seconds / 2)

    finding = _under_load(running, "two of each", f"{seconds:.0f} s at {RATE:.0f} leads/s", deed)
    for service in doubled:
        running.undouble(service)
    return finding


def poison(running: Installation, count: int = POISONED) -> Finding:
    """One event that cannot be read, in the middle of `count` that nobody has routed yet."""
    finding = Finding("poisoned row", f"1 of {count}")
    routers = ("worker-route", "worker-default", "beat")
    running.smtp.mails.clear()
    running.stop(*routers)
    with Load(running.shop.web, running.sites, 100, "poison", limit=count) as load:
        pass
    (victim, payload) = running.rows(
        "SELECT id, payload::text FROM notifications_event WHERE routed_at IS NULL ORDER BY id "
        f"OFFSET {count // 2} LIMIT 1"
    )[0]
    running.change(f"UPDATE notifications_event SET payload = '{{\"nonsense\": 1}}' WHERE id = {victim}")
    running.start(*routers)
    settle(running, finding, but=1)
    [(attempts, error)] = running.rows(f"SELECT attempts, error FROM notifications_event WHERE id = {victim}")
    finding.must("the poisoned one says nothing of its fault", hold=attempts > 0 and bool(error))
    mended = payload.replace("'", "''")
    running.change(
        f"UPDATE notifications_event SET payload = '{mended}', retry_at = NULL WHERE id = {victim}"
    )
    seconds = running.wait_for(lambda: not _unrouted(running), "the mended one waits", CALM_WITHIN)
    finding.remarks.append(
        f"{count - 1} on time; the poisoned one was noted, and told {seconds:.0f} s after its mending"
    )
    reckon(running, finding, load.accepted, "poison")
    return finding


def _unrouted(running: Installation) -> list[tuple[int]]:
    return running.rows("SELECT id FROM notifications_event WHERE routed_at IS NULL")


def _under_load(running: Installation, scenario: str, done: str, deed: Callable[[], None]) -> Finding:
    finding = Finding(scenario, done)
    prefix = "".join(filter(str.isalnum, scenario.lower()))
    running.smtp.mails.clear()
    with Load(running.shop.web, running.sites, RATE, prefix) as load:
        try:
            deed()
        except DidNotComeBack as silence:
            finding.breaches.append(str(silence))
    settle(running, finding)
    reckon(running, finding, load.accepted, prefix)
    if load.refused or load.repeated:
        finding.remarks.append(
            f"{load.repeated} posts were repeated, {load.refused} leads given up by their form"
        )
    return finding
