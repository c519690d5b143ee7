"""From a lead to the plain text on a phone: the engine, the adapter and the wire together."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import connection

from core import clock
from notifications import delivery, recovery, results
from notifications.choices import Channel
from notifications.models import Delivery, OutboxEntry, PushSubscription
from notifications.push_devices import subscribe_push
from sites.models import Site, User
from tests.cast import member_of
from tests.fakes.push_service import Browser, FakePushService
from tests.fakes.server import Reply
from tests.fakes.twilio import FakeTwilio, status_form
from tests.notifications.receipts import PUBLIC, call
from tests.notifications.road import choose, received, tell_and_route


@pytest.fixture
def phone(camille: User, browser: Browser, in_rhone: None) -> PushSubscription:
    """Camille's phone, on which she agreed."""
    return subscribe_push(
        member=member_of(camille),
        endpoint=browser.endpoint,
        p256dh=browser.p256dh,
        auth=browser.auth,
        device_name="Phone",
        at=clock.now(),
    )


def test_lead_rings_on_the_phone_with_a_button_to_take_it(
    lyon: Site, phone: PushSubscription, browser: Browser
):
    fact = received(lyon)
    tell_and_route(fact, at=clock.now())

    delivery.deliver_due(Channel.PUSH, at=clock.now())

    assert [message["title"] for message in browser.messages] == ["Nouveau lead : Paul Bernard"]
    assert browser.messages[0]["actions"][0]["post"] == f"/api/v1/leads/{fact.lead_id}/claim/"
    phone.refresh_from_db()
    assert Delivery.objects.get(channel="push").state == "accepted"
    assert phone.last_used_at is not None


def test_phone_that_is_gone_is_forgotten(lyon: Site, phone: PushSubscription, push_service: FakePushService):
    tell_and_route(received(lyon), at=clock.now())
    push_service.tell(Reply(410))

    delivery.deliver_due(Channel.PUSH, at=clock.now())

    assert Delivery.objects.get(channel="push").state == "failed_permanent"
    assert not PushSubscription.objects.exists()


def test_text_whose_answer_was_lost_is_found_and_not_sent_twice(
    lyon: Site, camille: User, twilio: FakeTwilio, in_rhone: None
):
    choose(camille, Channel.SMS, enabled=True)
    tell_and_route(received(lyon), at=clock.now())
    twilio.loses_answers = True

    delivery.deliver_due(Channel.SMS, at=clock.now())
    lost = Delivery.objects.get(channel="sms").state
    recovery.settle_unknown(Channel.SMS, at=clock.now() + results.SETTLE_AFTER)
    delivery.deliver_due(Channel.SMS, at=clock.now())

    assert lost == "unknown"
    assert Delivery.objects.get(channel="sms").state == "accepted"
    assert len(twilio.messages) == 1


def test_twilio_is_told_where_to_report_and_its_report_arrives(
    lyon: Site, camille: User, twilio: FakeTwilio, settings: Any, in_rhone: None
):
    settings.PUBLIC_URL = PUBLIC
    choose(camille, Channel.SMS, enabled=True)
    tell_and_route(received(lyon), at=clock.now())
    delivery.deliver_due(Channel.SMS, at=clock.now())
    form = parse_qs(twilio.received[0].body.decode())
    address = form["StatusCallback"][0]

    answer = call(address.removeprefix(PUBLIC), status_form(twilio.messages[0]["sid"], "delivered"))

    assert answer.status_code == 200
    assert Delivery.objects.get(channel="sms").state == "delivered"


def test_twilio_is_given_no_address_that_it_cannot_reach(
    lyon: Site, camille: User, twilio: FakeTwilio, settings: Any, in_rhone: None
):
    """It refuses a message whose callback leads nowhere."""
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    choose(camille, Channel.SMS, enabled=True)
    tell_and_route(received(lyon), at=clock.now())

    delivery.deliver_due(Channel.SMS, at=clock.now())

    assert b"StatusCallback" not in twilio.received[0].body


def test_sandbox_entry_points_at_its_delivery(lyon: Site, camille: User, no_keys: None, in_rhone: None):
    choose(camille, Channel.SMS, enabled=True)
    tell_and_route(received(lyon), at=clock.now())

    delivery.deliver_due(Channel.SMS, at=clock.now())

    sent = Delivery.objects.get(channel="sms")
    assert OutboxEntry.objects.get().delivery_id == sent.pk
    assert (sent.state, sent.provider_id) == ("accepted", "")


def test_no_transaction_is_open_while_the_push_service_is_called(
    lyon: Site, phone: PushSubscription, browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    """The provider runs in a thread that has no connection at all."""
    from gateways import http

    seen: list[bool] = []
    call = http.request

    def look(*args: object, **kwargs: object) -> object:
        seen.append(connection.connection is None)
        return call(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(http, "request", look)
    tell_and_route(received(lyon), at=clock.now())

    delivery.deliver_due(Channel.PUSH, at=clock.now())

    assert seen == [True]
