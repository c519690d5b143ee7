"""The two buttons of bell, toast and push, and reading over REST."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.models import ApprovalRequest
from approvals.services import delegate_request
from core.clock import now
from leads.models import LeadSource
from sites.models import User
from sites.scope import group_scope
from tests.approvals.asking import ask, now_is
from tests.cast import MONDAY, SIGN_IN_BACKEND, member_of, signed_in

APPROVALS = "/api/v1/approvals/"


@pytest.fixture(autouse=True)
def _it_is_monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def post(person: User, request: ApprovalRequest, verb: str, body: dict[str, Any] | None = None) -> Any:
    return signed_in(person).post(
        f"{APPROVALS}{request.pk}/{verb}/", body or {}, content_type="application/json"
    )


def test_the_first_decides_and_the_second_reads_who_and_when(
    website: LeadSource, camille: User, claire: User, remy: User
):
    request = ask(website, camille)
    won = post(claire, request, "approve", {"comment": "D'accord."})
    lost = post(remy, request, "refuse")

    assert won.status_code == 200
    assert won.json()["detail"] == "Approuvée par Claire Fontaine"
    assert lost.status_code == 409
    assert lost["Content-Type"] == "application/problem+json"
    assert lost.json()["detail"] == "Claire Fontaine a approuvé le 2 mars 2026 à 10:30."
    told = lost.json()
    assert (told["decision"], told["decided_by"]) == ("approved", "Claire Fontaine")
    assert told["decided_at"] == won.json()["decided_at"]
    assert now_is(request).comment == "D'accord."


def test_the_button_needs_the_token_of_the_page(website: LeadSource, camille: User, claire: User):
    request = ask(website, camille)
    client = Client(enforce_csrf_checks=True)
    client.force_login(claire, backend=SIGN_IN_BACKEND)

    answer = client.post(f"{APPROVALS}{request.pk}/approve/", {}, content_type="application/json")

    assert answer.status_code == 403
    assert now_is(request).is_pending


def test_a_foreign_request_answers_like_a_missing_one(
    website: LeadSource, camille: User, claire: User, rita: User, marc: User
):
    request = ask(website, camille)
    missing = signed_in(rita).post(f"{APPROVALS}{uuid4()}/approve/", {}, content_type="application/json")

    answers = [post(stranger, request, "approve") for stranger in (rita, marc)]

    assert {answer.status_code for answer in (missing, *answers)} == {404}
    assert answers[0].content == missing.content


def test_his_own_is_forbidden_and_no_secret(website: LeadSource, camille: User, claire: User):
    request = ask(website, camille)

    assert post(camille, request, "approve").status_code == 403


def test_an_old_version_and_a_wrong_body_are_told_apart(website: LeadSource, camille: User, claire: User):
    request = ask(website, camille)

    assert post(claire, request, "approve", {"version": 2}).json()["type"].endswith("#request-changed")
    assert post(claire, request, "approve", {"comment": "x" * 501}).status_code == 400
    assert post(claire, request, "approve", {"comment": "a\u0000b"}).status_code == 400
    assert post(claire, request, "approve", {"votes": 2}).status_code == 400
    assert now_is(request).is_pending


def test_the_list_holds_what_concerns_the_caller(
    website: LeadSource, camille: User, karim: User, claire: User, alain: User, marc: User
):
    request = ask(website, camille)

    def ids(person: User) -> list[str]:
        answer = signed_in(person).get(APPROVALS)
        return [row["id"] for row in answer.json()["results"]]

    assert ids(claire) == ids(camille) == [str(request.pk)]
    assert ids(karim) == ids(marc) == []
    assert signed_in(alain).get(APPROVALS).status_code == 403
    assert Client().get(APPROVALS).status_code == 401


def test_one_request_tells_its_history_and_whether_the_caller_decides(
    website: LeadSource, camille: User, claire: User
):
    request = ask(website, camille, 300)
    told = signed_in(claire).get(f"{APPROVALS}{request.pk}/").json()

    assert (told["amount"], told["currency"], told["can_decide"]) == (300_00, "EUR", True)
    assert told["history"][0]["by"] == "Camille Durand"
    assert not signed_in(camille).get(f"{APPROVALS}{request.pk}/").json()["can_decide"]


def test_the_list_costs_the_same_however_many_were_passed_on(
    website: LeadSource, camille: User, claire: User, remy: User
):
    def cost(number: int) -> int:
        for one in range(number):
            request = ask(website, camille, 900, at=now(), email=f"{number}{one}@example.com")
            with group_scope(website.group_id):
                delegate_request(request_id=request.pk, to_id=claire.pk, by=member_of(remy), at=now())
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(APPROVALS)
        assert {row["can_decide"] for row in answer.json()["results"]} == {True}
        return len(asked)

    client = signed_in(claire)
    cost(1)

    assert cost(1) == cost(3)


def test_pages_follow_each_other(website: LeadSource, camille: User, claire: User, monkeypatch: Any):
    monkeypatch.setattr("approvals.selectors.PAGE_SIZE", 2)
    for number in range(3):
        ask(website, camille, email=f"{number}@example.com")

    first = signed_in(claire).get(APPROVALS).json()
    second = signed_in(claire).get(APPROVALS, {"before": first["next"]}).json()

    assert (len(first["results"]), len(second["results"]), second["next"]) == (2, 1, None)
    assert signed_in(claire).get(APPROVALS, {"before": "x"}).status_code == 400
    assert signed_in(claire).get(APPROVALS, {"status": "x"}).status_code == 400
