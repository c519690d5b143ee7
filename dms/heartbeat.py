"""Signs of life of the processes behind the pages, kept in the shared cache.

Beat records its own at every tick. A worker records one per queue when it runs the heartbeat task that beat
sent to that queue: fresh means that the whole way from beat through the broker to that worker is open.
"""

from datetime import datetime

from django.core.cache import cache

from core import clock

# Seconds between the heartbeats that beat sends to each queue.
INTERVAL = 5

# Seconds without a sign until a process counts as dead: six missed heartbeats, so that a burst of real work
# in the queue before it is not mistaken for death.
DEAD_AFTER = 30

# One write of the same sign a second is plenty, however often beat ticks.
_RECORD_EVERY = 1.0

_last_recorded: dict[str, datetime] = {}


def record(name: str) -> None:
    """Note that `name` (`beat`, or `queue:<queue>`) is alive now."""
    at = clock.now()
    last = _last_recorded.get(name)
    if last is not None and 0 <= (at - last).total_seconds() < _RECORD_EVERY:
        return
    _last_recorded[name] = at
    cache.set(_key(name), at.timestamp(), timeout=DEAD_AFTER)


def ages(names: list[str]) -> dict[str, float | None]:
    """Seconds since the last sign of each name; None for those that gave none within DEAD_AFTER."""
    now = clock.now().timestamp()
    found = cache.get_many([_key(name) for name in names])
    return {name: max(0.0, now - found[_key(name)]) if _key(name) in found else None for name in names}


def _key(name: str) -> str:
    # No tenant in this key: a process belongs to all of them.
    return f"heartbeat:{name}"
