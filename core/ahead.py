"""Making things while the ones before are dealt with: in a thread, a few ahead."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")

# Seconds after which a maker that waits for room looks whether anybody still wants it.
_LOOK = 0.1
# Seconds for which a thread that has its answer waits for one that computes. Python's 5 ms after each of a dozen round
# trips to the database would cost more than is won.
_PATIENCE = 0.000_05


class _Failed(Exception):
    """What the maker raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class _Done:
    pass


class _Maker(Generic[Item]):
    def __init__(self, items: Iterator[Item], most: int) -> None:
        self._items = items
        self._made: Queue[Item | _Failed | _Done] = Queue(maxsize=most)
        self._unwanted = Event()
        self._thread = Thread(target=self._make, name="ahead", daemon=True)
        self._thread.start()

    def _make(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the items are asked for
            self._put(_Failed(error))
        else:
            self._put(_Done())

    def _put(self, item: Item | _Failed | _Done) -> bool:
        while not self._unwanted.is_set():
            try:
                self._made.put(item, timeout=_LOOK)
            except Full:
                continue
            return True
        return False

    def next(self) -> Item | _Failed | _Done:
        return self._made.get()

    @property
    def is_behind(self) -> bool:
        return self._made.empty()

    def stop(self) -> None:
        self._unwanted.set()
        while True:
            try:
                self._made.get_nowait()
            except Empty:
                break
        self._thread.join()


class _Turns:
    """Lets the threads of the process take turns sooner, as long as anybody needs it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._needed_by = 0
        self._usual = 0.0

    @contextmanager
    def sooner(self) -> Iterator[None]:
        with self._lock:
            if not self._needed_by:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(_PATIENCE)
            self._needed_by += 1
        try:
            yield
        finally:
            with self._lock:
                self._needed_by -= 1
                if not self._needed_by:
                    sys.setswitchinterval(self._usual)


_turns = _Turns()


class Ahead(Generic[Item]):
    """The items in their order, up to `most` of them made before they are asked for; what making them raises, too.

    They are made in another thread, which must not touch the database. Within `with` only: nothing is left of it.
    """

    def __init__(self, items: Iterator[Item], *, most: int = 1) -> None:
        self._items, self._most, self._is_over = items, most, False

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._stack.enter_context(_turns.sooner())
        self._maker = _Maker(self._items, self._most)
        self._stack.callback(self._maker.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Item:
        if self._is_over:
            raise StopIteration
        made = self._maker.next()
        self._is_over = isinstance(made, (_Done, _Failed))
        if isinstance(made, _Failed):
            raise made.error
        if isinstance(made, _Done):
            raise StopIteration
        return made

    @property
    def is_behind(self) -> bool:
        """Whether whoever asks for the next one now has to wait for it."""
        return self._maker.is_behind
