"""The no-loss ledger: it balances by itself, and names what vanished behind the engine's back."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Lead, LeadSource
from leads.services import claim_lead, receive_lead
from leads.services.enquiry import LeadEnquiry
from notifications import delivery, digests, routing, sweep
from notifications.choices import Cadence, Channel
from notifications.ledger import keeping
from notifications.ledger.equation import Difference, Line
from notifications.ledger.reading import night_of
from notifications.models import Delivery, Digest, Event, EventKind, LedgerDay, Notification
from sites.models import Group, Site, User
from sites.scope import every_group, group_scope
from tests.cast import MONDAY, make_lead, make_site, make_source, member_of
from tests.notifications.road import choose, received, tell_and_route

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)
NEXT_NIGHT = datetime.fromisoformat("2026-03-03T02:30:00+00:00")  # half past three in Lyon


@pytest.fixture
def told_lead(website: LeadSource, camille: User, in_rhone: None, time_machine) -> Lead:
    """A lead that came in on Monday, was told to Camille, also as a text, and that has left."""
    time_machine.move_to(MONDAY, tick=False)
    choose(camille, Channel.SMS, enabled=True)
    intake = receive_lead(source=website, enquiry=enquiry(), at=MONDAY)
    routing.route_events([event.hint for event in Event.objects.filter(routed_at=None)], at=MONDAY)
    delivery.deliver_due(Channel.SMS, at=MONDAY)
    return Lead.objects.get(pk=intake.lead_id)


def enquiry() -> LeadEnquiry:
    return LeadEnquiry(first_name="Paul", last_name="Martin", email="paul@example.com", message="Clio ?")


def counted(day: date = DAY, at: datetime = NEXT_NIGHT) -> LedgerDay:
    """Monday's row, counted on Tuesday night."""
    group = Group.objects.get(slug="rhone")
    with group_scope(group.pk):
        return keeping.count_day(group.pk, day, at=at)


def missing(row: LedgerDay) -> list[Difference]:
    night = night_of(row.day)
    assert night is not None
    return night.differences


def test_a_day_on_which_nothing_is_lost_balances(told_lead: Lead):
    row = counted()

    figures = row.figures
    assert (row.missing, missing(row)) == (0, [])
    assert {one["key"]: (one["held"], one["recorded"]) for one in figures["stated"]}["leads.received"] == (
        1,
        1,
    )
    assert (figures["recorded"], figures["routed"]) == (1, 1)
    assert figures["considered"] == figures["in_inbox"] + sum(figures["left_out"].values()) == 1
    assert figures["planned"] == sum(figures["messages"].values()) == 3
    assert figures["messages"] == {"delivered": 1, "accepted": 1, "suppressed": 1}


def test_a_lead_whose_event_vanished_is_named(told_lead: Lead):
    Event.objects.get(type_key="leads.received").delete()

    assert missing(counted()) == [Difference(Line.STATED, "leads.received", f"lead:{told_lead.pk}", 1, 0)]


def test_a_lead_that_was_written_without_telling_is_named(told_lead: Lead, website: LeadSource):
    silent = make_lead(website, first_name="Silent")

    assert [one.name for one in missing(counted())] == [f"lead:{silent.pk}"]


def test_a_person_whose_alert_vanished_is_missed(told_lead: Lead):
    event = Event.objects.get()
    Notification.objects.all().delete()

    assert missing(counted()) == [Difference(Line.PEOPLE, "leads.received", str(event.pk), 1, 0)]


def test_a_message_that_vanished_is_missed(told_lead: Lead):
    event = Event.objects.get()
    Delivery.objects.get(channel="sms").delete()

    assert missing(counted()) == [Difference(Line.MESSAGES, "leads.received", str(event.pk), 3, 2)]


def test_a_claim_whose_event_vanished_is_named(told_lead: Lead, camille: User):
    claim_lead(lead_id=told_lead.pk, by=member_of(camille), at=MONDAY)
    balanced = counted().missing
    Event.objects.get(kind=EventKind.CLOSING).delete()

    assert balanced == 0
    assert [(one.about, one.name) for one in missing(counted())] == [
        ("leads.received closing", f"lead:{told_lead.pk}")
    ]


@pytest.fixture
def digest(lyon: Site, camille: User, in_rhone: None, time_machine) -> Digest:
    """Five texts that were held, told to Camille in one."""
    time_machine.move_to(MONDAY, tick=False)
    choose(camille, Channel.SMS, enabled=True)
    for number in range(5):
        tell_and_route(received(lyon, customer_name=f"Paul {number}"))
    Delivery.objects.filter(channel="sms").update(cadence=Cadence.OPENING)
    digests.tell_due(Channel.SMS, at=MONDAY)
    return Digest.objects.get()


def test_a_digest_and_its_members_balance(digest: Digest, monkeypatch: pytest.MonkeyPatch):
    row = counted()

    facts_without_leads = [one for one in missing(row) if one.line != Line.STATED]
    assert facts_without_leads == []
    assert (row.figures["digests"], row.figures["digested"]) == (1, 5)


