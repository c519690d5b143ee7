"""What an alert is about was erased: it closes on every device, nothing more leaves, and no line leads to a 404."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from core.signals import DomainSignal, Fact
from leads.notices import LEADS
from leads.signals import LeadReceived
from notifications import escalations, reasons, recording, registry
from notifications.audiences import roles
from notifications.choices import IN_APP, Channel
from notifications.declarations import Ending, Notice
from notifications.lines import InboxItem
from notifications.models import Event, EventKind, Notification
from notifications.selectors import changes_after, inbox_items, inbox_state
from notifications.services import retract
from notifications.told import told_about
from sites.access import Member, member_for
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.cast import MONDAY, make_site, signed_in
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

LATER = MONDAY + timedelta(minutes=20)
GONE = "N’existe plus"


def subject_of(fact: LeadReceived) -> str:
    return f"lead:{fact.lead_id}"


def erase(fact: LeadReceived) -> None:
    """What a service that erases the lead does, but for the lead."""
    with transaction.atomic():
        retract(subject=subject_of(fact), at=LATER)


def route_what_waits() -> None:
    for event in Event.objects.filter(routed_at__isnull=True).order_by("pk"):
        route(event, LATER)


def erase_and_route(fact: LeadReceived) -> None:
    erase(fact)
    route_what_waits()


def line_of(person: User) -> InboxItem:
    (line,) = inbox_items(person)
    return line


def as_member(user: User) -> Member:
    member = member_for(user)
    assert member is not None
    return member


def test_every_line_says_so_and_leads_nowhere(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    before = line_of(camille)

    erase_and_route(fact)

    assert (before.url, before.can_act, before.closed_text) == (f"/leads/{fact.lead_id}/", True, "")
    for line in (line_of(camille), line_of(karim)):
        assert (line.url, line.can_act, line.actions, line.closed_text) == ("", False, (), GONE)
        assert line.title == "Nouveau lead : Paul Bernard"
    assert inbox_state(camille.pk).unread == 0


def test_open_pages_fetch_it_as_a_change(lyon: Site, camille: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    before = inbox_state(camille.pk).head

    erase_and_route(fact)

    assert [(item.is_closed, item.url) for item in changes_after(camille, before).items] == [(True, "")]


def test_what_was_taken_before_leads_nowhere_either(lyon: Site, camille: User, karim: User, in_rhone: None):
    fact = received(lyon)
    event = tell_and_route(fact)
    tell_and_route(claimed(fact, by=karim))
    taken = line_of(camille)

    erase_and_route(fact)

    assert (taken.closed_text, taken.url) == ("Pris par Karim Benali", f"/leads/{fact.lead_id}/")
    assert [(line_of(who).closed_text, line_of(who).url) for who in (camille, karim)] == [(GONE, "")] * 2
    rows = Notification.objects.filter(event=event, in_inbox=True)
    assert {row.closed_at for row in rows} == {MONDAY}
    assert rows.get(user=karim).acted_at == MONDAY


def test_nothing_that_waits_leaves_and_what_left_stays(lyon: Site, camille: User, in_rhone: None):
    add_device(camille)
    choose(camille, Channel.SMS, enabled=True)
    fact = received(lyon)
    event = tell_and_route(fact)
    Notification.objects.get(event=event, user=camille).deliveries.filter(channel="sms").update(
        state="accepted"
    )

    erase_and_route(fact)

    states = delivery_states(event, camille)
    assert (states["push"], states["sms"][0]) == (("cancelled", "closed"), "accepted")


def test_what_was_not_routed_yet_is_written_closed(lyon: Site, camille: User, in_rhone: None):
    add_device(camille)
    fact = received(lyon)
    event = tell(fact)

    erase_and_route(fact)

    assert (line_of(camille).closed_text, line_of(camille).url) == (GONE, "")
    assert inbox_state(camille.pk).unread == 0
    assert delivery_states(event, camille)["push"][0] == "cancelled"


def test_other_subjects_and_other_groups_keep_theirs(
    lyon: Site, camille: User, rival: Group, rita: User, in_rhone: None
):
    fact, other = received(lyon), received(lyon)
    tell_and_route(fact)
    tell_and_route(other)
    with group_scope(rival.pk):
        foreign = tell(received(make_site(rival, "Nord"), lead_id=fact.lead_id))

    erase_and_route(fact)

    assert [line.is_closed for line in inbox_items(camille)] == [False, True]
    with group_scope(rival.pk):
        assert not Event.objects.filter(kind=EventKind.CLOSING).exists()
        assert Event.objects.get(pk=foreign.pk).routed_at is None


def test_it_stands_and_falls_with_the_erasure(lyon: Site, camille: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        retract(subject=subject_of(fact), at=LATER)
        _ = 1 // 0
    route_what_waits()
    kept = line_of(camille)
    erase(fact)  # the process is killed here: what was retracted waits in the table
    waiting = list(Event.objects.filter(routed_at__isnull=True).values_list("kind", flat=True))
    route_what_waits()

    assert (kept.is_closed, waiting) == (False, ["closing"])
    assert line_of(camille).closed_text == GONE


def test_a_second_time_takes_what_was_told_meanwhile(lyon: Site, camille: User, in_rhone: None):
    fact = received(lyon)
    tell_and_route(fact)
    erase_and_route(fact)
    Event.objects.filter(kind=EventKind.NOTICE).update(dedupe_key="before")
    late = tell_and_route(fact)

    retract(subject=subject_of(fact), at=LATER + timedelta(minutes=1))
    route_what_waits()

    assert Notification.objects.get(event=late, user=camille).is_closed


def test_nobody_is_told_that_it_stays_unanswered(lyon: Site, camille: User, claire: User, in_rhone: None):
    fact, control = received(lyon), received(lyon)
    tell_and_route(fact)
    event = tell_and_route(control)
    erase_and_route(fact)

    escalations.tell_unanswered(at=LATER)

    followed = Event.objects.filter(type_key="leads.unanswered")
    assert [one.subject for one in followed] == [event.subject]


def test_what_was_told_of_its_being_unanswered_ends_too(
    lyon: Site, camille: User, claire: User, in_rhone: None
):
    fact = received(lyon)
    tell_and_route(fact)
    escalations.tell_unanswered(at=LATER)
    route_what_waits()
    followed = Event.objects.get(type_key="leads.unanswered")

    erase_and_route(fact)

    assert {row.is_closed for row in Notification.objects.filter(event=followed)} == {True}
    assert Event.objects.filter(kind=EventKind.CLOSING).count() == 1


def test_pages_have_no_link_to_it(lyon: Site, camille: User, in_rhone: None):
    fact = received(lyon)
    event = tell_and_route(fact)
    link, pages = f'href="/leads/{fact.lead_id}/"', ["/inbox/", f"/told/{event.subject}/"]
    pages.append(f"/inbox/{Notification.objects.get(event=event, user=camille).pk}/why/")
    before = [signed_in(camille).get(page).content.decode() for page in pages]

    erase_and_route(fact)
    after = [signed_in(camille).get(page).content.decode() for page in pages]

    assert [link in text for text in before] == [True] * 3
    assert [link in text for text in after] == [False] * 3
    assert GONE in after[0]
    assert GONE in after[1]
    assert "Nouveau lead : Paul Bernard" in after[2]


def test_the_answers_of_the_engine_name_no_page(lyon: Site, camille: User, in_rhone: None):
    fact = received(lyon)
    event = tell_and_route(fact)
    erase_and_route(fact)

    with translation.override("fr"):
        why = reasons.why(as_member(camille), Notification.objects.get(event=event, user=camille).pk)
        told = told_about(as_member(camille), event.subject)

    assert why is not None
    assert told is not None
    assert (why.url, told.url, [one.ended for one in told.events]) == ("", "", [GONE])


def test_it_takes_two_queries_however_many_were_told(
    lyon: Site, camille: User, karim: User, in_rhone: None, django_assert_num_queries: Any
):
    fact = received(lyon)
    tell_and_route(fact)

    with django_assert_num_queries(2):
        retract(subject=subject_of(fact), at=LATER)
    with django_assert_num_queries(1):
        retract(subject="lead:nobody-was-told", at=LATER)


# Several ends ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CarLent(Fact):
    """A courtesy car was lent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CarBack(Fact):
    """It is back."""

    where: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CarSold(Fact):
    """It was sold while it was lent."""

    buyer: str


