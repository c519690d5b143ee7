"""Somebody found a website's key in its script and posts with it: no Origin, no visitor to tell apart."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from leads.api import limits
from leads.api.limits import STEP, Tally
from leads.models import Lead, LeadSource
from sites.scope import every_group
from tests.api.posting import PAUL, post

CAP = 4
# Two minutes into a period of ten.
NOON = datetime(2026, 3, 2, 12, 2, tzinfo=UTC)
PERIOD = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _small_cap(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INTAKE_POSTS = CAP
    monkeypatch.setattr(limits, "_tally", Tally())
    cache.clear()


def statuses(count: int, *, at: datetime = NOON, **how: str) -> list[int]:
    with time_machine.travel(at, tick=False):
        return [post(PAUL, **how).status_code for _ in range(count)]


def test_a_flood_is_asked_to_wait_for_the_end_of_the_period(website: LeadSource):
    accepted = statuses(CAP)
    with time_machine.travel(NOON, tick=False):
        refused = post(PAUL | {"email": "late@example.com"})

    assert accepted == [201] * CAP
    assert (refused.status_code, refused["Retry-After"]) == (429, "480")
    assert refused.json()["type"].endswith("#too-many-requests")
    with every_group():
        assert not Lead.objects.filter(email="late@example.com").exists()


def test_the_next_period_begins_anew(website: LeadSource):
    statuses(CAP + 1)

    assert statuses(1, at=NOON + PERIOD) == [201]


def test_a_flood_through_one_website_costs_no_other_its_leads(website: LeadSource, rival_website: LeadSource):
    statuses(CAP + 1)

    assert statuses(1, key="rival-website-key") == [201]


def test_refusing_a_flood_asks_the_database_nothing(website: LeadSource, django_assert_num_queries: Any):
    statuses(CAP)

    with django_assert_num_queries(0):
        assert statuses(3) == [429] * 3


def test_browsers_count_as_well_and_can_read_the_answer(website: LeadSource):
    statuses(CAP)

    with time_machine.travel(NOON, tick=False):
        refused = post(PAUL, Origin="https://www.rhone-auto.example")

    assert refused.status_code == 429
    assert refused["Access-Control-Allow-Origin"] == "https://www.rhone-auto.example"


def over(tally: Tally, source: LeadSource, posts: int) -> int:
    """How many of so many posts are too many."""
    return sum(tally.is_over(source, 1) for _ in range(posts))


def test_processes_count_together(website: LeadSource, settings: Any):
    settings.INTAKE_POSTS = 3 * STEP
    one, other = Tally(), Tally()

    assert over(one, website, 2 * STEP) == 0
    assert over(other, website, 2 * STEP) == 0  # the last of these learns of the others
    assert over(other, website, 5) == 5
    assert over(one, website, STEP + 5) == 5


def test_control_a_process_that_counts_alone_takes_the_cap_for_itself(
    website: LeadSource, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    """What each process does while the cache is away: this is how `dms.cache` answers then."""
    settings.INTAKE_POSTS = 3 * STEP
    monkeypatch.setattr(cache, "add", lambda *_: True)
    one, other = Tally(), Tally()

    assert over(one, website, 3 * STEP) == over(other, website, 3 * STEP) == 0
    assert over(one, website, 5) == 5


def test_the_cache_is_asked_seldom(website: LeadSource, settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.INTAKE_POSTS = 100 * STEP
    asked: list[str] = []

    def add(key: str, *_: int) -> bool:
        asked.append(key)
        return True

    monkeypatch.setattr(cache, "add", add)

    over(Tally(), website, 10 * STEP - 1)

    assert len(asked) == 9
