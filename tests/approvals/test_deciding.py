"""Deciding once: who may, what it does, what the others learn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import ApprovalRequest, Status
from approvals.services import (
    AlreadyDecided,
    DecisionNotAllowed,
    NotAColleague,
    RequestChanged,
    RequestNotFound,
    decide_request,
    delegate_request,
    withdraw_request,
)
from leads.approvals import DiscountApproval
from leads.models import Discount, LeadSource
from notifications.models import Event, Notification
from notifications.selectors import inbox_items
from sites.models import Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.approvals.asking import ask, now_is, route_all
from tests.cast import MONDAY, add_role, make_person, make_source, member_of

SOON = MONDAY + timedelta(minutes=5)
APPROVE, REFUSE = Status.APPROVED, Status.REFUSED


def answer(request: ApprovalRequest, by: User, verdict: Status = APPROVE, **fields: Any) -> ApprovalRequest:
    with group_scope(request.group_id):
        return decide_request(
            **{"request_id": request.pk, "verdict": verdict, "by": member_of(by), "at": SOON, **fields}
        )


def test_approving_does_the_deed_and_tells_the_asker(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille, 300)
    route_all(request)

    answer(request, claire, comment="D'accord pour 300.")
    route_all(request, SOON)

    granted = Discount.objects.get()
    assert (granted.cents, granted.currency, granted.granted_by) == (300_00, "EUR", claire)
    told = inbox_items(camille)[0]
    assert (
        told.title.replace("\u00a0", " ") == "Approuvée par Claire Fontaine · Remise exceptionnelle · 300 €"
    )
    assert told.body.startswith("«\u00a0D'accord pour 300.\u00a0»")
    assert told.url == f"/leads/{granted.lead_id}/"
    assert inbox_items(claire)[0].is_closed
    assert [step.kind for step in request.steps.all()] == ["asked", "approved"]


def test_refusing_grants_nothing(website: LeadSource, camille: User, claire: User, in_rhone: None):
    request = ask(website, camille)

    answer(request, claire, REFUSE, comment="Trop.")

    assert now_is(request).status == "refused"
    assert not Discount.objects.exists()


def test_the_second_decider_learns_who_decided_when_and_how(
    website: LeadSource, camille: User, claire: User, remy: User, in_rhone: None
):
    request = ask(website, camille)
    answer(request, claire, REFUSE)

    with pytest.raises(AlreadyDecided) as lost:
        answer(request, remy, APPROVE)

    assert (lost.value.name, lost.value.at, lost.value.status) == ("Claire Fontaine", SOON, Status.REFUSED)
    assert not Discount.objects.exists()


def test_the_same_answer_again_changes_nothing_and_another_one_is_too_late(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille)
    answer(request, claire)

    again = answer(request, claire, at=SOON + timedelta(minutes=1))
    with pytest.raises(AlreadyDecided):
        answer(request, claire, REFUSE)

    assert again.decided_at == SOON
    assert Event.objects.filter(type_key="approvals.decided").count() == 1


def test_the_asker_never_decides_his_own(website: LeadSource, claire: User, remy: User, in_rhone: None):
    request = ask(website, claire)

    with pytest.raises(DecisionNotAllowed):
        answer(request, claire)

    assert now_is(request).is_pending


def test_a_higher_rung_may_decide_and_a_lower_one_may_not(
    website: LeadSource, camille: User, claire: User, remy: User, diane: User, in_rhone: None
):
    small, large = ask(website, camille, 100), ask(website, camille, 1_000, email="autre@example.com")

    with pytest.raises(DecisionNotAllowed):
        answer(large, claire)
    answer(small, diane)

    assert (now_is(small).status, now_is(large).status) == ("approved", "pending")


def test_to_other_people_the_request_does_not_exist(
    website: LeadSource, rita: User, karim: User, camille: User, claire: User, marc: User
):
    request = ask(website, camille)

    for stranger in (rita, karim, marc):
        with group_scope(stranger.group_id or 0), pytest.raises(RequestNotFound):
            decide_request(request_id=request.pk, verdict=APPROVE, by=member_of(stranger), at=SOON)


def test_a_role_that_was_taken_away_decides_no_more(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille)
    Membership.objects.filter(user=claire).update(role=Role.SALESPERSON)

    with pytest.raises(RequestNotFound):
        answer(request, claire)


def test_what_ran_out_cannot_be_decided_before_the_sweep_has_seen_it(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille)

    with pytest.raises(AlreadyDecided) as late:
        answer(request, claire, at=request.expires_at)

    assert late.value.status == Status.EXPIRED


def test_an_answer_to_an_older_version_does_not_count(
    website: LeadSource, camille: User, claire: User, remy: User, in_rhone: None
):
    request = ask(website, camille)
    delegate_request(request_id=request.pk, to_id=remy.pk, by=member_of(claire), at=MONDAY)

    with pytest.raises(RequestChanged):
        answer(request, claire, version=1)
    answer(request, claire, version=2)

    assert now_is(request).is_approved


def test_a_deed_that_fails_leaves_the_request_open(
    website: LeadSource, camille: User, claire: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
):
    request = ask(website, camille)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the deed failed")

    monkeypatch.setattr(DiscountApproval, "approve", fail)
    with pytest.raises(RuntimeError):
        answer(request, claire)

    assert now_is(request).is_pending
    assert not Event.objects.filter(type_key="approvals.decided").exists()


def test_the_asker_withdraws_and_nobody_else_does(
    website: LeadSource, camille: User, claire: User, in_rhone: None
):
    request = ask(website, camille)
    route_all(request)

    with pytest.raises(DecisionNotAllowed):
        withdraw_request(request_id=request.pk, by=member_of(claire), at=SOON)
    withdraw_request(request_id=request.pk, by=member_of(camille), at=SOON)
    route_all(request, SOON)

    assert inbox_items(claire)[0].closed_text == "Retirée par Camille Durand"
    assert not Notification.objects.filter(user=camille, in_inbox=True).exists()


def test_a_colleague_who_was_asked_may_decide_in_the_name_of_who_passed_it_on(
    rhone: Any, lyon: Site, website: LeadSource, camille: User, remy: User, in_rhone: None
):
    claude = make_person(rhone, "Claude Petit", Role.SALES_MANAGER, lyon)
    request = ask(website, camille, 1_000)
    with pytest.raises(DecisionNotAllowed):
        answer(request, claude)

    delegate_request(request_id=request.pk, to_id=claude.pk, by=member_of(remy), at=MONDAY, comment="À toi.")
    route_all(request)
    answer(request, claude)

    assert now_is(request).decided_by == claude
    assert inbox_items(claude)[0].title.startswith("Rémy Girard vous laisse décider")


def test_a_delegation_ends_with_the_role_of_who_gave_it(
    rhone: Any, lyon: Site, website: LeadSource, camille: User, remy: User, in_rhone: None
):
    claude = make_person(rhone, "Claude Petit", Role.SALES_MANAGER, lyon)
    request = ask(website, camille, 1_000)
    delegate_request(request_id=request.pk, to_id=claude.pk, by=member_of(remy), at=MONDAY)
    Membership.objects.filter(user=remy).delete()

    with pytest.raises(DecisionNotAllowed):
        answer(request, claude)


def test_nothing_is_passed_on_to_the_asker_to_strangers_or_by_who_may_not_decide(
    rhone: Any,
    lyon: Site,
    website: LeadSource,
    claire: User,
    remy: User,
    karim: User,
    rita: User,
    in_rhone: None,
):
    request = ask(website, claire)

    for nobody in (claire, remy, karim, rita):
        with pytest.raises(NotAColleague):
            delegate_request(request_id=request.pk, to_id=nobody.pk, by=member_of(remy), at=MONDAY)
    with pytest.raises(DecisionNotAllowed):
        delegate_request(request_id=request.pk, to_id=remy.pk, by=member_of(claire), at=MONDAY)


def test_a_rival_request_of_the_same_number_is_another_world(
    rival: Any, rival_site: Site, rita: User, website: LeadSource, camille: User, claire: User
):
    boris = make_person(rival, "Boris Keller", Role.SALES_MANAGER, rival_site)
    theirs = ask(make_source(rival_site), rita)
    add_role(claire, Role.GROUP_DIRECTOR)

    with group_scope(claire.group_id or 0), pytest.raises(RequestNotFound):
        decide_request(request_id=theirs.pk, verdict=APPROVE, by=member_of(claire), at=SOON)
    answer(theirs, boris)

    assert now_is(theirs).is_approved
