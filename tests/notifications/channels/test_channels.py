"""Each channel: fits the words, calls its provider or its sandbox, and says what became of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import OperationalError

from core import clock
from notifications import registry, rendering
from notifications.channels.base import Adapter, DeliveryError, adapter_for
from notifications.channels.outbox import Sandbox, WithCopy
from notifications.choices import Channel
from notifications.models import OutboxEntry
from sites.models import User
from tests.fakes.push_service import Browser, FakePushService
from tests.fakes.server import Reply
from tests.fakes.twilio import FakeTwilio
from tests.notifications.channels.conftest import message, recipient

Settings = Any


def html_of(sent: EmailMessage) -> str:
    assert isinstance(sent, EmailMultiAlternatives)
    return str(sent.alternatives[0][0])


@pytest.fixture
def provider_of_mail(settings: Settings) -> None:
    settings.EMAIL_PROVIDER = "smtp"  # the test runner's mailbox stands behind it


@pytest.mark.parametrize("channel", Channel)
def test_every_channel_has_an_adapter(channel: Channel, no_keys: None):
    adapter: Adapter = adapter_for(channel)

    assert isinstance(adapter.repeat_is_safe, bool)
    assert isinstance(adapter.uses_database, bool)


@pytest.mark.parametrize("channel", [Channel.PUSH, Channel.EMAIL, Channel.SMS])
def test_channel_without_credentials_ends_in_the_outbox(
    channel: Channel, no_keys: None, camille: User, in_rhone: None
):
    adapter = adapter_for(channel)

    receipt = adapter.deliver(message(), recipient(camille), None)

    entry = OutboxEntry.objects.get()
    assert isinstance(adapter, Sandbox)
    assert (receipt.state, receipt.provider_id) == ("accepted", "")
    assert (entry.channel, entry.detail["outcome"], entry.group_id) == (channel, "sandbox", camille.group_id)
    assert "Camille Durand" in entry.recipient


@pytest.mark.parametrize("channel", [Channel.PUSH, Channel.EMAIL, Channel.SMS])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_notice_can_be_rendered_on_every_channel(
    channel: Channel, language: str, no_keys: None, camille: User, in_rhone: None
):
    for notice in registry.all_notices():
        rendered = rendering.render(notice, notice.sample, language)
        adapter_for(channel).deliver(rendered, recipient(camille), None)

    entries = list(OutboxEntry.objects.all())
    assert len(entries) == len(registry.all_notices())
    assert all(entry.words.text and "{" not in entry.words.text.replace("{}", "") for entry in entries)


def test_message_in_the_app_needs_no_sending(camille: User):
    receipt = adapter_for(Channel.IN_APP).deliver(message(), recipient(camille), 1)

    assert receipt.state == "delivered"


def test_push_carries_what_the_service_worker_shows(camille: User, browser: Browser):
    adapter_for(Channel.PUSH).deliver(message(), recipient(camille, browser), 1)

    received = browser.messages[0]
    assert received["title"] == "Nouveau lead : Hélène Ménard"
    assert received["url"] == "/leads/7/"
    assert received["tag"] == "lead:7"
    assert received["actions"] == [
        {"key": "claim", "label": "Prendre le lead", "post": "/api/v1/leads/7/claim/"}
    ]
    assert (received["urgent"], received["badge"], received["lang"]) == (True, 3, "fr")
    assert browser.headers[0]["urgency"] == "high"


def test_push_without_a_device_is_refused(camille: User, keys: object):
    with pytest.raises(DeliveryError, match="no_device") as caught:
        adapter_for(Channel.PUSH).deliver(message(), recipient(camille), 1)

    assert caught.value.permanent


def test_email_says_the_same_in_both_parts_and_has_one_button(provider_of_mail: None, camille: User):
    adapter_for(Channel.EMAIL).deliver(message(), recipient(camille), 7)

    sent = django_mail.outbox[0]
    html = html_of(sent)
    for part in (str(sent.body), html):
        assert "Peugeot 208 2023 · Site web, Lyon" in part
        assert "https://dms.test/leads/7/" in part
        assert "Groupe Rhône Auto" in part
        assert "/preferences/" in part
    assert sent.to == ["Camille Durand <camille@rhone.test>"]
    assert html.count('href="https://dms.test/leads/7/"') == 1
    assert 'lang="fr"' in html


def test_words_of_a_customer_are_words_in_an_email(provider_of_mail: None, camille: User):
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'

    adapter_for(Channel.EMAIL).deliver(message(title=hostile, body=hostile), recipient(camille), 7)

    sent = django_mail.outbox[0]
    html = html_of(sent)
    assert "<script" not in html
    assert "<img" not in html
    assert hostile in str(sent.body)


def test_repeated_email_is_the_same_email(provider_of_mail: None, camille: User):
    adapter = adapter_for(Channel.EMAIL)

    adapter.deliver(message(), recipient(camille), 7)
    adapter.deliver(message(), recipient(camille), 7)
    adapter.deliver(message(), recipient(camille), 8)

    first, again, other = (sent.extra_headers["Message-ID"] for sent in django_mail.outbox)
    assert adapter.repeat_is_safe
    assert first == again != other


def test_text_message_leaves_in_the_cheap_alphabet(twilio: FakeTwilio, camille: User):
    text = "Nouveau lead : l’être « sœur » https://dms.test/leads/7/"

    receipt = adapter_for(Channel.SMS).deliver(message(short=text), recipient(camille), 1)

    assert twilio.messages[0]["body"] == 'Nouveau lead : l\'etre "soeur" https://dms.test/leads/7/'
    assert receipt.provider_id == twilio.messages[0]["sid"]


def test_text_message_is_never_repeated_blindly(twilio: FakeTwilio, camille: User):
    adapter = adapter_for(Channel.SMS)
    began = clock.now()
    twilio.loses_answers = True

    with pytest.raises(DeliveryError) as caught:
        adapter.deliver(message(), recipient(camille), 1)
    earlier = adapter.find_earlier(message(), recipient(camille), began)

    assert not adapter.repeat_is_safe
    assert caught.value.unknown
    assert earlier is not None
    assert earlier.provider_id == twilio.messages[0]["sid"]


def test_another_text_to_the_same_phone_is_not_taken_for_this_one(twilio: FakeTwilio, camille: User):
    adapter = adapter_for(Channel.SMS)
    began = clock.now()
    adapter.deliver(message(short="Another lead"), recipient(camille), 1)

    earlier = adapter.find_earlier(message(), recipient(camille), began)

    assert earlier is None


def test_person_without_a_phone_is_not_texted(twilio: FakeTwilio, claire: User):
    with pytest.raises(DeliveryError, match="no_phone"):
        adapter_for(Channel.SMS).deliver(message(), recipient(claire), 1)

    assert twilio.received == []


def test_outbox_counts_the_segments_of_a_text(no_keys: None, camille: User, in_rhone: None):
    adapter_for(Channel.SMS).deliver(message(short="Καλημέρα, Β" * 9), recipient(camille), None)

    detail = OutboxEntry.objects.get().detail
    assert (detail["encoding"], detail["segments"], detail["characters"]) == ("UCS-2", 2, 99)


def test_real_messages_leave_no_copy_unless_asked(twilio: FakeTwilio, camille: User, in_rhone: None):
    adapter_for(Channel.SMS).deliver(message(), recipient(camille), None)

    assert not OutboxEntry.objects.exists()


def test_demo_keeps_a_copy_of_what_left(camille: User, browser: Browser, settings: Settings, in_rhone: None):
    settings.OUTBOX_KEEPS_COPIES = True
    adapter = adapter_for(Channel.PUSH)

    adapter.deliver(message(), recipient(camille, browser), None)

    entry = OutboxEntry.objects.get()
    assert isinstance(adapter, WithCopy)
    assert len(browser.messages) == 1
    assert entry.detail["outcome"] == "sent"
    assert json.loads(entry.detail["payload"]) == browser.messages[0]
    assert entry.recipient == "Camille Durand · Chrome · Android"


def test_demo_keeps_a_copy_of_what_could_not_leave(
    camille: User, browser: Browser, push_service: FakePushService, settings: Settings, in_rhone: None
):
    settings.OUTBOX_KEEPS_COPIES = True
    push_service.tell(Reply(503))

    with pytest.raises(DeliveryError) as caught:
        adapter_for(Channel.PUSH).deliver(message(), recipient(camille, browser), None)

    assert not caught.value.permanent
    assert OutboxEntry.objects.get().detail["outcome"] == "push_status_503"


def test_message_that_left_is_not_sent_again_because_its_copy_failed(
    camille: User, browser: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    settings.OUTBOX_KEEPS_COPIES = True
    adapter = adapter_for(Channel.PUSH)

    def full(**_content: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(OutboxEntry.objects, "create", full)
    receipt = adapter.deliver(message(), recipient(camille, browser), None)

    assert receipt.state == "accepted"
