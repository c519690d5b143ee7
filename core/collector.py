"""Python's collector of cycles, out of the way of work that makes none."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector, in the whole process, for the reading of one file or for one batch of messages.

    That is thousands of small objects and no cycle; walking through them, and through all else that the process
    holds, would take up to a third of the time. Who stays for long calls `collect_young` now and then.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect_young() -> None:
    """Free the cycles among what was made since the last time: the few kilobytes that each statement leaves.

    What lives meanwhile is looked at as well, so that it costs a millisecond or two.
    """
    gc.collect(0)
