"""What nobody sees goes to the next channel, what nobody deals with to the next people; the first act ends it all."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from leads.signals import LeadReceived
from notifications import escalations, sweep
from notifications.choices import Channel
from notifications.models import Delivery, Escalation, Event, Notification
from notifications.services import mark_all_read, mark_seen
from sites.models import OpeningHours, Site, User
from tests.cast import MONDAY
from tests.notifications.road import choose, claimed, received, route, tell, tell_and_route
from tests.notifications.sending import Provider, send

pytestmark = pytest.mark.usefixtures("in_rhone")

FIVE, TEN, HOUR = timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=60)


@pytest.fixture
def lead(lyon: Site, camille: User) -> LeadReceived:
    """A lead that Camille was told of on Monday morning."""
    fact = received(lyon)
    tell_and_route(fact)
    return fact


def at_ten(at=MONDAY + TEN) -> None:
    """The sweep's turn: tell what is unanswered, and route it."""
    escalations.tell_unanswered(at=at)
    for event in Event.objects.filter(routed_at__isnull=True):
        route(event, at)


def told() -> list[tuple[str, str]]:
    rows = Notification.objects.filter(in_inbox=True).order_by("pk")
    return [(row.event.type_key, row.user.first_name) for row in rows.select_related("event", "user")]


def second_texts() -> list[Delivery]:
    return list(Delivery.objects.filter(channel=Channel.SMS, step=1))


def test_what_is_not_seen_in_time_is_texted(lead: LeadReceived, provider: Provider):
    send(at=MONDAY + FIVE - timedelta(seconds=1))
    before = list(provider.sent)
    send(at=MONDAY + FIVE)

    assert before == []
    assert provider.sent == [("Camille Durand", "Nouveau lead : Paul Bernard")]
    assert [text.reason for text in second_texts()] == ["not_seen"]


def test_what_was_seen_is_not_texted(lead: LeadReceived, camille: User, provider: Provider):
    mark_seen(user=camille, up_to_seq=1, at=MONDAY)

    send(at=MONDAY + FIVE)

    assert provider.sent == []
    assert [(text.state, text.reason) for text in second_texts()] == [("cancelled", "seen")]


def test_who_switched_text_messages_off_gets_none(lyon: Site, camille: User):
    choose(camille, Channel.SMS, enabled=False)

    tell_and_route(received(lyon))

    assert second_texts() == []


def test_who_gets_text_messages_at_once_gets_no_second_one(lyon: Site, camille: User):
    choose(camille, Channel.SMS, enabled=True)

    tell_and_route(received(lyon))

    assert [text.step for text in Delivery.objects.filter(channel=Channel.SMS)] == [0]


def test_after_ten_minutes_the_manager_hears_and_after_an_hour_the_site(
    lead: LeadReceived, claire: User, remy: User
):
    at_ten(MONDAY + TEN - timedelta(seconds=1))
    early = told()
    at_ten(MONDAY + TEN)
    later = told()
    at_ten(MONDAY + HOUR)

    assert early == [("leads.received", "Camille")]
    assert later == [*early, ("leads.unanswered", "Claire")]
    assert told() == [*later, ("leads.left_alone", "Rémy")]


def test_minutes_count_while_the_site_is_open(lead: LeadReceived, lyon: Site, claire: User):
    """It opens at eleven: ten open minutes are over at ten past."""
    for weekday in range(5):
        OpeningHours.objects.create(
            group_id=lyon.group_id, site=lyon, weekday=weekday, opens=time(11), closes=time(19)
        )
    opening = MONDAY.replace(hour=10, minute=0)

    at_ten(MONDAY + TEN)
    at_ten(opening + TEN - timedelta(seconds=1))
    before = len(told())
    at_ten(opening + TEN)

    assert before == 1
    assert told()[-1] == ("leads.unanswered", "Claire")


def test_a_lead_that_was_taken_climbs_no_further(lead: LeadReceived, camille: User, claire: User):
    tell_and_route(claimed(lead, camille), MONDAY + FIVE)

    at_ten(MONDAY + HOUR)

    assert told() == [("leads.received", "Camille")]
    assert not Escalation.objects.filter(done_at__isnull=True).exists()


def test_the_first_act_ends_it_for_everybody(lead: LeadReceived, camille: User, claire: User):
    at_ten()

    tell_and_route(claimed(lead, camille), MONDAY + TEN)

    assert not Notification.objects.filter(closed_at__isnull=True).exists()


def test_a_claim_that_was_recorded_before_the_manager_was_told_ends_it_for_him(
    lead: LeadReceived, camille: User, claire: User
):
    """The claim is routed while the alert to the manager waits: it is written closed."""
    escalations.tell_unanswered(at=MONDAY + TEN)
    waiting = Event.objects.get(type_key="leads.unanswered")
    tell_and_route(claimed(lead, camille), MONDAY + TEN)

    route(waiting, MONDAY + TEN)

    assert Notification.objects.get(event=waiting).is_closed


def test_an_older_claim_than_its_alert_ends_it_too(lead: LeadReceived, camille: User, claire: User):
    """The claim took its number first and was committed last: the check saw nothing."""
    closing = tell(claimed(lead, camille))
    Event.objects.filter(pk=closing.pk).update(kind="hidden")
    escalations.tell_unanswered(at=MONDAY + TEN)
    Event.objects.filter(pk=closing.pk).update(kind="closing")

    waiting = Event.objects.get(type_key="leads.unanswered")
    route(waiting, MONDAY + TEN)

    assert closing.pk < waiting.pk
    assert Notification.objects.get(event=waiting).is_closed


def test_two_sweeps_tell_once(lead: LeadReceived, claire: User):
    at_ten()
    Escalation.objects.update(due_at=MONDAY)
    at_ten()

    assert told().count(("leads.unanswered", "Claire")) == 1


def test_one_that_cannot_be_told_does_not_stop_the_rest(
    lead: LeadReceived, lyon: Site, claire: User, caplog: pytest.LogCaptureFixture
):
    tell_and_route(received(lyon))
    first = Escalation.objects.order_by("pk")[0]
    Event.objects.filter(pk=first.event_id).update(payload={"site_id": lyon.pk})

    at_ten()

    assert told().count(("leads.unanswered", "Claire")) == 1
    assert "could not be told" in caplog.text


def test_reading_is_not_dealing_with_it(lead: LeadReceived, camille: User, claire: User):
    mark_all_read(user=camille, at=MONDAY)

    at_ten()

    assert ("leads.unanswered", "Claire") in told()


def test_the_sweep_finds_what_is_due(lead: LeadReceived, claire: User):
    sweep.run(at=MONDAY + TEN)

    assert Event.objects.filter(type_key="leads.unanswered").exists()
