"""The lines of a person's inbox: which folder they lie in, what matches a search, what changed. Nothing here writes."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet, TextChoices, TextField
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_scopes import get_scope

from notifications import inbox, registry, rendering, search
from notifications.choices import Urgency
from notifications.declarations import Notice, is_gone
from notifications.models import SNOOZED, UNREAD, Notification
from notifications.rendering import MessageAction
from sites.models import User

logger = logging.getLogger(__name__)


class Folder(TextChoices):
    """Where a line lies; « all » is everything that is neither archived nor put off."""

    ALL = "all", _("All")
    UNREAD = "unread", _("Unread")
    SNOOZED = "snoozed", _("Later")
    ARCHIVED = "archived", _("Archived")


_IN_FOLDER = {
    Folder.ALL: Q(archived_at__isnull=True) & (Q(snoozed_until__isnull=True) | Q(closed_at__isnull=False)),
    Folder.UNREAD: UNREAD,
    Folder.SNOOZED: SNOOZED,
    Folder.ARCHIVED: Q(archived_at__isnull=False),
}
# When a line came to the top: on arrival, or when it came back from being put off.
_SHOWN_AT = Coalesce("woken_at", "created_at")


class Row(NamedTuple):
    """What a line is made of. A page of them costs little more than the statement: no models, payloads as text."""

    pk: int
    seq: int
    created_at: datetime
    woken_at: datetime | None
    read_at: datetime | None
    acted_at: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    snoozed_until: datetime | None
    reason: str
    times: int
    type_key: str
    subject: str
    payload: str
    closing_payload: str | None

    @property
    def is_snoozed(self) -> bool:
        """Like the filter SNOOZED."""
        return self.snoozed_until is not None and self.archived_at is None and self.closed_at is None


_COLUMNS = (
    "pk", "seq", "created_at", "woken_at", "read_at", "acted_at", "closed_at", "archived_at", "snoozed_until",
    "reason", "times", "event__type_key", "event__subject",
)  # fmt: skip

_CHANGED = """
    SELECT n.id, n.seq, n.created_at, n.woken_at, n.read_at, n.acted_at, n.closed_at, n.archived_at,
        n.snoozed_until, n.reason, n.times, e.type_key, e.subject, CAST(e.payload AS text), CAST(c.payload AS text)
    FROM notifications_notification n
    JOIN notifications_event e ON e.id = n.event_id
    LEFT JOIN notifications_event c ON c.id = n.closing_id
    WHERE n.user_id = %s AND n.group_id = %s AND n.in_inbox AND n.seq > %s ORDER BY n.seq LIMIT %s
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines: of a folder, perhaps of a category, that mention these words, shown by `as_of` at the latest."""

    folder: Folder = Folder.ALL
    category: str = ""
    words: str = ""
    as_of: datetime | None = None


class InboxState(NamedTuple):
    """Where a person's inbox stands: the number of its latest change, and how many are unread."""

    head: int
    unread: int


@dataclass(frozen=True)
class InboxItem:
    """One line of the inbox in the active language. `snoozed_until` is None unless it still waits for that hour.

    It stands for `times` alerts of its subject. `url` is empty when that was erased: there is nothing to open.
    """

    id: int
    seq: int
    key: str
    category: str
    icon: str
    urgency: str
    title: str
    body: str
    url: str
    actions: tuple[MessageAction, ...]
    subject: str
    created_at: datetime
    shown_at: datetime
    is_read: bool
    is_closed: bool
    is_acted: bool
    is_archived: bool
    is_woken: bool
    snoozed_until: datetime | None
    closed_text: str
    reason: str
    times: int

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None

    @property
    def is_unread(self) -> bool:
        return not (self.is_read or self.is_closed or self.is_archived or self.is_snoozed)

    @property
    def is_urgent(self) -> bool:
        return self.urgency in {Urgency.HIGH, Urgency.CRITICAL}

    @property
    def can_act(self) -> bool:
        return bool(self.actions) and not self.is_closed


