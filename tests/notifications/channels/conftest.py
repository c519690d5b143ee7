"""People and messages for the channels, and providers on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateways import vapid
from gateways.vapid import VapidKeys
from notifications.channels.base import PushEndpoint, Recipient
from notifications.choices import Urgency
from notifications.rendering import Message, MessageAction
from sites.models import User
from tests.fakes.push_service import Browser, FakePushService
from tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio

Settings = Any


SHORT = "Nouveau lead Hélène Ménard : Peugeot 208 2023 https://dms.test/leads/7/"


def message(short: str = SHORT, **changes: Any) -> Message:
    """The alert of a lead in Lyon's pool."""
    return Message(
        **{
            "title": "Nouveau lead : Hélène Ménard",
            "body": "Peugeot 208 2023 · Site web, Lyon",
            "words": lambda _width: short,
            "path": "/leads/7/",
            "url": "https://dms.test/leads/7/",
            "actions": (MessageAction("claim", "Prendre le lead", "/api/v1/leads/7/claim/"),),
            "urgency": Urgency.HIGH,
            "tag": "lead:7",
            "language": "fr",
            "notification_id": 12,
            "badge": 3,
            **changes,
        }
    )


def recipient(person: User, browser: Browser | None = None) -> Recipient:
    """The person, and one of his browsers for a push."""
    assert person.group is not None
    device = (
        PushEndpoint(
            subscription_id=1,
            endpoint=browser.endpoint,
            p256dh=browser.p256dh,
            auth=browser.auth,
            device_name="Chrome · Android",
        )
        if browser
        else None
    )
    return Recipient(
        user_id=person.pk,
        group_id=person.group.pk,
        group_name=person.group.name,
        name=person.full_name,
        email=person.email,
        phone=person.phone,
        language=person.language,
        push=device,
    )


@pytest.fixture
def no_keys(tmp_path: Path, settings: Settings) -> None:
    """An installation on which nobody has made the push keys."""
    settings.VAPID_PRIVATE_KEY_FILE = str(tmp_path / "keys" / "vapid_private.pem")


@pytest.fixture
def keys(no_keys: None, settings: Settings) -> VapidKeys:
    vapid.make_keys(Path(settings.VAPID_PRIVATE_KEY_FILE))
    made = vapid.current_keys()
    assert made is not None
    return made


@pytest.fixture
def push_service(settings: Settings) -> Iterator[FakePushService]:
    settings.SAFE_HTTP_ALLOWS_LOOPBACK = True
    settings.PUSH_SERVICES = [*settings.PUSH_SERVICES, "127.0.0.1"]
    with FakePushService().running() as running:
        yield running


@pytest.fixture
def browser(push_service: FakePushService, keys: VapidKeys) -> Browser:
    return push_service.open_browser(keys.public_key)


@pytest.fixture
def twilio(settings: Settings) -> Iterator[FakeTwilio]:
    with FakeTwilio().running() as running:
        settings.TWILIO_API_URL = running.url
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, SENDER
        yield running
