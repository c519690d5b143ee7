"""Once somebody acted, the others are told who did, and nothing that was still waiting leaves."""

from __future__ import annotations

from typing import Any

from notifications import live
from notifications.choices import Channel
from notifications.models import Delivery, Notification
from notifications.selectors import changes_after, inbox_items, inbox_state
from sites.models import Site, User
from tests.cast import MONDAY
from tests.notifications.road import add_device, choose, claimed, delivery_states, received, tell_and_route


def test_the_others_see_who_took_the_lead(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)

    tell_and_route(claimed(fact, by=karim))

    (line,) = inbox_items(camille)
    assert line.is_closed
    assert line.closed_text == "Pris par Karim Benali"
    assert not line.can_act
    assert inbox_state(camille.pk).unread == 0


def test_the_winner_has_acted_and_the_others_have_not(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    event = tell_and_route(fact)

    tell_and_route(claimed(fact, by=karim))

    acted = dict(Notification.objects.filter(event=event).values_list("user__first_name", "acted_at"))
    assert acted == {"Camille": None, "Karim": MONDAY}


def test_closing_is_a_change_that_open_pages_fetch(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    before = inbox_state(camille.pk).head

    tell_and_route(claimed(fact, by=karim))

    delta = changes_after(camille, before)
    assert [item.is_closed for item in delta.items] == [True]
    assert delta.head == before + 1


def test_messages_that_have_not_left_are_cancelled(lyon: Site, camille: User, karim: User, in_rhone: None):
    add_device(camille)
    choose(camille, Channel.SMS, enabled=True)
    fact = received(lyon)
    event = tell_and_route(fact)
    Delivery.objects.filter(channel="sms").update(state="accepted")

    tell_and_route(claimed(fact, by=karim))

    states = delivery_states(event, camille)
    assert states["push"] == ("cancelled", "closed")
    assert states["sms"][0] == "accepted"


def test_another_lead_stays_open(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact, other = received(lyon), received(lyon)
    tell_and_route(fact)
    tell_and_route(other)

    tell_and_route(claimed(fact, by=karim))

    assert [line.is_closed for line in inbox_items(camille)] == [False, True]


def test_open_pages_of_everybody_concerned_are_told_in_one_message(
    lyon: Site,
    camille: User,
    karim: User,
    in_rhone: None,
    monkeypatch: Any,
    django_capture_on_commit_callbacks: Any,
):
    announced: list[Any] = []
    monkeypatch.setattr(live, "announce", announced.append)
    fact = received(lyon)

    with django_capture_on_commit_callbacks(execute=True):
        tell_and_route(fact)
    with django_capture_on_commit_callbacks(execute=True):
        tell_and_route(claimed(fact, by=karim))

    assert announced == [{camille.pk: (1, 1), karim.pk: (1, 1)}, {camille.pk: (2, 0), karim.pk: (2, 0)}]
