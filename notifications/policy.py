"""Which channels a person gets for a notice. Pure rules: no query, no clock.

Precedence, first that answers: what is mandatory → what he does not follow is off → the person's own choice for the
type → his choice for its category → the group's default for the role → the declaration's default for the role. With
several roles the most generous wins. How soon he is told follows the same order (`pace_of`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from notifications.choices import NOTHING, PACES, Cadence, Channel, Reason, Urgency, Width
from notifications.declarations import Failover, Notice

GroupDefaults = Mapping[tuple[str, str], bool]
"""(role, channel) → on or off, for one notice type of one group."""

OwnChoices = Mapping[str, bool]
"""channel → on or off, for one notice type of one person."""


OwnPaces = Mapping[tuple[str, str], Cadence]
"""(key of a type or a category, channel) → how soon, of one person."""


@dataclass(frozen=True)
class Followed:
    """How much somebody wants to follow; `site_ids` are those he chose, for `Width.SITES`."""

    width: Width
    site_ids: frozenset[int] = frozenset()


def follows(
    notice: type[Notice[Any]], *, reason: str, site_id: int | None, wishes: Mapping[str, Followed]
) -> bool:
    """Whether somebody whom the audience names by `reason` wants to hear of it.

    `wishes` maps a topic to how much of it: the type's own counts before its category's, and that before the one
    for everything. What concerns him in person he always hears of.
    """
    followed = next(
        (wishes[topic] for topic in (notice.key, notice.category.key, "") if topic in wishes), None
    )
    if followed is None or notice.audience.is_personal(reason):
        return True
    match followed.width:
        case Width.GROUP:
            return True
        case Width.SITES:
            return site_id is None or site_id in followed.site_ids
        case Width.MAJOR:
            return notice.major or notice.urgency == Urgency.CRITICAL
        case _:
            return False


def pace_of(notice: type[Notice[Any]], channel: Channel, roles: Iterable[str], own: OwnPaces) -> Cadence:
    """How soon a person with these roles is told on the channel: the critical at once, whatever anybody chose."""
    if notice.urgency == Urgency.CRITICAL or notice.internal:
        return Cadence.AT_ONCE
    for topic in (notice.key, notice.category.key):
        if (topic, channel) in own:
            return own[topic, channel]
    giving = [role for role in roles if channel in notice.channels.get(role, NOTHING)]
    return min(
        (notice.recaps.get(role, Cadence.AT_ONCE) for role in giving), key=PACES.index, default=PACES[0]
    )


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


def steps_in(failover: Failover, verdicts: Mapping[Channel, Verdict]) -> bool:
    """Whether its channel follows for what was not seen: not in use already, and nobody switched it off on purpose."""
    given = verdicts[failover.to]
    seen_in_app = verdicts[Channel.IN_APP].enabled  # else nobody could know that it was not seen
    return seen_in_app and not given.enabled and given.reason == Reason.MUTED_BY_DEFAULT


def verdict(
    notice: type[Notice[Any]],
    roles: Iterable[str],
    channel: Channel,
    defaults: GroupDefaults,
    own: OwnChoices,
    *,
    followed: bool = True,
) -> Verdict:
    """The decision for one person with these roles on one channel."""
    if channel in notice.mandatory:
        return Verdict(enabled=True, reason=Reason.MANDATORY)
    if not followed:
        return Verdict(enabled=False, reason=Reason.NOT_FOLLOWED)
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
        self._answers: dict[tuple[Any, ...], Mapping[Channel, Verdict]] = {}

    def verdicts(
        self, roles: Iterable[str], own: OwnChoices, *, followed: bool = True
    ) -> Mapping[Channel, Verdict]:
        """The decision for one person on every channel."""
        alike = (frozenset(roles), tuple(sorted(own.items())), followed)
        answer = self._answers.get(alike)
        if answer is None:
            held = sorted(alike[0])
            answer = {
                one: verdict(self._notice, held, one, self._defaults, own, followed=followed)
                for one in Channel
            }
            self._answers[alike] = answer
        return answer
