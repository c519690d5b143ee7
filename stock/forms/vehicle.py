"""The form of a vehicle: everything that its record holds, in sections, as far as the person may write it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.vin import is_acceptable_vin, tidy_vin
from sites.access import Member
from sites.models import Site
from stock.access import may_edit_field
from stock.forms.fields import DayField, MoneyField
from stock.identity import plate_of
from stock.models import Vehicle, VehicleStatus
from stock.services import stored
from stock.services.checking import EDITABLE

if TYPE_CHECKING:
    _VehicleForm = forms.ModelForm[Vehicle]
else:
    _VehicleForm = forms.ModelForm  # knows its model at run time from Meta alone

MONEY = ("list_price", "price", "min_price", "purchase_price")
NUMBERS = ("power", "co2", "mileage", "year", "doors", "seats")
# Beyond these it is a slip; the database would take more.
_BOUNDS = {
    "power": (1, 2500),
    "co2": (0, 1000),
    "mileage": (0, 3_000_000),
    "year": (1900, 2100),
    "doors": (1, 9),
    "seats": (1, 99),
}
# In which a vehicle may be taken in: what is sold has never stood in the stock.
FIRST_STATUSES = (
    VehicleStatus.AVAILABLE,
    VehicleStatus.PREPARATION,
    VehicleStatus.IN_TRANSIT,
    VehicleStatus.ORDERED,
    VehicleStatus.RESERVED,
)
SECTIONS: tuple[tuple[str | Promise, str, tuple[str, ...]], ...] = (
    (_("Identity"), "upc-scan", ("site", "status", "kind", "stock_number", "plate", "vin")),
    (_("The vehicle"), "car-front", ("make", "model", "version", "segment", "colour", "doors", "seats")),
    (
        _("Engine and use"),
        "fuel-pump",
        ("fuel", "gearbox", "power", "co2", "mileage", "first_registration", "year"),
    ),
    (_("Price"), "tags", ("price", "list_price", "min_price", "purchase_price", "vat_scheme")),
    (_("In the yard"), "geo-alt", ("arrived_on", "lot")),
    (_("What the customer reads"), "chat-left-text", ("options", "description")),
)
_CAPITALS = {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
_INPUTS: dict[str, dict[str, str]] = {
    "stock_number": _CAPITALS,
    "plate": {**_CAPITALS, "placeholder": "AA-123-AA"},
    "vin": {**_CAPITALS, "maxlength": "25"},
    "make": {"list": "makes", "autocomplete": "off", "autocapitalize": "words"},
    "model": {"list": "models", "autocomplete": "off"},
    "version": {"autocomplete": "off"},
    "colour": {"list": "colours", "autocomplete": "off"},
    "lot": {"autocomplete": "off", "autocapitalize": "characters"},
}


@dataclass(frozen=True)
class Section:
    """Some fields under a heading."""

    title: str | Promise
    icon: str
    fields: list[BoundField]


class VehicleForm(_VehicleForm):
    """Everything that a person may write of one vehicle.

    `seen` is what he had before him, so that a colleague's change meanwhile is noticed; `heard` are the doubts that he
    has read already.
    """

    seen = forms.CharField(required=False, max_length=40_000, widget=forms.HiddenInput)
    heard = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    class Meta:
        model = Vehicle
        fields = EDITABLE
        error_messages = {
            "make": {"required": _("Say which make.")},
            "model": {"required": _("Say which model.")},
        }

    def __init__(self, *args: Any, member: Member, sites: Sequence[Site] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.is_new = self.instance._state.adding
        self._shape_fields()
        if self.is_new:
            self._add_first_fields(sites)
        site_ids = [site.pk for site in sites] if self.is_new else [self.instance.site_id]
        for name in EDITABLE:
            if not any(may_edit_field(member, name, site_id) for site_id in site_ids):
                del self.fields[name]
        if not self.is_new and not self.is_bound:
            self.initial["seen"] = json.dumps(self.values_now())

    def sections(self) -> Iterator[Section]:
        """The fields that the person may write, under their headings."""
        for title, icon, names in SECTIONS:
            shown = [self[name] for name in names if name in self.fields]
            if shown:
                yield Section(title, icon, shown)

    def values_now(self) -> dict[str, Any]:
        """What the vehicle holds in the fields of this form, as `stored` writes it."""
        return {name: stored(getattr(self.instance, name)) for name in EDITABLE if name in self.fields}

    def seen_values(self) -> dict[str, Any]:
        """What the person had before him; nothing readable counts as nothing seen."""
        try:
            read = json.loads(self.cleaned_data.get("seen") or "{}")
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    def changes(self) -> dict[str, Any]:
        """What the person changed against what he saw."""
        seen = self.seen_values()
        values = {name: self.cleaned_data[name] for name in EDITABLE if name in self.cleaned_data}
        return {
            name: value for name, value in values.items() if name not in seen or stored(value) != seen[name]
        }

    def clean_vin(self) -> str:
        vin = tidy_vin(self.cleaned_data["vin"])
        if not is_acceptable_vin(vin):
            text = _(
                "This VIN cannot be right: its check digit, place 9, does not fit, or it holds a character too many."
            )
            raise forms.ValidationError(text)
        return vin

    def clean_plate(self) -> str:
        return plate_of(self.cleaned_data["plate"])

    def clean_options(self) -> list[str]:
        lines = (" ".join(line.split()) for line in (self.cleaned_data["options"] or "").splitlines())
        return list(dict.fromkeys(line[:120] for line in lines if line))[:200]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        price, lowest = cleaned.get("price"), cleaned.get("min_price")
        if self.is_new and price is not None and lowest is not None and price < lowest:
            self.add_error("price", _("This lies below the lowest price."))
        return cleaned

    def _post_clean(self) -> None:
        """The service writes and checks; the instance stays what the page shows."""

    def _shape_fields(self) -> None:
        for name in MONEY:
            field = self.fields[name]
            self.fields[name] = MoneyField(label=field.label, required=False)
        for name in NUMBERS:
            self.fields[name] = _number(str(self.fields[name].label), *_BOUNDS[name])
        for name in ("first_registration", "arrived_on"):
            # A vehicle that is here has come some day; a new one comes today.
            is_needed = name == "arrived_on" and not self.is_new
            self.fields[name] = DayField(
                label=self.fields[name].label, required=is_needed, validators=[_not_absurd]
            )
        self.fields["options"] = forms.CharField(
            label=_("Options, one a line"),
            required=False,
            max_length=20_000,
            widget=forms.Textarea(attrs={"rows": 6}),
        )
        self.initial["options"] = "\n".join(str(option) for option in self.initial.get("options") or [])
        self.fields["vin"].max_length = 25  # type: ignore[attr-defined]
        self.fields["vin"].validators = []
        self.fields["description"].widget.attrs["rows"] = 5
        for name, field in self.fields.items():
            attrs = field.widget.attrs
            is_choice = isinstance(field, forms.ChoiceField)
            if isinstance(field, forms.ChoiceField):
                offered: Any = field.choices
                field.choices = [(value, label if value else "–") for value, label in offered]
            attrs["class"] = "form-select" if is_choice else attrs.get("class", "form-control")
            attrs.update(_INPUTS.get(name, {}))

    def _add_first_fields(self, sites: Sequence[Site]) -> None:
        chosen = forms.TypedChoiceField(
            label=_("Site"),
            choices=[(site.pk, site.name) for site in sites],
            coerce=int,
            widget=forms.Select(attrs={"class": "form-select"}),
        )
        status = forms.ChoiceField(
            label=_("Status"),
            choices=[(one.value, one.label) for one in FIRST_STATUSES],
            widget=forms.Select(attrs={"class": "form-select"}),
        )
        self.fields = {"site": chosen, "status": status, **self.fields}


def _number(label: str, least: int, most: int) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-control"})
    messages = {"invalid": _("Write a whole number.")}
    return _SpacedInteger(
        label=label, required=False, min_value=least, max_value=most, widget=widget, error_messages=messages
    )


class _SpacedInteger(forms.IntegerField):
    """« 24 500 » and « 24.500 km » are numbers."""

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").lower().removesuffix("km").removesuffix("ch").removesuffix("cv")
        digits = "".join(char for char in text if char not in " .,'’\u00a0\u202f")
        return super().to_python(digits)


def _not_absurd(day: date) -> None:
    if not date(1886, 1, 1) <= day <= date(2100, 1, 1):
        raise forms.ValidationError(_("Check the year."))
