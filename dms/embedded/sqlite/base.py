"""The database wrapper that Django loads for `ENGINE = "dms.embedded.sqlite"`."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from dms.embedded.sqlite.lock import FairLock

# Seconds a writer waits for its turn; the same as SQLite's own `timeout` between processes.
TURN_TIMEOUT = 20.0

# First words of the statements that write. Everything else Django sends outside a transaction only reads.
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")

# One queue per database file, shared by all threads of the process.
_turns: defaultdict[str, FairLock] = defaultdict(FairLock)


class QueueingCursor(base.SQLiteCursorWrapper):
    """A cursor whose writes outside a transaction queue like the transactions do."""

    owner: "DatabaseWrapper"

    def execute(self, query: str, params: Any = None) -> Any:
        with self.owner.turn_for(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self.owner.turn_for(query):
            return super().executemany(query, param_list)


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds the process's write turn from BEGIN IMMEDIATE to COMMIT, ROLLBACK or close."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._holds_turn = False

    @contextmanager
    def turn_for(self, query: str) -> Iterator[None]:
        """Hold the turn around one write in autocommit mode; a no-op for reads and inside a transaction."""
        if self._holds_turn or self.in_atomic_block or not query.lstrip()[:7].upper().startswith(_WRITES):
            yield
            return
        self._take_turn()
        try:
            yield
        finally:
            self._end_turn()

    def create_cursor(self, name: str | None = None) -> QueueingCursor:
        """Django's hook for making a cursor; SQLite has no named ones."""
        cursor: QueueingCursor = self.connection.cursor(factory=QueueingCursor)
        cursor.owner = self
        return cursor

    def _take_turn(self) -> None:
        if self._holds_turn:
            return
        if not _turns[self._queue_name].acquire(timeout=TURN_TIMEOUT):
            raise OperationalError(f"database is locked: no turn to write within {TURN_TIMEOUT:.0f} s")
        self._holds_turn = True

    def _end_turn(self) -> None:
        if self._holds_turn:
            self._holds_turn = False
            _turns[self._queue_name].release()

    @property
    def _queue_name(self) -> str:
        return str(self.settings_dict["NAME"])

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in django-stubs
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]  # not in django-stubs
        finally:
            self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # not in django-stubs
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # not in django-stubs
        finally:
            self._end_turn()
