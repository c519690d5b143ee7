"""Forms that post straight from a visitor's browser: origins, limits."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from leads.api import limits
from leads.models import LeadSource
from tests.api.posting import LEADS, PAUL, post

OURS = "https://www.rhone-auto.example"
FOREIGN = "https://evil.example"


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


def preflight(origin: str) -> Any:
    return Client().options(LEADS, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})


def test_a_listed_website_may_ask_and_post(website: LeadSource):
    asked, posted = preflight(OURS), post(PAUL, Origin=OURS)

    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Methods"] == "POST"
    assert "Idempotency-Key" in asked["Access-Control-Allow-Headers"]
    assert posted.status_code == 201
    assert asked["Access-Control-Allow-Origin"] == posted["Access-Control-Allow-Origin"] == OURS
    assert "Origin" in posted["Vary"]


@pytest.mark.parametrize("origin", [FOREIGN, "null", OURS + ".evil.example", "http://www.rhone-auto.example"])
def test_another_website_may_neither_ask_nor_post(website: LeadSource, origin: str):
    asked, posted = preflight(origin), post(PAUL, Origin=origin)

    assert (asked.status_code, posted.status_code) == (403, 403)
    assert "Access-Control-Allow-Origin" not in asked
    assert "Access-Control-Allow-Origin" not in posted


def test_a_website_posts_for_its_own_source_only(website: LeadSource, rival_website: LeadSource):
    response = post(PAUL, key="rival-website-key", Origin=OURS)

    assert response.status_code == 403


def test_a_refusal_can_be_read_by_the_form_that_caused_it(website: LeadSource):
    response = post({"email": "no address"}, Origin=OURS)

    assert response.status_code == 400
    assert response["Access-Control-Allow-Origin"] == OURS


def test_our_own_pages_may_post(website: LeadSource):
    assert post(PAUL, Origin="http://testserver").status_code == 201


def test_reading_is_never_opened_to_other_websites(website: LeadSource):
    response = Client().get(LEADS, headers={"Origin": OURS, "Authorization": "Api-Key lyon-website-key"})

    assert "Access-Control-Allow-Origin" not in response


def test_a_visitor_who_posts_too_often_is_asked_to_wait(website: LeadSource):
    answers = [post(PAUL, Origin=OURS) for _ in range(limits.POSTS + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {201}
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "60"
    assert answers[-1]["Access-Control-Allow-Origin"] == OURS


def test_a_server_posts_for_many_visitors(website: LeadSource):
    """The limit of one visitor is not its own; that of the source is (tests/api/test_flood.py)."""
    answers = {post(PAUL).status_code for _ in range(limits.POSTS + 2)}

    assert answers == {201}


def test_without_a_cache_leads_are_accepted(website: LeadSource, monkeypatch: pytest.MonkeyPatch):
    """What the forgiving cache answers while Redis is away."""
    monkeypatch.setattr(cache, "add", lambda *_: True)

    answers = {post(PAUL, Origin=OURS).status_code for _ in range(limits.POSTS + 2)}

    assert answers == {201}


def test_visitors_are_told_apart_behind_our_own_proxy(website: LeadSource, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    answers = [
        post(PAUL, Origin=OURS, X_Forwarded_For=f"6.6.6.6, 9.9.9.{n}") for n in range(limits.POSTS + 2)
    ]

    assert {answer.status_code for answer in answers} == {201}


def test_without_a_proxy_a_visitor_cannot_call_himself_somebody_else(website: LeadSource):
    answers = [post(PAUL, Origin=OURS, X_Forwarded_For=f"9.9.9.{n}") for n in range(limits.POSTS + 1)]

    assert answers[-1].status_code == 429


def test_an_options_request_without_an_origin_tells_the_methods(website: LeadSource):
    response = Client().options(LEADS)

    assert (response.status_code, response["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
