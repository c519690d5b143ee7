"""A hundred decisions in the same instant: one stands. With a negative control."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest

from approvals.models import ApprovalRequest, ApprovalStep, Status
from approvals.services import AlreadyDecided, decide_request
from leads.models import Discount, LeadSource
from notifications.models import Event
from sites.models import User
from sites.roles import Role
from sites.scope import group_scope
from tests.approvals.asking import ask, now_is
from tests.cast import MONDAY, make_person, member_of
from tests.together import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

DECISIONS = 100
VERDICTS = (Status.APPROVED, Status.REFUSED)


def deciders(website: LeadSource, number: int) -> list[User]:
    return [
        make_person(website.group, f"Chef {n}", Role.SALES_MANAGER, website.site, email=f"chef{n}@rhone.test")
        for n in range(number)
    ]


def test_100_decisions_at_once_leave_one_that_stands(website: LeadSource, camille: User):
    members = [member_of(person) for person in deciders(website, DECISIONS)]
    request = ask(website, camille)

    def decide(number: int) -> ApprovalRequest:
        with group_scope(website.group_id):
            return decide_request(
                request_id=request.pk,
                verdict=VERDICTS[number % 2],
                by=members[number],
                at=MONDAY + timedelta(seconds=number),
            )

    outcomes = at_once(DECISIONS, decide)

    winners = [outcome for outcome in outcomes if isinstance(outcome, ApprovalRequest)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, AlreadyDecided)]
    assert (len(winners), len(losers)) == (1, DECISIONS - 1), outcomes
    stands = now_is(request)
    assert stands.decided_by is not None
    assert {(lost.name, lost.at, lost.status) for lost in losers} == {
        (stands.decided_by.full_name, stands.decided_at, stands.status)
    }
    with group_scope(website.group_id):
        assert Discount.objects.count() == (stands.status == Status.APPROVED)
        assert ApprovalStep.objects.exclude(kind="asked").count() == 1
        assert Event.objects.filter(type_key="approvals.decided").count() == 1


def test_control_reading_before_writing_has_many_winners(website: LeadSource, camille: User):
    """What the conditional UPDATE prevents: everybody reads « pending » before anybody writes."""
    people = deciders(website, 10)
    request = ask(website, camille)
    everybody_has_read = Barrier(len(people))

    def careless_decision(number: int) -> bool:
        with group_scope(website.group_id):
            seen = ApprovalRequest.objects.get(pk=request.pk)
            everybody_has_read.wait()
            if not seen.is_pending:
                return False
            ApprovalRequest.objects.filter(pk=request.pk).update(
                status=VERDICTS[number % 2], decided_by=people[number], decided_at=MONDAY
            )
            return True

    outcomes = at_once(len(people), careless_decision)

    assert outcomes.count(True) == len(people)
