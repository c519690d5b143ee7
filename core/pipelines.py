"""Sending statements to PostgreSQL without waiting for each answer, where a request pays for every round trip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def pipelined() -> Iterator[None]:
    """Within the block a statement waits for its answer only when somebody fetches it; at the end all have come.

    To be used inside a transaction, so that an error that arrives late still undoes everything. SQLite has no
    round trips: there the block changes nothing.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield
