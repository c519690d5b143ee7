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


class Policy:
    """The rules for one notice in one group, asked person by person.

    People with the same roles and the same choices get the same answer, so it is worked out once for them all.
    """

    def __init__(self, notice: type[Notice[Any]], defaults: GroupDefaults) -> None:
        self._notice = notice
        self._defaults = defaults
        self._answers: dict[
            tuple[frozenset[str], tuple[tuple[str, bool], ...]], Mapping[Channel, Verdict]
        ] = {}

    def verdicts(self, roles: Iterable[str], own: OwnChoices) -> Mapping[Channel, Verdict]:
        """The decision for one person on every channel."""
        alike = (frozenset(roles), tuple(sorted(own.items())))
        answer = self._answers.get(alike)
        if answer is None:
            held = sorted(alike[0])
            answer = {one: verdict(self._notice, held, one, self._defaults, own) for one in Channel}
            self._answers[alike] = answer
        return answer
