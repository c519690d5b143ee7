"""Which channels a person gets for a notice. Pure rules: no query, no clock.

Precedence, first that answers: what is mandatory → the person's own choice for the category → the group's
default for the role → the declaration's default for the role. With several roles the most generous wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from notifications.choices import NOTHING, Channel, Reason
from notifications.declarations import Notice

GroupDefaults = Mapping[tuple[str, str], bool]
"""(role, channel) → on or off, for one notice type of one group."""

OwnChoices = Mapping[str, bool]
"""channel → on or off, for one category of one person."""


@dataclass(frozen=True)
class Verdict:
    """On or off, and the rule that said so."""

    enabled: bool
    reason: Reason


def role_verdict(notice: type[Notice[Any]], role: str, channel: Channel, defaults: GroupDefaults) -> Verdict:
    """What the role gives on this channel: the group's default if it has one, else the declaration's."""
    if channel in notice.mandatory:
        return Verdict(enabled=True, reason=Reason.MANDATORY)
    chosen = defaults.get((role, channel))
    if chosen is not None:
        return Verdict(enabled=chosen, reason=Reason.GROUP_DEFAULT)
    enabled = channel in notice.channels.get(role, NOTHING)
    return Verdict(enabled=enabled, reason=Reason.ROLE_DEFAULT if enabled else Reason.MUTED_BY_DEFAULT)


def verdict(
    notice: type[Notice[Any]],
    roles: Iterable[str],
    channel: Channel,
    defaults: GroupDefaults,
    own: OwnChoices,
) -> Verdict:
    """The decision for one person with these roles on one channel."""
    if channel in notice.mandatory:
        return Verdict(enabled=True, reason=Reason.MANDATORY)
    choice = own.get(channel)
    if choice is not None:
        return Verdict(enabled=choice, reason=Reason.OWN_CHOICE if choice else Reason.MUTED_BY_PERSON)
    verdicts = [role_verdict(notice, role, channel, defaults) for role in roles]
    return next(
        (given for given in verdicts if given.enabled),
        verdicts[0] if verdicts else Verdict(enabled=False, reason=Reason.MUTED_BY_DEFAULT),
    )


def verdicts(
    notice: type[Notice[Any]], roles: Iterable[str], defaults: GroupDefaults, own: OwnChoices
) -> dict[Channel, Verdict]:
    """The decision for one person on every channel."""
    held = sorted(roles)
    return {channel: verdict(notice, held, channel, defaults, own) for channel in Channel}
