"""Remembering an answer for a few seconds in this process, so that a hot path asks the database rarely."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class BriefMemory(Generic[K, V]):
    """Keeps each answer `seconds` long, at most `size` of them. Any thread may ask.

    Other processes do not hear of `forget`: what is kept here may be that many seconds out of date.
    """

    def __init__(
        self, *, seconds: float, size: int = 1000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._size = size
        self._clock = clock
        self._kept: dict[K, tuple[float, V]] = {}

    def get(self, key: K, look_up: Callable[[K], V | None]) -> V | None:
        """The kept answer or a new one. None is not kept, so that guessing keys cannot fill the memory."""
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept[0]:
            return kept[1]
        answer = look_up(key)
        if answer is None:
            self._kept.pop(key, None)
            return None
        if len(self._kept) >= self._size:
            self._kept.clear()
        self._kept[key] = (self._clock() + self._seconds, answer)
        return answer

    def forget(self) -> None:
        """Ask anew from now on."""
        self._kept.clear()
