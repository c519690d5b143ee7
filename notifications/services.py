"""Writes a person makes: reading his inbox, choosing his channels; and a group's defaults for its roles."""

from __future__ import annotations

from notifications import registry
from notifications.choices import Channel
from notifications.filing import (
    Deed,
    Filed,
    SnoozeWithoutHour,
    Undo,
    file_lines,
    mark_all_read,
    mark_read,
    mark_seen,
    mark_unread,
    undo,
)
from notifications.models import Preference, RoleDefault
from sites.access import Member
from sites.roles import Role

__all__ = [
    "Deed",
    "Filed",
    "MandatoryChannel",
    "SnoozeWithoutHour",
    "Undo",
    "UnknownCategory",
    "file_lines",
    "mark_all_read",
    "mark_read",
    "mark_seen",
    "mark_unread",
    "set_preference",
    "set_role_default",
    "undo",
]


class UnknownCategory(LookupError):
    """No notice belongs to this category."""


class MandatoryChannel(Exception):
    """The channel cannot be switched off for this category: the group relies on it."""


def set_preference(*, member: Member, category: str, channel: Channel, enabled: bool | None) -> None:
    """Keep the person's own choice, or forget it (None: as his role). Raises UnknownCategory, MandatoryChannel."""
    notices = [notice for notice in registry.all_notices() if notice.category.key == category]
    if not notices:
        raise UnknownCategory(category)
    if enabled is False and any(channel in notice.mandatory for notice in notices):
        raise MandatoryChannel(channel)
    mine = Preference.objects.filter(user=member.user, category=category, channel=channel)
    if enabled is None:
        mine.delete()
        return
    Preference.objects.update_or_create(
        user=member.user,
        category=category,
        channel=channel,
        defaults={"enabled": enabled},
        create_defaults={"enabled": enabled, "group_id": member.group_id},
    )


def set_role_default(
    *, group_id: int, role: Role, type_key: str, channel: Channel, enabled: bool | None
) -> None:
    """Keep the group's default for a role, or forget it (None: as declared). Raises UnknownNotice, MandatoryChannel."""
    notice = registry.get(type_key)
    if enabled is False and channel in notice.mandatory:
        raise MandatoryChannel(channel)
    if enabled is None:
        RoleDefault.objects.filter(role=role, type_key=type_key, channel=channel).delete()
        return
    RoleDefault.objects.update_or_create(
        group_id=group_id, role=role, type_key=type_key, channel=channel, defaults={"enabled": enabled}
    )
