"""What to change, out of the measures: a role's channel that people ignore, or one that it lacks. Pure: no query.

Nothing critical and nothing mandatory is ever proposed to be quieter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from notifications.choices import Channel, Urgency
from notifications.defaults import Change, Place, Setting, UnknownPlace
from notifications.measures import ANY_CHANNEL, Entry, Figures, added_up
from sites.roles import Role

# The channels that interrupt; the inbox waits until somebody looks.
INTERRUPTING = (Channel.PUSH, Channel.EMAIL, Channel.SMS)

# Fewer say nothing.
ENOUGH = 20
# More ignored than this, in percent, is noise.
NOISE = 60
# Nine of ten looks within this, in seconds, is slow for what is urgent.
SLOW = 60 * 60

_URGENT = (Urgency.HIGH, Urgency.CRITICAL)

_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Suggestion:
    """A switch of the role defaults to turn: off because it is ignored, on because its alerts are seen late.

    `site_ids` are the sites where it is worst, or all when it is no worse on any than on the whole.
    """

    change: Change
    figures: Figures
    site_ids: tuple[int | None, ...]

    @property
    def place(self) -> Place:
        return self.change.place

    @property
    def is_quieter(self) -> bool:
        return not self.place.enabled_by(self.change.wanted)

    @property
    def weight(self) -> int:
        """How many alerts it would mend: the heaviest comes first."""
        return self.figures.ignored if self.is_quieter else self.figures.seen


def suggestions(entries: Iterable[Entry], kept: Mapping[Place, bool]) -> list[Suggestion]:
    """What the period's entries suggest, the heaviest first. `kept` is what the group decided itself."""
    parts: dict[_Key, list[Entry]] = {}
    for entry in entries:
        cell = entry.cell
        parts.setdefault((cell.type_key, cell.role, cell.channel), []).append(entry)
    found = (_suggestion(key, part, kept) for key, part in parts.items())
    return sorted((one for one in found if one), key=lambda one: -one.weight)


def _suggestion(key: _Key, entries: Sequence[Entry], kept: Mapping[Place, bool]) -> Suggestion | None:
    type_key, role, channel = key
    figures = added_up(entries)
    if figures.judged < ENOUGH or role not in Role.values:
        return None
    if channel == ANY_CHANNEL:
        place, is_due = Place(type_key, Role(role), Channel.PUSH), _is_slow(figures)
    else:
        place, is_due = Place(type_key, Role(role), Channel(channel)), _is_noise(channel, figures)
    if not is_due or not _may_turn(place, kept.get(place), on=channel == ANY_CHANNEL):
        return None
    setting = place.setting_for(enabled=channel == ANY_CHANNEL)
    is_bad = _is_slow if channel == ANY_CHANNEL else partial(_is_noise, channel)
    return Suggestion(Change(place, kept.get(place), setting), figures, _worst_sites(entries, is_bad))


def _worst_sites(entries: Sequence[Entry], is_bad: Callable[[Figures], bool]) -> tuple[int | None, ...]:
    by_site: dict[int | None, list[Entry]] = {}
    for entry in entries:
        by_site.setdefault(entry.site_id, []).append(entry)
    bad = [site_id for site_id, part in by_site.items() if is_bad(added_up(part))]
    return tuple(bad or by_site)


def _is_noise(channel: str, figures: Figures) -> bool:
    return channel in INTERRUPTING and (figures.ignored_percent or 0) >= NOISE


def _is_slow(figures: Figures) -> bool:
    return (figures.ninetieth or 0) > SLOW


def _may_turn(place: Place, kept: Setting, *, on: bool) -> bool:
    """Whether the switch stands the other way, and may be turned."""
    try:
        notice = place.notice
    except UnknownPlace:
        return False
    if on:
        return notice.urgency in _URGENT and not place.enabled_by(kept)
    return notice.urgency != Urgency.CRITICAL and not place.is_mandatory and place.enabled_by(kept)
