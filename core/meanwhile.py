"""Python and PostgreSQL at work at the same time, on one connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def meanwhile() -> Iterator[None]:
    """Statements of the block are sent and not waited for, while Python goes on.

    At its end all of them are done, in one transaction, and their rows can be fetched; or none is, and what went wrong
    is raised. Within it nothing may ask for what they give. Where the database has no pipelines they are waited for.
    """
    if connection.vendor != "postgresql":
        with transaction.atomic():
            yield
        return
    connection.ensure_connection()
    try:
        with connection.wrap_database_errors, connection.connection.pipeline():
            yield
    except Exception:
        # psycopg believes statements prepared that PostgreSQL has forgotten with the rest: the next one begins anew.
        connection.close()
        raise
