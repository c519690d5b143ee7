"""« Registre »: the administrators read each night's equation and the names of what is missing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import now
from leads.models import LeadSource
from notifications import canaries
from notifications.ledger import keeping
from notifications.models import Delivery, Event, LedgerDay
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, add_role, make_lead, signed_in
from tests.notifications.road import received, tell_and_route

PAGE = "/outbox/ledger/"
DAY = f"{PAGE}2026-03-02/"
NEXT_NIGHT = datetime.fromisoformat("2026-03-03T02:30:00+00:00")


@pytest.fixture
def monday(lyon: Site, camille: User, agnes: User, website: LeadSource, rhone: Group) -> Event:
    """Monday's event, in the group whose administrator looks."""
    User.objects.filter(pk=agnes.pk).update(language="en")
    with group_scope(rhone.pk):
        event = tell_and_route(received(lyon))
        Event.objects.update(recorded_at=MONDAY)
    return event


def count(at: datetime = NEXT_NIGHT) -> None:
    keeping.count_all(at=at)


def read(person: User, address: str = PAGE) -> str:
    answer = signed_in(person).get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_night_without_loss_says_so(monday: Event, agnes: User):
    count()

    listed, night = read(agnes), read(agnes, DAY)

    assert "Nothing lost" in listed
    assert "1 alert ·" in listed
    assert '<b class="numeric">3</b> planned' in night


def test_what_is_missing_is_named_with_a_way_to_it(monday: Event, agnes: User, website: LeadSource):
    silent = make_lead(website)
    with group_scope(monday.group_id):
        Delivery.objects.filter(channel="push").delete()
    count()

    listed, night = read(agnes), read(agnes, DAY)

    assert "2 differences" in listed
    assert f'<a href="/leads/{silent.pk}/"><code>lead:{silent.pk}</code></a>' in night
    assert f"<code>event {monday.pk}</code> New lead · 3 expected, 2 found" in night


def test_an_equation_that_does_not_hold_is_not_written_as_one(monday: Event, agnes: User):
    count()
    balanced = read(agnes, DAY)
    with group_scope(monday.group_id):
        Delivery.objects.filter(channel="push").delete()
    count(NEXT_NIGHT + timedelta(days=1))

    assert "≠" not in balanced
    assert "≠" in read(agnes, DAY)


def test_a_night_is_counted_again_by_hand(monday: Event, agnes: User, website: LeadSource):
    silent = make_lead(website)
    count()
    with group_scope(monday.group_id):
        silent.delete()

    answer = signed_in(agnes).post(f"{DAY}recount/", follow=True)

    assert "Counted again: nothing is missing." in answer.content.decode()
    with group_scope(monday.group_id):
        assert LedgerDay.objects.get().missing == 0


def test_counting_again_says_what_is_still_missing(monday: Event, agnes: User, website: LeadSource):
    make_lead(website)
    count()

    answer = signed_in(agnes).post(f"{DAY}recount/", follow=True)

    assert "something is still missing" in answer.content.decode()


def test_reading_counts_nothing(monday: Event, agnes: User):
    count()
    browser = signed_in(agnes)

    assert browser.get(f"{DAY}recount/").status_code == 405


@pytest.mark.parametrize("day", ["2026-03-01", "2026-13-41", "tomorrow", "2026-W10-1x"])
def test_a_day_that_was_not_counted_is_not_found(monday: Event, agnes: User, day: str):
    count()

    assert signed_in(agnes).get(f"{PAGE}{day}/").status_code == 404


def test_a_salesperson_does_not_read_it(monday: Event, camille: User):
    count()

    answers = [signed_in(camille).get(address).status_code for address in (PAGE, DAY)]

    assert answers == [403, 403]


def test_the_rival_reads_his_own_only(monday: Event, rival: Group, rita: User):
    add_role(rita, Role.GROUP_ADMIN)
    count()

    assert "No night has been counted yet" in read(rita)
    assert signed_in(rita).get(DAY).status_code == 404


def test_the_channels_show_how_long_their_last_test_took(monday: Event, agnes: User, settings):
    settings.CANARY_MINUTES = 10
    before = read(agnes)
    canaries.fly(at=now())

    after = read(agnes)

    assert "The channels right now" not in before
    assert "a test every 10 minutes" in after


def test_one_night_and_three_cost_the_same(monday: Event, agnes: User):
    browser = signed_in(agnes)
    counts = []
    for days in (0, 2):
        count(NEXT_NIGHT + timedelta(days=days))
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as counted:
            browser.get(PAGE)
        counts.append(len(counted))

    assert counts[0] == counts[1]
