from __future__ import annotations

import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import services
from tests.isolation import redis_of_this_worker
from tests.processes import ServiceError, free_port, start, wait_until


@pytest.fixture
def nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has neither programs nor wheels nor root."""
    for name in ("TEST_DATABASE_URL", "TEST_REDIS_URLS", "CHROMIUM", "CHROMIUM_FULL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(services, "_postgres_of_the_wheel", lambda stack: None)
    monkeypatch.setattr(services, "_postgres_of_the_system", lambda: None)
    monkeypatch.setattr(services, "_redis_of_the_wheel", lambda: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(services, "_fetched_by_playwright", lambda: None)


def test_what_cannot_be_had_is_said(nothing_here: None):
    with services.services() as found:
        pass

    assert found.missing == ["postgres", "redis", "chromium"]
    assert found.report == [f"{name}: MISSING (not found)" for name in found.missing]
    assert found.environment() == {}


def test_addresses_that_are_given_win(nothing_here: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TEST_DATABASE_URL", "postgresql://somewhere/db")
    monkeypatch.setenv("TEST_REDIS_URLS", "redis://one redis://two")

    with services.services(chromium=False) as found:
        pass

    assert found.postgres_url == "postgresql://somewhere/db"
    assert found.redis_urls == ["redis://one", "redis://two"]
    assert found.missing == []


def test_a_private_redis_answers_and_is_gone_after_the_run():
    program = services._redis_of_the_wheel()
    assert program

    with ExitStack() as stack:
        url = services.start_redis(stack, program)
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        answered = services._answers_ping(port)

    assert answered
    assert not services._answers_ping(port)


def test_a_server_that_ends_at_once_is_reported_with_its_words(tmp_path):
    log = tmp_path / "log"

    with ExitStack() as stack:
        process = start(
            stack,
            ["/bin/sh", "-c", "echo no space left"],
            stop_with=signal.SIGTERM,
            log=log,
            keywords={},
        )
        with pytest.raises(ServiceError, match="no space left"):
            wait_until(process, lambda: services._answers_ping(free_port()), log)


def test_each_worker_has_a_redis_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TEST_REDIS_URLS", "redis://one redis://two")

    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    second = redis_of_this_worker("redis://one")
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "master")
    alone = redis_of_this_worker("redis://one")

    assert (second, alone) == ("redis://two", "redis://one")


@pytest.mark.parametrize(("mode", "runs"), [(0o755, True), (0o600, False)])
def test_a_program_that_its_account_may_not_start_is_noticed(mode: int, runs: bool):
    """In a folder of root's alone it is the same: PostgreSQL is then copied out of the checkout, and not left out."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        program = Path(folder) / "postgres"
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(mode)

        assert services._runs(program) is runs
