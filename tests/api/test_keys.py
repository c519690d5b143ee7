"""Keys: hashed, scoped, revocable, and asked of the database rarely."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.brief import BriefMemory
from leads.models import LeadSource
from notifications.models import Event
from sites import keys
from sites.models import ApiKey, Group
from sites.scope import group_scope
from sites.services import issue_api_key, revoke_api_key
from tests.api.posting import LEADS, PAUL, post
from tests.cast import MONDAY, make_key


@pytest.fixture(autouse=True)
def _fresh_memory() -> None:
    keys.forget_keys()


@pytest.mark.parametrize("key", [None, "", "wrong", "x" * 5000, "ключ"])
def test_without_a_valid_key_nothing_is_accepted(website: LeadSource, key: str | None):
    response = post(PAUL, key=key)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Api-Key"
    assert response["Content-Type"] == "application/problem+json"


def test_only_the_digest_of_a_key_is_kept(in_rhone: None, rhone: Group):
    issued = issue_api_key(group_id=rhone.pk, name="CRM", scopes=["leads:read"])

    stored = ApiKey.objects.values().get(pk=issued.api_key.pk)
    assert len(issued.text) >= 40
    assert issued.text not in str(stored)
    assert stored["digest"] == ApiKey.digest_of(issued.text)


def test_a_revoked_key_is_refused_at_once(website: LeadSource):
    post(PAUL)

    with group_scope(website.group_id):
        assert revoke_api_key(api_key_id=website.api_key_id or 0, at=MONDAY) is True
        assert revoke_api_key(api_key_id=website.api_key_id or 0, at=MONDAY) is False

    assert post(PAUL).status_code == 401


def test_a_rivals_key_cannot_be_revoked(website: LeadSource, rival: Group):
    with group_scope(rival.pk):
        assert revoke_api_key(api_key_id=website.api_key_id or 0, at=MONDAY) is False

    assert post(PAUL).status_code == 201


def test_a_key_does_only_what_its_scopes_say(website: LeadSource, rhone: Group):
    make_key(rhone, "reader", scopes=["leads:read_all"])

    assert post(PAUL, key="reader").status_code == 403
    assert _get("reader").status_code == 200
    assert _get("lyon-website-key").status_code == 403


def test_last_use_is_noted_once_a_minute(website: LeadSource, monkeypatch: pytest.MonkeyPatch):
    moments = [MONDAY, MONDAY + timedelta(seconds=30), MONDAY + timedelta(seconds=90)]
    noted = []
    for moment in moments:
        monkeypatch.setattr(keys, "now", lambda at=moment: at)
        keys.forget_keys()
        post(PAUL)
        with group_scope(website.group_id):
            noted.append(ApiKey.objects.get().last_used_at)

    assert noted == [MONDAY, MONDAY, moments[2]]


def test_a_second_post_asks_nothing_about_its_key(website: LeadSource):
    post(PAUL)

    with CaptureQueriesContext(connection) as asked:
        post(PAUL)

    assert asked.captured_queries
    assert not any("sites_apikey" in query["sql"] for query in asked.captured_queries)


@pytest.mark.postgres
def test_a_lead_for_the_pool_and_its_event_are_one_statement(website: LeadSource, django_assert_num_queries):
    post(PAUL)

    with django_assert_num_queries(1):
        post({**PAUL, "email": "somebody.else@example.com", "phone": ""})

    with group_scope(website.group_id):
        assert Event.objects.filter(type_key="leads.received").count() == 2


def test_a_brief_memory_forgets_by_time_and_by_request():
    clock, asked = [0.0], []

    def look_up(key: str) -> int:
        asked.append(key)
        return len(asked)

    memory: BriefMemory[str, int] = BriefMemory(seconds=5, size=2, clock=lambda: clock[0])

    first = memory.get("a", look_up)
    clock[0] = 4.9
    still = memory.get("a", look_up)
    clock[0] = 5.0
    anew = memory.get("a", look_up)
    memory.forget()
    after_forgetting = memory.get("a", look_up)

    assert (first, still, anew, after_forgetting) == (1, 1, 2, 3)


def test_a_brief_memory_does_not_grow_beyond_its_size_and_keeps_no_misses():
    memory: BriefMemory[int, int] = BriefMemory(seconds=5, size=3, clock=lambda: 0.0)
    for number in range(10):
        memory.get(number, lambda key: key)
        memory.get(-number - 1, lambda key: None)

    assert len(memory._kept) <= 3


def _get(key: str) -> Any:
    return Client().get(LEADS, headers={"Authorization": f"Api-Key {key}"})
