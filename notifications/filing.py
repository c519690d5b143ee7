"""What a person does with the lines of his inbox: seen, read, archived, put off, and each of it undone.

Every deed takes its own lines or everything that matches, changes the rows that it changes anything for, and gives
them consecutive numbers of the inbox. So an undo names just the first and the last of these: it finds the very
lines that the deed changed, unless something else has happened to one since, which then stands.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from notifications import inbox
from notifications.lines import Folder, InboxState, Wanted, matching
from notifications.models import Inbox, Notification
from sites.models import User

Which = Collection[int] | Wanted
"""Notification ids, of which others' are ignored, or whatever of one's own matches."""


class Deed(StrEnum):
    READ = "read"
    UNREAD = "unread"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    SNOOZE = "snooze"
    WAKE = "wake"  # now, on top, as it would be at its hour
    PUT_BACK = "put_back"  # the undo of putting off: where it was


class SnoozeWithoutHour(ValueError):
    """What is put off must come back at some time."""


@dataclass(frozen=True)
class Undo:
    """How to take a deed back: `deed` to the lines that took the numbers `first` to `last`."""

    deed: Deed
    first: int
    last: int
    until: datetime | None = None


@dataclass(frozen=True)
class Filed:
    """What a deed came to: where the inbox stands, how many lines it changed, how to take it back."""

    state: InboxState
    changed: int
    undo: Undo | None


@dataclass(frozen=True)
class _Effect:
    """`on`: the lines that the deed changes anything for; `changes`: in SQL; `back`: what takes it back."""

    on: Q
    changes: str
    back: Deed


_EFFECTS = {
    Deed.READ: _Effect(
        Q(read_at__isnull=True), "read_at = %(at)s, seen_at = coalesce(seen_at, %(at)s)", Deed.UNREAD
    ),
    Deed.UNREAD: _Effect(Q(read_at__isnull=False), "read_at = NULL", Deed.READ),
    Deed.ARCHIVE: _Effect(Q(archived_at__isnull=True), "archived_at = %(at)s", Deed.UNARCHIVE),
    Deed.UNARCHIVE: _Effect(Q(archived_at__isnull=False), "archived_at = NULL", Deed.ARCHIVE),
    Deed.SNOOZE: _Effect(
        Q(archived_at__isnull=True, closed_at__isnull=True), "snoozed_until = %(until)s", Deed.PUT_BACK
    ),
    Deed.WAKE: _Effect(
        Q(snoozed_until__isnull=False), "snoozed_until = NULL, woken_at = %(at)s", Deed.SNOOZE
    ),
    Deed.PUT_BACK: _Effect(Q(snoozed_until__isnull=False), "snoozed_until = NULL", Deed.SNOOZE),
}


def file_lines(*, user: User, deed: Deed, which: Which, at: datetime, until: datetime | None = None) -> Filed:
    """Do `deed` to lines of the person's own inbox. `until` is when something put off comes back.

    Raises SnoozeWithoutHour.
    """
    if deed == Deed.SNOOZE and until is None:
        raise SnoozeWithoutHour
    mine = matching(user, which) if isinstance(which, Wanted) else _own(user).filter(pk__in=list(which))
    return _file(user, deed, mine, at, until)


def undo(*, user: User, taken_back: Undo, at: datetime) -> Filed:
    """Take a deed back, for the lines that nothing else has happened to since. Raises SnoozeWithoutHour."""
    if taken_back.deed == Deed.SNOOZE and taken_back.until is None:
        raise SnoozeWithoutHour
    changed = _own(user).filter(seq__gte=taken_back.first, seq__lte=taken_back.last)
    return _file(user, taken_back.deed, changed, at, taken_back.until)


def mark_seen(*, user: User, up_to_seq: int, at: datetime) -> None:
    """Note when the person first had these lines on screen. Not a change of the inbox: nothing looks different."""
    with transaction.atomic():
        if connection.features.has_select_for_update:
            # Whoever changes several lines holds the inbox: two at once must not wait for one another's rows.
            Inbox.objects.select_for_update().filter(pk=user.pk).first()
        _own(user).filter(seq__lte=up_to_seq, seen_at__isnull=True).update(seen_at=at)


def mark_read(*, user: User, notification_ids: Collection[int], at: datetime) -> InboxState:
    """Mark these of the person's own notifications as read; others' ids change nothing. The new state."""
    return file_lines(user=user, deed=Deed.READ, which=notification_ids, at=at).state


def mark_unread(*, user: User, notification_ids: Collection[int], at: datetime) -> InboxState:
    """Put these back among the unread: the undo of `mark_read`."""
    return file_lines(user=user, deed=Deed.UNREAD, which=notification_ids, at=at).state


def mark_all_read(*, user: User, at: datetime) -> InboxState:
    """Mark everything unread as read."""
    return file_lines(user=user, deed=Deed.READ, which=Wanted(folder=Folder.UNREAD), at=at).state


def _own(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(user=user, in_inbox=True)


@transaction.atomic
def _file(
    user: User, deed: Deed, mine: QuerySet[Notification], at: datetime, until: datetime | None
) -> Filed:
    effect = _EFFECTS[deed]
    found = list(mine.filter(effect.on).order_by("pk").values_list("pk", "snoozed_until"))
    if not found:
        return Filed(InboxState(*inbox.state_of(user.pk)), 0, None)
    values: dict[str, Any] = {"at": _instant(at), "until": _instant(until) if until else None}
    used = {name: value for name, value in values.items() if f"%({name})s" in effect.changes}
    head, unread = inbox.rewrite({user.pk: [pk for pk, _until in found]}, effect.changes, **used)[user.pk]
    back = _way_back(effect, {put_off for _pk, put_off in found}, head - len(found) + 1, head)
    return Filed(InboxState(head, unread), len(found), back)


def _way_back(effect: _Effect, put_off: set[datetime | None], first: int, last: int) -> Undo | None:
    """Lines that were put off until one and the same hour go back to it; until different ones, they cannot."""
    until = next(iter(put_off)) if len(put_off) == 1 else None
    if effect.back == Deed.SNOOZE:
        return Undo(Deed.SNOOZE, first, last, until) if until else None
    if effect.back == Deed.PUT_BACK and until is not None:
        return Undo(Deed.SNOOZE, first, last, until)
    return Undo(effect.back, first, last)


def _instant(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
