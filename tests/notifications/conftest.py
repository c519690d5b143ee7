"""Fixtures of the tests that send: a provider of ours, and one text message that is due."""

from __future__ import annotations

import pytest

from notifications import batch, delivery, recovery
from notifications.choices import Channel
from notifications.models import Delivery
from sites.models import Site, User
from tests.notifications.road import choose, received, tell_and_route
from tests.notifications.sending import CLOCK, Provider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    fake = Provider()
    monkeypatch.setattr(delivery, "adapter_for", lambda _channel: fake)
    monkeypatch.setattr(recovery, "adapter_for", lambda _channel: fake)
    monkeypatch.setattr(batch, "now", lambda: CLOCK[-1])
    return fake


@pytest.fixture
def text_message(lyon: Site, camille: User, in_rhone: None) -> Delivery:
    """One SMS to Camille, due on Monday."""
    User.objects.filter(pk=camille.pk).update(phone="+33612345678")
    choose(camille, Channel.SMS, enabled=True)
    event = tell_and_route(received(lyon))
    return Delivery.objects.get(notification__event=event, channel="sms")
