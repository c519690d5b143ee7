"""Python and the database at work at the same time: all of a block is done at its end, or none of it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection

from core.meanwhile import meanwhile
from sites.models import Group

pytestmark = pytest.mark.django_db(transaction=True)


def rename(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sites_group SET name = %s WHERE slug = %s", [name, "one"])


@pytest.fixture
def group() -> Group:
    return Group.objects.create(name="before", slug="one")


def test_what_the_block_asks_is_done_at_its_end_and_can_be_read(group: Group):
    with connection.cursor() as cursor:
        with meanwhile():
            rename("after")
            cursor.execute("SELECT name FROM sites_group WHERE slug = %s", ["one"])
        assert cursor.fetchall() == [("after",)]

    group.refresh_from_db()
    assert group.name == "after"


def test_one_statement_that_fails_undoes_the_others(group: Group):
    with pytest.raises(DatabaseError), meanwhile():
        rename("after")
        with connection.cursor() as cursor:
            cursor.execute("SELECT missing FROM sites_group")

    group.refresh_from_db()
    assert group.name == "before"


@pytest.mark.postgres
def test_nothing_is_waited_for(group: Group):
    with meanwhile():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        assert connection.connection.info.transaction_status.name == "ACTIVE"

    assert connection.connection.info.transaction_status.name == "IDLE"


@pytest.mark.postgres
@pytest.mark.parametrize("before", range(4))
def test_a_connection_works_on_after_a_block_that_failed(group: Group, before: int):
    """What psycopg was about to prepare, after it had been asked so many times, went with the failed block."""
    for _ in range(before):
        rename("before")

    with pytest.raises(DatabaseError), meanwhile():
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / (0 * count(*)) FROM (SELECT pg_sleep(0.2)) AS slept")
        rename("lost")
    rename("after")

    group.refresh_from_db()
    assert group.name == "after"
