"""« Send me a trial »: a type's sample leaves by the real channel, to the person who asked, marked as a trial.

It is no event: no inbox, no measurement and no limit of texts counts it, and its buttons only open the gallery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from msgspec.structs import replace

from core.counting import counted
from notifications import addresses, push_devices
from notifications.channels.base import Adapter, DeliveryError, Recipient, adapter_for
from notifications.channels.outbox import Sandbox
from notifications.choices import Channel, Reason
from notifications.declarations import Notice
from notifications.models import PushSubscription
from notifications.previews import sample_message
from notifications.rendering import Message
from sites.access import Member

# Enough to try every type on one channel; a mistaken script cannot run up a bill of texts.
TRIALS = 20
PERIOD = 3600  # seconds

CHANNELS = (Channel.PUSH, Channel.EMAIL, Channel.SMS)

_MISSING = {Channel.PUSH: Reason.NO_DEVICE, Channel.EMAIL: Reason.NO_EMAIL, Channel.SMS: Reason.NO_PHONE}


class NoAddress(Exception):
    """The channel does not reach this person; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyTrials(Exception):
    """The person has had his trials of this hour."""


def send_trial(*, member: Member, notice: type[Notice[Any]], channel: Channel, language: str) -> bool:
    """Send the type's sample to the person himself; False when it stayed in the outbox because no provider is set.

    Raises `NoAddress`, `TooManyTrials`, and the channel's `DeliveryError`.
    """
    readers = _readers(member, channel)
    if counted(f"group:{member.group_id}:user:{member.user.pk}:trials", seconds=PERIOD) > TRIALS:
        raise TooManyTrials
    adapter, message = adapter_for(channel), trial_of(notice, language)
    _deliver(adapter, message, readers)
    return not isinstance(adapter, Sandbox)


def trial_of(notice: type[Notice[Any]], language: str) -> Message:
    """The sample's message, marked; its link and its buttons open the type's page in the gallery."""
    message = sample_message(notice, language)
    with translation.override(language):
        mark = _("[Trial]")
    path = reverse("notifications:gallery-type", args=[notice.key])
    url = settings.PUBLIC_URL.rstrip("/") + path

    def marked(width: int) -> str:
        return f"{mark} {message.words(width).removesuffix(message.url)}{url}"

    return replace(
        message,
        title=f"{mark} {message.title}",
        words=marked,
        path=path,
        url=url,
        actions=tuple(replace(action, post="") for action in message.actions),
        tag=f"trial:{notice.key}",
        category="",  # a trial is nothing to unsubscribe from
    )


def _readers(member: Member, channel: Channel) -> Sequence[Recipient]:
    """The person as the channel reaches him: once for each device."""
    user = member.user
    if channel in addresses.blocks_of(user):
        raise NoAddress(Reason.ADDRESS_OFF)
    if channel == Channel.PUSH:
        readers = [push_devices.recipient_of(user, device) for device in push_devices.devices_of(user)]
    else:
        address = user.email if channel == Channel.EMAIL else user.phone
        readers = [push_devices.recipient_of(user)] if address else []
    if not readers:
        raise NoAddress(_MISSING[channel])
    return readers


def _deliver(adapter: Adapter, message: Message, readers: Sequence[Recipient]) -> None:
    """To every device; enough when one takes it. Raises the last `DeliveryError` when none did."""
    refused: DeliveryError | None = None
    taken = 0
    for reader in readers:
        try:
            adapter.deliver(message, reader, None)
            taken += 1
        except DeliveryError as error:
            refused = error
            if error.gone and reader.push is not None:
                PushSubscription.objects.filter(pk=reader.push.subscription_id).delete()
    if refused is not None and not taken:
        raise refused
