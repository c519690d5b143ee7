"""The small forms of a vehicle's page: price, status, costs, documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from approvals.models import REASON_LENGTH
from stock.forms.fields import DayField, MoneyField
from stock.models import VehicleStatus

_TEXT = {"class": "form-control"}


class PriceForm(forms.Form):
    """A new price; the reason is asked for when it lies under the lowest one."""

    price = MoneyField(label=_("New price"), error_messages={"required": _("Say which price.")})
    reason = forms.CharField(
        label=_("Why so low"),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={**_TEXT, "rows": 2}),
    )
    # The price that the person had before him: a colleague may have been quicker.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_price(self) -> int:
        cents: int = self.cleaned_data["price"]
        if cents <= 0:
            raise forms.ValidationError(_("The price must be more than zero."))
        return cents


class StatusForm(forms.Form):
    """The next status, with the day of sale or the reason where the step wants one."""

    status = forms.ChoiceField(choices=VehicleStatus.choices)
    sold_on = DayField(label=_("Day of sale"), required=False)
    reason = forms.CharField(
        label=_("Why does it come back?"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_TEXT),
    )
    seen = forms.ChoiceField(choices=VehicleStatus.choices, required=False, widget=forms.HiddenInput)


class CostForm(forms.Form):
    """What a vehicle cost beyond its purchase."""

    label = forms.CharField(
        label=_("What for"),
        max_length=120,
        widget=forms.TextInput(attrs={**_TEXT, "autocomplete": "off"}),
        error_messages={"required": _("Say what for.")},
    )
    amount = MoneyField(label=_("Amount without tax"), error_messages={"required": _("Say how much.")})
    incurred_on = DayField(label=_("Day"), error_messages={"required": _("Say when.")})

    def clean_amount(self) -> int:
        cents: int = self.cleaned_data["amount"]
        if cents <= 0:
            raise forms.ValidationError(_("The amount must be more than zero."))
        return cents


class DocumentForm(forms.Form):
    """A file that belongs to the vehicle."""

    file = forms.FileField(
        label=_("File (PDF or image, 20 MB at most)"),
        widget=forms.FileInput(
            attrs={"class": "form-control", "accept": ".pdf,.jpg,.jpeg,.png,.webp,application/pdf,image/*"}
        ),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )
    name = forms.CharField(
        label=_("What it is"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={**_TEXT, "autocomplete": "off"}),
    )
    shows_margin = forms.BooleanField(
        label=_("Only for those who see the margin"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, *args: Any, sees_margin: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sees_margin:
            del self.fields["shows_margin"]
