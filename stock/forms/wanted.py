"""What a customer looks for, as his salesperson notes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sites.models import Site
from sites.phones import UnreadablePhone, to_e164
from stock.forms.fields import DayField, MoneyField
from stock.forms.transfers import MOST_MILEAGE
from stock.matching import wish_of
from stock.models import Fuel, Gearbox, Segment

_LINE = {"class": "form-control", "autocomplete": "off"}
_CHOICE = {"class": "form-select"}
_WHATEVER = ("", _("Whatever"))


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
        label=_("At most (km)"),
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
    elsewhere = forms.BooleanField(
        label=_("Cars on other sites will do"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    ends_on = DayField(label=_("Looks until"), required=False)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
        make, model = wish_of(said.get("make") or "", said.get("model") or "")
        if not (make or model or said.get("segment")):
            self.add_error("make", _("Say at least a make, a model or a segment."))
        return said

    def values(self) -> dict[str, Any]:
        """What the service takes, without the site."""
        return {name: value for name, value in self.cleaned_data.items() if name != "site"}
