"""Small versions of the scenarios that need no processes, and proof that each would be found out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateways import sms
from notifications.channels.sms.adapter import SmsAdapter
from notifications.door import Door
from tests.chaos import asleep, refusing
from tests.chaos.table import Finding, table

HOUR = timedelta(hours=1)


@pytest.fixture
def push_keys(tmp_path: Path, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY_FILE = str(tmp_path / "keys" / "vapid_private.pem")


@pytest.mark.django_db(transaction=True)
def test_two_days_of_sleep_are_caught_up_once_and_nobody_is_woken():
    finding = asleep.two_days(4, every=HOUR)

    assert finding.breaches == []
    assert (finding.accepted, finding.lost, finding.twice) == (4, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_message_in_the_night_would_be_found_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Door, "_by_time", lambda *_arguments: None)

    finding = asleep.two_days(2, every=HOUR)

    assert any("closed" in breach for breach in finding.breaches)


@pytest.mark.django_db(transaction=True)
def test_providers_on_a_bad_day_keep_nobody_from_being_reached(push_keys: None):
    finding = refusing.providers(16, salespeople=4)

    assert finding.breaches == []
    assert (finding.accepted, finding.lost, finding.twice) == (16, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_text_sent_again_without_asking_would_be_found_out(
    push_keys: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(SmsAdapter, "find_earlier", lambda *_arguments: None)
    monkeypatch.setattr(sms, "find_sent", lambda *_arguments: [])

    finding = refusing.providers(40, salespeople=10)  # of sixteen, none may have been taken and refused

    assert any("twice" in breach for breach in finding.breaches)


def test_the_table_says_what_held_and_what_did_not():
    held = Finding("two of each", "30 s", accepted=600, calm=4.2)
    broken = Finding("kill -9 web", "20 ×", accepted=400, lost=1)
    broken.must("lost: ['web7@example.com']", hold=False)

    lines = table([held, broken])

    assert [line.split()[-1] for line in lines[2:4]] == ["ok", "VIOLATED"]
    assert lines[-1] == "  kill -9 web: VIOLATED: lost: ['web7@example.com']"
