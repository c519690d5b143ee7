"""The filter in words: one chip for each thing that narrows the list, and the address without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.money import spoken_cents
from sites.models import Site
from stock.filter_form import StockFilterForm
from stock.filters import ANY_STATUS, EVERY_SITE
from stock.models import Fuel, Gearbox, Kind, Segment, VehicleStatus

# What a filtered list is, beside its filter.
NOT_A_FILTER = frozenset({"sort", "cursor", "view", "columns", "exact"})


@dataclass(frozen=True)
class Chip:
    """What narrows the list, and the address of the list without it."""

    label: str
    query: str


_CHOICES: Mapping[str, Mapping[str, str | Promise]] = {
    "kind": dict(Kind.choices),
    "status": {**dict(VehicleStatus.choices), ANY_STATUS: _("Every status")},
    "segment": dict(Segment.choices),
    "fuel": dict(Fuel.choices),
    "gearbox": dict(Gearbox.choices),
}
_NAMES = ("make", "model")
_FLAGS: Mapping[str, str | Promise] = {
    "margin": _("Margin scheme"),
    "no_price": _("Without price"),
    "no_photo": _("Without photo"),
    "highlighted": _("Highlighted"),
}
_FIGURES: Mapping[str, str | Promise] = {
    "price_from": _("From %(n)s"),
    "price_to": _("Up to %(n)s"),
    "mileage_to": _("Up to %(n)s km"),
    "year_from": _("From %(n)s"),
    "year_to": _("Up to %(n)s"),
    "power_from": _("From %(n)s hp"),
    "power_to": _("Up to %(n)s hp"),
    "co2_to": _("Up to %(n)s g/km"),
    "seats_from": _("At least %(n)s seats"),
    "age_from": _("In stock for %(n)s days or more"),
    "age_to": _("In stock for %(n)s days at most"),
}
_MONEY = ("price_from", "price_to")
_YEARS = ("year_from", "year_to")


def chips_of(form: StockFilterForm, query: QueryDict, sites: Sequence[Site], currency: str) -> list[Chip]:
    """The chips in the order of the form; those fields that could not be read have none."""
    said = list(_said(form, query, sites, currency))
    return [Chip(str(label), _without(query, name, value)) for name, value, label in said]


def filters_in(query: QueryDict) -> int:
    """How many things narrow the list, the search not counted."""
    names = [name for name in query if name not in NOT_A_FILTER and name != "q"]
    return sum(
        len([value for value in query.getlist(name) if value and value != EVERY_SITE]) for name in names
    )


def _said(
    form: StockFilterForm, query: QueryDict, sites: Sequence[Site], currency: str
) -> Iterator[tuple[str, str, str | Promise]]:
    """(parameter, its value, its words)."""
    readable = [name for name in form.fields if name not in form.errors and name in query]
    places = {site.slug: site.name for site in sites}
    for name in readable:
        if name == "site":
            yield from _each(name, query, places)
        elif name in _CHOICES:
            yield from _each(name, query, _CHOICES[name])
        elif name in _NAMES:
            yield from ((name, value, value) for value in query.getlist(name) if value)
        elif name == "colour" and form.cleaned_data[name]:
            yield name, "", str(form.cleaned_data[name])
        elif name in _FLAGS and form.cleaned_data[name]:
            yield name, "", _FLAGS[name]
        elif name in _FIGURES and form.cleaned_data[name] is not None:
            yield name, "", str(_FIGURES[name]) % {"n": _figure(name, form.cleaned_data[name], currency)}


def _each(
    name: str, query: QueryDict, words: Mapping[str, str | Promise]
) -> Iterable[tuple[str, str, str | Promise]]:
    return ((name, value, words[value]) for value in query.getlist(name) if value in words)


def _figure(name: str, figure: int, currency: str) -> str:
    if name in _MONEY:
        return spoken_cents(figure, currency)
    return str(figure) if name in _YEARS else str(number_format(figure, force_grouping=True))


def _without(query: QueryDict, name: str, value: str) -> str:
    """The address without this value; without any site it says « every site », lest the chosen one comes back."""
    rest = query.copy()
    rest.pop("cursor", None)
    kept = [other for other in rest.getlist(name) if value and other != value]
    rest.setlist(name, kept)
    if not kept:
        del rest[name]
    if name == "site" and not kept:
        rest["site"] = EVERY_SITE
    return rest.urlencode()
