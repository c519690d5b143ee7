"""Texts a day: to one number, for one site, for the group; what is critical has a reserve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateways import sms
from gateways.errors import DeliveryError
from leads.notices import LeadReceivedNotice
from notifications import batch, delivery
from notifications.choices import Channel, Urgency
from notifications.models import Delivery, Event
from sites.models import Group, Site, User
from sites.scope import group_scope
from tests.cast import MONDAY
from tests.notifications.road import choose, inbox_names, received, route, tell_and_route
from tests.notifications.sending import Provider, send


@pytest.fixture(autouse=True)
def _wide(settings: Any, in_rhone: None, camille: User, karim: User) -> None:
    """No cap is near unless a test says so; Camille and Karim of Lyon want texts."""
    settings.SMS_CAP_NUMBER = settings.SMS_CAP_SITE = settings.SMS_CAP_GROUP = 1_000
    settings.SMS_CAP_RESERVE = 50
    for person in (camille, karim):
        choose(person, Channel.SMS, enabled=True)


def leads(site: Site, count: int, at: datetime = MONDAY) -> None:
    for _ in range(count):
        tell_and_route(received(site), at=at)


def reasons(person: User | None = None) -> list[str]:
    rows = Delivery.objects.filter(channel="sms", state="suppressed")
    if person is not None:
        rows = rows.filter(notification__user=person)
    return list(rows.values_list("reason", flat=True))


def told() -> list[dict[str, Any]]:
    rows = Event.objects.filter(type_key="notifications.sms_cap").order_by("pk")
    return list(rows.values_list("payload", flat=True))


def test_one_number_is_texted_so_often_a_day(lyon: Site, camille: User, provider: Provider, settings: Any):
    settings.SMS_CAP_NUMBER = 2
    User.objects.exclude(pk=camille.pk).update(phone="")
    leads(lyon, 4)

    send()

    assert len(provider.sent) == 2
    assert reasons(camille) == ["cap_number", "cap_number"]
    assert [one["whose_name"] for one in told()] == ["Camille Durand"]


def test_one_site_is_texted_for_so_often_a_day(
    lyon: Site, marseille: Site, marc: User, provider: Provider, settings: Any
):
    settings.SMS_CAP_SITE = 3
    User.objects.filter(pk=marc.pk).update(phone="+33644444444")
    choose(marc, Channel.SMS, enabled=True)
    leads(lyon, 2)
    leads(marseille, 1)

    send()

    assert len(provider.sent) == 4
    assert reasons() == ["cap_site"]
    assert reasons(marc) == []
    assert [one["whose_name"] for one in told()] == ["Lyon"]


def test_the_group_is_capped_over_all_its_batches(lyon: Site, provider: Provider, settings: Any):
    settings.SMS_CAP_GROUP = delivery.BATCH + 1
    leads(lyon, delivery.BATCH)

    while send():
        pass

    assert len(provider.sent) == delivery.BATCH + 1
    assert set(reasons()) == {"cap_group"}


def test_critical_text_may_use_the_reserve(
    lyon: Site, provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.SMS_CAP_GROUP = 2
    leads(lyon, 1)
    send()
    monkeypatch.setattr(LeadReceivedNotice, "urgency", Urgency.CRITICAL)
    leads(lyon, 2)

    send()

    assert len(provider.sent) == 3  # two, and half of it again
    assert reasons() == ["cap_group"] * 3


def test_next_day_begins_at_midnight_of_the_group(lyon: Site, provider: Provider, settings: Any):
    """22:30 and 23:30 in UTC are two days in Lyon in winter."""
    settings.SMS_CAP_GROUP = 2
    evening = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    leads(lyon, 1)
    Delivery.objects.update(cadence="")
    send(at=evening)
    before = len(provider.sent)
    leads(lyon, 1)

    send(at=evening + timedelta(hours=1))

    assert (before, len(provider.sent), reasons()) == (2, 4, [])


def test_what_was_not_sent_does_not_count(lyon: Site, provider: Provider, settings: Any):
    settings.SMS_CAP_GROUP = 2
    leads(lyon, 2)
    Delivery.objects.filter(channel="sms").update(state="cancelled", attempted_at=MONDAY)
    leads(lyon, 1)

    send()

    assert (len(provider.sent), reasons()) == (2, [])


def test_what_may_have_been_sent_counts(lyon: Site, provider: Provider, settings: Any):
    settings.SMS_CAP_GROUP = 2
    leads(lyon, 1)
    Delivery.objects.filter(channel="sms").update(state="unknown", attempted_at=MONDAY)
    leads(lyon, 1)

    send()

    assert (len(provider.sent), reasons()) == (0, ["cap_group", "cap_group"])


def test_a_rival_has_its_own_count(
    lyon: Site, rival: Group, rival_site: Site, rita: User, provider: Provider, settings: Any
):
    settings.SMS_CAP_GROUP = 2
    leads(lyon, 1)
    send()
    User.objects.filter(pk=rita.pk).update(phone="+33655555555")
    with group_scope(rival.pk):
        choose(rita, Channel.SMS, enabled=True)
        leads(rival_site, 1)

        send()

    assert len(provider.sent) == 3


def test_administrators_are_told_once_a_day(lyon: Site, agnes: User, provider: Provider, settings: Any):
    settings.SMS_CAP_GROUP = 0
    leads(lyon, 2)
    send()
    leads(lyon, 1)
    send()
    send_tomorrow = MONDAY + timedelta(days=1)
    leads(lyon, 1, at=send_tomorrow)
    send(at=send_tomorrow)

    events = Event.objects.filter(type_key="notifications.sms_cap").order_by("pk")
    route(events[0])

    assert [event.payload["day"] for event in events] == ["2026-03-02", "2026-03-03"]
    assert inbox_names(events[0]) == {"Agnès"}


def test_other_channels_have_no_cap(lyon: Site, camille: User, provider: Provider, settings: Any):
    settings.SMS_CAP_NUMBER = settings.SMS_CAP_SITE = settings.SMS_CAP_GROUP = 0
    choose(camille, Channel.EMAIL, enabled=True)
    leads(lyon, 1)

    send(channel=Channel.EMAIL)

    assert len(provider.sent) == 1


def test_the_cap_is_what_keeps_them(
    lyon: Site, provider: Provider, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    """The control: without the count they would leave."""
    settings.SMS_CAP_GROUP = 0
    monkeypatch.setattr(batch, "caps_for", lambda _claimed, at: None)
    leads(lyon, 1)

    send()

    assert len(provider.sent) == 2


@pytest.mark.parametrize(
    "number",
    ["+33612345678", "+262692123456", "+590690123456", "+14185550123", "+12025550123", "+352621123456"],
)
def test_home_countries_are_texted(number: str):
    assert sms.check_country(number) is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("number", ["+37120000000", "+2348030000000", "+882161234567"])
def test_other_countries_are_not(number: str):
    with pytest.raises(DeliveryError):
        sms.check_country(number)