def test_a_member_that_vanished_from_its_digest_is_missed(digest: Digest):
    Delivery.objects.filter(digest=digest)[0].delete()

    found = [one for one in missing(counted()) if one.line == Line.DIGESTS]
    assert found == [Difference(Line.DIGESTS, "notifications.digest", f"digest:{digest.pk}", 5, 4)]


def test_members_whose_digest_vanished_are_named(digest: Digest):
    members = set(Delivery.objects.filter(digest=digest).values_list("pk", flat=True))
    digest.delete()

    found = {one.name for one in missing(counted()) if one.line == Line.DIGESTS}
    assert found == {f"message:{pk}" for pk in members}


def test_an_event_that_fails_is_set_aside_by_name_and_is_not_lost(told_lead: Lead):
    event = Event.objects.get()
    Event.objects.update(routed_at=None, attempts=2, considered=None, planned=None)

    row = counted()

    assert (row.missing, row.unfinished) == (0, 1)
    assert row.figures["set_aside"] == [event.pk]


def test_counting_twice_comes_to_the_same(told_lead: Lead):
    first, second = counted(), counted()

    assert first.pk == second.pk
    assert (first.figures, first.differences) == (second.figures, second.differences)
    assert LedgerDay.objects.count() == 1


def test_a_late_receipt_is_in_the_next_count(told_lead: Lead):
    counted()
    Delivery.objects.filter(channel="sms").update(state="delivered")

    keeping.count_all(at=NEXT_NIGHT + timedelta(days=1))

    assert LedgerDay.objects.get(day=DAY).figures["messages"] == {"delivered": 2, "suppressed": 1}


def test_a_night_is_counted_at_three_and_not_before(told_lead: Lead):
    keeping.count_all(at=NEXT_NIGHT - timedelta(hours=1))
    before = LedgerDay.objects.count()

    keeping.count_all(at=NEXT_NIGHT)

    assert (before, LedgerDay.objects.get().day) == (0, DAY)


def test_nights_that_were_slept_through_are_made_up_for(told_lead: Lead):
    keeping.count_all(at=NEXT_NIGHT + timedelta(days=2))

    assert list(LedgerDay.objects.order_by("day").values_list("day", flat=True)) == [
        DAY + timedelta(days=number) for number in range(3)
    ]


def test_a_balanced_night_is_left_alone_until_the_next(told_lead: Lead):
    keeping.count_all(at=NEXT_NIGHT)
    keeping.count_all(at=NEXT_NIGHT + timedelta(hours=5))

    assert LedgerDay.objects.get().counted_at == NEXT_NIGHT


def test_a_night_with_a_difference_is_looked_at_every_hour(told_lead: Lead, website: LeadSource):
    silent = make_lead(website, first_name="Silent")
    keeping.count_all(at=NEXT_NIGHT)
    silent.delete()

    keeping.count_all(at=NEXT_NIGHT + timedelta(hours=1))

    row = LedgerDay.objects.get()
    assert (row.missing, row.counted_at) == (0, NEXT_NIGHT + timedelta(hours=1))


def test_each_group_counts_its_own_day_by_its_own_clock(told_lead: Lead, rival: Group):
    with group_scope(rival.pk):
        montreal = make_site(rival, "Montréal", time_zone="America/Toronto")
        make_source(montreal)
        tell_and_route(received(montreal))

    keeping.count_all(at=NEXT_NIGHT)

    with every_group():
        assert set(LedgerDay.objects.values_list("group__slug", "day")) == {("rhone", DAY)}
        keeping.count_all(at=NEXT_NIGHT + timedelta(hours=6))
        assert LedgerDay.objects.filter(group=rival).count() == 1


def test_leads_from_before_the_engine_are_nobodys_loss(told_lead: Lead, website: LeadSource):
    make_lead(website, received_at=MONDAY - timedelta(hours=2))

    assert counted().missing == 0


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_leave_one_row(website: LeadSource, camille: User, rhone: Group, lyon: Site):
    with group_scope(rhone.pk):
        Event.objects.filter(pk=tell_and_route(received(lyon)).pk).update(recorded_at=MONDAY)

    def count() -> None:
        keeping.count_all(at=NEXT_NIGHT)
        connection.close()

    both = [threading.Thread(target=count) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    with every_group():
        assert LedgerDay.objects.filter(day=DAY).count() == 1


def test_the_number_of_queries_does_not_grow(told_lead: Lead, website: LeadSource, django_assert_num_queries):
    counted()
    with CaptureQueriesContext(connection) as one:
        counted()
    for number in range(3):
        receive_lead(
            source=website,
            enquiry=LeadEnquiry(last_name=f"N{number}", email=f"n{number}@example.com"),
            at=MONDAY,
        )
    sweep.run(at=MONDAY + timedelta(seconds=10))

    with django_assert_num_queries(len(one)):
        row = counted()

    assert row.figures["recorded"] == 4
