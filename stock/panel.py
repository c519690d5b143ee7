"""The filter panel of the stock list: each choice with how many vehicles it would find."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stock.filters import ANY_STATUS
from stock.models import Fuel, Gearbox, Kind, Segment, VehicleStatus

if TYPE_CHECKING:
    from stock.views.asked import Asked


@dataclass(frozen=True)
class Choice:
    """A value to tick. `count` is in words; empty where nothing is counted."""

    value: str
    label: str | Promise
    is_chosen: bool
    count: str = ""


@dataclass(frozen=True)
class Group:
    """A parameter of the address with its choices."""

    name: str
    label: str | Promise
    choices: list[Choice]


@dataclass(frozen=True)
class Panel:
    """All that narrows the list."""

    groups: list[Group]
    pairs: list[tuple[str | Promise, list[BoundField]]]
    single: list[BoundField]
    flags: list[BoundField]


_LISTS: tuple[tuple[str, str | Promise, type[TextChoices]], ...] = (
    ("fuel", _("Fuel"), Fuel),
    ("gearbox", _("Gearbox"), Gearbox),
    ("segment", _("Segment"), Segment),
    ("kind", _("Kind"), Kind),
)
_PAIRS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("Price"), ("price_from", "price_to")),
    (_("Year"), ("year_from", "year_to")),
    (_("Power (hp)"), ("power_from", "power_to")),
    (_("Days in stock"), ("age_from", "age_to")),
)
_SINGLE = ("mileage_to", "co2_to", "seats_from", "colour")
_FLAGS = ("highlighted", "margin", "no_price", "no_photo")


def panel_of(asked: Asked) -> Panel:
    """The panel for one request: two queries, its sites and its facets."""
    form, chosen = asked.form, asked.query.getlist
    said = _counter(asked)
    groups = [
        Group("make", _("Make"), _names(asked, "make", chosen("make"), said)),
        *(
            [Group("model", _("Model"), _names(asked, "model", chosen("model"), said))]
            if chosen("make")
            else []
        ),
        Group("site", _("Site"), _sites(asked, chosen("site"), said)),
        *[Group(name, label, _listed(name, choices, chosen(name), said)) for name, label, choices in _LISTS],
        Group("status", _("Status"), _statuses(chosen("status"))),
    ]
    pairs = [(label, [form[name] for name in names]) for label, names in _PAIRS]
    shown = [group for group in groups if len(group.choices) > 1 or any(c.is_chosen for c in group.choices)]
    return Panel(shown, pairs, [form[name] for name in _SINGLE], [form[name] for name in _FLAGS])


def _counter(asked: Asked) -> Callable[[str, Any], str]:
    """How many vehicles a value of a field would find, in words."""
    facets = asked.facets
    more = "+" if facets.is_capped else ""
    return lambda field, value: f"{facets.counts[field][value]}{more}"


def _names(asked: Asked, field: str, chosen: list[str], said: Callable[[str, Any], str]) -> list[Choice]:
    """What the vehicles are called, by name; what is ticked stays, even when nothing fits any more."""
    found = [name for name, number in asked.facets.counts[field].items() if number or name in chosen]
    names = sorted({*found, *filter(None, chosen)}, key=str.casefold)
    return [Choice(name, name, name in chosen, said(field, name)) for name in names]


def _sites(asked: Asked, chosen: Collection[str], said: Callable[[str, Any], str]) -> list[Choice]:
    return [
        Choice(site.slug, site.name, site.slug in chosen, said("site_id", site.pk)) for site in asked.sites
    ]


def _listed(
    name: str, choices: type[TextChoices], chosen: Collection[str], said: Callable[[str, Any], str]
) -> list[Choice]:
    made: Iterable[Choice] = (
        Choice(value, label, value in chosen, said(name, value)) for value, label in choices.choices
    )
    return [choice for choice in made if choice.is_chosen or choice.count not in ("0", "0+")]


def _statuses(chosen: Collection[str]) -> list[Choice]:
    """Not counted: unless one is ticked, the list holds what may be sold."""
    known = [*VehicleStatus.choices, (ANY_STATUS, _("Every status"))]
    return [Choice(value, label, value in chosen) for value, label in known]
