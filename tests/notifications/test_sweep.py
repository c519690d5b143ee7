"""Whatever a hint missed is found, however old, and a broker that is away costs nobody his request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django_scopes import get_scope

from core.clock import now
from notifications import claiming, routing, sweep
from notifications.models import Delivery, Event, Notification
from notifications.wire import Hint
from sites.models import Site, User
from sites.scope import every_group, group_scope
from tests.notifications.road import add_device, inbox_names, received, tell, tell_and_route

LONG_AGO = timedelta(days=40)


def make_older(event: Event, by: timedelta) -> None:
    Event.objects.filter(pk=event.pk).update(recorded_at=now() - by)


def test_forgotten_event_is_routed_however_old(lyon: Site, camille: User, in_rhone: None):
    event = tell(received(lyon))
    make_older(event, LONG_AGO)

    sweep.run(at=now())

    assert inbox_names(event) == {"Camille"}


def test_fresh_event_is_left_to_its_own_hint(lyon: Site, camille: User, in_rhone: None):
    event = tell(received(lyon))

    sweep.run(at=now())

    assert inbox_names(event) == set()


def test_sweep_looks_after_every_group_and_mixes_none(
    lyon: Site, camille: User, rival_site: Site, rita: User, in_rhone: None
):
    make_older(tell(received(lyon)), LONG_AGO)
    with group_scope(rival_site.group_id):
        make_older(tell(received(rival_site)), LONG_AGO)

    sweep.run(at=now())

    with every_group():
        told = set(Notification.objects.values_list("user__first_name", "group__slug"))
    assert told == {("Camille", "rhone"), ("Rita", "rival")}


def test_poison_is_tried_again_later_and_later(lyon: Site, camille: User, in_rhone: None):
    event = tell(received(lyon))
    make_older(event, LONG_AGO)
    Event.objects.update(payload={})
    at, pauses = now(), []

    for _ in range(30):  # more than a day
        sweep.run(at=at)
        event.refresh_from_db()
        assert event.retry_at is not None
        pauses.append((event.retry_at - at).total_seconds())
        at = event.retry_at

    assert pauses[:3] == [5, 20, 80]
    assert pauses[-1] == routing.LONGEST_PAUSE.total_seconds()


def test_trouble_of_one_group_is_not_that_of_the_others(
    lyon: Site, camille: User, rival_site: Site, rita: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
):
    route_events = routing.route_events

    def fail_for_rhone(hints: Sequence[Hint], *, at: datetime) -> object:
        if get_scope()["group"] == lyon.group_id:
            raise ArithmeticError
        return route_events(hints, at=at)

    monkeypatch.setattr(routing, "route_events", fail_for_rhone)
    make_older(tell(received(lyon)), LONG_AGO)
    with group_scope(rival_site.group_id):
        make_older(tell(received(rival_site)), LONG_AGO)

    sweep.run(at=now())

    with every_group():
        assert set(Notification.objects.values_list("user__first_name", flat=True)) == {"Rita"}


def test_poison_rests_between_its_attempts(lyon: Site, camille: User, in_rhone: None):
    event = tell(received(lyon))
    make_older(event, LONG_AGO)
    Event.objects.update(payload={})
    at = now()

    for _ in range(3):
        sweep.run(at=at)

    event.refresh_from_db()
    assert event.attempts == 1


def test_sweep_names_the_channels_that_have_work(lyon: Site, camille: User, in_rhone: None):
    add_device(camille)
    tell_and_route(received(lyon), now())

    assert sweep.run(at=now()).to_send == {(lyon.group_id, "push")}


def test_expired_lease_is_found_and_handed_to_its_channel(lyon: Site, camille: User, in_rhone: None):
    add_device(camille)
    tell_and_route(received(lyon), now())
    died_at = now() - claiming.LEASE - timedelta(seconds=1)
    Delivery.objects.filter(channel="push").update(
        state="sending", attempted_at=died_at, lease_until=died_at + claiming.LEASE
    )

    work = sweep.run(at=now())

    assert (work.to_send, work.to_settle) == (set(), {(lyon.group_id, "push")})
    assert Delivery.objects.get(channel="push").state == "unknown"


def test_lease_that_still_runs_is_left_alone(lyon: Site, camille: User, in_rhone: None):
    add_device(camille)
    tell_and_route(received(lyon))
    Delivery.objects.filter(channel="push").update(state="sending", lease_until=now() + claiming.LEASE)

    sweep.run(at=now())

    assert Delivery.objects.get(channel="push").state == "sending"
