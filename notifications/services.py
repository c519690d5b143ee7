"""Writes a person makes: reading his inbox, choosing his channels; and a group's defaults for its roles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from notifications import inbox, registry
from notifications.choices import Channel
from notifications.models import UNREAD, Notification, Preference, RoleDefault
from notifications.selectors import InboxState
from sites.access import Member
from sites.models import User
from sites.roles import Role


class UnknownCategory(LookupError):
    """No notice belongs to this category."""


class MandatoryChannel(Exception):
    """The channel cannot be switched off for this category: the group relies on it."""


def mark_seen(*, user: User, up_to_seq: int, at: datetime) -> None:
    """Note when the person first had these lines on screen. Not a change of the inbox: nothing looks different."""
    Notification.objects.filter(user=user, in_inbox=True, seq__lte=up_to_seq, seen_at__isnull=True).update(
        seen_at=at
    )


def mark_read(*, user: User, notification_ids: Collection[int], at: datetime) -> InboxState:
    """Mark these of the person's own notifications as read; others' ids change nothing. The new state."""
    return _change(user, Q(pk__in=list(notification_ids), read_at__isnull=True), read_at=at)


def mark_unread(*, user: User, notification_ids: Collection[int]) -> InboxState:
    """Put these back among the unread: the undo of `mark_read`."""
    return _change(user, Q(pk__in=list(notification_ids), read_at__isnull=False), read_at=None)


def mark_all_read(*, user: User, at: datetime) -> InboxState:
    """Mark everything unread as read."""
    return _change(user, UNREAD, read_at=at)


def _change(user: User, which: Q, *, read_at: datetime | None) -> InboxState:
    """Each changed row takes its own number, so that a delta can be read in pages."""
    with transaction.atomic():
        rows = Notification.objects.filter(which, user=user, in_inbox=True)
        changed = list(rows.order_by("pk"))
        if not changed:
            return InboxState(*inbox.state_of(user.pk))
        head, _unread = inbox.advance([user.pk], by=len(changed))[user.pk]
        for seq, notification in enumerate(changed, start=head - len(changed) + 1):
            notification.seq, notification.read_at = seq, read_at
            if read_at is not None and notification.seen_at is None:
                notification.seen_at = read_at
        # In batches: a database takes 65,535 parameters in a statement, and somebody may have 10,000 unread.
        Notification.objects.bulk_update(changed, ["seq", "read_at", "seen_at"], batch_size=500)
        states = inbox.recount([user.pk])
        inbox.announce_after_commit(states)
        return InboxState(*states[user.pk])


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
