"""Measures: what really happened to alerts, by local day, type, role, site and channel; exact, repeatable, quick."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from notifications.choices import Channel, DeliveryState
from notifications.closing import close
from notifications.measures import (
    Cell,
    Entry,
    Figures,
    Wanted,
    added_up,
    by_channel,
    compared,
    compared_by,
    entries_of,
    whole,
)
from notifications.measuring import measure, measure_all
from notifications.models import DayMeasure, Delivery, Event, Notification
from notifications.registry import get
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, add_role, make_person, member_of
from tests.notifications.road import add_device, choose, claimed, received, tell, tell_and_route

Queries = Callable[[int], Any]
TODAY = MONDAY.date()
WEEK = Wanted(until=TODAY + timedelta(days=2), days=30)
LATER = MONDAY + timedelta(days=2)


def tell_of_a_lead(site: Site, at: Any = MONDAY, **fields: Any) -> Event:
    return tell_and_route(received(site, occurred_at=at, **fields), at=at)


def look(user: User, after: timedelta, event: Event | None = None) -> None:
    """The person looks at his alerts (or at one) so long after they came."""
    rows = Notification.objects.filter(user=user)
    for row in rows.filter(event=event) if event else rows:
        Notification.objects.filter(pk=row.pk).update(seen_at=row.created_at + after)


def pushed(user: User, state: DeliveryState) -> None:
    Delivery.objects.filter(channel=Channel.PUSH, notification__user=user).update(state=state)


def figures(viewer: User, channel: str = "", wanted: Wanted = WEEK) -> Figures:
    entries = entries_of(member_of(viewer), wanted)
    return added_up(entry for entry in entries if entry.cell.channel == channel)


def test_an_alert_is_counted_once_for_each_person_and_once_a_channel(
    lyon: Site, camille: User, karim: User, remy: User, rhone: Group, in_rhone: None
):
    add_device(camille)
    tell_of_a_lead(lyon)
    pushed(camille, DeliveryState.ACCEPTED)
    look(camille, timedelta(minutes=3))

    measure(rhone.pk, since=None, at=LATER)

    total, push = figures(remy), figures(remy, "push")
    assert (total.sent, total.arrived, total.seen, total.ignored) == (2, 2, 1, 1)
    assert (push.sent, push.arrived, push.seen, push.ignored) == (1, 1, 1, 0)
    assert (total.ignored_percent, total.median, total.ninetieth) == (50, 180, 180)


def test_what_a_colleague_dealt_with_is_not_ignored(
    lyon: Site, camille: User, karim: User, remy: User, rhone: Group, in_rhone: None
):
    fact = received(lyon)
    tell_and_route(fact)
    closing = tell(claimed(fact, karim))
    close(closing.pk, get("leads.received"), at=MONDAY + timedelta(minutes=4))

    measure(rhone.pk, since=None, at=LATER)

    total = figures(remy)
    assert (total.acted, total.read, total.seen, total.settled, total.ignored) == (1, 1, 1, 1, 0)
    assert total.median == 240


def test_what_nobody_dealt_with_is_ignored(
    lyon: Site, camille: User, karim: User, remy: User, rhone: Group, in_rhone: None
):
    tell_of_a_lead(lyon)

    measure(rhone.pk, since=None, at=LATER)

    assert (figures(remy).ignored, figures(remy).settled, figures(remy).ignored_percent) == (2, 0, 100)


def test_too_fresh_is_not_yet_ignored(lyon: Site, camille: User, remy: User, rhone: Group, in_rhone: None):
    tell_of_a_lead(lyon)

    measure(rhone.pk, since=None, at=MONDAY + timedelta(hours=1))

    assert (figures(remy).arrived, figures(remy).judged, figures(remy).ignored_percent) == (1, 0, None)


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (DeliveryState.DELIVERED, (1, 1, 1)),
        (DeliveryState.UNKNOWN, (1, 0, 0)),
        (DeliveryState.DEAD, (1, 0, 0)),
        (DeliveryState.SUPPRESSED, (0, 0, 0)),
        (DeliveryState.CANCELLED, (0, 0, 0)),
        (DeliveryState.PLANNED, (0, 0, 0)),
    ],
)
def test_only_a_message_that_arrived_can_be_ignored(
    state: DeliveryState, counts: tuple[int, int, int], lyon: Site, camille: User, remy: User, rhone: Group,
    in_rhone: None,
):  # fmt: skip
    add_device(camille)
    tell_of_a_lead(lyon)
    pushed(camille, state)

    measure(rhone.pk, since=None, at=LATER)

    push = figures(remy, "push")
    assert (push.sent, push.arrived, push.ignored) == counts


def test_who_keeps_no_inbox_cannot_be_said_to_ignore_it(
    lyon: Site, camille: User, remy: User, rhone: Group, in_rhone: None
):
    choose(camille, Channel.IN_APP, enabled=False)
    add_device(camille)
    tell_of_a_lead(lyon)
    pushed(camille, DeliveryState.ACCEPTED)

    measure(rhone.pk, since=None, at=LATER)

    assert (figures(remy, "push").arrived, figures(remy, "push").judged) == (1, 0)


def test_two_devices_are_one_message(lyon: Site, camille: User, remy: User, rhone: Group, in_rhone: None):
    add_device(camille)
    event = tell_of_a_lead(lyon)
    push = Delivery.objects.get(channel=Channel.PUSH)
    Delivery.objects.create(
        group=rhone, notification=push.notification, channel="push", endpoint="2", due_at=MONDAY,
        state=DeliveryState.DELIVERED,
    )  # fmt: skip
    Delivery.objects.filter(pk=push.pk).update(state=DeliveryState.DEAD)

    measure(rhone.pk, since=None, at=LATER)

    assert (figures(remy, "push").sent, figures(remy, "push").arrived) == (1, 1), event


def test_a_day_is_the_sites_own(
    lyon: Site, quebec: Site, camille: User, diane: User, rhone: Group, in_rhone: None
):
    make_person(rhone, "Étienne Tremblay", Role.SALESPERSON, quebec, email="etienne@rhone.test")
    night = MONDAY.replace(hour=2)  # three in the morning in Lyon, nine in the evening before in Québec
    for site in (lyon, quebec):
        tell_of_a_lead(site, at=night)

    measure(rhone.pk, since=None, at=LATER)

    days = {entry.site_id: entry.day for entry in entries_of(member_of(diane), WEEK)}
    assert days == {lyon.pk: date(2026, 3, 2), quebec.pk: date(2026, 3, 1)}


def test_the_role_is_the_one_that_lets_a_person_hear_of_it(
    lyon: Site, marseille: Site, camille: User, diane: User, rhone: Group, in_rhone: None
):
    add_role(camille, Role.ACCOUNTANT, lyon)
    add_role(camille, Role.SITE_MANAGER, marseille)
    tell_of_a_lead(lyon)

    measure(rhone.pk, since=None, at=LATER)

    assert {entry.cell.role for entry in entries_of(member_of(diane), WEEK)} == {Role.SALESPERSON}


def test_measuring_twice_late_or_in_part_comes_to_the_same(
    lyon: Site, camille: User, karim: User, rhone: Group, in_rhone: None
):
    for days in (0, 9, 20):
        tell_of_a_lead(lyon, at=MONDAY - timedelta(days=days))
    look(camille, timedelta(minutes=7))

    def rows() -> list[Any]:
        return list(DayMeasure.objects.order_by("day").values_list("site_id", "day", "cells"))

    measure(rhone.pk, since=None, at=LATER)
    once = rows()
    measure(rhone.pk, since=None, at=LATER)
    measure(rhone.pk, since=TODAY - timedelta(days=10), at=LATER)
    measure_all(at=LATER)
    assert rows() == once
    assert len(once) == 3
    DayMeasure.objects.all().delete()
    call_command("measure", verbosity=0)

    assert rows() == once


def test_the_chore_sees_who_looked_late_for_a_week_and_then_lets_the_day_rest(
    lyon: Site, camille: User, remy: User, rhone: Group, in_rhone: None
):
    old, young = tell_of_a_lead(lyon, at=MONDAY - timedelta(days=9)), tell_of_a_lead(lyon)
    measure_all(at=LATER)
    assert figures(remy).ignored == 2

    look(camille, timedelta(hours=20), old)
    look(camille, timedelta(hours=20), young)
    measure_all(at=LATER)

    assert (figures(remy).ignored, figures(remy).seen) == (1, 1)


def test_the_chore_makes_good_what_a_long_stop_left(
    lyon: Site, camille: User, remy: User, rhone: Group, in_rhone: None
):
    tell_of_a_lead(lyon, at=MONDAY - timedelta(days=25))
    measure_all(at=MONDAY - timedelta(days=24))
    tell_of_a_lead(lyon, at=MONDAY - timedelta(days=12))
    tell_of_a_lead(lyon)

    measure_all(at=LATER)

    assert figures(remy).sent == 3


def test_each_sees_the_sites_that_he_leads(
    lyon: Site, marseille: Site, camille: User, marc: User, remy: User, diane: User, agnes: User, rhone: Group,
    rival: Group, in_rhone: None,
):  # fmt: skip
    boss = make_person(rival, "Boris Keller", Role.GROUP_DIRECTOR)
    for site in (lyon, marseille):
        tell_of_a_lead(site)

    measure_all(at=LATER)

    assert figures(remy).sent == 1
    assert figures(remy, wanted=Wanted(WEEK.until, 30, site_id=marseille.pk)).sent == 0
    assert figures(diane).sent == figures(agnes).sent == 2
    assert figures(camille).sent == 0  # the page refuses her anyway
    with group_scope(rival.pk):
        assert figures(boss).sent == 0


def test_what_concerns_no_site_is_for_who_leads_the_group(
    lyon: Site, agnes: User, remy: User, diane: User, rhone: Group, in_rhone: None
):
    event = Event.objects.create(
        group=rhone, type_key="notifications.sms_cap", payload={}, occurred_at=MONDAY, recorded_at=MONDAY
    )
    told = Notification.objects.create(
        group=rhone, event=event, user=agnes, reason="group_role", created_at=MONDAY
    )
    Delivery.objects.create(
        group=rhone, notification=told, channel="in_app", state="delivered", due_at=MONDAY
    )

    measure(rhone.pk, since=None, at=LATER)

    assert (figures(diane).sent, figures(remy).sent) == (1, 0)


def test_reading_and_keeping_measures_takes_the_same_queries_however_many_there_are(
    lyon: Site, camille: User, karim: User, remy: User, rhone: Group, in_rhone: None,
    django_assert_num_queries: Queries, django_assert_max_num_queries: Queries,
):  # fmt: skip
    member = member_of(remy)
    for number in range(12):
        tell_of_a_lead(lyon, at=MONDAY - timedelta(hours=5 * number))

    with django_assert_max_num_queries(13):
        measure(rhone.pk, since=TODAY - timedelta(days=3), at=LATER)
    with django_assert_num_queries(1):
        assert entries_of(member, WEEK)


def test_half_and_nine_of_ten_are_exact_however_the_days_are_cut():
    dice = random.Random(5)
    times = [dice.randrange(1, 10_000) for _ in range(1_001)]
    whole_figures, cut = Figures(), Figures()
    whole_figures.add(Cell("t", "r", "", reactions=times))
    for start in range(0, len(times), 7):
        cut.add(Cell("t", "r", "", reactions=times[start : start + 7]))

    assert cut.median == whole_figures.median == statistics.median(times)
    assert cut.ninetieth == whole_figures.ninetieth == sorted(times)[900]
    within = [time for time in times if time <= (cut.ninetieth or 0)]
    assert len(within) / len(times) >= 0.9
    assert (len(within) - 1) / len(times) < 0.9


def test_a_mean_of_medians_would_not_do():
    """The negative control: folding days by their medians is off, and the test above would notice."""
    days = [[1, 1, 1], [1, 1, 1], [1000]]
    figures_of_days = Figures()
    for day in days:
        figures_of_days.add(Cell("t", "r", "", reactions=day))

    assert figures_of_days.median == 1
    assert statistics.mean(statistics.median(day) for day in days) != 1


def test_a_period_is_compared_with_the_one_before_it():
    wanted = Wanted(until=TODAY, days=7)
    entries = [
        Entry(TODAY, 1, Cell("a", "r", "", sent=4, seen=3, ignored=1, reactions=[60, 60, 60])),
        Entry(TODAY, 1, Cell("a", "r", "push", sent=4, seen=3, ignored=1)),
        Entry(wanted.since, 1, Cell("b", "r", "", sent=1, seen=1, reactions=[300])),
        Entry(
            wanted.since - timedelta(days=1),
            1,
            Cell("a", "r", "", sent=2, seen=1, ignored=1, reactions=[120]),
        ),
    ]

    both = compared(whole(entries), wanted)
    parts = compared_by(whole(entries), wanted, lambda entry: entry.cell.type_key)

    assert (both.now.sent, both.before.sent) == (5, 2)
    assert (both.ignored_change, both.median_change) == (20 - 50, 60 - 120)
    assert (list(parts), parts["b"].ignored_change) == (["a", "b"], None)
    assert len(by_channel(entries)) == 1
    assert Wanted(until=TODAY, days=7).before == TODAY - timedelta(days=13)
