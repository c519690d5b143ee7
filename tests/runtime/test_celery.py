"""What every task gets from the Celery application."""

import threading
from typing import Any

import pytest
from celery import shared_task
from django.db import OperationalError, connection, connections
from django_scopes.exceptions import ScopeError

from dms import celery
from sites.models import Group, Site


@shared_task(name="tests.count_sites")
def count_sites(group_id: int | None = None) -> int:
    """Counts with the ordinary manager: only a scope makes that possible."""
    return Site.objects.count()


@shared_task(name="tests.count_sites_unscoped")
def count_sites_of_nobody() -> int:
    return Site.objects.count()


def test_a_task_sees_the_group_that_it_was_sent_for(lyon: Site, rival: Group) -> None:
    assert count_sites(group_id=lyon.group_id) == 1
    assert count_sites(group_id=rival.pk) == 0


def test_a_task_for_no_group_sees_nobodys_rows(lyon: Site) -> None:
    with pytest.raises(ScopeError):
        count_sites_of_nobody()


@pytest.fixture
def rested_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.connections._thread", threading.local())


class Connection:
    """A database connection that counts how often it was questioned."""

    in_atomic_block = False

    def __init__(self) -> None:
        self.errors_occurred = False
        self.questions = 0

    def close_if_unusable_or_obsolete(self) -> None:
        self.questions += 1


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, rested_thread: None) -> Connection:
    database = Connection()
    monkeypatch.setattr(connections, "all", lambda **_: [database])
    return database


def test_a_thread_that_was_silent_checks_its_connection_and_a_busy_one_does_not(database: Connection) -> None:
    for _ in range(3):
        celery.check_connections_after_silence()

    assert database.questions == 1


def test_a_connection_that_has_failed_is_checked_at_once(database: Connection) -> None:
    celery.check_connections_after_silence()
    database.errors_occurred = True

    celery.check_connections_after_silence()

    assert database.questions == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_worker_outlives_a_connection_that_the_server_has_ended(rested_thread: None) -> None:
    celery.check_connections_after_silence()
    ask("SELECT 1")
    end_this_connection()
    with pytest.raises(OperationalError):
        ask("SELECT 1")

    celery.check_connections_after_silence()

    assert ask("SELECT 1") == 1


def ask(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def end_this_connection() -> None:
    with pytest.raises(OperationalError):
        ask("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.errors_occurred = False  # as if it had happened while nobody looked
