"""What became of one alert for one person: the definitions that every measure stands on. Pure: no query, no clock.

Each alert that arrived is exactly one of these: looked at, settled by somebody else before he looked, ignored, or too
fresh to tell. Time is that of the site's opening hours, like that of the escalations; what concerns no site, or a
site without hours, is counted by the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeGuard

from sites.hours import SiteHours

# Nobody looked for a working day: ignored. Open hours, and clock hours where there are no opening hours.
IGNORED_AFTER = timedelta(hours=8)
IGNORED_AFTER_BY_CLOCK = timedelta(hours=24)


class Outcome(StrEnum):
    LOOKED_AT = "looked_at"
    SETTLED = "settled"
    IGNORED = "ignored"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Told:
    """One alert of one person, as far as measuring needs it.

    It is archived by him, or because news of the same subject took its place.
    """

    created_at: datetime
    seen_at: datetime | None = None
    read_at: datetime | None = None
    acted_at: datetime | None = None
    closed_at: datetime | None = None
    archived_at: datetime | None = None

    @property
    def reacted_at(self) -> datetime | None:
        """When the person first saw, read or dealt with it."""
        return min((at for at in (self.seen_at, self.read_at, self.acted_at) if at), default=None)

    @property
    def over_at(self) -> datetime | None:
        """When there was no longer anything to look at."""
        return min((at for at in (self.closed_at, self.archived_at) if at), default=None)


def outcome_of(told: Told, hours: SiteHours | None, at: datetime) -> Outcome:
    """What became of it, as it stands at the instant `at`.

    A colleague who dealt with it later than `IGNORED_AFTER` does not excuse whoever never looked.
    """
    reacted_at, over_at = told.reacted_at, told.over_at
    if reacted_at is not None and (over_at is None or reacted_at <= over_at):
        return Outcome.LOOKED_AT
    deadline = _ignored_from(told.created_at, hours)
    if over_at is not None and over_at <= deadline:
        return Outcome.SETTLED
    if reacted_at is not None:
        return Outcome.LOOKED_AT
    return Outcome.IGNORED if at >= deadline else Outcome.FRESH


def reaction_of(told: Told, hours: SiteHours | None) -> timedelta | None:
    """How long the person took from the alert to his first look.

    None when he never looked, and when the alert came outside the opening hours and he looked before they began:
    no time of the site had passed, and noughts would make the others look quick.
    """
    if told.reacted_at is None:
        return None
    if not _has_hours(hours):
        return told.reacted_at - told.created_at
    waited = hours.open_time(told.created_at, told.reacted_at)
    return waited if waited or hours.is_open(told.created_at) else None


def _ignored_from(created_at: datetime, hours: SiteHours | None) -> datetime:
    within_hours = hours.after_open(created_at, IGNORED_AFTER) if _has_hours(hours) else None
    return within_hours or created_at + IGNORED_AFTER_BY_CLOCK


def _has_hours(hours: SiteHours | None) -> TypeGuard[SiteHours]:
    return hours is not None and bool(hours.week)
