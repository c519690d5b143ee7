"""The shape of production: the processes of docker-compose.yml, and what happens when parts of it fail."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.sync.client import ClientConnection

from tests.journeys.producing import Production, production
from tests.journeys.serving import ROOT
from tests.processes import free_port

PATIENCE = 30.0  # seconds


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """One installation for this file; every journey leaves it whole."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        pytest.skip("no PostgreSQL: run `make test`")
    with production(tmp_path_factory.mktemp("production"), server) as running:
        yield running


def head_after(tab: ClientConnection, head: int) -> int:
    """Wait until the bell rings for something newer than `head`."""
    heard = head
    while heard <= head:
        heard = json.loads(tab.recv(timeout=PATIENCE))["head"]
    return heard


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def told(shop: Production, number: int) -> bool:
    """Whether somebody has been told of the lead with this number, and nothing waits to be sent."""
    (people,) = shop.rows(
        "SELECT count(*) FROM notifications_notification n JOIN notifications_event e ON e.id = n.event_id "
        f"JOIN leads_lead l ON e.subject LIKE '%' || l.id || '%' WHERE l.email = 'paul{number}@example.com'"
    )[0]
    (waiting,) = shop.rows(
        "SELECT count(*) FROM notifications_delivery WHERE state IN ('planned', 'sending', 'failed_temporary')"
    )[0]
    return bool(people > 0 and waiting == 0)


def test_a_lead_rings_the_bell(shop: Production) -> None:
    with shop.bell() as tab:
        head = json.loads(tab.recv(timeout=PATIENCE))["head"]

        status = shop.post_lead(1)
        rung = head_after(tab, head)

    assert status == 201
    assert rung > head
    assert eventually(lambda: told(shop, 1))


def test_every_part_says_that_it_is_alive(shop: Production) -> None:
    report = shop.wait_until_alive()

    assert report["status"] == "ok"
    assert all(report["queues"].values())
    assert report["beat"] is True


def test_pages_are_dressed_and_guarded(shop: Production) -> None:
    status, headers, text = shop.page("/accounts/login/")
    stylesheets = re.findall(r'<link[^>]+href="(/static/[^"]+\.css)"', text)
    answers = [shop.page(path) for path in stylesheets]

    assert status == 200
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    assert "script-src 'self'" in [part.strip() for part in headers["Content-Security-Policy"].split(";")]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Secure" in headers["Set-Cookie"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert stylesheets
    assert [status for status, _, _ in answers] == [200] * len(stylesheets)
    assert all("immutable" in kept["Cache-Control"] for _, kept, _ in answers)


def test_the_demo_does_not_exist_here(shop: Production) -> None:
    _, _, sign_in_page = shop.page("/accounts/login/")
    dealers_page, _, _ = shop.page("/demo/lyon/")

    assert "demo.test" not in sign_in_page
    assert dealers_page == 404


def test_the_containers_health_check_passes_without_a_proxy(shop: Production) -> None:
    """From the inside it speaks plain HTTP, which everything else redirects to https."""
    check = [sys.executable, "deploy/processes/healthy.py"]
    environment = {**shop.environment, "PORT": str(shop.web)}

    healthy = subprocess.run(check, cwd=ROOT, env=environment, check=False)
    nobody_there = subprocess.run(check, cwd=ROOT, env={**environment, "PORT": str(free_port())}, check=False)

    assert (healthy.returncode, nobody_there.returncode) == (0, 1)


def test_connections_persist_in_web_and_workers(shop: Production) -> None:
    def connections() -> set[int]:
        query = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {pid for (pid,) in shop.rows(query)}

    for number in range(100, 130):  # every thread of every process gets its connection
        shop.post_lead(number)
    eventually(lambda: told(shop, 129))
    before = connections()
    for number in range(130, 150):
        shop.post_lead(number)
    eventually(lambda: told(shop, 149))

    assert before
    assert before <= connections()


def test_leads_are_accepted_while_redis_is_away_and_told_when_it_returns(shop: Production) -> None:
    with shop.bell() as tab:
        head = json.loads(tab.recv(timeout=PATIENCE))["head"]

        shop.redis.stop()
        started = time.monotonic()
        accepted = [shop.post_lead(number) for number in (2, 3)]
        seconds = time.monotonic() - started
        health, _ = shop.ask("/healthz")
        shop.redis.start()
        rung = head_after(tab, head)

    assert accepted == [201, 201]
    assert seconds < 5
    assert health == 503
    assert rung > head
    assert eventually(lambda: told(shop, 2) and told(shop, 3))
    assert shop.wait_until_alive()["status"] == "ok"


def test_a_redis_that_does_not_answer_keeps_nobody_waiting(shop: Production) -> None:
    with shop.bell() as tab:
        head = json.loads(tab.recv(timeout=PATIENCE))["head"]

        shop.redis.freeze(seconds=8)
        started = time.monotonic()
        accepted = [shop.post_lead(number) for number in (6, 7)]
        seconds = time.monotonic() - started
        rung = head_after(tab, head)

    assert accepted == [201, 201]
    assert seconds < 6
    assert rung > head
    assert eventually(lambda: told(shop, 6) and told(shop, 7))


def test_a_killed_worker_loses_nothing(shop: Production) -> None:
    shop.kill("worker-route")

    accepted = shop.post_lead(4)
    time.sleep(0.5)
    told_without_worker = told(shop, 4)
    shop.start("worker-route")

    assert accepted == 201
    assert not told_without_worker
    assert eventually(lambda: told(shop, 4))


def test_a_killed_socket_server_comes_back(shop: Production) -> None:
    shop.kill("sockets")
    status = shop.post_lead(5)
    eventually(lambda: told(shop, 5))

    shop.start("sockets")
    heads: list[int] = []

    def reopened() -> bool:
        try:
            with shop.bell() as tab:
                heads.append(json.loads(tab.recv(timeout=PATIENCE))["head"])
        except OSError:
            return False
        return True

    assert status == 201
    assert eventually(reopened)
    assert heads[0] > 0


def test_a_refused_lead_and_all_these_faults_left_no_traceback(shop: Production) -> None:
    """Runs last: the outages above are reported in a line each."""
    status, problem = shop.ask("/api/v1/leads/", {"first_name": "x"})

    assert status in {400, 422}
    assert problem["status"] == status
    assert "Traceback" not in shop.logs()
