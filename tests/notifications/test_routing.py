"""Who hears of a fact: roles × site × permission × preferences, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.notices import LeadReceivedNotice
from notifications import directory, routing, writing
from notifications.audiences import roles_in_group
from notifications.choices import Channel
from notifications.defaults import Place
from notifications.models import Event, Notification
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import MONDAY, make_person
from tests.notifications.road import (
    add_device,
    choose,
    claimed,
    delivery_states,
    inbox_names,
    reason_of,
    received,
    route,
    set_default,
    tell,
    tell_and_route,
)
from tests.together import in_parallel


def test_pool_lead_reaches_every_salesperson_of_the_site(
    lyon: Site, camille: User, karim: User, marc: User, alain: User, rita: User, in_rhone: None
):
    event = tell_and_route(received(lyon))

    assert inbox_names(event) == {"Camille", "Karim"}
    assert reason_of(event, camille) == "pool"


def test_assigned_lead_reaches_the_assignee_alone(lyon: Site, camille: User, karim: User, in_rhone: None):
    event = tell_and_route(received(lyon, assignee_id=karim.pk))

    assert inbox_names(event) == {"Karim"}
    assert reason_of(event, karim) == "assignee"


def test_manager_is_considered_and_the_reason_for_silence_is_kept(
    lyon: Site, camille: User, claire: User, in_rhone: None
):
    choose(claire, Channel.EMAIL, enabled=False)

    event = tell_and_route(received(lyon))

    assert inbox_names(event) == {"Camille"}
    assert reason_of(event, claire) == "muted_by_default"
    assert delivery_states(event, claire) == {}


def test_own_choice_beats_the_role(lyon: Site, camille: User, claire: User, in_rhone: None):
    choose(claire, Channel.IN_APP, enabled=True)
    choose(camille, Channel.IN_APP, enabled=False)
    choose(camille, Channel.EMAIL, enabled=True)

    event = tell_and_route(received(lyon))

    assert inbox_names(event) == {"Claire"}
    assert delivery_states(event, camille)["email"] == ("planned", "own_choice")
    assert "in_app" not in delivery_states(event, camille)


def test_group_default_beats_the_declaration(rhone: Group, lyon: Site, camille: User, in_rhone: None):
    set_default(rhone, Place("leads.received", Role.SALESPERSON, Channel.EMAIL), enabled=True)

    event = tell_and_route(received(lyon))

    assert delivery_states(event, camille)["email"] == ("planned", "group_default")


def test_wish_that_cannot_be_met_is_suppressed_with_its_reason(lyon: Site, camille: User, in_rhone: None):
    User.objects.filter(pk=camille.pk).update(phone="")
    choose(camille, Channel.SMS, enabled=True)

    event = tell_and_route(received(lyon))

    states = delivery_states(event, camille)
    assert states["push"] == ("suppressed", "no_device")
    assert states["sms"] == ("suppressed", "no_phone")
    assert states["in_app"] == ("delivered", "role_default")


def test_each_device_gets_its_own_delivery(lyon: Site, camille: User, in_rhone: None):
    device = add_device(camille)

    event = tell_and_route(received(lyon))

    push = event.notifications.get(user=camille).deliveries.get(channel="push")
    assert (push.endpoint, push.state, push.due_at) == (str(device.pk), "planned", MONDAY)


def test_person_who_did_it_is_not_told(lyon: Site, camille: User, karim: User, in_rhone: None):
    event = tell_and_route(received(lyon, actor_id=camille.pk))

    assert inbox_names(event) == {"Karim"}


def test_person_moved_to_another_group_hears_nothing_of_the_old_one(
    lyon: Site, camille: User, karim: User, rival: Group, in_rhone: None
):
    User.objects.filter(pk=karim.pk).update(group=rival)

    event = tell_and_route(received(lyon))

    assert inbox_names(event) == {"Camille"}


def test_closing_of_an_earlier_notice_does_not_close_a_later_one(
    lyon: Site, camille: User, karim: User, in_rhone: None
):
    fact = received(lyon)
    tell_and_route(fact)
    tell_and_route(claimed(fact, by=karim))
    Event.objects.filter(kind="notice").update(dedupe_key="the first time")

    again = tell_and_route(fact)

    assert inbox_names(again) == {"Camille", "Karim"}
    assert not Notification.objects.get(event=again, user=camille).is_closed


def test_switched_off_colleague_hears_nothing(lyon: Site, camille: User, karim: User, in_rhone: None):
    User.objects.filter(pk=karim.pk).update(is_active=False)

    event = tell_and_route(received(lyon))

    assert inbox_names(event) == {"Camille"}


@pytest.fixture(autouse=True)
def _statements_as_declared() -> Iterator[None]:
    """Tests that change a declaration or the statement leave no cached one behind."""
    yield
    directory._statement.cache_clear()


def test_routing_twice_changes_nothing(lyon: Site, camille: User, in_rhone: None):
    event = tell_and_route(received(lyon))

    again = route(event)

    assert again.channels == frozenset()
    assert Notification.objects.count() == 1


def test_claim_that_was_quicker_than_the_router_closes_at_once(
    lyon: Site, camille: User, karim: User, in_rhone: None
):
    fact = received(lyon)
    event = tell(fact)
    tell(claimed(fact, by=karim))
    add_device(camille)

    route(event)

    mine = Notification.objects.get(event=event, user=camille)
    assert mine.is_closed
    assert delivery_states(event, camille)["push"][0] == "cancelled"


def test_poisoned_event_is_counted_and_does_not_stop_the_others(lyon: Site, camille: User, in_rhone: None):
    poisoned, sound = tell(received(lyon)), tell(received(lyon))
    Event.objects.filter(pk=poisoned.pk).update(payload={"not": "a lead"})

    routing.route_events([poisoned.hint, sound.hint], at=MONDAY)

    poisoned.refresh_from_db()
    assert (poisoned.attempts, poisoned.routed_at) == (1, None)
    assert "group_id" in poisoned.error
    assert inbox_names(sound) == {"Camille"}


def test_every_row_belongs_to_the_group_of_the_event(rhone: Group, lyon: Site, camille: User, in_rhone: None):
    event = tell_and_route(received(lyon))

    notification = Notification.objects.get(event=event)
    assert {notification.group_id, *notification.deliveries.values_list("group_id", flat=True)} == {rhone.pk}


def test_number_of_queries_does_not_grow_with_the_audience(
    rhone: Group, lyon: Site, camille: User, in_rhone: None
):
    small = tell(received(lyon))
    with CaptureQueriesContext(connection) as for_one:
        route(small)
    for number in range(300):
        make_person(rhone, f"Person{number} Test", Role.SALESPERSON, lyon)
    large = tell(received(lyon))

    with CaptureQueriesContext(connection) as for_many:
        route(large)

    assert Notification.objects.filter(event=large).count() == 301
    assert len(for_many) == len(for_one)


@pytest.mark.django_db(transaction=True)
def test_two_routers_at_once_write_the_rows_once(lyon: Site, camille: User, karim: User):
    with group_scope(lyon.group_id):
        event = tell(received(lyon))

    in_parallel(8, lambda: _route_in_scope(event))

    with group_scope(lyon.group_id):
        assert Notification.objects.filter(event=event).count() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_a_second_router_would_collide(
    lyon: Site, camille: User, monkeypatch: pytest.MonkeyPatch
):
    """The control: with the claim off, only the unique constraint stands between a person and two bells."""
    for module, name in ((directory, "_STATEMENT"), (writing, "_ALL_IN_ONE")):
        monkeypatch.setattr(module, name, getattr(module, name).replace("AND routed_at IS NULL", ""))
    claims = {vendor: claim.replace("AND routed_at IS NULL", "") for vendor, claim in writing._CLAIMS.items()}
    monkeypatch.setattr(writing, "_CLAIMS", claims)
    directory._statement.cache_clear()
    with group_scope(lyon.group_id):
        event = tell_and_route(received(lyon))
        routing.route_events([event.hint], at=MONDAY)
        event.refresh_from_db()

    assert event.attempts == 1
    assert "unique" in event.error.lower()


def _route_in_scope(event: Event) -> None:
    with group_scope(event.group_id):
        route(event)


def test_event_of_another_group_is_as_good_as_missing(
    lyon: Site, camille: User, rival: Group, in_rhone: None
):
    event = tell(received(lyon))

    with group_scope(rival.pk):
        route(event)

    assert not Notification.objects.exists()
    assert Event.objects.get(pk=event.pk).routed_at is None


def test_group_wide_roles_are_found_on_every_site(
    lyon: Site, marc: User, diane: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(LeadReceivedNotice, "audience", roles_in_group("salesperson", "group_director"))
    directory._statement.cache_clear()

    found = directory.read_directory(LeadReceivedNotice, tell(received(lyon)).pk, MONDAY)

    assert found is not None
    assert set(found.crowd.people()) == {marc.pk, diane.pk}