@dataclass(frozen=True)
class Delta:
    """What changed after a sequence number. `more` means: ask again after the last item's `seq`."""

    head: int
    unread: int
    items: list[InboxItem]
    more: bool


def inbox_state(user_id: int) -> InboxState:
    """Head and unread count of a person; (0, 0) before anything happened."""
    return InboxState(*inbox.state_of(user_id))


def matching(user: User, wanted: Wanted) -> QuerySet[Notification]:
    """The person's own lines that are wanted, in no order."""
    rows = Notification.objects.filter(_IN_FOLDER[wanted.folder], user=user, in_inbox=True)
    if wanted.category:
        rows = rows.filter(event__type_key__in=_keys_of(wanted.category))
    if wanted.as_of is not None:
        rows = rows.alias(shown_at=_SHOWN_AT).filter(shown_at__lte=wanted.as_of)
    return rows.filter(search.mentions(wanted.words, user.language)) if wanted.words else rows


def inbox_items(
    user: User,
    *,
    before_id: int | None = None,
    unread_only: bool = False,
    category: str | None = None,
    wanted: Wanted | None = None,
    limit: int = 50,
) -> list[InboxItem]:
    """The person's inbox, newest first; `before_id` is the id of the last item already shown.

    What was put off stands in the order in which it comes back. `wanted` narrows more than `unread_only` and
    `category` do, which it replaces.
    """
    folder = Folder.UNREAD if unread_only else Folder.ALL
    wanted = wanted or Wanted(folder=folder, category=category or "")
    return _items(inbox_rows(user, wanted, before_id=before_id, limit=limit), user.language)


def inbox_rows(user: User, wanted: Wanted, *, before_id: int | None = None, limit: int = 50) -> list[Row]:
    """The rows of one page, with all that their words are made of. One query.

    The page is chosen first: what is said is read of its lines only, and not of all that are wanted.
    """
    in_order = _soonest_first if wanted.folder == Folder.SNOOZED else _newest_first
    page = in_order(matching(user, wanted), user, before_id)[:limit]
    return _read(in_order(Notification.objects.filter(pk__in=page.values("pk")), user))


def changed_rows(user: User, after: int, *, limit: int) -> list[Row]:
    """The rows that changed after a number, in the order of the changes. One query of the scope's group.

    Every tab asks with every hint, so the statement stands here as it is sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, [user.pk, get_scope()["group"], after, limit])
        rows = cursor.fetchall()
    if connection.vendor == "sqlite":  # which has no type for instants
        rows = [(*row[:2], *map(_as_instant, row[2:9]), *row[9:]) for row in rows]
    return [Row(*row) for row in rows]


def _as_instant(value: str | None) -> datetime | None:
    operations: Any = connection.ops  # those of SQLite
    instant: datetime | None = operations.convert_datetimefield_value(value, None, connection)
    return instant


def _read(rows: QuerySet[Notification]) -> list[Row]:
    """Joined with what is said, and with nothing that a line does not need."""
    said, closed_by = (Cast(f"{event}__payload", TextField()) for event in ("event", "closing"))
    return [Row(*row) for row in rows.values_list(*_COLUMNS, said, closed_by)]


def _newest_first(
    rows: QuerySet[Notification], user: User, before_id: int | None = None
) -> QuerySet[Notification]:
    rows = rows.alias(shown_at=_SHOWN_AT)
    if before_id is not None:
        last = Notification.objects.filter(user=user, pk=before_id).values(at=_SHOWN_AT)[:1]
        rows = rows.filter(Q(shown_at__lt=last) | Q(shown_at=last, pk__lt=before_id))
    return rows.order_by("-shown_at", "-pk")


def _soonest_first(
    rows: QuerySet[Notification], user: User, before_id: int | None = None
) -> QuerySet[Notification]:
    if before_id is not None:
        last = Notification.objects.filter(user=user, pk=before_id).values("snoozed_until")[:1]
        rows = rows.filter(Q(snoozed_until__gt=last) | Q(snoozed_until=last, pk__gt=before_id))
    return rows.order_by("snoozed_until", "pk")


def changes_after(user: User, after: int, *, limit: int = 100) -> Delta:
    """Every item whose latest change came after sequence `after`, in the order of the changes, whatever its folder.

    Items of one change may share a number only across people, never within one inbox, so `seq` is a cursor.
    """
    # The state is read first: a change that comes in between is then seen twice rather than never.
    state = inbox_state(user.pk)
    rows = changed_rows(user, after, limit=limit + 1)
    return Delta(state.head, state.unread, _items(rows[:limit], user.language), more=len(rows) > limit)


def still_open(user: User, ids: Iterable[int]) -> list[int]:
    """Which of these of the person's notifications a device should still show: unread, and his."""
    return list(Notification.objects.filter(UNREAD, user=user, pk__in=list(ids)).values_list("pk", flat=True))


