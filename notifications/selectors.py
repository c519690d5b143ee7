"""Reads of the engine: a person's inbox, and the two preference matrices. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from notifications import policy, registry
from notifications.choices import Channel
from notifications.declarations import Category, Notice
from notifications.lines import (
    Delta,
    Folder,
    InboxItem,
    InboxState,
    Wanted,
    changes_after,
    inbox_items,
    inbox_state,
    matching,
    still_open,
)
from notifications.models import Preference, RoleDefault
from sites.access import Member
from sites.roles import Role

__all__ = [
    "Cell",
    "Delta",
    "Folder",
    "InboxItem",
    "InboxState",
    "PreferenceRow",
    "RoleRow",
    "Wanted",
    "changes_after",
    "inbox_items",
    "inbox_state",
    "matching",
    "preference_matrix",
    "role_matrix",
    "still_open",
]


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
