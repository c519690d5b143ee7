"""`List-Unsubscribe` with one click (RFC 8058): who gets an email ends its kind from his mail program, signed out.

The address carries a signed ticket that names the person and the category, and allows nothing else. It does not
expire: a reader may tire of a mail that is a year old. What was chosen before travels, signed, in the way back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.functional import Promise

from notifications import registry
from notifications.channels.base import Recipient
from notifications.choices import Channel, Urgency
from notifications.defaults import MandatoryChannel
from notifications.models import Preference
from notifications.rendering import EVERYTHING, Message
from notifications.wishes import set_preference
from sites.access import Member, member_for
from sites.models import User

_SALT, _UNDO_SALT = "notifications.unsubscribe", "notifications.unsubscribe.undo"
_UNDO_FOR = 24 * 3600  # seconds

Before = list[tuple[str, bool | None]]
"""(topic, what was chosen: on, off or as the role), to be put back"""


class BadTicket(Exception):
    """The address was not made by us, or its person is gone."""


@dataclass(frozen=True)
class Ticket:
    """What one address may end."""

    member: Member
    category: str

    @property
    def names(self) -> list[str | Promise]:
        """The categories in words."""
        return [one.name for one in registry.categories() if self.category in (EVERYTHING, one.key)]


def headers_for(message: Message, recipient: Recipient) -> dict[str, str]:
    """The two headers of RFC 8058; none on what is critical or cannot be switched off."""
    if message.urgency == Urgency.CRITICAL or not message.category or _is_mandatory(message.category):
        return {}
    token = signing.dumps([recipient.user_id, recipient.group_id, message.category], salt=_SALT)
    address = settings.PUBLIC_URL.rstrip("/") + reverse("notifications:unsubscribe", args=[token])
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def ticket_of(token: str) -> Ticket:
    """The ticket in an address. Raises `BadTicket`."""
    try:
        user_id, group_id, category = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise BadTicket from None
    user = User.objects.filter(pk=user_id, group_id=group_id).first()
    member = member_for(user) if user else None
    if member is None:
        raise BadTicket
    return Ticket(member, category)


def unsubscribe(*, ticket: Ticket) -> str:
    """Switch these emails off; the token that takes it back. Doing it twice changes nothing. In the group's scope."""
    before: Before = []
    for topic, chosen in _choices(ticket):
        try:
            set_preference(member=ticket.member, topic=topic, channel=Channel.EMAIL, enabled=False)
        except MandatoryChannel:
            continue
        before.append((topic, chosen))
    return signing.dumps(before, salt=f"{_UNDO_SALT}:{ticket.member.user.pk}")


def take_back(*, ticket: Ticket, undo: str) -> None:
    """Put back what was chosen before. Raises `BadTicket`."""
    try:
        before = signing.loads(undo, salt=f"{_UNDO_SALT}:{ticket.member.user.pk}", max_age=_UNDO_FOR)
    except signing.BadSignature:
        raise BadTicket from None
    for topic, chosen in before:
        set_preference(member=ticket.member, topic=topic, channel=Channel.EMAIL, enabled=chosen)


def _choices(ticket: Ticket) -> Before:
    """The categories, and the types for which the person chose emails by themselves: that choice would win."""
    mine = Preference.objects.filter(user=ticket.member.user, channel=Channel.EMAIL)
    rows = list(mine.values_list("category", "type_key", "enabled"))
    chosen = {key or category: enabled for category, key, enabled in rows}
    wanted = [one.key for one in registry.categories() if ticket.category in (EVERYTHING, one.key)]
    types = [key for category, key, enabled in rows if key and enabled and category in wanted]
    return [(topic, chosen.get(topic)) for topic in (*wanted, *types)]


def _is_mandatory(category: str) -> bool:
    """Whether the group relies on its emails, so that the switch on the settings page is locked as well."""
    return any(
        Channel.EMAIL in one.mandatory for one in registry.all_notices() if one.category.key == category
    )
