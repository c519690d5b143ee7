"""Fields that read what people type: amounts, days."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import get_format, number_format
from django.utils.translation import gettext_lazy as _

from core.money import NotAnAmount, cents_of
from stock.models.vehicles import MOST_CENTS


class MoneyField(forms.CharField):
    """An amount as people write it, in cents: « 15 990 », « 1 250,50 € ». Shows cents as an amount again."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "form-control money-input"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**{"max_length": 30, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        whole, cents = divmod(value, 100)
        grouped = number_format(whole, use_l10n=True, force_grouping=True)
        return f"{grouped}{get_format('DECIMAL_SEPARATOR')}{cents:02d}" if cents else grouped

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            cents = cents_of(text)
        except NotAnAmount:
            raise forms.ValidationError(_("Write an amount, for example 15990 or 15 990,50.")) from None
        if cents > MOST_CENTS:
            raise forms.ValidationError(_("This is too much for a vehicle. Check the amount."))
        return cents


def day_input() -> forms.DateInput:
    """A day as browsers pick it."""
    return forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day, from the browser's own calendar or typed as people of the country do."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", day_input())
        kwargs.setdefault("error_messages", {"invalid": _("Write a day, for example 31/03/2023.")})
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y"])
        super().__init__(**kwargs)
