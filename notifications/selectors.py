"""Reads of the engine: a person's inbox, and the two preference matrices. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise

from notifications import policy, registry
from notifications.choices import PACES, Cadence, Channel, Urgency, Width
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
from notifications.models import Following, Pace, Preference, RoleDefault
from sites.access import Member
from sites.models import Membership, User
from sites.roles import Role, roles_holding

__all__ = [
    "Cell",
    "Delta",
    "Folder",
    "InboxItem",
    "InboxState",
    "PreferenceRow",
    "RoleRow",
    "Wanted",
    "administrators",
    "categories_for",
    "changes_after",
    "followings_of",
    "inbox_items",
    "inbox_state",
    "matching",
    "preference_matrix",
    "role_matrix",
    "still_open",
]


GroupsDefaults = dict[str, dict[tuple[str, str], bool]]
"""type key → (role, channel) → on or off"""


@dataclass(frozen=True)
class Cell:
    """One switch of the preferences. `own` is the person's choice or None while he follows his role.

    `pace` is how soon he is told on it, and `own_pace` whether he said so; None where there is nothing to choose.
    """

    channel: Channel
    enabled: bool
    own: bool | None
    by_role: bool
    mandatory: bool
    pace: Cadence | None = None
    own_pace: Cadence | None = None

    @property
    def follows_role(self) -> bool:
        return self.own is None

    @property
    def pace_name(self) -> str | Promise:
        return Cadence(self.pace or "").label


Relays = dict[Channel, timedelta]
"""A channel that is off → how soon it steps in all the same for what was not seen."""


@dataclass(frozen=True)
class PreferenceRow:
    """A topic and its four switches: a category with its relays, or one type of it."""

    topic: str
    category: Category
    notices: list[type[Notice[Any]]]
    cells: dict[Channel, Cell]
    types: list[PreferenceRow] = field(default_factory=list)
    relays: Relays = field(default_factory=dict)

    @property
    def is_type(self) -> bool:
        return self.topic != self.category.key


Choices = dict[tuple[str, Channel], bool]
"""(topic, channel) → on or off, of one person"""


def preference_matrix(member: Member) -> list[PreferenceRow]:
    """The categories that can concern the person, with his own choices and what his roles give. Three queries."""
    chosen = Preference.objects.filter(user=member.user).values_list(
        "category", "type_key", "channel", "enabled"
    )
    own = {(key or category, Channel(channel)): enabled for category, key, channel, enabled in chosen}
    defaults, paces = _all_group_defaults(), _own_paces(member)
    rows = []
    for category in registry.categories():
        notices = _concerning(member, category)
        if notices:
            cells = {channel: _cell(member, notices, channel, defaults, own) for channel in Channel}
            types = [_type_row(member, one, defaults, own) for one in notices] if len(notices) > 1 else []
            relays = _relays(member, notices, defaults, own)
            rows.append(PreferenceRow(category.key, category, notices, cells, types, relays))
    return [_with_paces(row, member, paces) for row in rows]


def _relays(
    member: Member, notices: list[type[Notice[Any]]], defaults: GroupsDefaults, own: Choices
) -> Relays:
    """By the rule that plans them; the soonest of each channel that reaches the person."""
    found: Relays = {}
    for notice in notices:
        failover = notice.failover
        if failover is None or not _has_address(member.user, failover.to):
            continue
        choices: dict[str, bool] = {
            channel: own[topic, channel]
            for topic in (notice.category.key, notice.key)
            for channel in Channel
            if (topic, channel) in own
        }
        of_notice = policy.Policy(notice, defaults.get(notice.key, {}))
        if policy.steps_in(failover, of_notice.verdicts(member.roles, choices)):
            found[failover.to] = min(failover.after, found.get(failover.to, failover.after))
    return found


def _has_address(user: User, channel: Channel) -> bool:
    """An address of the person's own; whether he has devices is the road's to find out."""
    return bool({Channel.SMS: user.phone, Channel.EMAIL: user.email}.get(channel, True))


def categories_for(member: Member) -> list[Category]:
    """The categories that can concern the person."""
    return [category for category in registry.categories() if _concerning(member, category)]


def _concerning(member: Member, category: Category) -> list[type[Notice[Any]]]:
    notices = (one for one in registry.all_notices() if one.category == category)
    return [one for one in notices if member.roles.intersection(one.roles_concerned())]


def _own_paces(member: Member) -> policy.OwnPaces:
    rows = Pace.objects.filter(user=member.user).values_list("topic", "channel", "cadence")
    return {(topic, channel): Cadence(cadence) for topic, channel, cadence in rows}


def _with_paces(row: PreferenceRow, member: Member, own: policy.OwnPaces) -> PreferenceRow:
    """The row with how soon each channel but the app tells of it."""
    cells = {
        channel: cell
        if channel == Channel.IN_APP
        else replace(cell, pace=_pace(row, channel, member, own), own_pace=own.get((row.topic, channel)))
        for channel, cell in row.cells.items()
    }
    return replace(row, cells=cells, types=[_with_paces(one, member, own) for one in row.types])


def _pace(row: PreferenceRow, channel: Channel, member: Member, own: policy.OwnPaces) -> Cadence | None:
    """A category's is that of the soonest of its types that are on; None where all is critical."""
    paced = [one for one in row.notices if one.urgency != Urgency.CRITICAL and not one.internal]
    if not paced or (row.topic, channel) in own:
        return own.get((row.topic, channel))
    off = {one.topic for one in row.types if not one.cells[channel].enabled}
    heard = [one for one in paced if one.key not in off] or paced
    return min((policy.pace_of(one, channel, member.roles, own) for one in heard), key=PACES.index)


