"""GET /healthz."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from core import clock
from dms import health, heartbeat
from dms.tasks import beat_heart
from gateways import breaker
from notifications import canaries
from notifications.choices import Channel
from notifications.models import Event, LedgerDay
from notifications.routing import ALARMING
from sites.models import Group
from sites.scope import group_scope
from tests.cast import MONDAY

Settings = Any

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_heartbeats_yet() -> None:
    heartbeat._last_recorded.clear()


@pytest.fixture
def all_alive() -> None:
    heartbeat.record("beat")
    for queue in settings.QUEUES:
        beat_heart(queue)


def record_event(group: Group, *, recorded_at: datetime, attempts: int = 0) -> None:
    with group_scope(group.pk):
        Event.objects.create(
            group=group,
            type_key="leads.received",
            dedupe_key=f"{recorded_at}",
            payload={},
            occurred_at=recorded_at,
            recorded_at=recorded_at,
            attempts=attempts,
        )


def count_night(group: Group, *, counted_at: datetime, missing: int = 0) -> None:
    with group_scope(group.pk):
        LedgerDay.objects.create(
            group=group, day=MONDAY.date(), figures={}, missing=missing, counted_at=counted_at
        )


def test_all_is_well_when_everybody_gave_a_sign(client: Client, all_alive: None) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["worker"] is True
    assert answer.json()["beat"] is True
    assert answer.json()["oldest_undelivered_seconds"] == 0
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_queue_that_nobody_reads_is_named(client: Client, all_alive: None) -> None:
    from django.core.cache import cache

    cache.delete("heartbeat:queue:sms")

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.json()["worker"] is False
    assert answer.json()["queues"] == {
        "route": True,
        "push": True,
        "email": True,
        "sms": False,
        "default": True,
        "imports": True,
    }


def test_beat_that_stopped_is_noticed(client: Client) -> None:
    for queue in settings.QUEUES:
        beat_heart(queue)

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["beat"]) == (503, False)


def test_a_sign_of_life_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    heartbeat.record("beat")

    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(seconds=12))
    ages = heartbeat.ages(["beat", "queue:route"])

    assert ages == {"beat": 12.0, "queue:route": None}


def test_the_oldest_event_that_waits_gives_the_age(rhone: Group, rival: Group) -> None:
    record_event(rhone, recorded_at=MONDAY - timedelta(seconds=40))
    record_event(rival, recorded_at=MONDAY - timedelta(seconds=90))

    report = health.examine(at=MONDAY)

    assert report["oldest_undelivered_seconds"] == 90


def test_an_event_that_fails_again_and_again_is_counted(rhone: Group) -> None:
    record_event(rhone, recorded_at=MONDAY - timedelta(days=2), attempts=ALARMING)
    record_event(rhone, recorded_at=MONDAY - timedelta(seconds=3))

    report = health.examine(at=MONDAY)

    assert report["stuck_events"] == 1
    assert report["oldest_undelivered_seconds"] == timedelta(days=2).total_seconds()


def test_a_difference_in_the_ledger_warns_and_leaves_the_service_up(
    client: Client, rhone: Group, all_alive: None
) -> None:
    count_night(rhone, missing=2, counted_at=clock.now() - timedelta(hours=1))

    answer = client.get("/healthz")

    report = answer.json()
    assert (answer.status_code, report["status"]) == (200, "warning")
    assert (report["ledger_differences"], report["warnings"]) == (2, ["ledger_differences"])
    assert report["ledger_age_seconds"] == pytest.approx(3600, abs=60)


def test_a_night_that_nobody_counted_warns(rhone: Group, rival: Group, all_alive: None) -> None:
    count_night(rhone, counted_at=MONDAY)
    count_night(rival, counted_at=MONDAY - timedelta(days=2))

    assert health.examine(at=MONDAY)["warnings"] == ["ledger_overdue"]


def test_events_and_never_a_count_warn_after_a_day_and_a_half(rhone: Group, all_alive: None) -> None:
    record_event(rhone, recorded_at=MONDAY - timedelta(days=1))
    Event._base_manager.update(routed_at=MONDAY)

    early = health.examine(at=MONDAY)["warnings"]
    late = health.examine(at=MONDAY + timedelta(days=1))["warnings"]

    assert (early, late) == ([], ["ledger_overdue"])


def test_a_canary_that_does_not_come_home_warns(all_alive: None, settings: Settings) -> None:
    settings.CANARY_MINUTES = 10
    canaries.fly(at=clock.now())

    report = health.examine(at=clock.now() + timedelta(minutes=5))

    assert set(report["warnings"]) == {f"canary_late:{channel}" for channel in Channel}
    assert report["canaries"] == dict.fromkeys(Channel, None)
    assert report["status"] == "warning"


def test_a_database_that_does_not_answer_is_reported(
    client: Client, all_alive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("no")

    monkeypatch.setattr(connection, "ensure_connection", refuse)

    report = health.examine(at=MONDAY)

    assert report["database"] is False
    assert report["status"] == "failing"
    assert report["oldest_undelivered_seconds"] is None


def test_a_broker_that_does_not_answer_is_reported(all_alive: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(health, "_reach_broker", refuse)

    report = health.examine(at=MONDAY)

    assert (report["broker"], report["status"]) == (False, "failing")


def test_the_answer_holds_no_secret(client: Client) -> None:
    text = client.get("/healthz").content.decode()

    assert settings.SECRET_KEY not in text
    assert str(settings.DATABASES["default"]["NAME"]) not in text


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


def test_a_provider_that_is_out_is_named_and_fails_nothing(
    client: Client, all_alive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EMAIL_PROVIDER", "postmark")
    for _ in range(breaker.FAILURES):
        breaker.failed("postmark")

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["providers_out"]) == (200, ["postmark"])
