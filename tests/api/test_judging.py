"""The two buttons under an alert about a request in quarantine."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from leads.models import Lead, LeadSource, LeadStatus
from notifications.models import Event
from sites.models import User
from sites.scope import group_scope
from tests.api.posting import LEADS
from tests.cast import SIGN_IN_BACKEND, make_lead, signed_in


@pytest.fixture
def suspect(website: LeadSource) -> Lead:
    return make_lead(website, status=LeadStatus.QUARANTINED, quarantine_reason="honeypot")


def judge(person: User, lead: Lead, verdict: str) -> Any:
    return signed_in(person).post(f"{LEADS}{lead.pk}/{verdict}/")


def status_of(lead: Lead) -> str:
    with group_scope(lead.group_id):
        return Lead.objects.get(pk=lead.pk).status


def test_a_manager_makes_it_a_lead_and_its_people_are_told(suspect: Lead, claire: User):
    answer = judge(claire, suspect, "release")

    assert (answer.status_code, answer.json()) == (200, {"id": str(suspect.pk), "status": "new"})
    with group_scope(suspect.group_id):
        assert Event.objects.filter(type_key="leads.received", subject=f"lead:{suspect.pk}").exists()


def test_or_keeps_it_as_spam(suspect: Lead, claire: User):
    assert judge(claire, suspect, "spam").json()["status"] == "spam"
    assert status_of(suspect) == LeadStatus.SPAM


def test_the_second_reads_what_it_has_become(suspect: Lead, claire: User, remy: User):
    judge(claire, suspect, "spam")

    late = judge(remy, suspect, "spam")

    assert late.status_code == 409
    assert "Indésirable" in late.json()["detail"]


def test_who_does_not_review_decides_nothing(suspect: Lead, camille: User, claire: User):
    refused = judge(camille, suspect, "release")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(claire, backend=SIGN_IN_BACKEND)
    without_token = browser.post(f"{LEADS}{suspect.pk}/release/")
    looking = signed_in(claire).get(f"{LEADS}{suspect.pk}/release/")

    assert (refused.status_code, without_token.status_code, looking.status_code) == (403, 403, 405)
    assert status_of(suspect) == LeadStatus.QUARANTINED
