"""Reading the stock list's filter from an address: the page, its files and the API alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.money import NotAnAmount, cents_of
from sites.models import Site
from stock.filters import ANY_STATUS, EVERY_SITE, StockFilter
from stock.models import Fuel, Gearbox, Kind, Segment, VehicleStatus
from stock.models.vehicles import MOST_CENTS
from stock.searching import LONGEST
from stock.sorting import DEFAULT, SORTS, Sort

# Values that one facet may name; more is no filter of a person.
_MOST_VALUES = 50
_LONGEST_NAME = 80  # characters of a make or model, as the columns
_GROUPING = re.compile(r"[\s\u00a0\u202f.,'’]")

_FLAGS = {"": False, "0": False, "false": False, "1": True, "true": True, "on": True}

# Field of the form -> field of `StockFilter`, where the address says it shorter.
_NAMES = {
    "q": "text",
    "exact": "is_literal",
    "kind": "kinds",
    "status": "statuses",
    "make": "makes",
    "model": "models",
    "segment": "segments",
    "fuel": "fuels",
    "gearbox": "gearboxes",
    "margin": "is_margin",
    "no_price": "lacks_price",
    "no_photo": "lacks_photo",
    "highlighted": "is_highlighted",
}
_AS_THEY_ARE = (
    "colour", "price_from", "price_to", "mileage_to", "year_from", "year_to", "power_from", "power_to",
    "co2_to", "seats_from", "age_from", "age_to",
)  # fmt: skip


class AmountField(forms.CharField):
    """An amount as people type it: « 15 000 », « 15.000 € »; cents."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            cents = cents_of(typed)
        except NotAnAmount:
            raise forms.ValidationError(_("Write an amount, for example 15000.")) from None
        return min(cents, MOST_CENTS)


class NumberField(forms.CharField):
    """A whole number as people type it: « 50 000 »."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def clean(self, value: Any) -> int | None:
        typed = _GROUPING.sub("", super().clean(value))
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 9 and int(typed) <= self.most):
            raise forms.ValidationError(_("Write a whole number up to %(most)d."), params={"most": self.most})
        return int(typed)


class NamesField(forms.MultipleChoiceField):
    """Some names, whatever they are: one that no vehicle has finds nothing."""

    def validate(self, value: Any) -> None:
        if len(value) > _MOST_VALUES or any(len(name) > _LONGEST_NAME or "\x00" in name for name in value):
            raise forms.ValidationError(_("These are too many at once."))


class FlagField(forms.CharField):
    """Yes or no, as a ticked box or a program says it; whatever else is a mistake."""

    def clean(self, value: Any) -> bool:
        said = _FLAGS.get((value or "").lower())
        if said is None:
            raise forms.ValidationError(_("Write true or false."))
        return said


def _number(label: Any, most: int) -> NumberField:
    return NumberField(label=label, most=most, required=False, max_length=20)


def _amount(label: Any) -> AmountField:
    return AmountField(label=label, required=False, max_length=20)


def _some(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False)


def _flag(label: Any) -> FlagField:
    return FlagField(label=label, required=False)


class StockFilterForm(forms.Form):
    """What to list, and in which order. The group's sites are handed in: stock is seen by all of them."""

    q = forms.CharField(label=_("Search"), required=False, max_length=LONGEST)
    exact = _flag(_("As typed"))
    site = NamesField(label=_("Site"), required=False)
    kind = _some(_("Kind"), Kind.choices)
    status = _some(_("Status"), [*VehicleStatus.choices, (ANY_STATUS, _("Every status"))])
    make = NamesField(label=_("Make"), required=False)
    model = NamesField(label=_("Model"), required=False)
    segment = _some(_("Segment"), Segment.choices)
    fuel = _some(_("Fuel"), Fuel.choices)
    gearbox = _some(_("Gearbox"), Gearbox.choices)
    colour = forms.CharField(label=_("Colour"), required=False, max_length=60)
    price_from = _amount(_("Price from"))
    price_to = _amount(_("Price to"))
    mileage_to = _number(_("Mileage to (km)"), 9_999_999)
    year_from = _number(_("Year from"), 2200)
    year_to = _number(_("Year to"), 2200)
    power_from = _number(_("Power from (hp)"), 9_999)
    power_to = _number(_("Power to (hp)"), 9_999)
    co2_to = _number(_("CO₂ to (g/km)"), 9_999)
    seats_from = _number(_("Seats, at least"), 99)
    age_from = _number(_("In stock from (days)"), 9_999)
    age_to = _number(_("In stock to (days)"), 9_999)
    margin = _flag(_("Margin scheme"))
    no_price = _flag(_("Without price"))
    no_photo = _flag(_("Without photo"))
    highlighted = _flag(_("Highlighted"))
    sort = forms.ChoiceField(
        label=_("Sort by"), required=False, choices=[(sort.key, sort.label) for sort in SORTS.values()]
    )

    def __init__(self, *args: Any, sites: Sequence[Site], **options: Any) -> None:
        super().__init__(*args, **options)
        self._ids = {site.slug: site.pk for site in sites}

    def clean_site(self) -> list[int]:
        """The sites' numbers; an unknown name is told from no known one."""
        names = [name for name in self.cleaned_data["site"] if name not in ("", EVERY_SITE)]
        if any(name not in self._ids for name in names):
            raise forms.ValidationError(_("There is no such site."))
        return [self._ids[name] for name in names]

    def wanted(self) -> StockFilter:
        """The filter by those fields that could be read; all of them once the form is valid."""
        read = self._read()
        values = {field: read.get(name) for name, field in _NAMES.items()}
        values |= {name: read.get(name) for name in _AS_THEY_ARE} | {"site_ids": read.get("site")}
        kept: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if value is not None  # nought is a number: « CO₂ up to 0 » are the electric ones
        }
        return StockFilter(**kept)

    @property
    def sort_chosen(self) -> Sort:
        """The order; the newest first unless another one is asked for."""
        return SORTS.get(self._read().get("sort", ""), DEFAULT)

    def _read(self) -> dict[str, Any]:
        """The fields that could be read."""
        self.is_valid()
        return self.cleaned_data
