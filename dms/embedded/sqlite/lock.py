"""A lock that serves waiting threads in the order they came."""

import threading
from collections import deque


class FairLock:
    """A mutual exclusion lock with hand-over: releasing gives it to whoever has waited longest.

    `threading.Lock` promises no order: under load the thread that has just released it often takes it
    again, while another one waits for seconds.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, *, timeout: float) -> bool:
        """Take the lock, waiting up to `timeout` seconds. False when the time is up."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        return turn.acquire(timeout=timeout) or self._was_handed_over_late(turn)

    def release(self) -> None:
        """Hand the lock to the next in the queue, or leave it free."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    def _was_handed_over_late(self, turn: threading.Lock) -> bool:
        """The holder may have chosen us in the instant after our time was up: then the lock is ours after all."""
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
            return True
