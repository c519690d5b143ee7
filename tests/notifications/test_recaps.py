"""Recaps and the daily limit: what need not ring now is told together, at the hour its person chose; none is lost."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import attention, delivery, digests, letters
from notifications.choices import Cadence, Channel, Urgency
from notifications.models import Absence, Attention, Delivery, Digest, Event, Pace, Rhythm
from notifications.services import set_measure, set_pace
from sites.models import Site, User
from tests.cast import MONDAY, make_person, member_of
from tests.notifications.road import add_device, choose, claimed, received, tell_and_route
from tests.notifications.sending import Provider, refuse, send

pytestmark = pytest.mark.usefixtures("in_rhone")

HALF_PAST = MONDAY + timedelta(minutes=30)  # MONDAY is 10:30 in Lyon
EVENING = MONDAY.replace(hour=17, minute=0)  # 18:00 in Lyon


@pytest.fixture
def texted(camille: User) -> User:
    """Camille, who wants texts of leads."""
    User.objects.filter(pk=camille.pk).update(phone="+33612345678")
    choose(camille, Channel.SMS, enabled=True)
    return camille


@pytest.fixture
def daily(texted: User) -> User:
    """Camille, who wants her texts of leads once a day."""
    set_pace(member=member_of(texted), topic="leads", channel=Channel.SMS, cadence=Cadence.DAILY)
    return texted


def leads(lyon: Site, number: int, at: datetime = MONDAY) -> None:
    for n in range(number):
        tell_and_route(received(lyon, customer_name=f"Client {n}"), at)


def work(at: datetime, channel: Channel = Channel.SMS) -> None:
    """What a worker does when it is told that something is due."""
    digests.tell_due(channel, at=at)
    while send(at=at, channel=channel):
        digests.tell_due(channel, at=at)


def titles(provider: Provider, person: User) -> list[str]:
    return [title for name, title in provider.sent if name == person.full_name]


def test_a_manager_hears_of_the_leads_of_half_an_hour_in_one_email(
    lyon: Site, claire: User, provider: Provider
):
    leads(lyon, 3)

    work(MONDAY, Channel.EMAIL)
    at_once = titles(provider, claire)
    work(HALF_PAST, Channel.EMAIL)

    assert at_once == []
    assert titles(provider, claire) == ["Dernière demi-heure : 3 alertes"]


def test_what_is_alone_in_its_recap_is_told_as_it_is(lyon: Site, claire: User, provider: Provider):
    leads(lyon, 1)
    work(MONDAY, Channel.EMAIL)

    work(HALF_PAST, Channel.EMAIL)

    assert titles(provider, claire) == ["Nouveau lead : Client 0"]
    assert Delivery.objects.get(channel="email").reason == "told_alone"


def test_a_taken_lead_is_no_longer_news(lyon: Site, claire: User, karim: User, provider: Provider):
    leads(lyon, 2)
    fact = received(lyon)
    tell_and_route(fact)
    work(MONDAY, Channel.EMAIL)
    tell_and_route(claimed(fact, karim))

    work(HALF_PAST, Channel.EMAIL)

    assert titles(provider, claire) == ["Dernière demi-heure : 2 alertes"]


def test_one_that_no_app_declares_any_more_keeps_no_recap_from_leaving(
    lyon: Site, claire: User, provider: Provider
):
    leads(lyon, 3)
    work(MONDAY, Channel.EMAIL)
    gone = Event.objects.filter(type_key="leads.received").order_by("pk")[0]
    Event.objects.filter(pk=gone.pk).update(type_key="leads.of_another_time")

    work(HALF_PAST, Channel.EMAIL)

    assert titles(provider, claire) == ["Dernière demi-heure : 2 alertes"]


def test_one_that_cannot_be_read_any_more_keeps_no_line_from_its_recap(
    lyon: Site, claire: User, provider: Provider
):
    leads(lyon, 3)
    work(MONDAY, Channel.EMAIL)
    event = Event.objects.filter(type_key="leads.received").order_by("pk")[0]
    Event.objects.filter(pk=event.pk).update(payload={"group_id": lyon.group_id, "site_id": lyon.pk})

    work(HALF_PAST, Channel.EMAIL)

    told = Delivery.objects.get(channel="email", notification__event__type_key="notifications.digest")
    assert told.state == "accepted"
    lines = letters.write(told, {}).message.sections[0].lines
    assert [line.title for line in lines] == ["Nouveau lead : Client 1", "Nouveau lead : Client 2"]


def test_a_text_that_was_gathered_counts_for_no_cap(
    lyon: Site, texted: User, provider: Provider, settings: Any
):
    settings.SMS_CAP_NUMBER = 3
    set_pace(member=member_of(texted), topic="leads", channel=Channel.SMS, cadence=Cadence.HALF_HOUR)
    leads(lyon, 4)

    work(MONDAY)
    work(HALF_PAST)

    assert titles(provider, texted) == ["Dernière demi-heure : 4 alertes"]


def test_a_person_chooses_a_recap_at_his_own_hour(lyon: Site, daily: User, provider: Provider):
    set_measure(member=member_of(daily), recap_at=time(16, 15), recap_weekday=0, daily_limit=50)
    leads(lyon, 2)

    work(MONDAY)
    work(MONDAY.replace(hour=15, minute=14))
    too_early = titles(provider, daily)
    work(MONDAY.replace(hour=15, minute=15))

    assert too_early == []
    assert titles(provider, daily) == ["Votre récapitulatif du jour : 2 alertes"]


def test_the_pace_of_a_type_counts_before_that_of_its_category(lyon: Site, daily: User, provider: Provider):
    set_pace(member=member_of(daily), topic="leads.received", channel=Channel.SMS, cadence=Cadence.AT_ONCE)
    leads(lyon, 1)

    work(MONDAY)

    assert titles(provider, daily) == ["Nouveau lead : Client 0"]


def test_control_without_a_pace_it_leaves_at_once(lyon: Site, texted: User, provider: Provider):
    leads(lyon, 1)

    work(MONDAY)

    assert titles(provider, texted) == ["Nouveau lead : Client 0"]


def test_a_day_is_told_once_whoever_comes_late(lyon: Site, daily: User, provider: Provider):
    leads(lyon, 2)
    work(MONDAY)
    work(EVENING)
    Delivery.objects.update(digest=None)
    # A worker that was held up puts two more into the day that has been told.
    leads(lyon, 2, MONDAY)

    work(EVENING + timedelta(seconds=5))
    on_the_day = titles(provider, daily)
    work(EVENING + timedelta(days=1))

    assert on_the_day == ["Votre récapitulatif du jour : 2 alertes"]
    assert titles(provider, daily) == ["Votre récapitulatif du jour : 2 alertes"] * 2
    assert list(Digest.objects.order_by("pk").values_list("period", flat=True)) == [
        "2026-03-02",
        "2026-03-03",
    ]


def test_two_days_without_a_worker_are_told_together(lyon: Site, daily: User, provider: Provider):
    leads(lyon, 2)
    leads(lyon, 2, MONDAY + timedelta(days=1))

    work(EVENING + timedelta(days=2))

    assert titles(provider, daily) == ["Votre récapitulatif du jour : 4 alertes"]


def test_who_is_away_finds_his_recap_when_he_is_back(lyon: Site, daily: User, provider: Provider):
    Absence.objects.create(
        group_id=lyon.group_id, user=daily, first_day=MONDAY.date(), last_day=MONDAY.date()
    )
    leads(lyon, 2)
    work(MONDAY)

    work(EVENING)
    on_the_day = titles(provider, daily)
    work(EVENING + timedelta(hours=6, seconds=1))  # midnight in Lyon, where nobody said when it is quiet

    assert on_the_day == []
    assert titles(provider, daily) == ["Votre récapitulatif du jour : 2 alertes"]


def test_the_critical_waits_for_no_recap(
    lyon: Site, daily: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    from leads.notices import LeadReceivedNotice

    monkeypatch.setattr(LeadReceivedNotice, "urgency", Urgency.CRITICAL)
    leads(lyon, 1)

    work(MONDAY)

    assert titles(provider, daily) == ["Nouveau lead : Client 0"]


def test_beyond_his_daily_limit_a_person_is_told_together_and_that_it_was_too_much(
    lyon: Site, texted: User, provider: Provider
):
    set_measure(member=member_of(texted), recap_at=time(18), recap_weekday=0, daily_limit=5)
    leads(lyon, 8)

    work(MONDAY)
    by_then = titles(provider, texted)
    work(HALF_PAST)

    assert by_then == [f"Nouveau lead : Client {n}" for n in range(5)]
    assert titles(provider, texted)[5:] == ["Dernière demi-heure : 3 alertes"]
    digest = Delivery.objects.select_related(*letters.NEEDED_ROWS).get(
        channel="sms", reason="in_digest", digest=None
    )
    assert letters.write(digest, {}).message.body.startswith(
        "3 d’entre elles dépassaient votre limite du jour. Nouveau lead : Client 5 · "
    )


def test_the_limit_is_a_new_one_on_the_next_day_of_the_person(lyon: Site, texted: User, provider: Provider):
    set_measure(member=member_of(texted), recap_at=time(18), recap_weekday=0, daily_limit=5)
    leads(lyon, 5)
    work(MONDAY)

    leads(lyon, 5, MONDAY + timedelta(days=1))
    work(MONDAY + timedelta(days=1))

    assert len(titles(provider, texted)) == 10
    assert Attention.objects.get().told == 5


def test_control_the_default_limit_lets_eight_through(lyon: Site, texted: User, provider: Provider):
    leads(lyon, 8)

    work(MONDAY)

    assert len(titles(provider, texted)) == 8
    assert Attention.objects.get(user=texted).told == 8


def test_a_providers_bad_day_uses_up_nobodys_limit(lyon: Site, texted: User, provider: Provider):
    set_measure(member=member_of(texted), recap_at=time(18), recap_weekday=0, daily_limit=5)
    leads(lyon, 5)
    working, provider.answer = provider.answer, refuse(permanent=False)
    work(MONDAY)
    work(MONDAY + timedelta(minutes=2))
    counted = Attention.objects.get(user=texted).told

    provider.answer = working
    work(MONDAY + timedelta(minutes=10))

    assert (counted, Attention.objects.get(user=texted).told) == (5, 5)
    texts = Delivery.objects.filter(channel="sms", notification__user=texted)
    assert [(text.state, text.attempts) for text in texts] == [("accepted", 3)] * 5


def test_a_person_with_three_devices_is_told_once_of_each_lead(
    lyon: Site, camille: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "BATCH", 2)
    for number in range(3):
        add_device(camille, name=f"{number}")
    set_measure(member=member_of(camille), recap_at=time(18), recap_weekday=0, daily_limit=5)
    leads(lyon, 6)

    work(MONDAY, Channel.PUSH)

    assert len(titles(provider, camille)) == 5 * 3
    assert Attention.objects.get(user=camille).told == 5


def test_the_device_that_rang_first_counts_whatever_its_number(
    lyon: Site, camille: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "BATCH", 1)
    for number in range(2):
        add_device(camille, name=f"{number}")
    leads(lyon, 1)
    first, _second = Delivery.objects.filter(channel="push", notification__user=camille).order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(due_at=MONDAY + timedelta(seconds=5))

    send(at=MONDAY, channel=Channel.PUSH)  # the second alone
    send(at=MONDAY + timedelta(seconds=10), channel=Channel.PUSH)

    assert len(titles(provider, camille)) == 2
    assert Attention.objects.get(user=camille).told == 1


def test_control_the_devices_of_a_batch_know_of_those_before(
    lyon: Site, camille: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "BATCH", 2)
    monkeypatch.setattr(attention, "rang_elsewhere", lambda _claimed, _at: set())
    for number in range(3):
        add_device(camille, name=f"{number}")
    leads(lyon, 2)

    work(MONDAY, Channel.PUSH)

    assert Attention.objects.get(user=camille).told == 4


def test_the_critical_knows_no_limit(
    lyon: Site, texted: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    from leads.notices import LeadReceivedNotice

    monkeypatch.setattr(LeadReceivedNotice, "urgency", Urgency.CRITICAL)
    set_measure(member=member_of(texted), recap_at=time(18), recap_weekday=0, daily_limit=5)
    leads(lyon, 8)

    work(MONDAY)

    assert len(titles(provider, texted)) == 8


def test_a_limit_is_its_persons_own(lyon: Site, texted: User, karim: User, provider: Provider):
    User.objects.filter(pk=karim.pk).update(phone="+33612345679")
    choose(karim, Channel.SMS, enabled=True)
    set_measure(member=member_of(texted), recap_at=time(18), recap_weekday=0, daily_limit=5)
    leads(lyon, 8)

    work(MONDAY)

    assert (len(titles(provider, texted)), len(titles(provider, karim))) == (5, 8)


def test_the_door_asks_as_little_for_seven_people_as_for_one(lyon: Site, daily: User, provider: Provider):
    leads(lyon, 1)
    with CaptureQueriesContext(connection) as one:
        put_back_one = send(at=MONDAY)
    for n in range(6):
        person = make_person(lyon.group, f"Sam{n} Petit", "salesperson", lyon, phone=f"+3361234{5680 + n}")
        choose(person, Channel.SMS, enabled=True)
        Pace.objects.create(
            group_id=lyon.group_id, user=person, topic="leads", channel="sms", cadence=Cadence.DAILY
        )
        Rhythm.objects.create(group_id=lyon.group_id, user=person)
    leads(lyon, 1)

    with CaptureQueriesContext(connection) as many:
        put_back = send(at=MONDAY)

    assert (put_back_one, put_back, provider.sent) == (1, 7, [])
    assert len(many) - len(one) == put_back - put_back_one  # one for each message that is put back