def _type_row(
    member: Member, notice: type[Notice[Any]], defaults: GroupsDefaults, own: Choices
) -> PreferenceRow:
    cells = {channel: _type_cell(member, notice, channel, defaults, own) for channel in Channel}
    return PreferenceRow(notice.key, notice.category, [notice], cells)


def _cell(
    member: Member,
    notices: list[type[Notice[Any]]],
    channel: Channel,
    defaults: GroupsDefaults,
    own: Choices,
) -> Cell:
    by_role = any(_by_role(member, one, channel, defaults) for one in notices)
    mandatory = any(channel in one.mandatory for one in notices)
    choice = own.get((notices[0].category.key, channel))
    enabled = mandatory or (by_role if choice is None else choice)
    return Cell(channel, enabled=enabled, own=choice, by_role=by_role, mandatory=mandatory)


def _type_cell(
    member: Member, notice: type[Notice[Any]], channel: Channel, defaults: GroupsDefaults, own: Choices
) -> Cell:
    """What the type would do without a choice of its own is what its category does."""
    of_category = own.get((notice.category.key, channel))
    without = _by_role(member, notice, channel, defaults) if of_category is None else of_category
    choice = own.get((notice.key, channel))
    mandatory = channel in notice.mandatory
    enabled = mandatory or (without if choice is None else choice)
    return Cell(channel, enabled=enabled, own=choice, by_role=without, mandatory=mandatory)


def _by_role(member: Member, notice: type[Notice[Any]], channel: Channel, defaults: GroupsDefaults) -> bool:
    return policy.verdict(notice, member.roles, channel, defaults.get(notice.key, {}), {}).enabled


def followings_of(member: Member) -> dict[str, policy.Followed]:
    """How much the person follows, by topic (empty: everything). One query."""
    rows = Following.objects.filter(user=member.user).values_list("topic", "width", "site_ids")
    return {topic: policy.Followed(Width(width), frozenset(site_ids)) for topic, width, site_ids in rows}


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


def _role_cell(notice: type[Notice[Any]], role: Role, channel: Channel, defaults: GroupsDefaults) -> Cell:
    of_notice = defaults.get(notice.key, {})
    return Cell(
        channel,
        enabled=policy.role_verdict(notice, role, channel, of_notice).enabled,
        own=of_notice.get((role, channel)),
        by_role=policy.role_verdict(notice, role, channel, {}).enabled,
        mandatory=channel in notice.mandatory,
    )


def _all_group_defaults() -> GroupsDefaults:
    defaults: GroupsDefaults = {}
    rows = RoleDefault.objects.values_list("type_key", "role", "channel", "enabled")
    for type_key, role, channel, enabled in rows:
        defaults.setdefault(type_key, {})[role, channel] = enabled
    return defaults


def administrators(permission: str) -> list[User]:
    """Who of the scope's group may do this on every site, by name: whom others ask. One query."""
    holders = Membership.objects.filter(role__in=roles_holding(permission), site=None, user__is_active=True)
    return list(User.objects.filter(pk__in=holders.values("user")).order_by("last_name", "first_name", "pk"))
