"""What if: the last days replayed by the rules that routed them, as they were and with a draft of changes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import past, routing
from notifications.choices import Channel, DeliveryState, Width
from notifications.defaults import Change, Draft, Place, Setting
from notifications.models import Delivery, Following, Preference
from notifications.past import recent_past
from notifications.services import add_absence
from notifications.whatif import Effect, Load, effect_of
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, add_role, make_person, make_site, member_of
from tests.notifications.road import add_device, choose, claimed, received, set_default, tell, tell_and_route

pytestmark = pytest.mark.usefixtures("in_rhone")

PARIS = ZoneInfo("Europe/Paris")
SMS = Place("leads.received", Role.SALESPERSON, Channel.SMS)
IN_APP_FOR_MANAGERS = Place("leads.received", Role.SALES_MANAGER, Channel.IN_APP)
LATER = MONDAY + timedelta(hours=1)


def effect(*changes: tuple[Place, Setting, Setting]) -> Effect:
    return effect_of(Draft.of(Change(*one) for one in changes), recent_past(at=LATER, zone=PARIS))


def of(told: Effect, person: User) -> Load:
    return next(one for one in told.people if one.listener and one.listener.user_id == person.pk)


def a_day(load: Load) -> dict[str, tuple[float, float]]:
    """The channels on which anything is heard: before and after."""
    return {
        channel.value: (swing.before, swing.after)
        for channel, swing in load.by_channel.items()
        if swing.before or swing.after
    }


def test_a_channel_switched_on_is_heard_as_often_as_it_would_have_rung(
    lyon: Site, camille: User, claire: User
):
    tell_and_route(received(lyon))
    tell_and_route(received(lyon))

    told = effect((SMS, None, True))

    assert a_day(of(told, camille)) == {"in_app": (2, 2), "sms": (0, 2)}
    assert a_day(of(told, claire)) == {"email": (2, 2)}
    assert [one.listener.name for one in told.moved if one.listener] == ["Camille Durand"]
    assert (told.total.total.before, told.total.total.after) == (4, 6)


def test_a_channel_switched_off_falls_silent(lyon: Site, camille: User):
    bell = Place("leads.received", Role.SALESPERSON, Channel.IN_APP)
    tell_and_route(received(lyon))

    assert a_day(of(effect((bell, None, False)), camille)) == {"in_app": (1, 0)}


def test_back_to_the_product_is_replayed_as_well(rhone: Group, lyon: Site, camille: User):
    set_default(rhone, SMS, enabled=True)
    tell_and_route(received(lyon))

    assert a_day(of(effect((SMS, True, None)), camille))["sms"] == (1, 0)


def test_who_decided_himself_hears_what_he_heard(lyon: Site, camille: User, karim: User):
    choose(karim, Channel.SMS, enabled=False)
    tell_and_route(received(lyon))

    told = effect((SMS, None, True))

    [reach] = told.reaches
    assert (reach.concerned, reach.changed, reach.by_choice) == (2, 1, 1)
    assert (told.concerned, told.decided_themselves) == (2, 1)
    assert a_day(of(told, karim)) == {"in_app": (1, 1)}


def test_who_does_not_follow_hears_nothing_whatever_the_group_says(rhone: Group, lyon: Site, camille: User):
    Following.objects.create(group=rhone, user=camille, topic="", width=Width.OWN)
    tell_and_route(received(lyon))
    tell_and_route(received(lyon, assignee_id=camille.pk))

    told = effect((SMS, None, True))

    assert a_day(of(told, camille)) == {"in_app": (1, 1), "sms": (0, 1)}


def test_who_cannot_be_reached_is_counted_apart(lyon: Site, camille: User):
    User.objects.filter(pk=camille.pk).update(phone="")
    tell_and_route(received(lyon))

    [reach] = effect((SMS, None, True)).reaches

    assert (reach.concerned, reach.changed, reach.unreachable) == (1, 0, 1)


def test_another_role_may_give_it_already(lyon: Site, camille: User):
    add_role(camille, Role.SALES_MANAGER, lyon)
    tell_and_route(received(lyon))

    [reach] = effect((IN_APP_FOR_MANAGERS, None, True)).reaches

    assert (reach.concerned, reach.changed, reach.otherwise) == (1, 0, 1)


def test_who_left_since_is_not_counted(lyon: Site, camille: User, karim: User):
    tell_and_route(received(lyon))
    User.objects.filter(pk=karim.pk).update(is_active=False)
    Membership.objects.filter(user=camille).update(role=Role.ACCOUNTANT)

    told = effect((SMS, None, True))

    assert (told.events, told.people) == (1, [])


def test_who_did_it_is_not_told_of_it(lyon: Site, camille: User, karim: User):
    tell_and_route(received(lyon, actor_id=camille.pk))

    assert [one.listener.name for one in effect().people if one.listener] == ["Karim Benali"]


def test_who_stood_in_for_an_absent_colleague_is_counted(lyon: Site, camille: User, karim: User):
    today = MONDAY.date()
    add_absence(member=member_of(camille), first_day=today, last_day=today, stand_in=karim)
    tell_and_route(received(lyon, assignee_id=camille.pk))

    told = effect((SMS, None, True))

    assert a_day(of(told, karim)) == {"in_app": (1, 1), "sms": (0, 1)}
    assert replayed(effect()) == really_planned()


def test_the_fullest_day_is_told_beside_the_average(lyon: Site, camille: User):
    for back in (2, 0, 0, 0):
        moment = MONDAY - timedelta(days=back)
        tell_and_route(received(lyon, occurred_at=moment), moment)

    load = of(effect((SMS, None, True)), camille)

    assert (load.total.before, load.total.after) == (4 / 3, 8 / 3)
    assert (load.busiest.before, load.busiest.after) == (3, 6)


def test_what_is_older_than_thirty_days_is_over(lyon: Site, camille: User):
    old = MONDAY - timedelta(days=30)
    tell_and_route(received(lyon, occurred_at=old), old)
    tell_and_route(received(lyon))

    told = effect()

    assert (told.days, told.events) == (1, 1)


def test_of_a_group_that_is_too_busy_fewer_days_are_replayed(
    lyon: Site, camille: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(past, "MOST_EVENTS", 3)
    for back in (4, 2, 1, 0):
        moment = MONDAY - timedelta(days=back)
        tell_and_route(received(lyon, occurred_at=moment), moment)

    told = effect()

    assert (told.days, told.events) == (3, 3)


def test_nothing_happened_yet(camille: User):
    told = effect((SMS, None, True))

    assert (told.events, told.people, told.reaches[0].concerned) == (0, [], 0)


def test_a_rivals_events_and_people_are_not_counted(
    rhone: Group, lyon: Site, camille: User, rival: Group, rival_site: Site, rita: User
):
    with group_scope(rival.pk):
        tell_and_route(received(rival_site))
    tell_and_route(received(lyon))

    told = effect((SMS, None, True))

    assert told.events == 1
    assert [one.listener.name for one in told.people if one.listener] == ["Camille Durand"]


def busy_month(group: Group, sites: list[Site], random: Random) -> None:
    """People with all kinds of wishes, and leads that some of them take."""
    roles = [Role.SALESPERSON, Role.USED_CAR_MANAGER, Role.SALES_MANAGER, Role.SITE_MANAGER]
    people = [_somebody(group, f"P{number} X", sites, roles, random) for number in range(12)]
    for number in range(40):
        site = random.choice(sites)
        moment = MONDAY - timedelta(hours=17 * number)
        assignee = random.choice([None, None, *people])
        fact = received(
            site,
            occurred_at=moment,
            assignee_id=assignee.pk if assignee else None,
            actor_id=random.choice([None, people[0].pk]),
        )
        tell_and_route(fact, moment)
        if random.random() < 0.3:
            routing.route(tell(claimed(fact, random.choice(people))).hint, at=moment)


def _somebody(group: Group, name: str, sites: list[Site], roles: list[Role], random: Random) -> User:
    phone = random.choice(["", "+33611111111"])
    person = make_person(group, name, random.choice(roles), random.choice([*sites, None]), phone=phone)
    if random.random() < 0.3:
        add_role(person, Role.MARKETING_MANAGER)
    if random.random() < 0.5:
        add_device(person)
    for topic in ("", "leads.received"):
        if random.random() < 0.4:
            Preference.objects.create(
                group=group, user=person, category="leads", type_key=topic,
                channel=random.choice(Channel.values), enabled=random.random() < 0.5,
            )  # fmt: skip
    if random.random() < 0.4:
        width = random.choice(Width.values)
        Following.objects.create(group=group, user=person, topic="", width=width, site_ids=[sites[0].pk])
    return person


def really_planned() -> Counter[tuple[int, str]]:
    """(person, channel) → of how many events a message was planned for him at once."""
    rows = Delivery.objects.filter(step=0).exclude(state=DeliveryState.SUPPRESSED)
    told = rows.values_list("notification__user_id", "channel", "notification_id").distinct()
    return Counter((user_id, channel) for user_id, channel, _notification in told)


def replayed(told: Effect, *, after: bool = False) -> Counter[tuple[int, str]]:
    counted: Counter[tuple[int, str]] = Counter()
    for one in told.people:
        assert one.listener is not None
        for channel, swing in one.by_channel.items():
            number = round((swing.after if after else swing.before) * told.days)
            if number:
                counted[one.listener.user_id, channel.value] = number
    return counted


@pytest.mark.parametrize("seed", range(4))
def test_without_a_change_the_replay_is_what_routing_planned(rhone: Group, lyon: Site, seed: int):
    random = Random(seed)
    set_default(rhone, SMS, enabled=bool(seed % 2))
    busy_month(rhone, [lyon, make_site(rhone, "Nice")], random)

    told = effect()

    assert told.people
    assert replayed(told) == replayed(told, after=True) == really_planned()
    assert told.moved == []


def test_a_rule_that_changed_since_would_show(rhone: Group, lyon: Site):
    """The comparison above is able to fail."""
    busy_month(rhone, [lyon], Random(1))
    set_default(rhone, Place("leads.received", Role.SALESPERSON, Channel.IN_APP), enabled=False)

    assert replayed(effect()) != really_planned()


@pytest.mark.parametrize("seed", range(2))
def test_after_is_what_routing_plans_once_the_draft_is_kept(rhone: Group, lyon: Site, seed: int):
    busy_month(rhone, [lyon], Random(seed))
    expected = replayed(effect((IN_APP_FOR_MANAGERS, None, True)), after=True)

    set_default(rhone, IN_APP_FOR_MANAGERS, enabled=True)

    assert replayed(effect()) == expected


def queries_of_a_replay() -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        recent_past(at=LATER, zone=PARIS)
    return len(asked)


def test_the_number_of_queries_does_not_grow_with_people_and_events(rhone: Group, lyon: Site, camille: User):
    tell_and_route(received(lyon))
    few = queries_of_a_replay()

    busy_month(rhone, [lyon], Random(0))

    assert queries_of_a_replay() == few == 7
