"""What people fill in about how much stock a site wants, and how old it may grow."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stock.ageing import DEFAULT_LIMITS, MOST_DAYS, MOST_LIMITS
from stock.models import Kind, Segment

# More vehicles of a segment than this on one site is a slip.
MOST_VEHICLES = 9_999

_SMALL_NUMBER = {"class": "form-control", "inputmode": "numeric"}


class DaysField(forms.CharField):
    """Days as people list them: « 30, 45, 60, 90 »."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        parts = re.split(r"[\s,;/]+", text.strip()) if text.strip() else []
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            raise forms.ValidationError(_("Write days, for example 30, 45, 60, 90."))
        days = [int(part) for part in parts]
        if (
            sorted(set(days)) != days
            or len(days) > MOST_LIMITS
            or not all(0 < one <= MOST_DAYS for one in days)
        ):
            raise forms.ValidationError(
                _("Write up to %(most)d rising numbers of days, for example 30, 45, 60, 90.")
                % {"most": MOST_LIMITS}
            )
        return days


class AgeLimitsForm(forms.Form):
    """The limits of one site: for all segments, and for those that differ."""

    def __init__(self, *args: Any, limits: Mapping[str, Sequence[int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._add("", _("Every segment"), list(limits.get("", DEFAULT_LIMITS)))
        for segment in Segment:
            self._add(segment.value, segment.label, list(limits.get(segment.value, ())))

    def wanted(self) -> dict[str, list[int]]:
        """Days by segment; empty is « as every segment »."""
        return {name.removeprefix("days-"): days for name, days in self.cleaned_data.items()}

    def _add(self, segment: str, label: Any, days: list[int]) -> None:
        self.fields[f"days-{segment}"] = DaysField(
            label=label,
            required=False,
            max_length=60,
            initial=days,
            widget=forms.TextInput(
                attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}
            ),
        )


class ThresholdForm(forms.Form):
    """How many of a segment: the number that alerts, and the one from which all is well again."""

    segment = forms.ChoiceField(
        label=_("Segment"), choices=Segment.choices, widget=forms.Select(attrs={"class": "form-select"})
    )
    kind = forms.ChoiceField(
        label=_("New or used"),
        required=False,
        choices=[("", _("All")), *Kind.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    least = forms.IntegerField(
        label=_("Alert below"),
        min_value=1,
        max_value=MOST_VEHICLES,
        widget=forms.NumberInput(attrs=_SMALL_NUMBER),
    )
    enough = forms.IntegerField(
        label=_("Well again from"),
        min_value=1,
        max_value=MOST_VEHICLES,
        widget=forms.NumberInput(attrs=_SMALL_NUMBER),
    )

    def clean(self) -> dict[str, Any]:
        """Well again is not below what alerts."""
        said = super().clean() or {}
        least, enough = said.get("least"), said.get("enough")
        if least is not None and enough is not None and enough < least:
            self.add_error("enough", _("This must be at least the number that alerts."))
        return said
