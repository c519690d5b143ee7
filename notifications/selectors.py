"""Reads of the engine: a person's inbox, and the two preference matrices. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from notifications import inbox, policy, registry, rendering
from notifications.choices import Channel, Urgency
from notifications.declarations import Category, Notice
from notifications.models import UNREAD, Notification, Preference, RoleDefault
from notifications.rendering import MessageAction
from sites.access import Member
from sites.models import User
from sites.roles import Role


class InboxState(NamedTuple):
    """Where a person's inbox stands: the number of its latest change, and how many are unread."""

    head: int
    unread: int


@dataclass(frozen=True)
class InboxItem:
    """One line of the inbox in the active language."""

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
    is_read: bool
    is_closed: bool
    closed_text: str
    reason: str

    @property
    def is_unread(self) -> bool:
        return not self.is_read and not self.is_closed

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


def inbox_items(
    user: User,
    *,
    before_id: int | None = None,
    unread_only: bool = False,
    category: str | None = None,
    limit: int = 50,
) -> list[InboxItem]:
    """The person's inbox, newest first; `before_id` is the id of the last item already shown."""
    rows = _in_inbox(user)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    if unread_only:
        rows = rows.filter(UNREAD)
    if category:
        rows = rows.filter(event__type_key__in=_keys_of(category))
    return _items(rows.order_by("-pk")[:limit], user.language)


def changes_after(user: User, after: int, *, limit: int = 100) -> Delta:
    """Every item whose latest change came after sequence `after`, in the order of the changes.

    Items of one change may share a number only across people, never within one inbox, so `seq` is a cursor.
    """
    # The state is read first: a change that comes in between is then seen twice rather than never.
    state = inbox_state(user.pk)
    rows = list(_in_inbox(user).filter(seq__gt=after).order_by("seq")[: limit + 1])
    return Delta(state.head, state.unread, _items(rows[:limit], user.language), more=len(rows) > limit)


def _in_inbox(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(user=user, in_inbox=True).select_related("event", "closing")


def _keys_of(category: str) -> list[str]:
    return [notice.key for notice in registry.all_notices() if notice.category.key == category]


def _items(rows: Iterable[Notification], language: str) -> list[InboxItem]:
    return [_item(row, language) for row in rows]


def _item(row: Notification, language: str) -> InboxItem:
    """The line of one notification."""
    try:
        notice = registry.get(row.event.type_key)
    except registry.UnknownNotice:
        return _item_without_notice(row)
    message = rendering.render(notice, notice.fact_from(row.event.payload), language)
    return InboxItem(
        id=row.pk,
        seq=row.seq,
        key=notice.key,
        category=notice.category.key,
        icon=notice.category.icon,
        urgency=notice.urgency,
        title=message.title,
        body=message.body,
        url=message.path,
        actions=message.actions,
        subject=message.tag,
        created_at=row.created_at,
        is_read=row.read_at is not None,
        is_closed=row.is_closed,
        closed_text=_closed_text(row, notice),
        reason=row.reason,
    )


def _item_without_notice(row: Notification) -> InboxItem:
    """A line whose type no installed app declares any more: it keeps its place, so that paging stays right."""
    return InboxItem(
        id=row.pk,
        seq=row.seq,
        key=row.event.type_key,
        category="",
        icon="bell",
        urgency=Urgency.LOW,
        title=row.event.type_key,
        body="",
        url="/inbox/",
        actions=(),
        subject=row.event.subject,
        created_at=row.created_at,
        is_read=row.read_at is not None,
        is_closed=row.is_closed,
        closed_text="",
        reason=row.reason,
    )


def _closed_text(row: Notification, notice: type[Notice[Any]]) -> str:
    if row.closing is None:
        return ""
    fact = notice.closing_fact_from(row.closing.payload)
    return rendering.closed_text(notice, fact) if fact is not None else ""


@dataclass(frozen=True)
class Cell:
    """One switch of the preferences. `own` is the person's choice or None while he follows his role."""

    channel: Channel
    enabled: bool
    own: bool | None
    by_role: bool
    mandatory: bool

    @property
    def follows_role(self) -> bool:
        return self.own is None


@dataclass(frozen=True)
class PreferenceRow:
    """A category and its four switches."""

    category: Category
    notices: list[type[Notice[Any]]]
    cells: dict[Channel, Cell]


def preference_matrix(member: Member) -> list[PreferenceRow]:
    """The categories that can concern the person, with his own choices and what his roles give. Two queries."""
    chosen = Preference.objects.filter(user=member.user).values_list("category", "channel", "enabled")
    own = {(category, channel): enabled for category, channel, enabled in chosen}
    defaults = _all_group_defaults()
    rows = []
    for category in registry.categories():
        notices = [
            one for one in registry.all_notices() if one.category == category and member.can(one.needs)
        ]
        if notices:
            mine = {channel: own.get((category.key, channel)) for channel in Channel}
            cells = {
                channel: _cell(member, notices, channel, defaults, own=choice)
                for channel, choice in mine.items()
            }
            rows.append(PreferenceRow(category, notices, cells))
    return rows


def _cell(
    member: Member,
    notices: list[type[Notice[Any]]],
    channel: Channel,
    defaults: dict[str, dict[tuple[str, str], bool]],
    *,
    own: bool | None,
) -> Cell:
    by_role = any(
        policy.verdict(one, member.roles, channel, defaults.get(one.key, {}), {}).enabled for one in notices
    )
    mandatory = any(channel in one.mandatory for one in notices)
    enabled = mandatory or (by_role if own is None else own)
    return Cell(channel, enabled=enabled, own=own, by_role=by_role, mandatory=mandatory)


@dataclass(frozen=True)
class RoleRow:
    """A notice, a role, and for each channel: on or off, and whether the group decided so."""

    notice: type[Notice[Any]]
    role: Role
    cells: dict[Channel, Cell]


def role_matrix() -> list[RoleRow]:
    """Notice × role × channel of the scope's group, for the roles that may hear of each notice. One query."""
    defaults = _all_group_defaults()
    return [
        RoleRow(notice, role, {channel: _role_cell(notice, role, channel, defaults) for channel in Channel})
        for notice in registry.all_notices()
        for role in notice.roles_concerned()
    ]


def _role_cell(
    notice: type[Notice[Any]], role: Role, channel: Channel, defaults: dict[str, dict[tuple[str, str], bool]]
) -> Cell:
    of_notice = defaults.get(notice.key, {})
    return Cell(
        channel,
        enabled=policy.role_verdict(notice, role, channel, of_notice).enabled,
        own=of_notice.get((role, channel)),
        by_role=policy.role_verdict(notice, role, channel, {}).enabled,
        mandatory=channel in notice.mandatory,
    )


def _all_group_defaults() -> dict[str, dict[tuple[str, str], bool]]:
    defaults: dict[str, dict[tuple[str, str], bool]] = {}
    rows = RoleDefault.objects.values_list("type_key", "role", "channel", "enabled")
    for type_key, role, channel, enabled in rows:
        defaults.setdefault(type_key, {})[role, channel] = enabled
    return defaults