def _keys_of(category: str) -> list[str]:
    return [notice.key for notice in registry.all_notices() if notice.category.key == category]


def _items(rows: Iterable[Row], language: str) -> list[InboxItem]:
    return [_item(row, language) for row in rows]


def _item(row: Row, language: str) -> InboxItem:
    """The line of one notification; one that cannot be read any more keeps nobody from the others."""
    notice = None
    try:
        notice = registry.get(row.type_key)
        return _item_of(notice, row, language)
    except registry.UnknownNotice:
        return _item_without_words(row, notice)
    except Exception:  # a payload of another time
        logger.exception("The line of notification %s cannot be written", row.pk)
        return _item_without_words(row, notice)


def _item_of(notice: type[Notice[Any]], row: Row, language: str) -> InboxItem:
    message = rendering.render(notice, notice.fact_from(msgspec.json.decode(row.payload)), language)
    closing = msgspec.json.decode(row.closing_payload) if row.closing_payload is not None else None
    gone = closing is not None and is_gone(closing)
    return InboxItem(
        id=row.pk,
        seq=row.seq,
        key=notice.key,
        category=notice.category.key,
        icon=notice.category.icon,
        urgency=notice.urgency,
        title=message.title,
        body=message.body,
        url="" if gone else message.path,
        actions=() if gone else message.actions,
        subject=message.tag,
        closed_text=_closed_text(row, notice, closing),
        **_standing(row),
    )


def _item_without_words(row: Row, notice: type[Notice[Any]] | None) -> InboxItem:
    """It keeps its place, so that paging stays right. Without `notice` no installed app declares it any more."""
    return InboxItem(
        id=row.pk,
        seq=row.seq,
        key=row.type_key,
        category=notice.category.key if notice else "",
        icon=notice.category.icon if notice else "bell",
        urgency=Urgency.LOW,
        title=str(notice.name) if notice else row.type_key,
        body=gettext("What it said can no longer be shown."),
        url="/inbox/",
        actions=(),
        subject=row.subject,
        closed_text="",
        **_standing(row),
    )


def _standing(row: Row) -> dict[str, Any]:
    """What became of the line so far."""
    return {
        "created_at": row.created_at,
        "shown_at": row.woken_at or row.created_at,
        "is_read": row.read_at is not None,
        "is_closed": row.closed_at is not None,
        "is_acted": row.acted_at is not None,
        "is_archived": row.archived_at is not None,
        "is_woken": row.woken_at is not None,
        "snoozed_until": row.snoozed_until if row.is_snoozed else None,
        "reason": row.reason,
        "times": row.times,
    }


def _closed_text(row: Row, notice: type[Notice[Any]], closing: dict[str, Any] | None) -> str:
    if row.acted_at is not None and not (closing and is_gone(closing)):
        return gettext("Done by you")
    return rendering.closed_text(notice, closing) if closing is not None else ""