lent = DomainSignal("car_lent", CarLent)
back = DomainSignal("car_back", CarBack)
sold = DomainSignal("car_sold", CarSold)


@pytest.fixture
def lending(lyon: Site) -> Iterator[type[Notice[CarLent]]]:
    class CarLentNotice(Notice[CarLent]):
        key = "tests.car_lent"
        name = "Car lent"
        category = LEADS
        signal = lent
        audience = roles("salesperson")
        needs = "leads.view_lead"
        subject = "car:{group_id}"
        title = "Car lent"
        body = "Look after it"
        url = "/"
        channels = {"salesperson": IN_APP}
        closes_on = (Ending(back, "Back in {where}"), Ending(sold, "Sold to {buyer}"))
        sample = CarLent(group_id=1, occurred_at=MONDAY)

    recording.listen(CarLentNotice)
    yield CarLentNotice
    registry.forget("tests.car_lent")


def lend(lyon: Site) -> dict[str, Any]:
    """Who lent it, where and when; the alert is told."""
    common: dict[str, Any] = {"group_id": lyon.group_id, "site_id": lyon.pk, "occurred_at": MONDAY}
    lent.send(CarLent(**common))
    route_what_waits()
    return common


def test_each_end_has_words_of_its_own(
    lending: object, lyon: Site, camille: User, karim: User, in_rhone: None
):
    common = lend(lyon)

    sold.send(CarSold(**common, actor_id=karim.pk, buyer="Paul"))
    route_what_waits()

    assert (line_of(camille).closed_text, line_of(camille).url) == ("Sold to Paul", "/")
    assert line_of(karim).is_acted


def test_the_first_end_stays_the_end(lending: object, lyon: Site, camille: User, in_rhone: None):
    common = lend(lyon)

    back.send(CarBack(**common, where="Lyon"))
    sold.send(CarSold(**common, buyer="Paul"))
    route_what_waits()

    assert line_of(camille).closed_text == "Back in Lyon"


def test_an_end_that_was_recorded_without_its_name_is_the_first(
    lending: object, lyon: Site, camille: User, in_rhone: None
):
    """As all were until several ends could be declared."""
    common = lend(lyon)
    back.send(CarBack(**common, where="Lyon"))
    event = Event.objects.get(kind=EventKind.CLOSING)
    del event.payload["ended_by"]
    event.save()

    route_what_waits()

    assert line_of(camille).closed_text == "Back in Lyon"


def test_the_words_of_any_end_are_found(lending: object, lyon: Site, camille: User, in_rhone: None):
    common = lend(lyon)

    sold.send(CarSold(**common, buyer="Zoé Quint"))

    assert Event.objects.get(kind=EventKind.CLOSING).words == "zoe quint"
