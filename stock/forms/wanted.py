"""What a customer looks for, as his salesperson notes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sites.models import Site
from sites.phones import UnreadablePhone, to_e164
from stock.forms.fields import DayField, MoneyField
from stock.forms.transfers import MOST_MILEAGE
from stock.matching import wish_of
from stock.models import Fuel, Gearbox, Segment, WantedCar

_LINE = {"class": "form-control", "autocomplete": "off"}
_CHOICE = {"class": "form-select"}
_WHATEVER = ("", _("Whatever"))
_HERE = "here"
_KILOMETRES = (50, 100, 200, 500)


class WantedForm(forms.Form):
    """A customer's search. Whatever stays empty does not matter to him."""

    site = forms.TypedChoiceField(label=_("Site"), coerce=int, widget=forms.Select(attrs=_CHOICE))
    customer_name = forms.CharField(label=_("Customer"), max_length=120, widget=forms.TextInput(attrs=_LINE))
    customer_phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=32,
        widget=forms.TextInput(attrs={**_LINE, "inputmode": "tel"}),
    )
    customer_email = forms.EmailField(
        label=_("Email"), required=False, max_length=254, widget=forms.EmailInput(attrs=_LINE)
    )
    make = forms.CharField(
        label=_("Make"), required=False, max_length=60, widget=forms.TextInput(attrs=_LINE)
    )
    model = forms.CharField(
        label=_("Model"), required=False, max_length=80, widget=forms.TextInput(attrs=_LINE)
    )
    segment = forms.ChoiceField(
        label=_("Segment"),
        required=False,
        choices=[_WHATEVER, *Segment.choices],
        widget=forms.Select(attrs=_CHOICE),
    )
    max_price = MoneyField(label=_("Budget"), required=False)
    max_mileage = forms.IntegerField(
        label=_("Mileage at most (km)"),
        required=False,
        min_value=0,
        validators=[MaxValueValidator(MOST_MILEAGE)],
        widget=forms.NumberInput(attrs={**_LINE, "inputmode": "numeric"}),
    )
    min_year = forms.IntegerField(
        label=_("From year"),
        required=False,
        validators=[MinValueValidator(1950), MaxValueValidator(2100)],
        widget=forms.NumberInput(attrs={**_LINE, "inputmode": "numeric"}),
    )
    fuel = forms.ChoiceField(
        label=pgettext_lazy("vehicle", "Fuel"),
        required=False,
        choices=[_WHATEVER, *Fuel.choices],
        widget=forms.Select(attrs=_CHOICE),
    )
    gearbox = forms.ChoiceField(
        label=_("Gearbox"),
        required=False,
        choices=[_WHATEVER, *Gearbox.choices],
        widget=forms.Select(attrs=_CHOICE),
    )
    reach = forms.ChoiceField(
        label=_("Where the car may stand"), required=False, widget=forms.Select(attrs=_CHOICE)
    )
    ends_on = DayField(label=_("Looks until"), required=False)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )

    def __init__(self, *args: Any, sites: list[Site], knows_distances: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reach: Any = self.fields["reach"]
        reach.choices = _reaches(self.initial.get("reach"), knows_distances=knows_distances)
        self._countries = {site.pk: site.country for site in sites}
        field: Any = self.fields["site"]
        field.choices = [(site.pk, site.name) for site in sites]
        if len(sites) == 1:
            field.widget = forms.HiddenInput()
            field.initial = sites[0].pk

    def clean(self) -> dict[str, Any]:
        """Something to go by, and a number that can be dialled."""
        said = super().clean() or {}
        if phone := said.get("customer_phone"):
            try:
                said["customer_phone"] = to_e164(phone, self._countries.get(said.get("site", 0), "FR"))
            except UnreadablePhone:
                self.add_error("customer_phone", _("This number cannot be dialled."))
        said |= limits_of(said.pop("reach", ""))
        make, model = wish_of(said.get("make") or "", said.get("model") or "")
        if not (make or model or said.get("segment")):
            self.add_error("make", _("Say at least a make, a model or a segment."))
        return said

    def values(self) -> dict[str, Any]:
        """What the service takes, without the site."""
        return {name: value for name, value in self.cleaned_data.items() if name != "site"}


def reach_of(wanted: WantedCar) -> str:
    """How far the customer goes, as the form's choice."""
    if not wanted.elsewhere:
        return _HERE
    return str(wanted.max_distance or "")


def limits_of(reach: str) -> dict[str, Any]:
    """The same as the search keeps it."""
    return {"elsewhere": reach != _HERE, "max_distance": int(reach) if reach.isdecimal() else None}


def _reaches(current: str | None, *, knows_distances: bool) -> list[tuple[str, Any]]:
    """Kilometres only where the sites' places are known, or where somebody chose them."""
    choices: list[tuple[str, Any]] = [("", _("On every site of the group")), (_HERE, _("On this site only"))]
    if knows_distances or (current or "").isdecimal():
        kept = {int(current)} if current and current.isdecimal() else set()
        far = sorted({*_KILOMETRES, *kept})
        choices += [(str(km), format_lazy(_("Within {km} km"), km=km)) for km in far]
    return choices
