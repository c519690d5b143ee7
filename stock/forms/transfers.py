"""What people fill in about a vehicle that changes site."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from sites.models import Site

# Kilometres; beyond it a figure is a slip.
MOST_MILEAGE = 2_000_000

_LINE = {"class": "form-control"}
_WORDS = forms.Textarea(attrs={"rows": 2, "class": "form-control"})
_TOO_LONG = {"max_length": _("Keep it under %(limit_value)d characters; now there are %(show_value)d.")}


class _ToSite(forms.Form):
    """Where it goes. With one possible site there is nothing to choose."""

    to_site = forms.TypedChoiceField(
        label=_("To which site"), coerce=int, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to_site"]
        field.choices = [(site.pk, site.name) for site in sites]
        if len(sites) == 1:
            field.widget = forms.HiddenInput()
            field.initial = sites[0].pk


class AskForm(_ToSite):
    """« Demander »: for whom and why; both may stay empty."""

    customer_name = forms.CharField(
        label=_("For which customer (optional)"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={**_LINE, "autocomplete": "off"}),
        error_messages=_TOO_LONG,
    )
    reason = forms.CharField(
        label=_("A word to the site that has it (optional)"),
        required=False,
        max_length=300,
        widget=_WORDS,
        error_messages=_TOO_LONG,
    )


class StartForm(forms.Form):
    """When it should arrive."""

    expected_on = forms.DateField(
        label=_("Expected on (optional)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", **_LINE}, format="%Y-%m-%d"),
    )


class SendForm(StartForm, _ToSite):
    """Sending a vehicle off without having been asked."""

    reason = forms.CharField(
        label=_("A word to the site that receives it (optional)"),
        required=False,
        max_length=300,
        widget=_WORDS,
        error_messages=_TOO_LONG,
    )
    field_order = ("to_site", "expected_on", "reason")


class AnswerForm(forms.Form):
    """Why not."""

    answer = forms.CharField(
        label=_("Why (optional)"), required=False, max_length=300, widget=_WORDS, error_messages=_TOO_LONG
    )


class ReceiveForm(forms.Form):
    """The vehicle as it arrived; its photos are read beside the form, one by one (`stock/views/taking.py`).

    `known` is its mileage so far: the browser holds a smaller figure back, and with it the photos already chosen.
    """

    mileage = forms.IntegerField(
        label=_("Mileage on arrival (km)"),
        min_value=0,
        validators=[MaxValueValidator(MOST_MILEAGE)],
        widget=forms.NumberInput(attrs={**_LINE, "inputmode": "numeric"}),
        error_messages={"required": _("Read the mileage off the dashboard.")},
    )
    remarks = forms.CharField(
        label=_("Remarks (optional)"),
        required=False,
        max_length=500,
        widget=_WORDS,
        error_messages=_TOO_LONG,
    )

    def __init__(self, *args: Any, known: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mileage"].initial = known
        if known is not None:
            self.fields["mileage"].widget.attrs["min"] = known
