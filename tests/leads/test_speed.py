"""How fast leads are taken: figures with known answers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leads.models import LeadSource, LeadStatus
from leads.speed import Wait, queue_of, speed_by_site, speed_of, waits_since
from sites.models import Site, User
from tests.cast import MONDAY, make_lead, make_source, member_of


def wait(received: int, taken: int | None = None, *, site: int = 1, owner: int | None = None) -> Wait:
    """A lead that came `received` minutes before Monday's instant and was taken `taken` minutes later."""
    came = MONDAY - timedelta(minutes=received)
    at = None if taken is None else came + timedelta(minutes=taken)
    return Wait(site, 7 if taken is not None else owner, came, at)


def test_nothing_is_measured_without_leads():
    speed = speed_of([], MONDAY)

    assert (speed.received, speed.median_minutes, speed.prompt_percent) == (0, None, None)


def test_the_median_counts_only_what_was_taken():
    speed = speed_of([wait(60, 2), wait(60, 4), wait(60, 30), wait(60)], MONDAY)

    assert speed.taken == 3
    assert speed.median_minutes == 4


def test_a_lead_that_still_has_time_is_not_held_against_anybody():
    speed = speed_of([wait(60, 5), wait(3)], MONDAY)

    assert speed.prompt_percent == 100


def test_a_lead_that_waits_too_long_is_a_broken_promise():
    speed = speed_of([wait(60, 5), wait(11)], MONDAY)

    assert speed.prompt_percent == 50


@pytest.mark.parametrize(("minutes", "kept"), [(10, 100), (11, 0)])
def test_ten_minutes_are_still_in_time(minutes: int, kept: int):
    assert speed_of([wait(60, minutes)], MONDAY).prompt_percent == kept


def test_the_queue_holds_neither_the_taken_nor_the_assigned():
    queue = queue_of([wait(60, 5), wait(40, owner=3), wait(20), wait(30)])

    assert queue.length == 2
    assert queue.oldest == MONDAY - timedelta(minutes=30)


@pytest.mark.usefixtures("in_rhone")
def test_each_site_has_its_own_figures_and_its_whole_queue(lyon: Site, marseille: Site):
    old = wait(60 * 24 * 30, site=lyon.pk)
    waits = [wait(60, 5, site=lyon.pk), old, wait(60, 50, site=marseille.pk)]

    rows = speed_by_site(waits, [lyon, marseille], since=MONDAY - timedelta(days=7), at=MONDAY)

    assert [(row.site.name, row.speed.received, row.queue.length) for row in rows] == [
        ("Lyon", 1, 1),
        ("Marseille", 1, 0),
    ]


@pytest.mark.usefixtures("in_rhone")
def test_a_salesperson_measures_his_own_leads_and_the_pool_of_his_site(
    camille: User, karim: User, website: LeadSource, marseille: Site
):
    mine = {"status": LeadStatus.CLAIMED, "owner": camille, "claimed_at": MONDAY}
    make_lead(website, **mine)
    make_lead(website, email="pool@example.com")
    make_lead(website, **{**mine, "owner": karim}, email="karims@example.com")
    make_lead(make_source(marseille), email="elsewhere@example.com")

    waits = waits_since(member_of(camille), MONDAY - timedelta(days=1))

    assert sorted(wait.owner_id or 0 for wait in waits) == [0, camille.pk]


@pytest.mark.usefixtures("in_rhone")
def test_what_still_waits_is_found_however_old(camille: User, website: LeadSource):
    make_lead(website, received_at=MONDAY - timedelta(days=40))
    make_lead(
        website,
        received_at=MONDAY - timedelta(days=40),
        status=LeadStatus.CLAIMED,
        owner=camille,
        claimed_at=MONDAY,
    )

    waits = waits_since(member_of(camille), since=yesterday())

    assert [wait.is_waiting for wait in waits] == [True]


def yesterday() -> datetime:
    return MONDAY - timedelta(days=1)
