"""The embedded database: many writers in one process."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from dms.embedded.sqlite import base
from tests.runtime.writers import ROUNDS, WRITERS

ROOT = Path(__file__).resolve().parents[2]


def twenty_writers(engine: str, file: Path) -> Any:
    """What the program in writers.py reports."""
    command = [sys.executable, "-m", "tests.runtime.writers", engine, str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def test_twenty_writers_all_get_their_turn(tmp_path: Path) -> None:
    report = twenty_writers("dms.embedded.sqlite", tmp_path / "db.sqlite3")

    assert report == {"count": WRITERS * ROUNDS, "errors": []}


def test_the_stock_backend_turns_some_of_them_away(tmp_path: Path) -> None:
    """Negative control: with the same patience, sleeping and retrying is not enough."""
    report = twenty_writers("django.db.backends.sqlite3", tmp_path / "db.sqlite3")

    assert "database is locked" in report["errors"]


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_a_writer_that_waits_too_long_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "TURN_TIMEOUT", 0.01)
    turn = base._turns[str(connection.settings_dict["NAME"])]
    turn.acquire(timeout=1)

    try:
        with pytest.raises(OperationalError, match="no turn to write"), connection.cursor() as cursor:
            cursor.execute("UPDATE sites_group SET name = name")
    finally:
        turn.release()


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_readers_do_not_queue() -> None:
    turn = base._turns[str(connection.settings_dict["NAME"])]
    turn.acquire(timeout=1)

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sites_group")
            (groups,) = cursor.fetchone()
    finally:
        turn.release()

    assert groups == 0


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
def test_the_turn_ends_with_the_connection() -> None:
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sites_group SET name = name")

    connection.close()

    turn = base._turns[str(connection.settings_dict["NAME"])]
    assert turn.acquire(timeout=0.01)
    turn.release()


@pytest.mark.sqlite
@pytest.mark.django_db
def test_readers_go_on_while_somebody_writes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        (mode,) = cursor.fetchone()

    assert mode == "wal"
