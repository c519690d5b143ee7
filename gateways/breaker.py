"""A circuit breaker for each provider account, kept in the shared cache so that every worker goes by it.

After FAILURES in a row within the WINDOW the account is out: nobody waits for its time-outs. After a PAUSE one call
finds out whether it is back, and the others wait for that. A cache that is lost forgets the outage, and the next
failures find it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.core.cache import cache

from core import clock
from core.counting import counted

FAILURES = 5
WINDOW = timedelta(minutes=1)
PAUSE = timedelta(minutes=1)
# A call ends within PROVIDER_TIMEOUT; one that never came back lets the next one try.
_TRIAL = timedelta(seconds=30)
# An outage that nobody asked about for so long is forgotten.
_FORGET = timedelta(days=1)


@dataclass(frozen=True)
class Outage:
    """An account that does not answer, and since when (aware)."""

    name: str
    since: datetime


def may_call(name: str) -> bool:
    """Whether to ask the account now: it works, or this call is the one that finds out."""
    found = cache.get(_key(name, "out"))
    if found is None:
        return True
    _since, latest = found
    if clock.now().timestamp() < latest + PAUSE.total_seconds():
        return False
    is_first: bool = cache.add(_key(name, "trial"), 1, _TRIAL.total_seconds())
    return is_first


def succeeded(name: str) -> None:
    """The account answered, be it by refusing a message."""
    cache.delete_many([_key(name, part) for part in ("out", "failures", "trial")])


def failed(name: str) -> None:
    """The account did not answer, or not as one that works."""
    now = clock.now().timestamp()
    found = cache.get(_key(name, "out"))
    if found is not None:
        cache.set(_key(name, "out"), (found[0], now), _FORGET.total_seconds())
        cache.delete(_key(name, "trial"))
    elif counted(_key(name, "failures"), seconds=int(WINDOW.total_seconds())) >= FAILURES:
        cache.set(_key(name, "out"), (now, now), _FORGET.total_seconds())


def outages(names: list[str]) -> list[Outage]:
    """Which of these accounts are out."""
    found = cache.get_many([_key(name, "out") for name in names])
    return [
        Outage(name, datetime.fromtimestamp(found[_key(name, "out")][0], UTC))
        for name in names
        if _key(name, "out") in found
    ]


def _key(name: str, part: str) -> str:
    # No tenant in this key: the installation's accounts serve all of them.
    return f"breaker:{name}:{part}"
