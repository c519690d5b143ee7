"""What time does: one reminder after open minutes, an end after days; a bad row does not stop the others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import ApprovalRequest, Status
from approvals.services import decide_request, expire_overdue, remind_overdue, waiting
from approvals.tasks import sweep
from leads.models import LeadSource
from notifications.models import Event
from notifications.selectors import inbox_items
from sites.models import Site, User
from tests.approvals.asking import ask, now_is, open_all_week, route_all
from tests.cast import MONDAY, member_of

HALF_AN_HOUR = MONDAY + timedelta(minutes=30)
A_WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def asked(website: LeadSource, lyon: Site, camille: User, claire: User, in_rhone: None) -> ApprovalRequest:
    open_all_week(lyon)
    return ask(website, camille)


def reminders() -> int:
    return Event.objects.filter(type_key="approvals.reminded", kind="notice").count()


def test_the_reminder_comes_once_and_not_early(asked: ApprovalRequest, claire: User):
    early = remind_overdue(at=HALF_AN_HOUR - timedelta(seconds=1))
    due = remind_overdue(at=HALF_AN_HOUR)
    again = remind_overdue(at=HALF_AN_HOUR + timedelta(hours=3))
    route_all(asked, HALF_AN_HOUR)

    assert (early, due, again, reminders()) == (0, 1, 0, 1)
    assert inbox_items(claire)[0].title.startswith("Toujours en attente")


def test_who_has_answered_is_not_reminded(asked: ApprovalRequest, claire: User):
    decide_request(request_id=asked.pk, verdict=Status.REFUSED, by=member_of(claire), at=MONDAY)

    assert remind_overdue(at=HALF_AN_HOUR) == 0


def test_the_answer_ends_the_reminder_in_the_bell_too(asked: ApprovalRequest, claire: User, remy: User):
    route_all(asked)
    remind_overdue(at=HALF_AN_HOUR)
    route_all(asked, HALF_AN_HOUR)

    decide_request(request_id=asked.pk, verdict=Status.REFUSED, by=member_of(remy), at=HALF_AN_HOUR)
    route_all(asked, HALF_AN_HOUR)

    assert [item.closed_text for item in inbox_items(claire)] == ["Refusée par Rémy Girard"] * 2


def test_what_nobody_answers_expires_and_the_asker_hears_it(asked: ApprovalRequest, camille: User):
    assert expire_overdue(at=asked.expires_at - timedelta(seconds=1)) == 0
    assert expire_overdue(at=asked.expires_at) == 1
    assert expire_overdue(at=A_WEEK) == 0
    route_all(asked, A_WEEK)

    assert now_is(asked).status == Status.EXPIRED
    assert inbox_items(camille)[0].title.startswith("Expirée : personne n’a décidé à temps")


def test_the_sweep_finds_what_is_due_in_every_group(asked: ApprovalRequest, time_machine: Any):
    time_machine.move_to(HALF_AN_HOUR, tick=False)
    sweep()
    time_machine.move_to(A_WEEK, tick=False)
    sweep()

    assert (reminders(), now_is(asked).status) == (1, Status.EXPIRED)


def test_one_bad_request_does_not_stop_the_others(
    asked: ApprovalRequest, website: LeadSource, camille: User, monkeypatch: pytest.MonkeyPatch
):
    other = ask(website, camille, email="autre@example.com")
    remind = waiting._remind

    def fail_for_the_first(request: ApprovalRequest, at: Any) -> bool:
        if request.pk == asked.pk:
            raise RuntimeError("a bad row")
        return remind(request, at)

    monkeypatch.setattr(waiting, "_remind", fail_for_the_first)

    assert remind_overdue(at=HALF_AN_HOUR) == 1
    assert now_is(other).remind_at is None
