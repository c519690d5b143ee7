"""What may not disturb its person waits: at the door, unsent, until he can be reached; then alone or together."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from core.ids import new_id
from notifications import digests, tasks
from notifications.choices import Channel, DeliveryState, Quiet, Urgency
from notifications.models import (
    Absence,
    Delivery,
    Digest,
    DutyShift,
    Event,
    Notification,
    QuietHours,
    Rhythm,
)
from notifications.services import Deed, file_lines, mark_all_read
from sites.models import OpeningHours, Site, SiteClosure, User
from tests.cast import MONDAY
from tests.notifications.road import choose, claimed, received, tell_and_route
from tests.notifications.sending import CLOCK, Provider, send

pytestmark = pytest.mark.usefixtures("in_rhone")

NIGHT = MONDAY.replace(hour=21)  # 22:00 in Lyon
MORNING = (MONDAY + timedelta(days=1)).replace(hour=8, minute=0)  # 9:00 in Lyon


@pytest.fixture
def open_by_day(lyon: Site) -> None:
    for weekday in range(6):
        OpeningHours.objects.create(
            group_id=lyon.group_id, site=lyon, weekday=weekday, opens=time(9), closes=time(19)
        )


@pytest.fixture
def texted(camille: User) -> User:
    User.objects.filter(pk=camille.pk).update(phone="+33612345678")
    choose(camille, Channel.SMS, enabled=True)
    return camille


def leads(lyon: Site, number: int) -> list[Event]:
    return [tell_and_route(received(lyon, customer_name=f"Client {n}"), NIGHT) for n in range(number)]


def texts() -> list[Delivery]:
    return list(Delivery.objects.filter(channel="sms").order_by("pk"))


def release(at=MORNING) -> None:
    digests.tell_due(Channel.SMS, at=at)
    send(at=at)


def test_at_night_nothing_leaves_and_nothing_is_lost(
    lyon: Site, open_by_day: None, texted: User, provider: Provider
):
    leads(lyon, 1)

    send(at=NIGHT)

    (text,) = texts()
    assert provider.sent == []
    assert (text.state, text.reason, text.due_at, text.attempts) == ("planned", "quiet_hours", MORNING, 0)


def test_control_by_day_it_leaves_at_once(lyon: Site, open_by_day: None, texted: User, provider: Provider):
    tell_and_route(received(lyon), MONDAY)

    send(at=MONDAY)

    assert len(provider.sent) == 1


def test_the_few_of_a_night_are_told_one_by_one_at_opening(
    lyon: Site, open_by_day: None, texted: User, provider: Provider
):
    leads(lyon, 2)
    send(at=NIGHT)

    release(MORNING - timedelta(seconds=1))
    before_opening = list(provider.sent)
    release()

    assert before_opening == []
    assert [title for _name, title in provider.sent] == ["Nouveau lead : Client 0", "Nouveau lead : Client 1"]


def test_the_many_of_a_night_are_told_as_one(lyon: Site, open_by_day: None, texted: User, provider: Provider):
    leads(lyon, 5)
    send(at=NIGHT)

    release()
    release()

    assert provider.sent == [("Camille Durand", "5 alertes vous attendaient")]
    assert [one.state for one in texts()] == ["digested"] * 5 + ["accepted"]
    assert Digest.objects.get().members.count() == 5


def test_two_tellers_tell_once(lyon: Site, open_by_day: None, texted: User, provider: Provider):
    leads(lyon, 5)
    send(at=NIGHT)

    digests.tell_due(Channel.SMS, at=MORNING)
    digests.tell_due(Channel.SMS, at=MORNING)

    assert Digest.objects.count() == 1


def test_what_somebody_dealt_with_meanwhile_is_not_told(
    lyon: Site, open_by_day: None, texted: User, karim: User, provider: Provider
):
    facts = [received(lyon, lead_id=new_id()) for _ in range(5)]
    for fact in facts:
        tell_and_route(fact, NIGHT)
    send(at=NIGHT)
    for fact in facts[:2]:
        tell_and_route(claimed(fact, karim), NIGHT)

    release()

    to_camille = [title for name, title in provider.sent if name == texted.full_name]
    assert to_camille == ["Nouveau lead : Paul Bernard"] * 3


def test_what_was_read_in_the_app_is_not_told_again(
    lyon: Site, open_by_day: None, texted: User, provider: Provider
):
    leads(lyon, 5)
    send(at=NIGHT)
    mark_all_read(user=texted, at=NIGHT)

    release()

    assert provider.sent == []
    assert {one.state for one in texts()} == {"cancelled"}


def test_what_was_put_off_in_the_app_is_not_told_either(
    lyon: Site, open_by_day: None, texted: User, provider: Provider
):
    leads(lyon, 1)
    send(at=NIGHT)
    mine = Notification.objects.get(user=texted)
    file_lines(user=texted, deed=Deed.SNOOZE, which=[mine.pk], at=NIGHT, until=MORNING + timedelta(hours=2))

    release()

    assert provider.sent == []


def test_two_days_without_a_scheduler_send_nothing_into_the_night(
    lyon: Site, open_by_day: None, texted: User, provider: Provider
):
    leads(lyon, 5)
    send(at=NIGHT)
    two_nights_later = NIGHT + timedelta(days=2)

    release(two_nights_later)

    assert provider.sent == []
    assert {one.due_at for one in texts()} == {MORNING + timedelta(days=2)}


def test_hours_that_changed_meanwhile_count(lyon: Site, open_by_day: None, texted: User, provider: Provider):
    leads(lyon, 1)
    send(at=NIGHT)
    SiteClosure.objects.create(group_id=lyon.group_id, site=lyon, day=MORNING.date())

    release()

    assert provider.sent == []
    assert texts()[0].due_at == MORNING + timedelta(days=1)


def test_the_critical_crosses_the_night(
    lyon: Site, open_by_day: None, texted: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    from leads.notices import LeadReceivedNotice

    monkeypatch.setattr(LeadReceivedNotice, "urgency", Urgency.CRITICAL)
    leads(lyon, 1)

    send(at=NIGHT)

    assert len(provider.sent) == 1


@pytest.mark.parametrize("quiet", [Quiet.NEVER, Quiet.OWN])
def test_a_person_sets_his_own_hours(
    lyon: Site, open_by_day: None, texted: User, provider: Provider, quiet: Quiet
):
    Rhythm.objects.create(group_id=lyon.group_id, user=texted, quiet=quiet)
    QuietHours.objects.create(group_id=lyon.group_id, user=texted, weekday=0, starts=time(22), ends=time(7))
    leads(lyon, 1)

    send(at=NIGHT)

    assert len(provider.sent) == (1 if quiet == Quiet.NEVER else 0)
    if quiet == Quiet.OWN:
        assert texts()[0].due_at == MORNING - timedelta(hours=2)


def test_a_volunteer_on_duty_hears_at_night(lyon: Site, open_by_day: None, texted: User, provider: Provider):
    DutyShift.objects.create(
        group_id=lyon.group_id, site=lyon, user=texted, starts_at=NIGHT, ends_at=NIGHT + timedelta(hours=2)
    )
    leads(lyon, 1)

    send(at=NIGHT)

    assert len(provider.sent) == 1


def test_who_is_away_is_left_alone_until_he_is_back(
    lyon: Site, open_by_day: None, texted: User, provider: Provider
):
    Absence.objects.create(
        group_id=lyon.group_id, user=texted, first_day=date(2026, 3, 2), last_day=date(2026, 3, 3)
    )
    tell_and_route(received(lyon), MONDAY)

    send(at=MONDAY)

    (text,) = texts()
    assert provider.sent == []
    assert (text.reason, text.due_at) == ("away", MORNING + timedelta(days=1))


def test_a_digest_lists_what_is_still_of_use(lyon: Site, open_by_day: None, texted: User, provider: Provider):
    from notifications import letters

    events = leads(lyon, 5)
    send(at=NIGHT)
    digests.tell_due(Channel.SMS, at=MORNING)
    events[0].notifications.update(closed_at=MORNING)
    digest = Delivery.objects.select_related(*letters.NEEDED_ROWS).get(
        channel="sms", state=DeliveryState.PLANNED
    )

    message = letters.write(digest, {}).message

    (section,) = message.sections
    assert section.title == "Nouveau lead"
    assert [line.title for line in section.lines] == [f"Nouveau lead : Client {n}" for n in range(1, 5)]
    assert message.body.startswith("Nouveau lead : Client 1 · ")


def test_who_is_away_without_an_end_is_looked_at_every_day_and_holds_up_nobody(
    lyon: Site,
    open_by_day: None,
    texted: User,
    karim: User,
    provider: Provider,
    caplog: pytest.LogCaptureFixture,
):
    User.objects.filter(pk=karim.pk).update(phone="+33612345679")
    choose(karim, Channel.SMS, enabled=True)
    leads(lyon, 1)
    send(at=NIGHT)
    Absence.objects.create(
        group_id=lyon.group_id, user=texted, first_day=date(2026, 3, 2), last_day=date(9999, 12, 31)
    )

    release()

    waits = Delivery.objects.get(channel="sms", notification__user=texted)
    assert [name for name, _title in provider.sent] == [karim.full_name]
    assert (waits.state, waits.due_at) == ("planned", MORNING + timedelta(days=1))
    assert caplog.records == []


def test_a_person_whose_digest_cannot_be_told_keeps_nobody_waiting(
    lyon: Site,
    open_by_day: None,
    texted: User,
    karim: User,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
):
    User.objects.filter(pk=karim.pk).update(phone="+33612345679")
    choose(karim, Channel.SMS, enabled=True)
    leads(lyon, 1)
    send(at=NIGHT)
    tell = digests._tell

    def tell_all_but_one(user_id: int, *rest: Any) -> None:
        if user_id == texted.pk:
            raise OverflowError("date value out of range")
        tell(user_id, *rest)

    monkeypatch.setattr(digests, "_tell", tell_all_but_one)
    monkeypatch.setattr(tasks, "now", lambda: MORNING)

    tasks.send.run(channel="sms", group_id=lyon.group_id)

    waits = Delivery.objects.get(channel="sms", notification__user=texted)
    assert [name for name, _title in provider.sent] == [karim.full_name]
    assert (waits.state, waits.due_at) == ("planned", MORNING + digests.TRIED_AGAIN)


def test_digests_that_cannot_be_told_at_all_keep_nothing_else_from_leaving(
    lyon: Site, texted: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    def fail(*_: Any, **__: Any) -> int:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(digests, "tell_due", fail)
    monkeypatch.setattr(tasks, "now", lambda: MONDAY)
    CLOCK.append(MONDAY)
    tell_and_route(received(lyon), MONDAY)

    tasks.send.run(channel="sms", group_id=lyon.group_id)

    assert len(provider.sent) == 1
