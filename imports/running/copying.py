"""Rows by COPY, the quickest way into PostgreSQL; if need be beside whatever is read meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection

Lines = Sequence[Sequence[str]]
"""Rows of texts, encoded as COPY's text format has them."""


def copy_lines(table: str, columns: Sequence[str], lines: Lines) -> None:
    """Copy the lines into the table, in the caller's transaction if there is one."""
    with connection.cursor() as cursor:
        _copy(cursor.cursor, table, columns, lines)


class Copier:
    """Copies on the caller's connection in a thread of its own: the server works while the next rows are read.

    A connection does one thing at a time: whoever wants it has to `settle` first.
    """

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._copying: Future[None] | None = None

    def copy(self, table: str, columns: Sequence[str], lines: Lines) -> None:
        """Begin to copy the lines. Raises what the copy before this one raised."""
        self.settle()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="copy")
        with connection.cursor() as cursor:  # the thread must not open a connection of its own
            driver = cursor.connection.cursor()
        self._copying = self._thread.submit(_copy, driver, table, columns, lines)

    def settle(self) -> None:
        """Wait until the connection is free. Raises what the copy raised."""
        copying, self._copying = self._copying, None
        if copying is not None:
            copying.result()

    def close(self) -> None:
        """Leave the connection free and no thread behind, whatever became of the last copy."""
        copying, self._copying = self._copying, None
        if copying is not None:
            copying.exception()
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None


def _copy(driver: Any, table: str, columns: Sequence[str], lines: Lines) -> None:
    text = "\n".join(["\t".join(line) for line in lines]) + "\n"
    listed = ", ".join(f'"{column}"' for column in columns)
    with driver.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        copy.write(text)
