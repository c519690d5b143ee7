"""The role defaults and the effect of changing them, as their pages show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications import registry
from notifications.choices import Channel
from notifications.declarations import Category, Notice
from notifications.defaults import Change, Place, Setting
from notifications.matrix import Cell, Matrix, Row
from notifications.rendering import Message
from notifications.views.preferences import ICONS
from notifications.whatif import Effect, Load, Reach, Swing
from sites.roles import Role

# People whom the effect lists one by one; the rest is a number.
_LISTED = 25


def said(place: Place) -> str:
    """A switch in words: « New lead · Salesperson · SMS »."""
    return f"{place.notice.name} · {place.role.label} · {place.channel.label}"


@dataclass(frozen=True)
class Tick:
    """One switch of a role's page. `shown` tells, when the form comes back, what the page had shown."""

    cell: Cell

    @property
    def place(self) -> Place:
        return self.cell.place

    @property
    def shown(self) -> str:
        return str(Change(self.place, self.cell.kept, self.cell.kept))

    @property
    def id(self) -> str:
        return f"{self.place.type_key.replace('.', '--')}-{self.place.channel}"

    @property
    def icon(self) -> str:
        return ICONS[self.place.channel]

    @property
    def label(self) -> str | Promise:
        return self.place.channel.label

    @property
    def state(self) -> str:
        """What stands beneath the switch, where there is something to say."""
        if self.cell.is_drafted:
            return _("Not saved yet")
        if self.cell.is_own:
            return _("Product: on") if self.cell.factory else _("Product: off")
        return ""


@dataclass(frozen=True)
class TypeLine:
    """A type with a role's switches. Without a `language` it tells no example."""

    row: Row
    language: str = ""

    @cached_property
    def ticks(self) -> list[Tick]:
        return [Tick(cell) for cell in self.row.cells]

    @cached_property
    def example(self) -> Message | None:
        return self.row.example(self.language) if self.language else None

    @property
    def heard(self) -> str:
        """The channels that are on, in words."""
        on = [str(tick.label) for tick in self.ticks if tick.cell.enabled]
        return ", ".join(on) or _("silent")


@dataclass(frozen=True)
class Compared:
    """A category: the roles that hear of any of it, and for each type what each of them hears (None: nothing ever)."""

    category: Category
    roles: Sequence[Role]
    rows: Sequence[tuple[type[Notice[Any]], Sequence[TypeLine | None]]]


def side_by_side(matrix: Matrix) -> list[Compared]:
    """Every category with all its roles."""
    return [_compared(matrix, category) for category in registry.categories()]


def _compared(matrix: Matrix, category: Category) -> Compared:
    notices = [one for one in registry.all_notices() if one.category == category]
    roles = [role for role in matrix.roles if any(role in one.roles_concerned() for one in notices)]
    rows = [
        (one, [TypeLine(matrix.row(one, role)) if role in one.roles_concerned() else None for role in roles])
        for one in notices
    ]
    return Compared(category, roles, rows)


@dataclass(frozen=True)
class Bar:
    """A load with the lengths of its two bars, in percent of the longest on the page."""

    load: Load
    before: int
    after: int

    @property
    def name(self) -> str | Promise:
        if self.load.listener is not None:
            return self.load.listener.name
        return self.load.role.label if self.load.role else ""

    @property
    def detail(self) -> str:
        if self.load.listener is not None:
            return ", ".join(str(role.label) for role in self.load.listener.roles)
        people = self.load.people
        return ngettext("%(count)d person", "%(count)d people", people) % {"count": people}

    @property
    def moved(self) -> list[tuple[str, str | Promise, Swing]]:
        """The channels on which something changes: icon, name, numbers."""
        return [
            (ICONS[channel], channel.label, swing)
            for channel, swing in self.load.by_channel.items()
            if not swing.is_same
        ]


@dataclass(frozen=True)
class ReachLine:
    """One change of the draft, with whom it reaches, and the page without it."""

    reach: Reach
    without_url: str

    @property
    def place(self) -> Place:
        return self.reach.change.place

    @property
    def what(self) -> str:
        return said(self.place)

    @property
    def icon(self) -> str:
        return ICONS[self.place.channel]

    @property
    def before(self) -> str:
        return _setting(self.place, self.reach.change.shown)

    @property
    def after(self) -> str:
        return _setting(self.place, self.reach.change.wanted)

    @property
    def sentences(self) -> list[str]:
        """Whom it reaches, and why it does not reach the others."""
        reach = self.reach
        if not reach.concerned:
            return [_("Nothing of this kind concerned this role in these days.")]
        counts = {"count": reach.changed, "all": reach.concerned}
        told = [
            ngettext(
                "Changes something for %(count)d of %(all)d person concerned",
                "Changes something for %(count)d of %(all)d people concerned",
                reach.concerned,
            )
            % counts
        ]
        return told + [words % {"count": number} for words, number in self._not_reached() if number]

    def _not_reached(self) -> Iterable[tuple[str, int]]:
        reach = self.reach
        yield (
            ngettext("%(count)d chose for themselves", "%(count)d chose for themselves", reach.by_choice),
            reach.by_choice,
        )
        yield (
            ngettext(
                "%(count)d has no way to receive it", "%(count)d have no way to receive it", reach.unreachable
            ),
            reach.unreachable,
        )
        yield (
            ngettext(
                "for %(count)d another role decides", "for %(count)d another role decides", reach.otherwise
            ),
            reach.otherwise,
        )


def _setting(place: Place, setting: Setting) -> str:
    """« on », or « on, as the product has it »."""
    if setting is None:
        return _("on (product default)") if place.factory else _("off (product default)")
    return _("on") if setting else _("off")


class EffectPage:
    """The effect of a draft as the page shows it."""

    def __init__(self, told: Effect, without: Callable[[Place], str]) -> None:
        self.told = told
        self.reaches = [ReachLine(reach, without(reach.change.place)) for reach in told.reaches]
        self.people = self._bars(told.moved[:_LISTED])
        self.roles = self._bars([one for one in told.roles if one.total.before or one.total.after])
        self.others = max(0, len(told.moved) - _LISTED)
        self.unmoved = len(told.people) - len(told.moved)

    @property
    def channels(self) -> list[tuple[str, Channel, Swing]]:
        """Icon, channel, messages a day of everybody together."""
        return [(ICONS[channel], channel, swing) for channel, swing in self.told.total.by_channel.items()]

    @property
    def own_percent(self) -> int:
        """The share of the people concerned whose own choice makes the changes moot."""
        return round(100 * self.told.decided_themselves / self.told.concerned) if self.told.concerned else 0

    @staticmethod
    def _bars(loads: Sequence[Load]) -> list[Bar]:
        longest = max((max(one.total.before, one.total.after) for one in loads), default=0) or 1
        return [
            Bar(one, round(100 * one.total.before / longest), round(100 * one.total.after / longest))
            for one in loads
        ]
