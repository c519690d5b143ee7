"""Who is asked: the nearest rung of the ladder that has somebody else than the asker on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from approvals import kinds
from approvals.kinds import ApprovalKind, above, up_to
from approvals.models import ApprovalRequest
from approvals.services import AlreadyAsked, NobodyToAsk
from core.money import NotAnAmount, cents_of
from leads.approvals import DiscountApproval
from leads.models import LeadSource
from leads.services import LeadNotFound, NotYourLead, ask_for_discount
from notifications.models import Event, Notification
from notifications.selectors import inbox_items
from sites.models import Site, User
from sites.roles import Role
from tests.approvals.asking import ask, open_all_week, owned_lead, route_all
from tests.cast import MONDAY, make_person, member_of


def told(request: ApprovalRequest, key: str = "approvals.asked") -> set[str]:
    route_all(request)
    rows = Notification.objects.filter(event__type_key=key, event__subject=f"approval:{request.pk}")
    return set(rows.filter(in_inbox=True).values_list("user__first_name", flat=True))


@pytest.mark.parametrize(
    ("euros", "asked"),
    [(1, "Claire"), (500, "Claire"), (501, "Rémy"), (2_000, "Rémy"), (2_001, "Diane"), (90_000, "Diane")],
)
def test_the_amount_says_who_is_asked(
    euros: int,
    asked: str,
    website: LeadSource,
    camille: User,
    claire: User,
    remy: User,
    diane: User,
    marc: User,
    in_rhone: None,
):
    assert told(ask(website, camille, euros)) == {asked}


def test_the_bell_offers_both_answers_and_the_refusal_stands_back(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille)
    route_all(request)

    approve, refuse = inbox_items(claire)[0].actions

    assert (approve.post, approve.quiet) == (f"/api/v1/approvals/{request.pk}/approve/", False)
    assert (refuse.post, refuse.quiet) == (f"/api/v1/approvals/{request.pk}/refuse/", True)


def test_a_rung_without_anybody_is_skipped_upwards(
    website: LeadSource, camille: User, diane: User, in_rhone: None
):
    assert told(ask(website, camille, 100)) == {"Diane"}


def test_an_asker_on_the_rung_is_not_asked_himself(
    website: LeadSource, claire: User, remy: User, in_rhone: None
):
    assert told(ask(website, claire, 100)) == {"Rémy"}


def test_the_manager_of_another_site_is_not_asked(
    website: LeadSource, marseille: Site, camille: User, diane: User, in_rhone: None
):
    make_person(website.group, "Chef Marseille", Role.SALES_MANAGER, marseille)

    assert told(ask(website, camille, 100)) == {"Diane"}


def test_where_nobody_may_decide_nobody_is_asked(website: LeadSource, camille: User, in_rhone: None):
    with pytest.raises(NobodyToAsk):
        ask(website, camille)

    assert not ApprovalRequest.objects.exists()


def test_the_same_question_waits_once_and_may_be_asked_again_when_it_is_settled(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    first = ask(website, camille)
    again: dict[str, Any] = {"lead_id": first.subject.removeprefix("lead:"), "cents": 1, "reason": "Encore"}

    with pytest.raises(AlreadyAsked):
        ask_for_discount(**again, by=member_of(camille), at=MONDAY)
    ApprovalRequest.objects.filter(pk=first.pk).update(status="withdrawn", decided_at=MONDAY)
    second = ask_for_discount(**again, by=member_of(camille), at=MONDAY)

    assert second.pk != first.pk


def test_only_the_owner_of_a_lead_asks(
    website: LeadSource, camille: User, karim: User, claire: User, in_rhone: None
):
    lead = owned_lead(website, camille)

    with pytest.raises(NotYourLead):
        ask_for_discount(lead_id=lead.pk, cents=1, reason="x", by=member_of(claire), at=MONDAY)
    with pytest.raises(LeadNotFound):
        ask_for_discount(lead_id=lead.pk, cents=1, reason="x", by=member_of(karim), at=MONDAY)


def test_the_reminder_is_due_after_thirty_open_minutes(
    website: LeadSource, lyon: Site, camille: User, claire: User, in_rhone: None
):
    open_all_week(lyon)
    before_closing = MONDAY.replace(hour=16, minute=50)  # 17:50 in Lyon

    request = ask(website, camille, at=before_closing)

    assert request.remind_at == MONDAY.replace(day=3, hour=8, minute=20)
    assert request.expires_at == before_closing + timedelta(days=3)


def test_the_question_is_recorded_with_the_request_or_not_at_all(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille, 300)

    event = Event.objects.get(type_key="approvals.asked", kind="notice")
    assert event.subject == f"approval:{request.pk}"
    assert event.payload["amount"] == 300_00


def declare(**changes: object) -> type[ApprovalKind]:
    attributes = {
        "key": "tests.kind",
        "name": "A kind",
        "ladder": DiscountApproval.ladder,
        "approve": DiscountApproval.approve,
        **changes,
    }
    return type("TestKind", (ApprovalKind,), attributes)


def test_a_kind_that_does_nothing_when_it_is_approved_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match="approve"):
        declare(approve=ApprovalKind.approve)
    assert kinds.find("tests.kind") is None


def test_a_doubled_kind_stops_the_start():
    with pytest.raises(ImproperlyConfigured, match=r"leads\.discount"):
        declare(key="leads.discount")


@pytest.mark.parametrize(
    "ladder",
    [
        (),
        (up_to(100, Role.SITE_MANAGER),),
        (above(Role.SITE_MANAGER), up_to(100, Role.SITE_MANAGER)),
        (up_to(200, Role.SITE_MANAGER), up_to(100, Role.SITE_MANAGER), above(Role.GROUP_DIRECTOR)),
        (above(Role.SALESPERSON),),
    ],
)
def test_a_ladder_that_does_not_rise_or_names_who_may_not_decide_stops_the_start(ladder: tuple[object, ...]):
    with pytest.raises(ImproperlyConfigured, match="ladder"):
        declare(ladder=ladder)
    assert kinds.find("tests.kind") is None


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("800", 800_00), ("1 250,50 €", 1250_50), ("1,250.50 $", 1250_50), ("1.250", 1250_00), ("12,5", 12_50)],
)
def test_an_amount_is_read_as_people_write_it(typed: str, cents: int):
    assert cents_of(typed) == cents


@pytest.mark.parametrize("typed", ["", "beaucoup", "-5", "1,2,3", "٣", "1e9", "99999999999"])
def test_what_is_no_amount_is_refused(typed: str):
    with pytest.raises(NotAnAmount):
        cents_of(typed)
