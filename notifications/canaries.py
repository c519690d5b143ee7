"""Canaries: every few minutes a message on each channel takes the whole road, so that we notice silence before people.

A canary is an event like any other: recorded, routed, queued, claimed and handed over, in a group of its own that holds
one person who cannot sign in. Nobody sees it, no measure and no ledger counts it. It ends in the channel's sandbox and
costs nothing, unless the settings name an address for it: then it goes through the real provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.channels.base import Adapter, sandbox_for
from notifications.choices import Channel
from notifications.models import Delivery, Event, PushSubscription
from notifications.sendable import Sendable
from notifications.signals import CanaryFlew, canary_flew
from sites.models import Group, Membership, User
from sites.roles import Role
from sites.scope import group_scope

CANARY_GROUP = "dms-canary"

# Where a sandboxed one « lives »: reserved names and numbers (RFC 2606; ARCEP's numbers for fiction).
_EMAIL, _PHONE, _ENDPOINT = "canary@canary.invalid", "+33639980000", "https://canary.invalid/push"

# Home within this time: a sweep and a batch of others may come first, and a provider may take its ten seconds.
HOME_WITHIN = timedelta(seconds=90)
# Forgotten after this long: only the latest matter.
KEPT = timedelta(days=2)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

_HOME = ("accepted", "delivered")


class CanaryAddressTaken(Exception):
    """CANARY_EMAIL is somebody's own address, by which he signs in: give the canary one of its own."""


def key_of(channel: Channel) -> str:
    """The type under which the channel's canary is recorded."""
    return f"notifications.canary_{channel.value}"


@dataclass(frozen=True)
class Flight:
    """How a channel's canary does: `seconds` from record to arrival of the last that came home; None before one has."""

    channel: Channel
    seconds: float | None
    is_late: bool
    is_real: bool

    @property
    def label(self) -> str:
        return str(self.channel.label)


def interval() -> timedelta | None:
    """How often they fly; None when they are switched off."""
    return timedelta(minutes=settings.CANARY_MINUTES) if settings.CANARY_MINUTES else None


def fly(*, at: datetime) -> None:
    """Let one fly on each channel for which none has flown in this interval. Two schedulers at once: one flies.

    Raises:
        CanaryAddressTaken: CANARY_EMAIL is a person's own.
    """
    every = interval()
    if every is None:
        return
    person = _person()
    group_id = person.group_id or 0
    with group_scope(group_id), transaction.atomic():
        canary_flew.send(
            CanaryFlew(
                group_id=group_id,
                occurred_at=at,
                user_id=person.pk,
                slot=(at - _EPOCH) // every,
                text_slot=(at - _EPOCH) // (every * _times(Channel.SMS)),
            )
        )
        keys = [key_of(channel) for channel in Channel]
        Event.objects.filter(type_key__in=keys, recorded_at__lt=at - KEPT).delete()


def flights(*, at: datetime) -> list[Flight]:
    """How each channel's does; empty when they are switched off or none has ever flown. Two queries a channel."""
    group = Group.objects.filter(slug=CANARY_GROUP).first() if interval() else None
    if group is None:
        return []
    with group_scope(group.pk):
        return [_flight(channel, at) for channel in Channel]


def is_canary(delivery: Sendable) -> bool:
    """Whether nobody waits for the message."""
    return delivery.notification.event.type_key == key_of(Channel(delivery.channel))


def sandbox_of(claimed: Sequence[Sendable]) -> Adapter | None:
    """Where these deliveries of one group end instead of at the provider; None when they shall really leave."""
    channel = Channel(claimed[0].channel)
    return sandbox_for(channel) if is_canary(claimed[0]) and not is_real(channel) else None


def is_real(channel: Channel) -> bool:
    """Whether the channel's canary goes through the provider."""
    return bool(_address_of(channel))


def _address_of(channel: Channel) -> str:
    addresses = {Channel.EMAIL: settings.CANARY_EMAIL, Channel.SMS: settings.CANARY_PHONE}
    return str(addresses.get(channel, ""))


def _times(channel: Channel) -> int:
    """A text costs money and a number takes few a day: a real one flies twelve times as seldom."""
    return 12 if channel == Channel.SMS and is_real(channel) else 1


def _flight(channel: Channel, at: datetime) -> Flight:
    flown = Event.objects.filter(type_key=key_of(channel)).order_by("-recorded_at")
    latest = flown.values_list("recorded_at", flat=True).first()
    home = Delivery.objects.filter(
        notification__event__type_key=key_of(channel), channel=channel, state__in=_HOME
    ).order_by("-notification__event__recorded_at")
    landed = home.values_list("notification__event__recorded_at", "finished_at").first()
    since = landed[0] if landed else None
    return Flight(
        channel,
        round((landed[1] - landed[0]).total_seconds(), 3) if landed and landed[1] else None,
        is_late=_is_late(channel, since, latest, at),
        is_real=is_real(channel),
    )


def _is_late(channel: Channel, landed: datetime | None, latest: datetime | None, at: datetime) -> bool:
    """The latest has not come home in time, or none has flown for two intervals."""
    every = (interval() or timedelta()) * _times(channel)
    if latest is None or latest < at - 2 * every - HOME_WITHIN:
        return True
    return landed != latest and latest < at - HOME_WITHIN


def _person() -> User:
    """Whom they fly to: in a group of their own, with a role that may do nothing, and no password."""
    group, _ = Group.objects.get_or_create(slug=CANARY_GROUP, defaults={"name": "DMS · canary"})
    person = User.objects.filter(group=group).first()
    if person is None:
        person, _ = User.objects.get_or_create(
            email=_EMAIL,
            defaults={"group": group, "first_name": "Canary", "last_name": "DMS", "password": "!"},
        )
    with group_scope(group.pk):
        Membership.objects.get_or_create(group=group, user=person, role=Role.SERVICE_ADVISOR, site=None)
        PushSubscription.objects.get_or_create(
            endpoint=_ENDPOINT,
            defaults={
                "group": group,
                "user": person,
                "p256dh": "-",
                "auth": "-",
                "created_at": person.joined_at,
            },
        )
    return _at_home(person)


def _at_home(person: User) -> User:
    """With the addresses that the settings name now."""
    email, phone = settings.CANARY_EMAIL or _EMAIL, settings.CANARY_PHONE or _PHONE
    if (person.email, person.phone) == (email, phone):
        return person
    if User.objects.filter(email=email).exclude(pk=person.pk).exists():
        raise CanaryAddressTaken(email)
    person.email, person.phone = email, phone
    person.save(update_fields=["email", "phone"])
    return person
