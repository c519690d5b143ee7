"""Doing the same thing many times at once, each in a thread with its own database connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")

# Seconds within which every thread must have arrived at the start.
ARRIVAL = 30.0


def at_once(times: int, do: Callable[[int], T]) -> list[T | Exception]:
    """Call `do(0)`, `do(1)`… at the same moment; return what each gave or raised, in that order."""
    start = threading.Barrier(times)

    def run(number: int) -> T | Exception:
        try:
            connection.ensure_connection()
            start.wait(ARRIVAL)
            return do(number)
        except Exception as error:  # noqa: BLE001 - the caller looks at every outcome
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def in_parallel(times: int, deed: Callable[[], T]) -> list[T]:
    """The same where no call may fail: what each gave; the first error is raised here."""
    outcomes = at_once(times, lambda _number: deed())
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
