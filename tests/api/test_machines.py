"""Calls with a key go the short way and are protected like all others."""

import pytest
from django.conf import settings
from django.test import Client

from leads.models import LeadSource
from sites.models import User
from sites.scope import group_scope
from tests.api.posting import LEADS, PAUL, post
from tests.cast import make_lead, signed_in

PEOPLES_MIDDLEWARE = "django.contrib.sessions.middleware.SessionMiddleware"


def test_the_short_way_begins_behind_the_checks_that_everybody_passes():
    order = settings.MIDDLEWARE

    assert order.index("django.middleware.security.SecurityMiddleware") < order.index(
        "sites.api.machines.MachineMiddleware"
    )
    assert order.index("sites.api.machines.MachineMiddleware") < order.index(PEOPLES_MIDDLEWARE)


def test_a_machine_gets_neither_session_nor_cookie(website: LeadSource):
    response = post(PAUL)

    assert response.status_code == 201
    assert not response.cookies
    assert response["Content-Length"] == str(len(response.content))
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing/", f"{LEADS}42/"])
def test_a_machine_that_lost_its_way_hears_so_in_its_language(website: LeadSource, path: str):
    headers = {"Authorization": "Api-Key lyon-website-key", "Accept-Language": "en"}

    response = Client().get(path, headers=headers)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "There is nothing here."


def test_a_foreign_host_is_refused(website: LeadSource):
    response = Client().get(
        LEADS, headers={"Authorization": "Api-Key lyon-website-key", "Host": "evil.example"}
    )

    assert response.status_code == 400


def test_a_key_does_not_borrow_the_session_beside_it(website: LeadSource, camille: User):
    """A key and a cookie in one call: the key counts, and what the person may see does not leak into it."""
    lead = make_lead(website)
    client = signed_in(camille)
    headers = {"Authorization": "Api-Key lyon-website-key"}

    read = client.get(f"{LEADS}{lead.pk}/", headers=headers)
    claimed = client.post(f"{LEADS}{lead.pk}/claim/", headers=headers)

    assert (read.status_code, claimed.status_code) == (403, 403)
    with group_scope(lead.group_id):
        lead.refresh_from_db()
    assert lead.owner is None


def test_a_key_opens_no_page_for_people(website: LeadSource):
    response = Client().get("/leads/", headers={"Authorization": "Api-Key lyon-website-key"})

    assert response.status_code == 302
