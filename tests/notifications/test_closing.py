"""Once somebody acted, the others are told who did, and nothing that was still waiting leaves."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from notifications import closing as closing_module
from notifications import live
from notifications.choices import Channel
from notifications.models import Delivery, Event, Notification
from notifications.selectors import changes_after, inbox_items, inbox_state
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import MONDAY
from tests.notifications.road import (
    add_device,
    choose,
    claimed,
    delivery_states,
    received,
    route,
    tell,
    tell_and_route,
)


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


def test_each_closed_line_takes_a_number_of_its_own(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    for name in ("first", "second"):
        tell_and_route(fact)
        Event.objects.filter(kind="notice", dedupe_key__startswith="lead:").update(dedupe_key=name)
    before = inbox_state(camille.pk).head

    tell_and_route(claimed(fact, by=karim))

    delta = changes_after(camille, before)
    assert [item.seq for item in delta.items] == [before + 1, before + 2]
    assert delta.head == before + 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("waits", [True, False])
def test_closing_waits_for_the_router_of_its_notice(
    lyon: Site, camille: User, karim: User, monkeypatch: pytest.MonkeyPatch, waits: bool
):
    """Without the wait (the control) the notice is written after the closing looked, and rings for ever."""
    if not waits:
        monkeypatch.setattr(closing_module, "_wait_for_routers", lambda *_: None)
    with group_scope(lyon.group_id):
        fact = received(lyon)
        event = tell(fact)
        slow, closed = threading.Event(), threading.Event()
        thread = threading.Thread(target=_close, args=(lyon, claimed, fact, karim, slow, closed))
        with transaction.atomic():
            route(event)
            thread.start()
            slow.wait(10)
            closed.wait(1.0)
        thread.join(20)

        assert Notification.objects.get(event=event, user=camille).is_closed is waits


def _close(
    lyon: Site, claim: Any, fact: Any, by: User, slow: threading.Event, closed: threading.Event
) -> None:
    with group_scope(lyon.group_id):
        closing_event = tell(claim(fact, by=by))
        slow.set()
        route(closing_event)
        closed.set()
    connection.close()
